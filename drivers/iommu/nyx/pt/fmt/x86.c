// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry format of the CPU's page tables with 64-bit entries, which units use for
 * first-stage tables (VT-d, sections 3.6 and 9.7) and for guest tables (AMD-Vi,
 * section 2.2.6).
 *
 * IOVAs are the lower half of the canonical addresses. Requests that a table
 * translates have user privilege.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/mem_encrypt.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <nyx/pt.h>

enum {
	FMT_MIN_LEVELS = 4,
	FMT_MAX_LEVELS = 5,
	FMT_TOP_LEAF = 2,
	FMT_LEAF_SIZES = SZ_4K | SZ_2M | SZ_1G,
};

/* VT-d, section 9.7, tables 34 to 40: FS-PML5E to FS-PTE; AMD-Vi, figures 14 to 17. */
enum {
	X86_P = BIT_ULL(0),
	X86_RW = BIT_ULL(1),
	X86_US = BIT_ULL(2),
	X86_A = BIT_ULL(5),
	X86_D = BIT_ULL(6),			/* leaves */
	X86_PS = BIT_ULL(7),			/* above the lowest level: maps a page */
	X86_ADDR = GENMASK_ULL(51, 12),
	/* Hardware ignores these two at all levels. */
	X86_IGN52 = BIT_ULL(52),
	X86_IGN53 = BIT_ULL(53),
};

#define FMT_ACCESSED X86_A
#define FMT_DIRTY X86_D
#define FMT_READY X86_IGN52
#define FMT_SPLIT X86_IGN53

static inline u64 fmt_table_entry(phys_addr_t table, unsigned int level)
{
	/*
	 * Rights are the AND over all levels, so only leaves restrict them. Hardware
	 * would set A by an atomic operation otherwise.
	 */
	return __sme_set(table) | X86_P | X86_RW | X86_US | X86_A;
}

static inline bool fmt_is_table(u64 entry)
{
	return !(entry & X86_PS);
}

static inline bool fmt_is_ready(u64 entry)
{
	/* The bit is clear in all leaves. */
	return entry & FMT_READY;
}

static inline u64 *fmt_table(u64 entry)
{
	return phys_to_virt(__sme_clr(entry) & X86_ADDR);
}

static inline u64 fmt_leaf_bits(const struct nyx_pt *pt, unsigned int prot)
{
	/* The format cannot allow writes alone. */
	u64 bits = X86_P | X86_US | X86_A;

	if (prot & IOMMU_WRITE)
		bits |= X86_RW;
	/* As for A above, unless hardware is to record writes. */
	if (!pt->cfg.dirty)
		bits |= X86_D;
	/* Host memory may be encrypted; MMIO is not. */
	if (!(prot & IOMMU_MMIO))
		bits = __sme_set(bits);
	return bits;
}

static inline u64 fmt_leaf(u64 bits, phys_addr_t paddr, unsigned int level)
{
	return paddr | bits | (level ? X86_PS : 0);
}

static inline phys_addr_t fmt_paddr(u64 leaf)
{
	return __sme_clr(leaf) & X86_ADDR;
}

static inline int fmt_prot(u64 leaf)
{
	return IOMMU_READ | (leaf & X86_RW ? IOMMU_WRITE : 0);
}

static inline u64 fmt_split(u64 leaf, unsigned int level)
{
	return level == 1 ? leaf & ~X86_PS : leaf;
}

#include "pt/single.h"
#include "pt/engine.h"

const struct nyx_pt_format nyx_pt_x86 = {
	NYX_PT_FORMAT("x86"),
};
