/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mapped intervals of a page table.
 */
#ifndef NYX_INTERVAL_H
#define NYX_INTERVAL_H

#include <linux/types.h>

struct nyx_pt;

/**
 * struct nyx_interval - a contiguous mapping
 * @first: first IOVA
 * @last: last IOVA, inclusive
 * @paddr: physical address that @first translates to
 * @prot: IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE, the same for all leaves
 * @leaves: sizes of its leaves: bit n is set if there is a leaf of 2^n bytes
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
