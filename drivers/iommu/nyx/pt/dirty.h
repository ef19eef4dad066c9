/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty tracking: which pages a device has written; part of engine.h.
 *
 * Before the hardware writes a page, it sets FMT_DIRTY in the leaf by an atomic
 * operation, and caches that the bit is set. After the bit is cleared here, it may
 * continue to write without setting it again, until a flush covers the leaf. No
 * such write is lost: the leaf was recorded when the bit was cleared, and the
 * caller reads the pages after the flush.
 *
 * Each change is a compare-and-exchange. So no bit is lost that the hardware sets
 * meanwhile, and what another CPU unmaps meanwhile stays unmapped. It may find a
 * table in place of a superpage: see nyx_pt_take().
 */
#ifndef NYX_PT_DIRTY_H
#define NYX_PT_DIRTY_H

static void nyx_pt_record_dirty(const struct nyx_pt_dirty_read *read, u64 iova,
				u64 last)
{
	u64 start = max(iova, read->iova);

	if (read->record)
		read->record(start, min(last, read->last) - start + 1,
			     read->arg);
}

/*
 * Reads a dirty leaf, which translates @iova to @last. Returns true if a table may
 * have replaced the leaf, so that the caller has to read the entry again.
 *
 * A leaf that is only partly in the range keeps its bit: the rest may be dirty as
 * well. It is split first, if there is memory, so that the bit does not stay set
 * for the part that is recorded.
 */
static bool nyx_pt_read_dirty_leaf(struct nyx_pt *pt, u64 *slot, u64 leaf,
				   unsigned int level, u64 iova, u64 last,
				   const struct nyx_pt_dirty_read *read)
{
	bool whole = iova >= read->iova && last <= read->last;

	if (read->gather)
		iommu_iotlb_gather_add_range(read->gather, iova,
					     last - iova + 1);
	if (read->gather && !whole &&
	    nyx_pt_split(pt, slot, leaf, level, 0, GFP_KERNEL_ACCOUNT))
		return true;
	nyx_pt_record_dirty(read, iova, last);
	if (!read->gather || !whole)
		return false;
	if (level && read->split &&
	    nyx_pt_split(pt, slot, leaf, level, FMT_ACCESSED | FMT_DIRTY,
			 GFP_KERNEL_ACCOUNT))
		return false;
	nyx_pt_before_exchange();
	/*
	 * If this fails, the leaf was unmapped or split, or the hardware set
	 * FMT_ACCESSED. The bit then stays set where there is still a leaf, and is
	 * recorded again the next time.
	 */
	try_cmpxchg64(slot, &leaf, leaf & ~FMT_DIRTY);
	return false;
}

/*
 * Returns true if anything was recorded. Depth is bounded by the number of levels.
 */
static bool nyx_pt_read_dirty_table(struct nyx_pt *pt, u64 *table,
				    unsigned int level, u64 base,
				    const struct nyx_pt_dirty_read *read)
{
	u64 span = nyx_pt_span(level);
	u64 last = base + span * NYX_PT_ENTRIES - 1;
	unsigned int i = 0, max = NYX_PT_ENTRIES - 1;
	bool found = false, below;

	if (read->iova > base)
		i = nyx_pt_index(read->iova, level);
	if (read->last < last)
		max = nyx_pt_index(read->last, level);

	while (i <= max) {
		u64 entry = READ_ONCE(table[i]);
		u64 iova = base + i * span;

		if (entry && level && fmt_is_table(entry)) {
			below = nyx_pt_read_dirty_table(pt, fmt_table(entry),
							level - 1, iova, read);
			/* See nyx_pt_split(). */
			if (below && read->gather && (entry & FMT_SPLIT))
				iommu_iotlb_gather_add_range(read->gather, iova,
							     span);
			found |= below;
		} else if (entry & FMT_DIRTY) {
			found = true;
			if (nyx_pt_read_dirty_leaf(pt, &table[i], entry, level,
						   iova, iova + span - 1, read))
				continue;
		}
		i++;
	}
	cond_resched();
	return found;
}

/* nyx_pt_format.read_dirty; see nyx_pt_read_dirty(). */
static void nyx_pt_read_dirty_tables(struct nyx_pt *pt,
				     const struct nyx_pt_dirty_read *read)
{
	nyx_pt_read_dirty_table(pt, pt->root, pt->cfg.levels - 1, 0, read);
}

#endif /* NYX_PT_DIRTY_H */
