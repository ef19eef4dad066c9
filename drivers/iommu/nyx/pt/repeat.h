/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leaves that take several entries, all alike; part of engine.h.
 *
 * How one is broken up without a lock
 *
 * Its entries may belong to several callers, each of whom owns a part of what it
 * translates. Whoever is to change less than all of it first turns each of its
 * entries into a leaf of its own, with a compare-and-exchange from the one value
 * to the other. What each entry becomes does not depend on who does it: so any
 * number of CPUs can do it at once, none of them waits, and hardware translates
 * as before all the while.
 *
 * Nobody changes or clears an entry of it before he has gone through all of them
 * himself. Until an entry has been exchanged, hardware may go on to cache the
 * whole leaf from it; and once all have, no exchange of anybody succeeds any more,
 * so that an owner's plain stores meet nothing. The old value does not come back
 * either: to map the leaf anew takes an owner of all that it translates.
 *
 * Each entry keeps in bits that hardware ignores how large the leaf was. Who finds
 * that mark does not know whether those who put it there are through with the
 * other entries, nor whether hardware has been flushed since: he goes through them
 * too, and has as much flushed (as with FMT_SPLIT, see nyx_pt_split()).
 */
#ifndef NYX_PT_REPEAT_H
#define NYX_PT_REPEAT_H

/* A table is a page. */
static __always_inline unsigned int nyx_pt_slot_index(const u64 *slot)
{
	return ((unsigned long)slot & (SZ_4K - 1)) / sizeof(*slot);
}

/* All bits that eight entries have between them. */
static __always_inline u64 nyx_pt_any8(const u64 *s)
{
	return READ_ONCE(s[0]) | READ_ONCE(s[1]) | READ_ONCE(s[2]) |
	       READ_ONCE(s[3]) | READ_ONCE(s[4]) | READ_ONCE(s[5]) |
	       READ_ONCE(s[6]) | READ_ONCE(s[7]);
}

/*
 * The order of a leaf that has to be broken up before @left bytes from @cur on are
 * unmapped, or that was broken up with the entry left as a part of it; or 0.
 */
static __always_inline unsigned int nyx_pt_broken(u64 entry, unsigned int level,
						  u64 cur, u64 left)
{
	unsigned int order = fmt_order(entry, level);
	u64 size = nyx_pt_span(level) << order;

	if (!FMT_MAX_ORDER || (order && !(cur & (size - 1)) && left >= size))
		return 0;
	return order ?: fmt_was(entry);
}

/*
 * Sees to it that no entry is left of the leaf of an order that has or had @slot,
 * which translates @iova; see above. All of it is to be flushed.
 */
static noinline void nyx_pt_break(struct nyx_pt *pt, u64 *slot, u64 iova,
				  unsigned int level, unsigned int order,
				  struct iommu_iotlb_gather *gather)
{
	u64 size = nyx_pt_span(level) << order;
	unsigned int i, n = BIT(order);

	slot -= nyx_pt_slot_index(slot) & (n - 1);
	for (i = 0; i < n; i++) {
		u64 entry = READ_ONCE(slot[i]);

		/* Nothing else of this size can be here: others own parts. */
		if (fmt_order(entry, level) != order)
			continue;
#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
		if (nyx_kunit_exchange)
			nyx_kunit_exchange();
#endif
		try_cmpxchg64(&slot[i], &entry,
			      fmt_part(entry, level, order, i));
	}
	if (!pt->cfg.coherent)
		nyx_cache_flush(slot, n * sizeof(*slot));
	if (gather)
		iommu_iotlb_gather_add_range(gather, iova & -size, size);
}

/* Unmaps leaves that were parts of one of that order. Returns where it stopped. */
static noinline u64 *nyx_pt_unmap_parts(struct nyx_pt *pt, u64 *slot, u64 *end,
					unsigned int level, unsigned int order,
					struct nyx_pt_dirty *dirty)
{
	u64 *s;

	for (s = slot; s < end; s++) {
		u64 entry = READ_ONCE(*s);

		if (fmt_was(entry) != order || (level && fmt_is_table(entry)))
			break;
		WRITE_ONCE(*s, 0);
	}
	if (!pt->cfg.coherent)
		nyx_pt_dirty_add(dirty, slot, s - slot);
	return s;
}

#endif /* NYX_PT_REPEAT_H */
