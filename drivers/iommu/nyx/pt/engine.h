/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table engine, a template. A format's C file defines what is listed
 * here, includes this header, and ends with NYX_PT_FORMAT():
 *
 *	FMT_LEAF_SIZES		leaf sizes, those of the levels from 0 on among them
 *	FMT_TOP_LEAF		highest level that can have leaves
 *	FMT_MIN_LEVELS, FMT_MAX_LEVELS
 *	FMT_READY, FMT_SPLIT	bits of table entries that hardware ignores
 *	u64 fmt_table_entry(phys_addr_t table, unsigned int level)
 *				for a table below an entry of the level, without
 *				these two
 *	bool fmt_is_table(u64 entry)	what is in use, above level 0: table, or leaf?
 *	bool fmt_is_ready(u64 entry)	in use, a table, and FMT_READY is set
 *	u64 *fmt_table(u64 entry)	the table that an entry leads to
 *	u64 fmt_leaf_bits(const struct nyx_pt *pt, unsigned int prot)
 *	u64 fmt_leaf(u64 bits, phys_addr_t paddr, unsigned int level)
 *	phys_addr_t fmt_paddr(u64 leaf)
 *	int fmt_prot(u64 leaf)
 *	u64 fmt_split(u64 leaf, unsigned int level)	first of 512 smaller leaves
 *
 * And for leaves that take several entries, or from single.h if there are none:
 *
 *	FMT_MAX_ORDER		log2 of how many entries a leaf can take
 *	FMT_WAS			bits of all entries that hardware ignores
 *	FMT_LOOK		bits that a leaf of one entry, FMT_WAS clear, has not
 *	unsigned int fmt_order(u64 leaf, unsigned int level)	log2 of entries
 *	unsigned int fmt_was(u64 entry)		FMT_WAS: an order, 0 for none
 *	u64 fmt_repeat(u64 leaf, unsigned int level, unsigned int order)
 *				the leaf, made to take so many entries
 *	u64 fmt_part(u64 leaf, unsigned int level, unsigned int order,
 *		     unsigned int i)
 *				what entry i of it is without the others, with the
 *				order in FMT_WAS
 *
 * All inline, so that each format becomes one walk with its bits built in. Level
 * 0 has the 4 KiB leaves. An entry that is not in use is zero.
 *
 * How tables come to be shared without a lock
 *
 * A new table is zeroed, flushed if the walker does not snoop, and then linked
 * with a compare-and-exchange: of two CPUs that need it, one wins and the other
 * frees its own. The link itself reaches a walker that does not snoop only when
 * it is flushed. Whoever finds a link that lacks FMT_READY cannot know whether
 * that has happened, so flushes it too and sets the bit. Nobody goes through a
 * link before that: when a call returns, all the links above its entries are
 * in memory, whoever made them.
 *
 * In a link nothing but FMT_READY ever changes, until somebody who owns all that
 * the table translates takes it out. So setting the bit needs no exchange. It is
 * never set next to FMT_SPLIT, so that fast paths have one bit to look at.
 */
#ifndef NYX_PT_ENGINE_H
#define NYX_PT_ENGINE_H

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <trace/events/nyx.h>

#include "table.h"

static_assert(PAGE_SIZE == SZ_4K);
static_assert(FMT_MIN_LEVELS >= 3 && FMT_MAX_LEVELS <= 6);
static_assert(FMT_TOP_LEAF < FMT_MIN_LEVELS);
static_assert(1 << FMT_MAX_ORDER < NYX_PT_ENTRIES);

static __always_inline unsigned int nyx_pt_shift(unsigned int level)
{
	return NYX_PT_PAGE_SHIFT + NYX_PT_INDEX_BITS * level;
}

/* What one entry of a level translates, in bytes. */
static __always_inline u64 nyx_pt_span(unsigned int level)
{
	return 1ULL << nyx_pt_shift(level);
}

static __always_inline unsigned int nyx_pt_index(u64 iova, unsigned int level)
{
	return (iova >> nyx_pt_shift(level)) & (NYX_PT_ENTRIES - 1);
}

