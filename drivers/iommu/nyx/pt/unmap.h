/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine's way to take mappings out; part of engine.h.
 */
#ifndef NYX_PT_UNMAP_H
#define NYX_PT_UNMAP_H

/*
 * Passes leaves, and clears them if @clear says so, up to the first entry that is
 * something else. Returns where it stopped. Inlined and unrolled as nyx_pt_fill().
 */
static __always_inline u64 *nyx_pt_take(u64 *s, u64 *end, unsigned int level,
					bool clear)
{
	for (; !level && end - s >= 8; s += 8) {
		if (unlikely(!READ_ONCE(s[0]) || !READ_ONCE(s[1]) ||
			     !READ_ONCE(s[2]) || !READ_ONCE(s[3]) ||
			     !READ_ONCE(s[4]) || !READ_ONCE(s[5]) ||
			     !READ_ONCE(s[6]) || !READ_ONCE(s[7])))
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
	for (; s < end; s++) {
		u64 entry = READ_ONCE(*s);

		if (unlikely(!entry || (level && fmt_is_table(entry))))
			break;
		if (clear)
			WRITE_ONCE(*s, 0);
	}
	return s;
}

/*
 * Puts a table of smaller leaves in the place of a leaf, of which a part is to
 * go. Of two CPUs that do this for different parts, one wins the exchange. Either
 * way there is a table in the end, and the hardware translates as before.
 *
 * Hardware may go on with the large leaf that it has cached, until a flush covers
 * all of it (VT-d 6.5.3.2). Whoever unmaps another part meanwhile has to flush as
 * much, though he finds small leaves: FMT_SPLIT tells him so.
 */
static noinline bool nyx_pt_split(struct nyx_pt *pt, u64 *slot, u64 leaf,
				  unsigned int level)
{
	u64 *table = nyx_pt_table_alloc(pt, GFP_ATOMIC | __GFP_NOWARN);
	u64 part = fmt_split(leaf, level);
	u64 new;
	int i;

	if (!table)
		return false;
	for (i = 0; i < NYX_PT_ENTRIES; i++)
		table[i] = part + i * nyx_pt_span(level - 1);
	if (!pt->cfg.coherent)
		nyx_cache_flush(table, SZ_4K);
	new = fmt_table_entry(virt_to_phys(table)) | FMT_SPLIT;
	/* Release: the leaves are there before anybody can get to them. */
	if (!try_cmpxchg64_release(slot, &leaf, new))
		nyx_pt_table_free(pt, table);
	return true;
}

/* Takes the table below @slot out. It is empty, or never read again. */
static void nyx_pt_unlink(struct nyx_pt *pt, u64 *slot,
			  struct nyx_pt_dirty *dirty,
			  struct iommu_iotlb_gather *gather)
{
	u64 *table = fmt_table(READ_ONCE(*slot));

	WRITE_ONCE(*slot, 0);
	if (!pt->cfg.coherent)
		nyx_pt_dirty_add(dirty, slot, 1);
	nyx_pt_table_queue(pt, table, gather);
}

/*
 * Unmaps up to the first hole: down to a leaf, along its table, and up again
 * where the table ends. With @remove, tables that the range covers are taken out
 * when all in them is gone. Such a table of nothing but leaves is not even
 * cleared: once the link above is gone and flushed, nothing leads to it.
 */
static size_t nyx_pt_unmap_tree(struct nyx_pt *pt, u64 iova, u64 len,
				struct iommu_iotlb_gather *gather, bool remove)
{
	unsigned int level = pt->cfg.levels - 1, top = level;
	u64 *table = pt->root, *path[FMT_MAX_LEVELS];
	u64 cur = iova, end = iova + len;
	struct nyx_pt_dirty dirty = { };

	while (cur < end) {
		u64 *slot = table + nyx_pt_index(cur, level);
		u64 span = nyx_pt_span(level);
		u64 entry = READ_ONCE(*slot);
		unsigned int n, done;
		u64 *last, *stop;
		bool whole;

		if (!entry)
			break;
		if (level && fmt_is_table(entry)) {
			if (gather && (entry & FMT_SPLIT))
				iommu_iotlb_gather_add_range(gather,
							     cur & -span, span);
			path[level--] = table;
			table = fmt_is_ready(entry) ? fmt_table(entry) :
				nyx_pt_make_ready(pt, slot, entry);
			continue;
		}
		if ((cur & (span - 1)) || end - cur < span) {
			if (!nyx_pt_split(pt, slot, entry, level))
				break;
			continue;
		}

		n = min_t(u64, NYX_PT_ENTRIES - nyx_pt_index(cur, level),
			  (end - cur) >> nyx_pt_shift(level));
		last = slot + n;
		whole = remove && level < top && n == NYX_PT_ENTRIES;
		if (whole) {
			stop = level ? nyx_pt_take(slot, last, level, false) :
				       nyx_pt_take(slot, last, 0, false);
			whole = stop == last;
			last = stop;
		}
		if (!whole) {
			stop = level ? nyx_pt_take(slot, last, level, true) :
				       nyx_pt_take(slot, last, 0, true);
			if (!pt->cfg.coherent)
				nyx_pt_dirty_add(&dirty, slot, stop - slot);
		}
		done = stop - slot;
		cur += (u64)done << nyx_pt_shift(level);

		/* At the end of a table, and perhaps of those above it. */
		while (done && level < top && !nyx_pt_index(cur, level)) {
			bool covered = cur - nyx_pt_span(level + 1) >= iova;

			table = path[++level];
			if (remove && covered)
				nyx_pt_unlink(pt, table +
					      nyx_pt_index(cur - 1, level),
					      &dirty, gather);
		}
	}
	nyx_pt_dirty_flush(&dirty);
	return cur - iova;
}

/* A range that may cover a table, or meets a larger leaf, or a hole. */
static noinline size_t nyx_pt_unmap_long(struct nyx_pt *pt, u64 iova, u64 len,
					 struct iommu_iotlb_gather *gather)
{
	/*
	 * A walk counts itself, then waits for a grace period. So either this
	 * section sees the count and leaves all tables where they are, or it
	 * has ended when the walk begins, which finds no way to what was taken
	 * out here.
	 */
	guard(rcu)();
	return nyx_pt_unmap_tree(pt, iova, len, gather,
				 gather && !atomic_read(&pt->walkers));
}

/* The table of 4 KiB leaves for @iova, or NULL if it takes more to get there. */
static __always_inline u64 *nyx_pt_leaf_table(struct nyx_pt *pt, u64 iova)
{
	u64 *table = pt->root;

	switch (pt->cfg.levels) {
	case 5:
		if (!nyx_pt_step(&table, iova, 4))
			return NULL;
		fallthrough;
	case 4:
		if (!nyx_pt_step(&table, iova, 3))
			return NULL;
		fallthrough;
	default:
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
	u64 *table = NULL;
	size_t unmapped;

	/* All ones below the top bit: so one comparison does for all three. */
	if (unlikely(((iova | len) & (SZ_4K - 1)) ||
		     (iova | (len - 1) | (iova + len - 1)) > pt->last_iova))
		return 0;

	if (nyx_pt_is_run(iova, len))
		table = nyx_pt_leaf_table(pt, iova);
	if (likely(table)) {
		u64 *slot = table + nyx_pt_index(iova, 0);
		u64 *end = slot + (len >> NYX_PT_PAGE_SHIFT);
		u64 *stop = nyx_pt_take(slot, end, 0, true);

		if (!pt->cfg.coherent)
			nyx_cache_flush(slot, (stop - slot) * sizeof(*slot));
		unmapped = (stop - slot) << NYX_PT_PAGE_SHIFT;
	} else {
		unmapped = nyx_pt_unmap_long(pt, iova, len, gather);
	}

	if (likely(unmapped)) {
		if (gather)
			iommu_iotlb_gather_add_range(gather, iova, unmapped);
		this_cpu_inc(pt->stats->unmap_calls);
		this_cpu_add(pt->stats->unmap_bytes, unmapped);
	}
	trace_nyx_unmap(pt, iova, len, unmapped);
	return unmapped;
}

#endif /* NYX_PT_UNMAP_H */
