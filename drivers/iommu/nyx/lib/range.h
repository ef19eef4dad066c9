/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Naturally aligned ranges of 2^n pages, as invalidation commands take them.
 */
#ifndef NYX_RANGE_H
#define NYX_RANGE_H

#include <linux/bitops.h>
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

#define NYX_RANGE_SHIFT 12

/**
 * nyx_range_around() - smallest aligned range that contains a range
 * @start: first address
 * @last: last address, not below @start
 *
 * Context: Any.
 * Return: the aligned range; its order is 0 to 52.
 */
static inline struct nyx_range nyx_range_around(u64 start, u64 last)
{
	u8 order = fls64((start ^ last) >> NYX_RANGE_SHIFT);

	return (struct nyx_range) {
		.addr = order < 52 ? start & -BIT_ULL(order + NYX_RANGE_SHIFT) :
				     0,
		.order = order,
	};
}

unsigned int nyx_ranges_split(u64 start, u64 last, u8 max_order,
			      struct nyx_range *ranges);

/**
 * nyx_ranges() - cover a range with aligned ranges
 * @start: first address
 * @last: last address, not below @start
 * @max_order: largest order that the unit supports
 * @ranges: filled in, room for NYX_RANGES aligned ranges
 *
 * An aligned range above @max_order is not split into smaller ones. It may be
 * one large page, and a unit may keep a cached large page unless a single
 * command covers all of it.
 *
 * Context: Any.
 * Return: number of aligned ranges, or 0 if one of them would be larger than
 *	@max_order. The caller then invalidates the whole domain.
 */
static inline unsigned int nyx_ranges(u64 start, u64 last, u8 max_order,
				      struct nyx_range *ranges)
{
	struct nyx_range cover = nyx_range_around(start, last);
	u64 pages = (last >> NYX_RANGE_SHIFT) - (start >> NYX_RANGE_SHIFT) + 1;

	/* One is enough if it is at most twice as large as the range. */
	if (cover.order > max_order || BIT_ULL(cover.order) > 2 * pages)
		return nyx_ranges_split(start, last, max_order, ranges);
	ranges[0] = cover;
	return 1;
}

#endif /* NYX_RANGE_H */
