/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapping ranges; part of engine.h.
 */
#ifndef NYX_PT_MAP_H
#define NYX_PT_MAP_H

/* The level of the largest leaf with which a range can start, at most @cap. */
static __always_inline unsigned int nyx_pt_leaf_level(const struct nyx_pt *pt,
						      u64 iova, u64 paddr,
						      u64 len, unsigned int cap)
{
	unsigned int level;

	for (level = cap; level; level--) {
		u64 span = nyx_pt_span(level);

		if (len >= span && !((iova | paddr) & (span - 1)) &&
		    (pt->cfg.pgsizes & span))
			break;
	}
	return level;
}

static bool nyx_pt_is_empty(u64 *table, unsigned int level)
{
	int i;

	for (i = 0; i < NYX_PT_ENTRIES; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (!entry)
			continue;
		if (!level || !fmt_is_table(entry) ||
		    !nyx_pt_is_empty(fmt_table(entry), level - 1))
			return false;
	}
	return true;
}

static void nyx_pt_queue_tree(struct nyx_pt *pt, u64 *table, unsigned int level,
			      struct iommu_iotlb_gather *gather)
{
	int i;

	for (i = 0; level && i < NYX_PT_ENTRIES; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (entry)
			nyx_pt_queue_tree(pt, fmt_table(entry), level - 1,
					  gather);
	}
	nyx_pt_table_queue(pt, table, gather);
}

/*
 * Makes @slot free for a leaf: removes a table that smaller unmaps left there,
 * if it is empty. The caller owns all that the slot translates. Returns 0 if
 * @slot is free; -EEXIST if something is mapped; -EAGAIN if a reader may be
 * using the table, so that it has to stay and be filled with smaller leaves.
 */
static int nyx_pt_reclaim(struct nyx_pt *pt, u64 *slot, u64 iova,
			  unsigned int level, struct iommu_iotlb_gather *gather)
{
	u64 entry = READ_ONCE(*slot);
	bool empty;

	if (!entry)
		return 0;
	if (!level || !fmt_is_table(entry))
		return -EEXIST;

	guard(rcu)();
	if (!nyx_pt_remove_begin(pt))
		return -EAGAIN;
	empty = nyx_pt_is_empty(fmt_table(entry), level - 1);
	if (empty) {
		WRITE_ONCE(*slot, 0);
		nyx_pt_queue_tree(pt, fmt_table(entry), level - 1, gather);
		iommu_iotlb_gather_add_range(gather, iova, nyx_pt_span(level));
	}
	nyx_pt_remove_end(pt);
	return empty ? 0 : -EEXIST;
}

/*
 * Calls nyx_pt_reclaim() for @n entries, so that leaves of several entries fit.
 * Stops at the first entry that cannot be made free. nyx_pt_put() stops there
 * too; it fills all entries before it, and they are flushed with its leaves.
 */
static void nyx_pt_make_room(struct nyx_pt *pt, u64 *slot, unsigned int n,
			     u64 iova, unsigned int level,
			     struct iommu_iotlb_gather *gather)
{
	for (; n; n--, slot++, iova += nyx_pt_span(level))
		if (nyx_pt_reclaim(pt, slot, iova, level, gather))
			break;
}

/*
 * Unmaps what a failed call has mapped. Hardware may have cached it, so @gather
 * is extended by the range. Needs no memory: no leaf has to be split, because
 * the range consists of whole leaves.
 */
static noinline void nyx_pt_undo(struct nyx_pt *pt, u64 iova, u64 len,
				 struct iommu_iotlb_gather *gather)
{
	nyx_pt_unmap_long(pt, iova, len, gather);
	iommu_iotlb_gather_add_range(gather, iova, len);
}

/*
 * Unmaps the first @n pages of a run, after which an entry was in use. Returns
 * -EEXIST.
 */
static noinline int nyx_pt_undo_run(struct nyx_pt *pt, u64 iova, unsigned int n)
{
	struct iommu_iotlb_gather gather;

	if (n) {
		iommu_iotlb_gather_init(&gather);
		nyx_pt_undo(pt, iova, (u64)n << NYX_PT_PAGE_SHIFT, &gather);
		nyx_pt_sync(pt, &gather);
	}
	return -EEXIST;
}

