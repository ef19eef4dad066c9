/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table engine, a template. The C file of an entry format defines the
 * names below, includes this header, and defines a struct nyx_pt_format with
 * NYX_PT_FORMAT():
 *
 *	FMT_LEAF_SIZES		all leaf sizes, including those of one entry
 *	FMT_TOP_LEAF		highest level that can have leaves
 *	FMT_MIN_LEVELS, FMT_MAX_LEVELS
 *	FMT_READY, FMT_SPLIT	bits of table entries that hardware ignores
 *	FMT_ACCESSED, FMT_DIRTY	bits that hardware sets while it records accesses:
 *				the first in any entry, the second in leaves
 *	u64 fmt_table_entry(phys_addr_t table, unsigned int level)
 *				entry of @level that links to the table, with
 *				FMT_READY and FMT_SPLIT clear
 *	bool fmt_is_table(u64 entry)
 *				true for a table, false for a leaf; the entry is
 *				in use and above level 0
 *	bool fmt_is_ready(u64 entry)
 *				the entry is in use, links to a table, and has
 *				FMT_READY set
 *	u64 *fmt_table(u64 entry)
 *				the table to which the entry links
 *	u64 fmt_leaf_bits(const struct nyx_pt *pt, unsigned int prot)
 *				the bits of a leaf apart from address and size
 *	u64 fmt_leaf(u64 bits, phys_addr_t paddr, unsigned int level)
 *				a leaf of one entry
 *	phys_addr_t fmt_paddr(u64 leaf)
 *	int fmt_prot(u64 leaf)
 *	u64 fmt_split(u64 leaf, unsigned int level)
 *				the first of 512 leaves of the next lower level
 *				that replace a leaf of one entry
 *
 * Formats with leaves of several entries also define the following. For all
 * others, single.h does:
 *
 *	FMT_MAX_ORDER		log2 of the largest number of entries of a leaf
 *	FMT_WAS			bits that hardware ignores in all entries. In a
 *				part of a leaf that was broken up, they hold the
 *				order of that leaf
 *	FMT_LOOK		bits that are clear in each leaf of one entry,
 *				unless it is such a part
 *	unsigned int fmt_order(u64 leaf, unsigned int level)
 *				log2 of the number of entries
 *	unsigned int fmt_was(u64 entry)
 *				the order in FMT_WAS, or 0
 *	u64 fmt_repeat(u64 leaf, unsigned int level, unsigned int order)
 *				the leaf for 2^@order entries, made from @leaf,
 *				which is for one
 *	u64 fmt_part(u64 leaf, unsigned int level, unsigned int order,
 *		     unsigned int i)
 *				the leaf of one entry that replaces entry @i of
 *				@leaf, with @order in FMT_WAS
 *
 * All functions are inline, so each format gets its own copy of the engine with
 * its bits as constants. Level 0 has the 4 KiB leaves. An entry that is not in
 * use is zero.
 *
 * How CPUs share tables without a lock
 *
 * A new table is zeroed, flushed if the walker does not snoop, and then linked
 * with a compare-and-exchange. If two CPUs need the same table, one of them
 * wins and the other frees its own. A walker that does not snoop sees the link
 * only after the link was flushed. A CPU that finds a link without FMT_READY
 * cannot know whether this has happened, so it flushes the link as well and
 * then sets the bit. No CPU uses a link before that. So when a call returns,
 * all links above its entries are in memory, no matter which CPU created them.
 *
 * In a link, no bit except FMT_READY changes until a caller that owns all that
 * the table translates removes it. Therefore setting the bit needs no
 * compare-and-exchange. Hardware may set FMT_ACCESSED at any time, but nothing
 * depends on that bit. FMT_READY is never set together with FMT_SPLIT, so the
 * fast paths test only one bit.
 */
#ifndef NYX_PT_ENGINE_H
#define NYX_PT_ENGINE_H

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <trace/events/nyx.h>

#include "lib/latency.h"
#include "table.h"

static_assert(PAGE_SIZE == SZ_4K);
static_assert(FMT_MIN_LEVELS >= 3 && FMT_MAX_LEVELS <= 6);
static_assert(FMT_TOP_LEAF < FMT_MIN_LEVELS);
static_assert(1 << FMT_MAX_ORDER < NYX_PT_ENTRIES);

