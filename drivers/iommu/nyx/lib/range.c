// SPDX-License-Identifier: GPL-2.0-only
/*
 * Naturally aligned ranges of pages, in which units are told what to forget.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "range.h"

#define NYX_RANGE_SHIFT 12

/**
 * nyx_range_around() - the smallest naturally aligned range around a range
 * @start: first address
 * @last: last address, not below @start
 *
 * Context: Any.
 * Return: the range; its order is 0 to 52.
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
 * nyx_ranges() - naturally aligned ranges that cover a range
 * @start: first address
 * @last: last address, not below @start
 * @max_order: largest order that the unit takes
 * @ranges: filled in, room for NYX_RANGES
 *
 * No range is cut for @max_order: it may be one large page, which a unit may
 * forget only when told the whole.
 *
 * Context: Any.
 * Return: how many ranges, or 0 if the unit cannot take so large a range.
 */
unsigned int nyx_ranges(u64 start, u64 last, u8 max_order,
			struct nyx_range *ranges)
{
	u64 page = start >> NYX_RANGE_SHIFT;
	u64 end = (last >> NYX_RANGE_SHIFT) + 1;
	struct nyx_range cover = nyx_range_around(start, last);
	unsigned int nr = 0;
	u8 order;

	/* One range does if it is not much larger than what is asked for. */
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
