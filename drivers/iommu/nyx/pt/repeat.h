/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leaves of several entries, all with the same value; part of engine.h.
 *
 * How a leaf is broken up without a lock
 *
 * Several callers may each own a part of what a leaf translates. A caller that
 * unmaps less than the whole leaf first breaks it up: it turns each entry into
 * a leaf of its own with a compare-and-exchange. The new value of an entry does
 * not depend on the CPU that does this. So any number of CPUs can do it at the
 * same time without waiting for each other, and the hardware translates as
 * before.
 *
 * A CPU changes or clears an entry only after it has gone through all entries
 * of the leaf itself. There are two reasons. Until the last entry is exchanged,
 * the hardware may cache the whole leaf again. And after all entries are
 * exchanged, no compare-and-exchange of another CPU can succeed, so it cannot
 * collide with the ordinary stores of an owner. The old value cannot reappear
 * either, because only an owner of all that the leaf translates can map it
 * again.
 *
 * Each entry keeps the order of the leaf in FMT_WAS, which hardware ignores. A
 * CPU that finds an order there cannot know whether the CPU that stored it has
 * finished with the other entries, or whether the hardware was flushed since.
 * So it goes through all the entries too, and flushes as much (as with
 * FMT_SPLIT, see nyx_pt_split()).
 */
#ifndef NYX_PT_REPEAT_H
#define NYX_PT_REPEAT_H

/* The index of an entry in its table, which is one page. */
static __always_inline unsigned int nyx_pt_slot_index(const u64 *slot)
{
	return ((unsigned long)slot & (SZ_4K - 1)) / sizeof(*slot);
}

/* The OR of eight entries. */
static __always_inline u64 nyx_pt_any8(const u64 *s)
{
	return READ_ONCE(s[0]) | READ_ONCE(s[1]) | READ_ONCE(s[2]) |
	       READ_ONCE(s[3]) | READ_ONCE(s[4]) | READ_ONCE(s[5]) |
	       READ_ONCE(s[6]) | READ_ONCE(s[7]);
}

/*
 * The order that nyx_pt_break() needs before @left bytes from @cur on are
 * unmapped, or 0 if it need not be called. It is the order of @entry's leaf if
 * only a part of the leaf is unmapped, or else of the leaf of which @entry was
 * a part.
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
 * Breaks up the leaf of 2^@order entries to which @slot belongs or belonged, so
 * that no entry of it is left; see above. @iova is translated by @slot. Extends
 * @gather by all that the leaf translates.
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

		/*
		 * Entries of this order belong to the leaf. No other leaf of
		 * the same order can be here: its owner would own @slot too.
		 */
		if (fmt_order(entry, level) != order)
			continue;
		nyx_pt_before_exchange();
		try_cmpxchg64(&slot[i], &entry,
			      fmt_part(entry, level, order, i));
	}
	if (!pt->cfg.coherent)
		nyx_cache_flush(slot, n * sizeof(*slot));
	if (gather)
		iommu_iotlb_gather_add_range(gather, iova & -size, size);
}

/*
 * Unmaps entries with @order in FMT_WAS. Returns a pointer to the first entry
 * that is something else.
 */
static noinline u64 *nyx_pt_unmap_parts(struct nyx_pt *pt, u64 *slot, u64 *end,
					unsigned int level, unsigned int order,
					struct nyx_pt_lines *lines)
{
	u64 *s;

	for (s = slot; s < end; s++) {
		u64 entry = READ_ONCE(*s);

		if (fmt_was(entry) != order || (level && fmt_is_table(entry)))
			break;
		WRITE_ONCE(*s, 0);
	}
	if (!pt->cfg.coherent)
		nyx_pt_lines_add(lines, slot, s - slot);
	return s;
}

#endif /* NYX_PT_REPEAT_H */
