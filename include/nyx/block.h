/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naturally aligned blocks of pages, in which units are told what to forget.
 */
#ifndef NYX_BLOCK_H
#define NYX_BLOCK_H

#include <linux/types.h>

/* A range in at most this many blocks; more are not worth it. */
#define NYX_BLOCKS 4

/**
 * struct nyx_block - naturally aligned pages
 * @addr: the first, aligned to the size
 * @order: 2^@order pages of 4 KiB
 */
struct nyx_block {
	u64 addr;
	u8 order;
};

struct nyx_block nyx_block_around(u64 start, u64 last);
unsigned int nyx_blocks(u64 start, u64 last, u8 max_order,
			struct nyx_block *blocks);

#endif /* NYX_BLOCK_H */
