// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

/**
 * nyx_pt_table_alloc() - a new table, all zeroes
 * @pt: the page table that it is for
 * @gfp: how to allocate
 *
 * A walker that does not snoop sees the zeroes too: they have been flushed.
 *
 * Context: Any that @gfp allows.
 * Return: the table, or NULL.
 */
u64 *nyx_pt_table_alloc(struct nyx_pt *pt, gfp_t gfp)
{
	u64 *table;

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
	if (nyx_kunit_table_alloc && !nyx_kunit_table_alloc())
		return NULL;
#endif
	table = iommu_alloc_pages_node_sz(pt->cfg.nid, gfp, SZ_4K);
	if (!table)
		return NULL;
	if (!pt->cfg.coherent)
		nyx_cache_flush(table, SZ_4K);
	this_cpu_inc(pt->stats->tables_allocated);
	return table;
}

static void nyx_pt_table_gone(struct nyx_pt *pt, u64 *table)
{
#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
	if (nyx_kunit_table_free)
		nyx_kunit_table_free(table);
#endif
	this_cpu_inc(pt->stats->tables_freed);
}

/**
 * nyx_pt_table_free() - free a table that no walker can reach or has cached
 * @pt: the page table that it was made for
 * @table: the table
 *
 * Context: Any.
 */
void nyx_pt_table_free(struct nyx_pt *pt, u64 *table)
{
	nyx_pt_table_gone(pt, table);
	iommu_free_pages(table);
}

/**
 * nyx_pt_table_queue() - leave a table to whoever flushes a gather
 * @pt: the page table that it was taken out of
 * @table: the table; walkers may still have it cached
 * @gather: freed with this one's freelist; its range is to cover the table
 *
 * Context: Any.
 */
void nyx_pt_table_queue(struct nyx_pt *pt, u64 *table,
			struct iommu_iotlb_gather *gather)
{
	this_cpu_inc(pt->stats->tables_freed);
	iommu_pages_list_add(nyx_gather_freelist(gather), table);
}

/**
 * nyx_pt_dirty_flush() - make changed entries visible to the walker
 * @dirty: what is to be flushed; empty on return
 *
 * Context: Any.
 */
void nyx_pt_dirty_flush(struct nyx_pt_dirty *dirty)
{
	if (!dirty->start)
		return;
	nyx_cache_flush(dirty->start, dirty->end - dirty->start);
	dirty->start = NULL;
}

/**
 * nyx_pt_dirty_add() - note entries that were changed
 * @dirty: where to note them; flushed first if they do not prolong it
 * @slot: the first entry
 * @n: how many
 *
 * Context: Any.
 */
void nyx_pt_dirty_add(struct nyx_pt_dirty *dirty, u64 *slot, unsigned int n)
{
	void *start = PTR_ALIGN_DOWN((void *)slot, L1_CACHE_BYTES);
	void *end = PTR_ALIGN((void *)(slot + n), L1_CACHE_BYTES);

	if (dirty->start && start >= dirty->start && start <= dirty->end) {
		dirty->end = max(dirty->end, end);
		return;
	}
	nyx_pt_dirty_flush(dirty);
	dirty->start = start;
	dirty->end = end;
}

/**
 * nyx_pt_sync() - invalidate what a gather holds, then free its tables
 * @pt: the page table that they were taken out of
 * @gather: empty on return
 *
 * By the domain's iotlb_sync. A page table whose domain has none is on no unit
 * yet, so that nothing can have cached its entries.
 *
 * Context: Any.
 */
void nyx_pt_sync(struct nyx_pt *pt, struct iommu_iotlb_gather *gather)
{
	const struct iommu_domain_ops *ops = pt->iommu.domain.ops;

	if (ops && ops->iotlb_sync) {
		iommu_iotlb_sync(&pt->iommu.domain, gather);
		return;
	}
	iommu_put_pages_list(nyx_gather_freelist(gather));
	iommu_iotlb_gather_init(gather);
}
