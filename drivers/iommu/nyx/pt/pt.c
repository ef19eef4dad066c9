// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is the same for all entry formats: making a page table, and the calls
 * that lead to its format's functions.
 */
#include <linux/bitops.h>
#include <linux/rcupdate.h>

#include "table.h"

/* Drops a leaf size that lacks a smaller one, so that leaves can be split. */
static unsigned long nyx_pt_usable_sizes(const struct nyx_pt_format *fmt,
					 unsigned long pgsizes)
{
	unsigned long missing = fmt->leaf_sizes & ~pgsizes;

	if (missing)
		pgsizes &= BIT(__ffs(missing)) - 1;
	return pgsizes & fmt->leaf_sizes;
}

/**
 * nyx_pt_init() - make an empty page table
 * @pt: the page table; what the embedding domain has set, such as
 *	iommu.domain.ops, is left alone
 * @fmt: the entry format
 * @cfg: what the hardware can do
 * @gfp: how to allocate
 *
 * Sets the domain's pgsize_bitmap and geometry, and on kernels that know it
 * is_iommupt. Undo with nyx_pt_destroy().
 *
 * Context: Any that @gfp allows.
 * Return: 0; -EINVAL where @fmt cannot express @cfg; -ENOMEM.
 */
int nyx_pt_init(struct nyx_pt *pt, const struct nyx_pt_format *fmt,
		const struct nyx_pt_cfg *cfg, gfp_t gfp)
{
	struct iommu_domain *domain = &pt->iommu.domain;

	if (cfg->levels < fmt->min_levels || cfg->levels > fmt->max_levels ||
	    cfg->va_bits <= NYX_PT_PAGE_SHIFT ||
	    cfg->va_bits > NYX_PT_PAGE_SHIFT + NYX_PT_INDEX_BITS * cfg->levels ||
	    cfg->va_bits > 64 ||
	    cfg->oa_bits <= NYX_PT_PAGE_SHIFT || cfg->oa_bits > 52 ||
	    !(cfg->pgsizes & SZ_4K))
		return -EINVAL;

	pt->cfg = *cfg;
	pt->cfg.pgsizes = nyx_pt_usable_sizes(fmt, cfg->pgsizes);
	pt->fmt = fmt;
	pt->last_iova = GENMASK_ULL(cfg->va_bits - 1, 0);
	pt->last_paddr = GENMASK_ULL(cfg->oa_bits - 1, 0);
	atomic_set(&pt->walkers, 0);

	pt->stats = alloc_percpu_gfp(struct nyx_pt_stats, gfp);
	if (!pt->stats)
		return -ENOMEM;
	pt->root = nyx_pt_table_alloc(pt, gfp);
	if (!pt->root) {
		nyx_pt_release(pt);
		return -ENOMEM;
	}

	pt->iop = fmt->iop_ops;
	pt->iommu.ops = &fmt->iommupt_ops;
	pt->iommu.nid = cfg->nid;
	domain->pgsize_bitmap = pt->cfg.pgsizes;
	domain->geometry.aperture_start = 0;
	domain->geometry.aperture_end = pt->last_iova;
	domain->geometry.force_aperture = true;
	nyx_domain_set_iommupt(domain);
	return 0;
}

/**
 * nyx_pt_release() - free what a page table has besides its tables
 * @pt: the page table
 *
 * Context: May sleep.
 */
void nyx_pt_release(struct nyx_pt *pt)
{
	free_percpu(pt->stats);
	pt->stats = NULL;
}

/**
 * nyx_pt_destroy() - free a page table, whatever it maps
 * @pt: a page table from nyx_pt_init(); no unit walks it or has any of it
 *	cached, and no call on it is under way
 *
 * Context: May sleep.
 */
void nyx_pt_destroy(struct nyx_pt *pt)
{
	pt->iommu.ops->deinit(&pt->iommu);
}

/**
 * nyx_pt_map() - map a range
 * @pt: the page table
 * @iova: first IOVA, a multiple of 4 KiB
 * @paddr: first physical address, a multiple of 4 KiB
 * @len: bytes, a multiple of 4 KiB, not 0
 * @prot: IOMMU_READ, IOMMU_WRITE or both; IOMMU_CACHE as nyx_pt_cfg.snoop
 *	says; other flags mean nothing here
 * @gfp: how to allocate tables
 *
 * The caller owns the range. All of it is mapped, with the largest leaves that
 * fit, or nothing changes: what had been mapped before the call met its error is
 * taken back and the domain flushed (iommu_domain_ops.iotlb_sync) before it
 * returns. Only tables that others may use by then stay, empty, until they are
 * of use or the page table is destroyed.
 *
 * A leaf takes the place of an empty table that earlier, smaller unmaps left
 * behind; then too the domain is flushed before the call returns. But for that,
 * what hardware needs to see a new mapping (iotlb_sync_map) is left to the
 * caller; entries are in memory by then.
 *
 * Context: Any that @gfp allows, and iotlb_sync, which takes any.
 * Return: 0; -EINVAL for a range that is empty or not aligned, or no access;
 *	-ERANGE for an IOVA or address too wide for the page table; -EEXIST where
 *	something is mapped; -ENOMEM.
 */