static __always_inline unsigned int nyx_pt_shift(unsigned int level)
{
	return NYX_PT_PAGE_SHIFT + NYX_PT_INDEX_BITS * level;
}

/* The number of bytes that one entry of a level translates. */
static __always_inline u64 nyx_pt_span(unsigned int level)
{
	return 1ULL << nyx_pt_shift(level);
}

static __always_inline unsigned int nyx_pt_index(u64 iova, unsigned int level)
{
	return (iova >> nyx_pt_shift(level)) & (NYX_PT_ENTRIES - 1);
}

/*
 * True if the range lies in one table of 4 KiB leaves and is not the whole of
 * it, for which a larger leaf may be used.
 */
static __always_inline bool nyx_pt_is_run(u64 iova, u64 len)
{
	return !((iova ^ (iova + len - 1)) >> nyx_pt_shift(1)) &&
	       len != nyx_pt_span(1);
}

/* Catches wrap-around past 2^64; nothing else limits a 64-bit table. */
static __always_inline bool nyx_pt_wraps(u64 addr, u64 len)
{
	return FMT_MAX_LEVELS > 5 && addr + (len - 1) < addr;
}

/*
 * Flushes a link and sets FMT_READY, unless FMT_SPLIT is set. Returns the table
 * to which it links.
 */
static u64 *nyx_pt_make_ready(struct nyx_pt *pt, u64 *slot, u64 entry)
{
	if (!pt->cfg.coherent)
		nyx_cache_flush(slot, sizeof(*slot));
	/* Ordered after the flush: nyx_cache_flush() is a full barrier. */
	if (!(entry & FMT_SPLIT))
		WRITE_ONCE(*slot, entry | FMT_READY);
	return fmt_table(entry);
}

/*
 * The slow path of nyx_pt_down(): returns the table to which @slot links, after
 * creating it if there is none.
 */
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
		/* Release: the table is zeroed before it can be reached. */
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

/* Goes down one level; returns false if there is no link with FMT_READY. */
static __always_inline bool nyx_pt_step(u64 **table, u64 iova,
					unsigned int level)
{
	/* Address dependency: reads of the table are ordered after this. */
	u64 entry = READ_ONCE((*table)[nyx_pt_index(iova, level)]);

	if (unlikely(!fmt_is_ready(entry)))
		return false;
	*table = fmt_table(entry);
	return true;
}

/*
 * Goes down one level, creating a table if necessary. On failure, returns false
 * and sets *@table to an error pointer.
 */
static __always_inline bool nyx_pt_down(struct nyx_pt *pt, u64 **table,
					u64 iova, unsigned int level, gfp_t gfp)
{
	if (likely(nyx_pt_step(table, iova, level)))
		return true;
	*table = nyx_pt_link(pt, *table + nyx_pt_index(iova, level), level,
			     gfp);
	return !IS_ERR(*table);
}

/*
 * Begins the removal of tables, in an RCU read-side critical section. Returns
 * false if tables have to stay because of readers.
 *
 * Readers increment walkers and then read removers: of the two increments, each
 * followed by a read of the other counter, at least one is seen by the other
 * side. If a reader finds removers other than 0, nyx_pt_peek() gives up, because
 * it cannot wait. nyx_pt_walk() waits for a grace period: either this section
 * sees the increment, or it has ended before the walk begins. A reader that
 * begins after the removal cannot reach the tables that were removed.
 */
static inline bool nyx_pt_remove_begin(struct nyx_pt *pt)
{
	atomic_inc(&pt->removers);
	/* Increments removers before it reads walkers; see above. */
	smp_mb__after_atomic();
	if (!atomic_read(&pt->walkers))
		return true;
	atomic_dec(&pt->removers);
	return false;
}

/* Ends a section that nyx_pt_remove_begin() began. */
static inline void nyx_pt_remove_end(struct nyx_pt *pt)
{
	/* Clears the links to removed tables before it decrements removers. */
	smp_mb__before_atomic();
	atomic_dec(&pt->removers);
}

#include "repeat.h"
#include "unmap.h"
#include "fill.h"
#include "map.h"
#include "walk.h"
#include "dirty.h"
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
	.leaf = nyx_pt_leaf,						\
	.walk = nyx_pt_walk_tables,					\
	.read_dirty = nyx_pt_read_dirty_tables

#endif /* NYX_PT_ENGINE_H */
