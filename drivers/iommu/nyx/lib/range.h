/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naturally aligned ranges of pages, in which units are told what to forget.
 */
#ifndef NYX_RANGE_H
#define NYX_RANGE_H

#include <linux/types.h>

/* A range in at most this many ranges; more are not worth it. */
#define NYX_RANGES 4

/**
 * struct nyx_range - naturally aligned pages
 * @addr: the first, aligned to the size
 * @order: 2^@order pages of 4 KiB
 */
struct nyx_range {
	u64 addr;
	u8 order;
};

struct nyx_range nyx_range_around(u64 start, u64 last);
unsigned int nyx_ranges(u64 start, u64 last, u8 max_order,
			struct nyx_range *ranges);

#endif /* NYX_RANGE_H */
