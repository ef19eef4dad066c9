/* SPDX-License-Identifier: GPL-2.0-only */
/* The unit of the RD890 chipset, which a sleep leaves unconfigured. */
#ifndef NYX_AMD_RD890_H
#define NYX_AMD_RD890_H

#include <linux/types.h>

struct amd_unit;

/* L1 caches of the unit, registers of each, and registers of the L2 cache. */
#define AMD_RD890_L1S		6
#define AMD_RD890_L1_REGS	0x12
#define AMD_RD890_L2_REGS	0x83

/**
 * struct amd_rd890 - what firmware set up in the configuration space of the unit
 * @base_lo: IOMMU Base Address Low Register
 * @base_hi: IOMMU Base Address High Register
 * @misc: IOMMU Miscellaneous Information Register
 * @l1: configuration of the L1 caches
 * @l2: configuration of the L2 cache
 */
struct amd_rd890 {
	u32 base_lo;
	u32 base_hi;
	u32 misc;
	u32 l1[AMD_RD890_L1S][AMD_RD890_L1_REGS];
	u32 l2[AMD_RD890_L2_REGS];
};

void amd_rd890_save(struct amd_unit *au);
int amd_rd890_restore(struct amd_unit *au);

#endif /* NYX_AMD_RD890_H */