int nyx_pt_map(struct nyx_pt *pt, u64 iova, phys_addr_t paddr, u64 len,
	       int prot, gfp_t gfp)
{
	size_t mapped = 0;

	return pt->iommu.ops->map_range(&pt->iommu, iova, paddr, len, prot,
					gfp, &mapped);
}

/**
 * nyx_pt_unmap() - unmap a range
 * @pt: the page table
 * @iova: first IOVA, a multiple of 4 KiB
 * @len: bytes, a multiple of 4 KiB, not 0
 * @gather: told what to flush, and given the tables that nothing leads to any
 *	more; if there are such, more than leaves has changed. NULL: no table is
 *	taken out, and the caller flushes the whole domain
 *
 * The caller owns the range. Unmapping stops at the first hole. A leaf of which
 * only a part is in the range is replaced by smaller ones, and @gather then covers
 * all that it translated; if memory for that lacks, unmapping stops there. Entries
 * are changed in memory on return, but hardware may use the old ones until it is
 * flushed.
 *
 * Context: Any.
 * Return: bytes unmapped, from @iova on; 0 also for a range that is empty, not
 *	aligned or too wide.
 */
size_t nyx_pt_unmap(struct nyx_pt *pt, u64 iova, u64 len,
		    struct iommu_iotlb_gather *gather)
{
	return pt->iommu.ops->unmap_range(&pt->iommu, iova, len, gather);
}

/**
 * nyx_pt_iova_to_phys() - what an IOVA translates to
 * @pt: the page table
 * @iova: an IOVA, of any alignment; the caller sees to it that it is not
 *	unmapped meanwhile
 *
 * Context: Any.
 * Return: the physical address, or 0 if nothing is mapped there.
 */
phys_addr_t nyx_pt_iova_to_phys(struct nyx_pt *pt, u64 iova)
{
	return pt->fmt->iova_to_phys(pt, iova);
}

/**
 * nyx_pt_walk() - visit all leaves of a range
 * @pt: the page table
 * @iova: first IOVA
 * @last: last IOVA, inclusive; may be beyond the page table's end
 * @visit: called for each leaf, in order; one that is only partly in the range is
 *	reported whole
 * @arg: passed to @visit
 *
 * Ranges may be mapped and unmapped meanwhile; a leaf is reported as it was when
 * the walk came by. Tables stay where they are until the walk ends, so unmaps
 * leave behind some that they would have freed.
 *
 * Context: May sleep, and so may @visit. Waits for an RCU grace period.
 * Return: 0, or what @visit returned to end the walk.
 */
int nyx_pt_walk(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		void *arg)
{
	int ret;

	atomic_inc(&pt->walkers);
	/*
	 * Those who saw no walker are done, and nothing leads to what they took
	 * out: see nyx_pt_unmap_long().
	 */
	synchronize_rcu();
	ret = pt->fmt->walk(pt, iova, last, visit, arg);
	/* All reads of tables come before somebody may take them out again. */
	smp_mb__before_atomic();
	atomic_dec(&pt->walkers);
	return ret;
}

/**
 * nyx_pt_keep_tables() - take no more tables out of a page table
 * @pt: the page table
 *
 * What is emptied from now on stays linked, as during a walk that never ends.
 *
 * Context: Any.
 */
void nyx_pt_keep_tables(struct nyx_pt *pt)
{
	atomic_inc(&pt->walkers);
}

/**
 * nyx_pt_stats_read() - add up the counters of all CPUs
 * @pt: the page table
 * @sum: the sums; not of one instant while calls are under way
 *
 * Context: Any.
 */
void nyx_pt_stats_read(const struct nyx_pt *pt, struct nyx_pt_stats *sum)
{
	int cpu;

	*sum = (struct nyx_pt_stats) { };
	for_each_possible_cpu(cpu) {
		const struct nyx_pt_stats *stats = per_cpu_ptr(pt->stats, cpu);

		sum->map_calls += READ_ONCE(stats->map_calls);
		sum->map_bytes += READ_ONCE(stats->map_bytes);
		sum->unmap_calls += READ_ONCE(stats->unmap_calls);
		sum->unmap_bytes += READ_ONCE(stats->unmap_bytes);
		sum->tables_allocated += READ_ONCE(stats->tables_allocated);
		sum->tables_freed += READ_ONCE(stats->tables_freed);
	}
}
