// SPDX-License-Identifier: GPL-2.0-only
/*
 * Splitting a range of addresses into aligned ranges. A unit's invalidation
 * commands take only naturally aligned ranges of 2^n pages.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "range.h"

#define NYX_RANGE_SHIFT 12

/**
 * nyx_range_around() - smallest aligned range that contains a range
 * @start: first address
 * @last: last address, not below @start
 *
 * Context: Any.
 * Return: the aligned range; its order is 0 to 52.
 */
struct nyx_range nyx_range_around(u64 start, u64 last)
{
	u8 order = fls64((start ^ last) >> NYX_RANGE_SHIFT);

	return (struct nyx_range) {
		.addr = order < 52 ? start & -BIT_ULL(order + NYX_RANGE_SHIFT) :
				     0,
		.order = order,
	};
}

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
unsigned int nyx_ranges(u64 start, u64 last, u8 max_order,
			struct nyx_range *ranges)
{
	u64 page = start >> NYX_RANGE_SHIFT;
	u64 end = (last >> NYX_RANGE_SHIFT) + 1;
	struct nyx_range cover = nyx_range_around(start, last);
	unsigned int nr = 0;
	u8 order;

	/* One is enough if it is at most twice as large as the range. */
	if (cover.order <= max_order &&
	    BIT_ULL(cover.order) <= 2 * (end - page)) {
		ranges[0] = cover;
		return 1;
	}
	while (page < end && nr < NYX_RANGES) {
		order = fls64(end - page) - 1;
		if (page)
			order = min_t(u8, order, __ffs64(page));
		if (order > max_order)
			return 0;
		ranges[nr].addr = page << NYX_RANGE_SHIFT;
		ranges[nr++].order = order;
		page += BIT_ULL(order);
	}
	if (page == end)
		return nr;
	if (cover.order > max_order)
		return 0;
	ranges[0] = cover;
	return 1;
}