/* The range lies in one table of 4 KiB leaves, and could not be a larger leaf. */
static __always_inline bool nyx_pt_is_run(u64 iova, u64 len)
{
	return !((iova ^ (iova + len - 1)) >> nyx_pt_shift(1)) &&
	       len != nyx_pt_span(1);
}

/* Beyond 64 bits, as no other limit of a table says that has an IOVA of so many. */
static __always_inline bool nyx_pt_wraps(u64 addr, u64 len)
{
	return FMT_MAX_LEVELS > 5 && addr + (len - 1) < addr;
}

/* Flushes a link, so that the table below it can be used, and says so. */
static u64 *nyx_pt_make_ready(struct nyx_pt *pt, u64 *slot, u64 entry)
{
	if (!pt->cfg.coherent)
		nyx_cache_flush(slot, sizeof(*slot));
	/* Not before the flush has completed: nyx_cache_flush() is a barrier. */
	if (!(entry & FMT_SPLIT))
		WRITE_ONCE(*slot, entry | FMT_READY);
	return fmt_table(entry);
}

/* The table below @slot, made if there is none; the slow half of nyx_pt_down(). */
static noinline u64 *nyx_pt_link(struct nyx_pt *pt, u64 *slot,
				 unsigned int level, gfp_t gfp)
{
	u64 entry = READ_ONCE(*slot);
	u64 *table;
	u64 new;

	if (!entry) {
		table = nyx_pt_table_alloc(pt, gfp);
		if (!table)
			return ERR_PTR(-ENOMEM);
		new = fmt_table_entry(virt_to_phys(table), level);
		if (pt->cfg.coherent)
			new |= FMT_READY;
		/* Release: the table is zero before anybody can get to it. */
		if (try_cmpxchg64_release(slot, &entry, new)) {
			if (pt->cfg.coherent)
				return table;
			return nyx_pt_make_ready(pt, slot, new);
		}
		nyx_pt_table_free(pt, table);
	}
	if (!fmt_is_table(entry))
		return ERR_PTR(-EEXIST);
	return nyx_pt_make_ready(pt, slot, entry);
}

/* One level down, through a link that is ready; false where there is none. */
static __always_inline bool nyx_pt_step(u64 **table, u64 iova,
					unsigned int level)
{
	/* What is read through the pointer depends on it: ordered everywhere. */
	u64 entry = READ_ONCE((*table)[nyx_pt_index(iova, level)]);

	if (unlikely(!fmt_is_ready(entry)))
		return false;
	*table = fmt_table(entry);
	return true;
}

/* One level down on the way to a leaf to be; on failure @table is the error. */
static __always_inline bool nyx_pt_down(struct nyx_pt *pt, u64 **table,
					u64 iova, unsigned int level, gfp_t gfp)
{
	if (likely(nyx_pt_step(table, iova, level)))
		return true;
	*table = nyx_pt_link(pt, *table + nyx_pt_index(iova, level), level,
			     gfp);
	return !IS_ERR(*table);
}

#include "repeat.h"
#include "unmap.h"
#include "fill.h"
#include "map.h"
#include "walk.h"
#include "io_pgtable.h"

#define NYX_PT_FORMAT(_name)						\
	.name = _name,							\
	.min_levels = FMT_MIN_LEVELS,					\
	.max_levels = FMT_MAX_LEVELS,					\
	.leaf_sizes = FMT_LEAF_SIZES,					\
	.iommupt_ops = {						\
		.map_range = nyx_pt_map_range,				\
		.unmap_range = nyx_pt_unmap_range,			\
		.get_info = nyx_pt_get_info,				\
		.deinit = nyx_pt_deinit,				\
	},								\
	.iop_ops = {							\
		.map_pages = nyx_pt_map_pages,				\
		.unmap_pages = nyx_pt_unmap_pages,			\
		.iova_to_phys = nyx_pt_iop_iova_to_phys,		\
	},								\
	.iova_to_phys = nyx_pt_lookup,					\
	.walk = nyx_pt_walk_tables

#endif /* NYX_PT_ENGINE_H */
