/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unmapping ranges; part of engine.h.
 */
#ifndef NYX_PT_UNMAP_H
#define NYX_PT_UNMAP_H

/*
 * Skips leaves, clearing them if @clear is true. Stops at the first entry that
 * is not in use, links to a table, belongs to a leaf that is only partly in the
 * range, or needs nyx_pt_break() first. Returns a pointer to the entry where it
 * stopped. Inlined and unrolled like nyx_pt_fill().
 *
 * With @split, nyx_pt_read_dirty() may replace a superpage by a table at any time,
 * although it does not own the range. Then a superpage is cleared by a
 * compare-and-exchange, so that no table gets lost.
 */
static __always_inline u64 *nyx_pt_take(u64 *s, u64 *end, unsigned int level,
					bool clear, bool split)
{
	for (; !level && end - s >= 8; s += 8) {
		if (unlikely(!READ_ONCE(s[0]) || !READ_ONCE(s[1]) ||
			     !READ_ONCE(s[2]) || !READ_ONCE(s[3]) ||
			     !READ_ONCE(s[4]) || !READ_ONCE(s[5]) ||
			     !READ_ONCE(s[6]) || !READ_ONCE(s[7]) ||
			     (FMT_LOOK && (nyx_pt_any8(s) & FMT_LOOK))))
			break;
		if (!clear)
			continue;
		WRITE_ONCE(s[0], 0);
		WRITE_ONCE(s[1], 0);
		WRITE_ONCE(s[2], 0);
		WRITE_ONCE(s[3], 0);
		WRITE_ONCE(s[4], 0);
		WRITE_ONCE(s[5], 0);
		WRITE_ONCE(s[6], 0);
		WRITE_ONCE(s[7], 0);
	}
	while (s < end) {
		u64 entry = READ_ONCE(*s);
		u64 *next = s + 1;

		if (unlikely(!entry || (level && fmt_is_table(entry)) ||
			     fmt_was(entry)))
			break;
		if (FMT_MAX_ORDER && fmt_order(entry, level)) {
			next = s + BIT(fmt_order(entry, level));
			if (next > end || nyx_pt_slot_index(s) & (next - s - 1))
				break;
		}
		if (clear && level && split) {
			nyx_pt_before_exchange();
			/* If this fails, there is a table, or a bit was set. */
			if (try_cmpxchg64(s, &entry, 0))
				s = next;
			continue;
		}
		for (; s < next; s++)
			if (clear)
				WRITE_ONCE(*s, 0);
	}
	return s;
}

/*
 * Replaces a leaf, of which a part is to be changed, by a table of smaller leaves
 * without the bits @drop. If two CPUs do this for different parts, one of them
 * wins the exchange. In both cases there is a table afterwards, and the hardware
 * translates as before. If the hardware sets a bit in the leaf meanwhile, the
 * exchange fails, and the caller finds the leaf again. Returns false if there is
 * no memory.
 *
 * The hardware may use a cached copy of the large leaf until a flush covers all
 * of it. A CPU that unmaps another part in the meantime finds small leaves, but
 * has to flush as much. FMT_SPLIT in the link marks this.
 */
static noinline bool nyx_pt_split(struct nyx_pt *pt, u64 *slot, u64 leaf,
				  unsigned int level, u64 drop, gfp_t gfp)
{
	u64 *table = nyx_pt_table_alloc(pt, gfp);
	u64 part = fmt_split(leaf & ~FMT_WAS, level) & ~drop;
	u64 new;
	int i;

	if (!table)
		return false;
	for (i = 0; i < NYX_PT_ENTRIES; i++)
		table[i] = part + i * nyx_pt_span(level - 1);
	if (!pt->cfg.coherent)
		nyx_cache_flush(table, SZ_4K);
	new = fmt_table_entry(virt_to_phys(table), level) | FMT_SPLIT |
	      (leaf & FMT_WAS);
	nyx_pt_before_exchange();
	/* Release: the leaves are written before they can be reached. */
	if (!try_cmpxchg64_release(slot, &leaf, new))
		nyx_pt_table_free(pt, table);
	return true;
}

