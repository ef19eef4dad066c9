// SPDX-License-Identifier: GPL-2.0-only
/*
 * Naturally aligned blocks of pages, in which units are told what to forget.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include <nyx/block.h>

#define NYX_BLOCK_SHIFT 12

/**
 * nyx_block_around() - the smallest naturally aligned block around a range
 * @start: first address
 * @last: last address, not below @start
 *
 * Context: Any.
 * Return: the block; its order is 0 to 52.
 */
struct nyx_block nyx_block_around(u64 start, u64 last)
{
	u8 order = fls64((start ^ last) >> NYX_BLOCK_SHIFT);

	return (struct nyx_block) {
		.addr = order < 52 ? start & -BIT_ULL(order + NYX_BLOCK_SHIFT) :
				     0,
		.order = order,
	};
}

/**
 * nyx_blocks() - naturally aligned blocks that cover a range
 * @start: first address
 * @last: last address, not below @start
 * @max_order: largest order that the unit takes
 * @blocks: filled in, room for NYX_BLOCKS
 *
 * No block is cut for @max_order: it may be one large page, which a unit may
 * forget only when told the whole.
 *
 * Context: Any.
 * Return: how many blocks, or 0 if the unit cannot take so large a range.
 */
unsigned int nyx_blocks(u64 start, u64 last, u8 max_order,
			struct nyx_block *blocks)
{
	u64 page = start >> NYX_BLOCK_SHIFT;
	u64 end = (last >> NYX_BLOCK_SHIFT) + 1;
	struct nyx_block cover = nyx_block_around(start, last);
	unsigned int nr = 0;
	u8 order;

	/* One block does if it is not much larger than what is asked for. */
	if (cover.order <= max_order &&
	    BIT_ULL(cover.order) <= 2 * (end - page)) {
		blocks[0] = cover;
		return 1;
	}
	while (page < end && nr < NYX_BLOCKS) {
		order = fls64(end - page) - 1;
		if (page)
			order = min_t(u8, order, __ffs64(page));
		if (order > max_order)
			return 0;
		blocks[nr].addr = page << NYX_BLOCK_SHIFT;
		blocks[nr++].order = order;
		page += BIT_ULL(order);
	}
	if (page == end)
		return nr;
	if (cover.order > max_order)
		return 0;
	blocks[0] = cover;
	return 1;
}
