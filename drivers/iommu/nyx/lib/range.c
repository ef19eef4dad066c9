// SPDX-License-Identifier: GPL-2.0-only
/*
 * Splitting a range of addresses into aligned ranges. A unit's invalidation
 * commands take only naturally aligned ranges of 2^n pages.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "range.h"

/**
 * nyx_ranges_split() - cover a range for which one aligned range would be too large
 * @start: as for nyx_ranges()
 * @last: as for nyx_ranges()
 * @max_order: as for nyx_ranges()
 * @ranges: as for nyx_ranges()
 *
 * Context: Any.
 * Return: as nyx_ranges().
 */
unsigned int nyx_ranges_split(u64 start, u64 last, u8 max_order,
			      struct nyx_range *ranges)
{
	u64 page = start >> NYX_RANGE_SHIFT;
	u64 end = (last >> NYX_RANGE_SHIFT) + 1;
	struct nyx_range cover = nyx_range_around(start, last);
	unsigned int nr = 0;
	u8 order;

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
