/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page table as the intervals that it maps.
 */
#ifndef NYX_INTERVAL_H
#define NYX_INTERVAL_H

#include <linux/types.h>

struct nyx_pt;

/**
 * struct nyx_interval - a run of mappings that continue each other
 * @first: first IOVA
 * @last: last IOVA, inclusive
 * @paddr: physical address that @first translates to
 * @prot: IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE, the same all over
 * @leaves: sizes of the leaves that make it up, in bytes, a bit each
 */
struct nyx_interval {
	u64 first;
	u64 last;
	phys_addr_t paddr;
	int prot;
	u64 leaves;
};

size_t nyx_intervals(struct nyx_pt *pt, u64 from, struct nyx_interval *ivs,
		     size_t max);

#endif /* NYX_INTERVAL_H */