/* Maps a range of any size and alignment in one walk. */
static noinline int nyx_pt_map_long(struct nyx_pt *pt, u64 iova, u64 paddr,
				    u64 len, u64 bits, gfp_t gfp)
{
	unsigned int level = pt->cfg.levels - 1, cap = FMT_TOP_LEAF;
	u64 *table = pt->root, *path[FMT_MAX_LEVELS];
	u64 cur = iova, left = len;
	struct iommu_iotlb_gather gather;
	struct nyx_pt_lines lines = { };
	int ret = 0;

	iommu_iotlb_gather_init(&gather);
	while (left) {
		unsigned int want, n, done;
		u64 leaf, *slot, *stop;

		want = nyx_pt_leaf_level(pt, cur, paddr, left, cap);
		for (; level > want; level--) {
			path[level] = table;
			if (!nyx_pt_down(pt, &table, cur, level, gfp)) {
				ret = PTR_ERR(table);
				goto out;
			}
		}

		slot = table + nyx_pt_index(cur, level);
		n = min_t(u64, NYX_PT_ENTRIES - nyx_pt_index(cur, level),
			  left >> nyx_pt_shift(level));
		leaf = fmt_leaf(bits, paddr, level);
		if (FMT_MAX_ORDER && level)
			nyx_pt_make_room(pt, slot, n, cur, level, &gather);
		if (level)
			stop = nyx_pt_put(pt, slot, slot + n, leaf, level);
		else
			stop = nyx_pt_put(pt, slot, slot + n, leaf, 0);
		done = stop - slot;
		if (!pt->cfg.coherent && done)
			nyx_pt_lines_add(&lines, slot, done);
		cur += (u64)done << nyx_pt_shift(level);
		paddr += (u64)done << nyx_pt_shift(level);
		left -= (u64)done << nyx_pt_shift(level);

		if (unlikely(done < n)) {
			ret = nyx_pt_reclaim(pt, stop, cur, level,
					     &gather);
			if (ret == -EAGAIN)
				cap = level - 1;
			else if (ret)
				goto out;
			ret = 0;
			continue;
		}
		cap = FMT_TOP_LEAF;
		/* At the end of a table, which may end those above it too. */
		while (left && !nyx_pt_index(cur, level))
			table = path[++level];
	}
out:
	if (ret && left < len)
		nyx_pt_undo(pt, iova, len - left, &gather);
	nyx_pt_lines_flush(&lines);
	/* Tables were removed for larger leaves, or leaves were unmapped. */
	if (unlikely(gather.start < gather.end))
		nyx_pt_sync(pt, &gather);
	return ret;
}

/* Maps a range that lies in one table of 4 KiB leaves. */
static __always_inline int nyx_pt_map_run(struct nyx_pt *pt, u64 iova,
					  u64 paddr, u64 len, u64 bits,
					  gfp_t gfp)
{
	u64 *table = pt->root;
	u64 *slot, *end, *stop;

	if (FMT_MAX_LEVELS > 5 && pt->cfg.levels > 5 &&
	    !nyx_pt_down(pt, &table, iova, 5, gfp))
		return PTR_ERR(table);
	switch (pt->cfg.levels) {
	default:
		if (!nyx_pt_down(pt, &table, iova, 4, gfp))
			return PTR_ERR(table);
		fallthrough;
	case 4:
		if (!nyx_pt_down(pt, &table, iova, 3, gfp))
			return PTR_ERR(table);
		fallthrough;
	case 3:
		if (!nyx_pt_down(pt, &table, iova, 2, gfp) ||
		    !nyx_pt_down(pt, &table, iova, 1, gfp))
			return PTR_ERR(table);
	}

	slot = table + nyx_pt_index(iova, 0);
	end = slot + (len >> NYX_PT_PAGE_SHIFT);
	stop = nyx_pt_put(pt, slot, end, fmt_leaf(bits, paddr, 0), 0);
	if (unlikely(stop != end))
		return nyx_pt_undo_run(pt, iova, stop - slot);
	if (!pt->cfg.coherent)
		nyx_cache_flush(slot, (end - slot) * sizeof(*slot));
	return 0;
}

/* Checks the arguments of a mapping. Returns 0 or an error. */
static __always_inline int nyx_pt_check(const struct nyx_pt *pt, u64 iova,
					u64 paddr, u64 len, unsigned int prot)
{
	if (unlikely(((iova | paddr | len) & (SZ_4K - 1)) || !len ||
		     !(prot & pt->access)))
		return -EINVAL;
	/*
	 * Each limit is a power of two minus one. So one comparison of the OR
	 * of several addresses checks all of them. If a sum wraps, one of its
	 * terms already exceeds its limit, except with IOVAs of 64 bits.
	 */
	if (unlikely((iova | (len - 1) | (iova + len - 1)) > pt->last_iova ||
		     nyx_pt_wraps(iova, len) || nyx_pt_wraps(paddr, len) ||
		     (paddr | (paddr + len - 1)) > pt->last_paddr))
		return -ERANGE;
	return 0;
}

/* pt_iommu_ops.map_range; see nyx_pt_map(). */
static int nyx_pt_map_range(struct pt_iommu *iommupt, dma_addr_t iova,
			    phys_addr_t paddr, dma_addr_t len,
			    unsigned int prot, gfp_t gfp, size_t *mapped)
{
	struct nyx_pt *pt = nyx_pt_from_iommupt(iommupt);
	u64 bits = fmt_leaf_bits(pt, prot);
	u64 start = nyx_latency_start();
	int ret;

	ret = nyx_pt_check(pt, iova, paddr, len, prot);
	if (likely(!ret)) {
		if (likely(nyx_pt_is_run(iova, len)))
			ret = nyx_pt_map_run(pt, iova, paddr, len, bits, gfp);
		else
			ret = nyx_pt_map_long(pt, iova, paddr, len, bits, gfp);
	}
	if (likely(!ret)) {
		*mapped += len;
		this_cpu_inc(pt->stats->map_calls);
		this_cpu_add(pt->stats->map_bytes, len);
	}
	nyx_latency_stop(&pt->latency, NYX_LATENCY_MAP, start);
	trace_nyx_map(pt, iova, paddr, len, prot, ret);
	return ret;
}

#endif /* NYX_PT_MAP_H */
