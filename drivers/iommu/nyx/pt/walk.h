/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and freeing page tables; part of engine.h.
 */
#ifndef NYX_PT_WALK_H
#define NYX_PT_WALK_H

/* Returns the leaf that translates an IOVA, and its level; 0 if there is none. */
static __always_inline u64 nyx_pt_find(const struct nyx_pt *pt, u64 iova,
				       unsigned int *level)
{
	u64 *table = pt->root;
	u64 entry;

	if (unlikely(iova > pt->last_iova))
		return 0;
	for (*level = pt->cfg.levels - 1;; --*level) {
		entry = READ_ONCE(table[nyx_pt_index(iova, *level)]);
		if (!entry || !*level || !fmt_is_table(entry))
			return entry;
		table = fmt_table(entry);
	}
}

/* nyx_pt_format.iova_to_phys; see nyx_pt_iova_to_phys(). */
static phys_addr_t nyx_pt_lookup(struct nyx_pt *pt, u64 iova)
{
	unsigned int level;
	u64 entry = nyx_pt_find(pt, iova, &level);

	if (!entry)
		return 0;
	return fmt_paddr(entry) |
	       (iova & ((nyx_pt_span(level) << fmt_order(entry, level)) - 1));
}

static void nyx_pt_describe(struct nyx_pt_span *leaf, u64 entry,
			    unsigned int level, u64 iova)
{
	leaf->len = nyx_pt_span(level) << fmt_order(entry, level);
	leaf->pgsize = leaf->len;
	leaf->iova = iova & -leaf->len;
	leaf->paddr = fmt_paddr(entry);
	leaf->prot = fmt_prot(entry);
}

/* nyx_pt_format.leaf; see nyx_pt_peek(). */
static bool nyx_pt_leaf(const struct nyx_pt *pt, u64 iova,
			struct nyx_pt_span *leaf)
{
	unsigned int level;
	u64 entry = nyx_pt_find(pt, iova, &level);

	if (entry)
		nyx_pt_describe(leaf, entry, level, iova);
	return entry;
}

struct nyx_pt_walk {
	u64 iova;
	u64 last;
	nyx_pt_visit visit;
	void *arg;
};

/* Depth is bounded by the number of levels. */
static int nyx_pt_walk_table(const struct nyx_pt_walk *walk, u64 *table,
			     unsigned int level, u64 base)
{
	u64 span = nyx_pt_span(level);
	u64 last = base + span * NYX_PT_ENTRIES - 1;
	unsigned int i = 0, max = NYX_PT_ENTRIES - 1;
	int ret = 0;

	if (walk->iova > base)
		i = nyx_pt_index(walk->iova, level);
	if (walk->last < last)
		max = nyx_pt_index(walk->last, level);

	for (; i <= max && !ret; i++) {
		u64 entry = READ_ONCE(table[i]);
		struct nyx_pt_span leaf;

		if (!entry)
			continue;
		if (level && fmt_is_table(entry)) {
			ret = nyx_pt_walk_table(walk, fmt_table(entry),
						level - 1, base + i * span);
			continue;
		}
		nyx_pt_describe(&leaf, entry, level, base + i * span);
		i |= BIT(fmt_order(entry, level)) - 1;
		ret = walk->visit(&leaf, walk->arg);
	}
	cond_resched();
	return ret;
}

/* nyx_pt_format.walk; see nyx_pt_walk(). */
static int nyx_pt_walk_tables(struct nyx_pt *pt, u64 iova, u64 last,
			      nyx_pt_visit visit, void *arg)
{
	const struct nyx_pt_walk walk = {
		.iova = iova,
		.last = min(last, pt->last_iova),
		.visit = visit,
		.arg = arg,
	};

	if (iova > walk.last)
		return 0;
	return nyx_pt_walk_table(&walk, pt->root, pt->cfg.levels - 1, 0);
}

/* Depth is bounded by the number of levels. */
static void nyx_pt_free_tree(struct nyx_pt *pt, u64 *table, unsigned int level)
{
	int i;

	for (i = 0; level && i < NYX_PT_ENTRIES; i++)
		if (table[i] && fmt_is_table(table[i]))
			nyx_pt_free_tree(pt, fmt_table(table[i]), level - 1);
	nyx_pt_table_free(pt, table);
	cond_resched();
}

/* pt_iommu_ops.deinit; see nyx_pt_destroy(). */
static void nyx_pt_deinit(struct pt_iommu *iommupt)
{
	struct nyx_pt *pt = nyx_pt_from_iommupt(iommupt);

	nyx_pt_free_tree(pt, pt->root, pt->cfg.levels - 1);
	nyx_pt_release(pt);
}

/* pt_iommu_ops.get_info */
static void nyx_pt_get_info(struct pt_iommu *iommupt,
			    struct pt_iommu_info *info)
{
	info->pgsize_bitmap = nyx_pt_from_iommupt(iommupt)->cfg.pgsizes;
}

#endif /* NYX_PT_WALK_H */
