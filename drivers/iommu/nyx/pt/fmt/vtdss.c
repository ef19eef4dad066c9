// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry format of VT-d's second-stage page tables: Intel Virtualization
 * Technology for Directed I/O, Architecture Specification, revision 5.10,
 * sections 3.7 and 9.8.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <nyx/pt.h>

enum {
	FMT_MIN_LEVELS = 3,
	FMT_MAX_LEVELS = 5,
	FMT_TOP_LEAF = 2,
	FMT_LEAF_SIZES = SZ_4K | SZ_2M | SZ_1G,
};

/* Section 9.8, tables 41 to 47: SS-PML5E to SS-PTE. */
enum {
	SS_R = BIT_ULL(0),
	SS_W = BIT_ULL(1),
	SS_PS = BIT_ULL(7),			/* SS-PDPE, SS-PDE: maps a page */
	/* Set by hardware if the PASID table entry requests it (SSADE). */
	SS_A = BIT_ULL(8),
	SS_D = BIT_ULL(9),			/* leaves */
	SS_SNP = BIT_ULL(11),			/* leaves, if ECAP.SC is set */
	SS_ADDR = GENMASK_ULL(51, 12),
	/* Hardware ignores these two at all levels. */
	SS_IGN52 = BIT_ULL(52),
	SS_IGN53 = BIT_ULL(53),
};

#define FMT_ACCESSED SS_A
#define FMT_DIRTY SS_D
#define FMT_READY SS_IGN52
/* A flush of all of a large leaf invalidates its cached copies (6.5.3.2). */
#define FMT_SPLIT SS_IGN53

static inline u64 fmt_table_entry(phys_addr_t table, unsigned int level)
{
	/* Rights are the AND over all levels, so only leaves restrict them. */
	return table | SS_R | SS_W;
}

static inline bool fmt_is_table(u64 entry)
{
	return !(entry & SS_PS);
}

static inline bool fmt_is_ready(u64 entry)
{
	/* The bit is clear in all leaves. */
	return entry & FMT_READY;
}

static inline u64 *fmt_table(u64 entry)
{
	return phys_to_virt(entry & SS_ADDR);
}

static inline u64 fmt_leaf_bits(const struct nyx_pt *pt, unsigned int prot)
{
	u64 bits = 0;

	if (prot & IOMMU_READ)
		bits |= SS_R;
	if (prot & IOMMU_WRITE)
		bits |= SS_W;
	if (pt->cfg.snoop)
		bits |= SS_SNP;
	return bits;
}

static inline u64 fmt_leaf(u64 bits, phys_addr_t paddr, unsigned int level)
{
	return paddr | bits | (level ? SS_PS : 0);
}

static inline phys_addr_t fmt_paddr(u64 leaf)
{
	return leaf & SS_ADDR;
}

static inline int fmt_prot(u64 leaf)
{
	return (leaf & SS_R ? IOMMU_READ : 0) |
	       (leaf & SS_W ? IOMMU_WRITE : 0) |
	       (leaf & SS_SNP ? IOMMU_CACHE : 0);
}

static inline u64 fmt_split(u64 leaf, unsigned int level)
{
	return level == 1 ? leaf & ~SS_PS : leaf;
}

#include "pt/single.h"
#include "pt/engine.h"

const struct nyx_pt_format nyx_pt_vtdss = {
	NYX_PT_FORMAT("vtdss"),
};
