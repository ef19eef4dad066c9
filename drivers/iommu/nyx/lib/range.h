/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naturally aligned ranges of 2^n pages, as invalidation commands take them.
 */
#ifndef NYX_RANGE_H
#define NYX_RANGE_H

#include <linux/types.h>

/* A range is covered by at most this many aligned ranges, else by one. */
#define NYX_RANGES 4

/**
 * struct nyx_range - an aligned range of pages
 * @addr: first address, aligned to the size
 * @order: the size is 2^@order pages of 4 KiB
 */
struct nyx_range {
	u64 addr;
	u8 order;
};

struct nyx_range nyx_range_around(u64 start, u64 last);
unsigned int nyx_ranges(u64 start, u64 last, u8 max_order,
			struct nyx_range *ranges);

#endif /* NYX_RANGE_H */