/*
 * Removes the table to which @slot links. All its leaves are unmapped: they
 * were cleared, or cannot be reached without this link.
 */
static void nyx_pt_unlink(struct nyx_pt *pt, u64 *slot,
			  struct nyx_pt_lines *lines,
			  struct iommu_iotlb_gather *gather)
{
	u64 *table = fmt_table(READ_ONCE(*slot));

	WRITE_ONCE(*slot, 0);
	if (!pt->cfg.coherent)
		nyx_pt_lines_add(lines, slot, 1);
	nyx_pt_table_queue(pt, table, gather);
}

/*
 * Unmaps leaves of one table, up to the first entry for which nyx_pt_take()
 * stops. Returns a pointer to that entry. @whole means that the range is the
 * whole table, which the caller removes if all of it was unmapped. If all
 * entries are leaves then, they are not even cleared: nothing leads to them
 * after the link to the table is cleared and flushed.
 */
static __always_inline u64 *nyx_pt_unmap_slots(struct nyx_pt *pt, u64 *slot,
					       u64 *end, unsigned int level,
					       bool whole,
					       struct nyx_pt_lines *lines)
{
	u64 *stop;

	if (whole) {
		stop = level ? nyx_pt_take(slot, end, level, false, false) :
			       nyx_pt_take(slot, end, 0, false, false);
		if (stop == end)
			return stop;
		end = stop;
	}
	stop = level ? nyx_pt_take(slot, end, level, true, pt->cfg.dirty) :
		       nyx_pt_take(slot, end, 0, true, false);
	if (!pt->cfg.coherent)
		nyx_pt_lines_add(lines, slot, stop - slot);
	return stop;
}

/*
 * Unmaps up to the first hole: goes down to a leaf, along its table, and up
 * again at the end of the table. If @remove is true, removes the tables that
 * the range covers.
 */
static size_t nyx_pt_unmap_tree(struct nyx_pt *pt, u64 iova, u64 len,
				struct iommu_iotlb_gather *gather, bool remove)
{
	unsigned int level = pt->cfg.levels - 1, top = level;
	u64 *table = pt->root, *path[FMT_MAX_LEVELS];
	u64 cur = iova, left = len;
	struct nyx_pt_lines lines = { };

	while (left) {
		u64 *slot = table + nyx_pt_index(cur, level);
		u64 span = nyx_pt_span(level);
		u64 entry = READ_ONCE(*slot);
		unsigned int n, done, order;
		u64 *stop;

		if (!entry)
			break;
		if (level && fmt_is_table(entry)) {
			u64 size = span << fmt_was(entry);

			if (gather && (entry & FMT_SPLIT))
				iommu_iotlb_gather_add_range(gather,
							     cur & -size, size);
			path[level--] = table;
			table = fmt_is_ready(entry) ? fmt_table(entry) :
				nyx_pt_make_ready(pt, slot, entry);
			continue;
		}
		order = nyx_pt_broken(entry, level, cur, left);
		if (order) {
			nyx_pt_break(pt, slot, cur, level, order, gather);
			entry = READ_ONCE(*slot);
			/* The owner of another part may have split this. */
			if (level && fmt_is_table(entry))
				continue;
		}
		if ((cur & (span - 1)) || left < span) {
			if (!nyx_pt_split(pt, slot, entry, level, 0,
					  GFP_ATOMIC | __GFP_NOWARN))
				break;
			continue;
		}

		n = min_t(u64, NYX_PT_ENTRIES - nyx_pt_index(cur, level),
			  left >> nyx_pt_shift(level));
		if (order)
			stop = nyx_pt_unmap_parts(pt, slot, slot + n, level,
						  order, &lines);
		else
			stop = nyx_pt_unmap_slots(pt, slot, slot + n, level,
						  remove && level < top &&
						  n == NYX_PT_ENTRIES, &lines);
		done = stop - slot;
		cur += (u64)done << nyx_pt_shift(level);
		left -= (u64)done << nyx_pt_shift(level);

		/* At the end of a table, which may end those above it too. */
		while (done && level < top && !nyx_pt_index(cur, level)) {
			u64 covers = nyx_pt_span(level + 1);

			table = path[++level];
			if (remove && len - left >= covers)
				nyx_pt_unlink(pt, table +
					      nyx_pt_index(cur - 1, level),
					      &lines, gather);
		}
	}
	nyx_pt_lines_flush(&lines);
	return len - left;
}

