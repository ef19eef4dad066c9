// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry format of AMD's host page tables, version 1: AMD I/O Virtualization
 * Technology (IOMMU) Specification, 48882, section 2.2.3.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mem_encrypt.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "pt/table.h"

/*
 * Leaf sizes are all powers of two up to 256 GiB, for which three levels are
 * enough. Larger leaves are not used, because some units translate the next
 * size, 512 GiB, incorrectly.
 */
enum {
	FMT_MIN_LEVELS = 3,
	FMT_MAX_LEVELS = 6,
	FMT_TOP_LEAF = 2,
	FMT_MAX_ORDER = 8,
};

#define FMT_LEAF_SIZES GENMASK_ULL(38, 12)

/* Section 2.2.3: page directory (PDE) and page translation (PTE) entries */
#define V1_PR BIT_ULL(0)
/* Set by hardware if the DTE requests it (HAD). */
#define V1_A BIT_ULL(5)
#define V1_D BIT_ULL(6)			/* PTE */
/* Hardware ignores these three at all levels. */
#define V1_IGN4_1 GENMASK_ULL(4, 1)
#define V1_IGN7 BIT_ULL(7)
#define V1_IGN8 BIT_ULL(8)
#define V1_NEXT_LEVEL GENMASK_ULL(11, 9)
#define V1_ADDR GENMASK_ULL(51, 12)
#define V1_FC BIT_ULL(60)			/* PTE: force coherent */
#define V1_IR BIT_ULL(61)
#define V1_IW BIT_ULL(62)

/*
 * Values of Next Level in leaves. 0 is a page of the level's own size. With 7,
 * the low address bits encode the size of the page: a run of ones from bit 12
 * on (none for 8 KiB), then a zero in the bit whose value is half the size.
 */
enum {
	V1_NL_LEVEL_SIZE = 0,
	V1_NL_ANY_SIZE = 7,
};

#define FMT_ACCESSED V1_A
#define FMT_DIRTY V1_D
#define FMT_READY V1_IGN7
#define FMT_SPLIT V1_IGN8
#define FMT_WAS V1_IGN4_1
#define FMT_LOOK (V1_NEXT_LEVEL | FMT_WAS)

static inline bool fmt_is_any_size(u64 entry)
{
	return FIELD_GET(V1_NEXT_LEVEL, entry) == V1_NL_ANY_SIZE;
}

/*
 * Next Level counts from 1, and @level from 0. The table is one level below
 * @level, so its Next Level is @level.
 */
static inline u64 fmt_table_entry(phys_addr_t table, unsigned int level)
{
	/* Rights are the AND over all levels, so only leaves restrict them. */
	return __sme_set(table) | V1_PR | V1_IR | V1_IW |
	       FIELD_PREP(V1_NEXT_LEVEL, level);
}

static inline bool fmt_is_table(u64 entry)
{
	return FIELD_GET(V1_NEXT_LEVEL, entry) != V1_NL_LEVEL_SIZE &&
	       !fmt_is_any_size(entry);
}

static inline bool fmt_is_ready(u64 entry)
{
	/* The bit is clear in all leaves. */
	return entry & FMT_READY;
}

static inline u64 *fmt_table(u64 entry)
{
	return phys_to_virt(__sme_clr(entry) & V1_ADDR);
}

static inline u64 fmt_leaf_bits(const struct nyx_pt *pt, unsigned int prot)
{
	/* All requests snoop, even with the No Snoop attribute. */
	u64 bits = V1_PR | V1_FC;

	if (prot & IOMMU_READ)
		bits |= V1_IR;
	if (prot & IOMMU_WRITE)
		bits |= V1_IW;
	/* Host memory may be encrypted; MMIO is not. */
	if (!(prot & IOMMU_MMIO))
		bits = __sme_set(bits);
	return bits;
}

static inline u64 fmt_leaf(u64 bits, phys_addr_t paddr, unsigned int level)
{
	return paddr | bits;
}

static inline phys_addr_t fmt_paddr(u64 leaf)
{
	u64 addr = __sme_clr(leaf) & V1_ADDR;

	/* Adding 4 KiB carries through the run of ones; the AND clears it. */
	return fmt_is_any_size(leaf) ? addr & (addr + SZ_4K) : addr;
}

static inline int fmt_prot(u64 leaf)
{
	return (leaf & V1_IR ? IOMMU_READ : 0) |
	       (leaf & V1_IW ? IOMMU_WRITE : 0) |
	       (leaf & V1_FC ? IOMMU_CACHE : 0);
}

static inline u64 fmt_split(u64 leaf, unsigned int level)
{
	return leaf;
}

static inline unsigned int fmt_level_shift(unsigned int level)
{
	return NYX_PT_PAGE_SHIFT + NYX_PT_INDEX_BITS * level;
}

static inline unsigned int fmt_order(u64 leaf, unsigned int level)
{
	if (!fmt_is_any_size(leaf))
		return 0;
	return ffz(leaf >> NYX_PT_PAGE_SHIFT) + NYX_PT_PAGE_SHIFT + 1 -
	       fmt_level_shift(level);
}

static inline unsigned int fmt_was(u64 entry)
{
	return FIELD_GET(FMT_WAS, entry);
}

static inline u64 fmt_repeat(u64 leaf, unsigned int level, unsigned int order)
{
	u64 top = BIT_ULL(fmt_level_shift(level) + order - 1);

	if (!order)
		return leaf;
	return leaf | FIELD_PREP(V1_NEXT_LEVEL, V1_NL_ANY_SIZE) |
	       ((top - 1) & V1_ADDR);
}

static inline u64 fmt_part(u64 leaf, unsigned int level, unsigned int order,
			   unsigned int i)
{
	u64 ones = BIT_ULL(fmt_level_shift(level) + order - 1) - 1;

	leaf &= ~(V1_NEXT_LEVEL | (ones & V1_ADDR));
	return (leaf + ((u64)i << fmt_level_shift(level))) |
	       FIELD_PREP(FMT_WAS, order);
}

#include "pt/engine.h"

const struct nyx_pt_format nyx_pt_amdv1 = {
	NYX_PT_FORMAT("amdv1"),
	.always_snoops = true,
};
