// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

/**
 * nyx_pt_table_alloc() - allocate a zeroed table
 * @pt: the page table
 * @gfp: allocation flags
 *
 * If the walker does not snoop, the zeroes are flushed to memory.
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
 * nyx_pt_table_free() - free a table
 * @pt: the page table for which it was allocated
 * @table: the table; no walker can reach it or has cached a link to it
 *
 * Context: Any.
 */
void nyx_pt_table_free(struct nyx_pt *pt, u64 *table)
{
	nyx_pt_table_gone(pt, table);
	iommu_free_pages(table);
}

/**
 * nyx_pt_table_queue() - free a table when a gather is flushed
 * @pt: the page table from which it was removed
 * @table: the table; walkers may still have cached a link to it
 * @gather: the table is added to its freelist; the caller ensures that its
 *	range covers all that the table translated
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
 * nyx_pt_lines_flush() - flush the cache lines of changed entries
 * @lines: the changed entries; empty on return
 *
 * The changes are then visible to a walker that does not snoop.
 *
 * Context: Any.
 */
void nyx_pt_lines_flush(struct nyx_pt_lines *lines)
{
	if (!lines->start)
		return;
	nyx_cache_flush(lines->start, lines->end - lines->start);
	lines->start = NULL;
}

/**
 * nyx_pt_lines_add() - record changed entries
 * @lines: extended by the entries; flushed first if they do not continue it
 * @slot: the first entry
 * @n: number of entries
 *
 * Context: Any.
 */
void nyx_pt_lines_add(struct nyx_pt_lines *lines, u64 *slot, unsigned int n)
{
	void *start = PTR_ALIGN_DOWN((void *)slot, L1_CACHE_BYTES);
	void *end = PTR_ALIGN((void *)(slot + n), L1_CACHE_BYTES);

	if (lines->start && start >= lines->start && start <= lines->end) {
		lines->end = max(lines->end, end);
		return;
	}
	nyx_pt_lines_flush(lines);
	lines->start = start;
	lines->end = end;
}

/**
 * nyx_pt_sync() - flush a gather and free its tables
 * @pt: the page table
 * @gather: empty on return
 *
 * Calls the domain's iotlb_sync. If there is none, no unit walks the page
 * table, so no unit can have cached its entries, and the tables are freed at
 * once.
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