/* Unmaps a range that may cover tables or contain larger leaves or holes. */
static noinline size_t nyx_pt_unmap_long(struct nyx_pt *pt, u64 iova, u64 len,
					 struct iommu_iotlb_gather *gather)
{
	size_t unmapped;
	bool remove;

	guard(rcu)();
	/* A shorter range cannot cover a table. */
	remove = gather && len >= nyx_pt_span(1) && nyx_pt_remove_begin(pt);
	unmapped = nyx_pt_unmap_tree(pt, iova, len, gather, remove);
	if (remove)
		nyx_pt_remove_end(pt);
	return unmapped;
}

/*
 * The table of 4 KiB leaves for @iova, or NULL if a link on the way is missing
 * or lacks FMT_READY, or there is a larger leaf.
 */
static __always_inline u64 *nyx_pt_leaf_table(struct nyx_pt *pt, u64 iova)
{
	u64 *table = pt->root;

	if (FMT_MAX_LEVELS > 5 && pt->cfg.levels > 5 &&
	    !nyx_pt_step(&table, iova, 5))
		return NULL;
	switch (pt->cfg.levels) {
	default:
		if (!nyx_pt_step(&table, iova, 4))
			return NULL;
		fallthrough;
	case 4:
		if (!nyx_pt_step(&table, iova, 3))
			return NULL;
		fallthrough;
	case 3:
		if (!nyx_pt_step(&table, iova, 2) ||
		    !nyx_pt_step(&table, iova, 1))
			return NULL;
	}
	return table;
}

/* pt_iommu_ops.unmap_range; see nyx_pt_unmap(). */
static size_t nyx_pt_unmap_range(struct pt_iommu *iommupt, dma_addr_t iova,
				 dma_addr_t len,
				 struct iommu_iotlb_gather *gather)
{
	struct nyx_pt *pt = nyx_pt_from_iommupt(iommupt);
	u64 start = nyx_latency_start();
	u64 *table = NULL;
	size_t unmapped;

	/* The limit is 2^n - 1, so one comparison checks all three. */
	if (unlikely(((iova | len) & (SZ_4K - 1)) ||
		     (iova | (len - 1) | (iova + len - 1)) > pt->last_iova ||
		     nyx_pt_wraps(iova, len)))
		return 0;

	if (nyx_pt_is_run(iova, len))
		table = nyx_pt_leaf_table(pt, iova);
	if (likely(table)) {
		u64 *slot = table + nyx_pt_index(iova, 0);
		u64 *end = slot + (len >> NYX_PT_PAGE_SHIFT);
		u64 *stop = nyx_pt_take(slot, end, 0, true, false);

		if (!pt->cfg.coherent)
			nyx_cache_flush(slot, (stop - slot) * sizeof(*slot));
		unmapped = (stop - slot) << NYX_PT_PAGE_SHIFT;
		if (FMT_MAX_ORDER && unlikely(stop < end && READ_ONCE(*stop)))
			unmapped += nyx_pt_unmap_long(pt, iova + unmapped,
						      len - unmapped, gather);
	} else {
		unmapped = nyx_pt_unmap_long(pt, iova, len, gather);
	}

	if (likely(unmapped)) {
		if (gather)
			iommu_iotlb_gather_add_range(gather, iova, unmapped);
		this_cpu_inc(pt->stats->unmap_calls);
		this_cpu_add(pt->stats->unmap_bytes, unmapped);
	}
	nyx_latency_stop(&pt->latency, NYX_LATENCY_UNMAP, start);
	trace_nyx_unmap(pt, iova, len, unmapped);
	return unmapped;
}

#endif /* NYX_PT_UNMAP_H */
