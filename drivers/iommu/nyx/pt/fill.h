/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing leaves into free entries of one table; part of engine.h.
 */
#ifndef NYX_PT_FILL_H
#define NYX_PT_FILL_H

/*
 * Fills entries with leaves whose addresses are @step apart. Stops at the first
 * entry that is in use. Returns a pointer to the entry where it stopped. Always
 * inlined, so that the arguments are constants. Handles eight entries at a
 * time, because the compiler does not unroll the loop.
 */
static __always_inline u64 *nyx_pt_fill(u64 *s, u64 *end, u64 leaf, u64 step)
{
	for (; end - s >= 8; s += 8, leaf += 8 * step) {
		if (unlikely(READ_ONCE(s[0]) | READ_ONCE(s[1]) |
			     READ_ONCE(s[2]) | READ_ONCE(s[3]) |
			     READ_ONCE(s[4]) | READ_ONCE(s[5]) |
			     READ_ONCE(s[6]) | READ_ONCE(s[7])))
			break;
		WRITE_ONCE(s[0], leaf);
		WRITE_ONCE(s[1], leaf + step);
		WRITE_ONCE(s[2], leaf + 2 * step);
		WRITE_ONCE(s[3], leaf + 3 * step);
		WRITE_ONCE(s[4], leaf + 4 * step);
		WRITE_ONCE(s[5], leaf + 5 * step);
		WRITE_ONCE(s[6], leaf + 6 * step);
		WRITE_ONCE(s[7], leaf + 7 * step);
	}
	for (; s < end; s++, leaf += step) {
		if (unlikely(READ_ONCE(*s)))
			break;
		WRITE_ONCE(*s, leaf);
	}
	return s;
}

static u64 *nyx_pt_first_used(u64 *s, u64 *end)
{
	while (end - s >= 8 && !nyx_pt_any8(s))
		s += 8;
	while (s < end && !READ_ONCE(*s))
		s++;
	return s;
}

/*
 * Fills entries with the largest leaves that fit, the first of which starts at
 * the address in @leaf. Stops at the first entry that is in use. Returns where
 * it stopped, which is the end of a leaf.
 */
static noinline u64 *nyx_pt_fill_repeated(const struct nyx_pt *pt, u64 *s,
					  u64 *end, u64 leaf,
					  unsigned int level)
{
	/* Hardware would set FMT_DIRTY in any of the entries of a leaf. */
	unsigned int most = pt->cfg.dirty ? 0 :
			    min_t(unsigned int, FMT_MAX_ORDER,
				  __fls(pt->cfg.pgsizes) - nyx_pt_shift(level));
	u64 differ = fmt_paddr(leaf) >> nyx_pt_shift(level) ^
		     nyx_pt_slot_index(s);

	/*
	 * The IOVA and the physical address of a leaf are both aligned to its
	 * size. So no leaf can be larger than their lowest bit that differs.
	 */
	most = __ffs64(differ | BIT(most));
	if (!most)
		return nyx_pt_fill(s, end, leaf, nyx_pt_span(level));

	end = nyx_pt_first_used(s, end);
	while (s < end) {
		unsigned int order = min3(most, (unsigned int)__fls(end - s),
					  (unsigned int)__ffs(nyx_pt_slot_index(s) |
							      BIT(most)));
		u64 entry = fmt_repeat(leaf, level, order);
		u64 *stop = s + BIT(order);

		while (s < stop)
			WRITE_ONCE(*s++, entry);
		leaf += nyx_pt_span(level) << order;
	}
	return s;
}

/* Like nyx_pt_fill(), but uses leaves of several entries where they fit. */
static __always_inline u64 *nyx_pt_put(const struct nyx_pt *pt, u64 *s,
				       u64 *end, u64 leaf, unsigned int level)
{
	if (FMT_MAX_ORDER && end - s > 1)
		return nyx_pt_fill_repeated(pt, s, end, leaf, level);
	return nyx_pt_fill(s, end, leaf, nyx_pt_span(level));
}

#endif /* NYX_PT_FILL_H */
