// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables, independent of their entry format: creation, and the public
 * functions, most of which call the format's.
 */
#include <linux/bitops.h>
#include <linux/rcupdate.h>

#include "table.h"

/*
 * Drops leaf sizes for which a smaller size of the format is not supported. A
 * leaf of any size that remains can be split into smaller leaves. With dirty
 * tracking, drops leaves of several entries as well.
 */
static unsigned long nyx_pt_usable_sizes(const struct nyx_pt_format *fmt,
					 const struct nyx_pt_cfg *cfg)
{
	unsigned long missing = fmt->leaf_sizes & ~cfg->pgsizes;
	unsigned long pgsizes = cfg->pgsizes & fmt->leaf_sizes;

	if (missing)
		pgsizes &= BIT(__ffs(missing)) - 1;
	return cfg->dirty ? pgsizes & (SZ_4K | SZ_2M | SZ_1G) : pgsizes;
}

/**
 * nyx_pt_init() - initialize an empty page table
 * @pt: the page table; members set by the embedding domain, such as
 *	iommu.domain.ops, are not changed
 * @fmt: the entry format
 * @cfg: the configuration
 * @gfp: allocation flags
 *
 * Sets the domain's pgsize_bitmap and geometry, and is_iommupt on kernels that
 * have it. nyx_pt_destroy() frees the page table.
 *
 * Context: Any that @gfp allows.
 * Return: 0; -EINVAL if @fmt does not support @cfg; -ENOMEM.
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
	    !(cfg->pgsizes & SZ_4K) || (cfg->dirty && !cfg->coherent))
		return -EINVAL;

	pt->cfg = *cfg;
	pt->cfg.pgsizes = nyx_pt_usable_sizes(fmt, cfg);
	pt->fmt = fmt;
	pt->last_iova = GENMASK_ULL(cfg->va_bits - 1, 0);
	pt->last_paddr = GENMASK_ULL(cfg->oa_bits - 1, 0);
	pt->access = IOMMU_WRITE | (cfg->writable ? 0 : IOMMU_READ);
	atomic_set(&pt->walkers, 0);
	atomic_set(&pt->removers, 0);

	pt->latency = NULL;
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
 * nyx_pt_release() - free a page table's memory other than its tables
 * @pt: the page table
 *
 * Context: May sleep.
 */
void nyx_pt_release(struct nyx_pt *pt)
{
	free_percpu(pt->latency);
	pt->latency = NULL;
	free_percpu(pt->stats);
	pt->stats = NULL;
}

/**
 * nyx_pt_destroy() - free a page table and all its tables
 * @pt: a page table initialized by nyx_pt_init(); no unit walks it or has
 *	cached entries of it, and no call on it is in progress
 *
 * The page table need not be empty.
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
 * @prot: IOMMU_READ, IOMMU_WRITE or both, always IOMMU_WRITE with
 *	nyx_pt_cfg.writable; IOMMU_MMIO selects unencrypted access in formats that
 *	encrypt; other flags are ignored, also IOMMU_CACHE: nyx_pt_cfg.snoop decides
 *	for all leaves
 * @gfp: allocation flags for tables
 *
 * The caller owns the range. The range is mapped completely, with the largest
 * leaves that fit, or not at all. On an error, the part that was already mapped
 * is unmapped, and the domain is flushed (iommu_domain_ops.iotlb_sync) before
 * the call returns. Empty tables may remain, because other callers may be using
 * them; they are reused, or freed with the page table.
 *
 * A leaf may replace an empty table that smaller unmaps left in its place. In
 * this case, too, the domain is flushed before the call returns. Apart from
 * this, the caller does what the hardware requires for new mappings
 * (iotlb_sync_map). All entries are in memory when the call returns.
 *
 * Context: Any that @gfp allows; calls iotlb_sync, which works in any context.
 * Return: 0; -EINVAL if the range is empty or not aligned, or @prot lacks the
 *	access; -ERANGE if an IOVA or physical address is too large for the page
 *	table; -EEXIST if a part of the range is already mapped; -ENOMEM.
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
 * @gather: extended by the range to flush. Tables removed from the tree are
 *	added to its freelist; if there are any, the flush must cover non-leaf
 *	entries too. If NULL, no table is removed, and the caller flushes the
 *	whole domain
 *
 * The caller owns the range. Unmapping stops at the first IOVA that is not
 * mapped. A leaf that is only partly in the range is replaced by smaller
 * leaves, and @gather is then extended by all that the leaf translated.
 * Unmapping stops at such a leaf if there is no memory for a table of smaller
 * leaves. All entries are changed in memory when the call returns, but the
 * hardware may use the old entries until it is flushed.
 *
 * Context: Any.
 * Return: number of bytes unmapped, starting at @iova; 0 if the range is empty,
 *	not aligned, or too large for the page table.
 */
size_t nyx_pt_unmap(struct nyx_pt *pt, u64 iova, u64 len,
		    struct iommu_iotlb_gather *gather)
{
	return pt->iommu.ops->unmap_range(&pt->iommu, iova, len, gather);
}

/**
 * nyx_pt_iova_to_phys() - translate an IOVA
 * @pt: the page table
 * @iova: an IOVA of any alignment; the caller ensures that it is not unmapped
 *	during the call
 *
 * Context: Any.
 * Return: the physical address, or 0 if @iova is not mapped.
 */
phys_addr_t nyx_pt_iova_to_phys(struct nyx_pt *pt, u64 iova)
{
	return pt->fmt->iova_to_phys(pt, iova);
}

/* From here on no table is removed from the tree. May sleep. */
static void nyx_pt_walk_begin(struct nyx_pt *pt)
{
	atomic_inc(&pt->walkers);
	/* Increments walkers before it reads removers: nyx_pt_remove_begin(). */
	smp_mb__after_atomic();
	/* Acquire: links that were removed before are not seen. */
	if (!atomic_read_acquire(&pt->removers))
		return;
	/*
	 * Callers that read walkers before the increment have finished after
	 * this grace period. The walk cannot reach tables that they removed.
	 */
	synchronize_rcu();
}

static void nyx_pt_walk_end(struct nyx_pt *pt)
{
	/* Complete all reads of tables before tables may be removed again. */
	smp_mb__before_atomic();
	atomic_dec(&pt->walkers);
}

/**
 * nyx_pt_walk() - visit all leaves of a range
 * @pt: the page table
 * @iova: first IOVA
 * @last: last IOVA, inclusive; may be larger than the page table's last IOVA
 * @visit: called for each leaf, in order of IOVAs; a leaf that is only partly
 *	in the range is reported whole
 * @arg: passed to @visit
 *
 * Ranges may be mapped and unmapped during the walk. A leaf is reported as it
 * was when the walk read its entry. No table is removed from the tree until the
 * walk ends, so an unmap in the meantime leaves tables that it would otherwise
 * remove.
 *
 * Context: May sleep, and so may @visit. Waits for an RCU grace period if tables
 *	are being removed.
 * Return: 0, or the value with which @visit ended the walk.
 */
int nyx_pt_walk(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		void *arg)
{
	int ret;

	nyx_pt_walk_begin(pt);
	ret = pt->fmt->walk(pt, iova, last, visit, arg);
	nyx_pt_walk_end(pt);
	return ret;
}

/**
 * nyx_pt_read_dirty() - find out which pages devices have written
 * @pt: the page table
 * @read: the range, and what to do with dirty leaves
 *
 * A dirty leaf is recorded, and its bit is cleared if @read has a gather. Parts of
 * the leaf that are not in the range stay dirty: it is split. With @read->split, a
 * dirty superpage that lies in the range becomes a table of clean leaves of the next
 * smaller size, if there is memory.
 *
 * Other ranges, and this one, may be mapped and unmapped meanwhile; then some
 * leaves may be missed, or recorded although they are unmapped. Parallel calls for
 * the same range share what they find: each dirty leaf is recorded by at least one
 * of them. No table is removed from the tree until the call returns.
 *
 * The caller flushes the domain before anything reads the contents of the recorded
 * pages: until then the hardware may write to them without setting their bits again.
 *
 * Context: May sleep.
 * Return: 0; -EOPNOTSUPP if the page table has no dirty tracking; -EINVAL if the
 *	range is empty, not aligned, or too large for the page table.
 */
int nyx_pt_read_dirty(struct nyx_pt *pt, const struct nyx_pt_dirty_read *read)
{
	if (!pt->cfg.dirty)
		return -EOPNOTSUPP;
	if (read->iova > read->last || read->last > pt->last_iova ||
	    ((read->iova | (read->last + 1)) & (SZ_4K - 1)))
		return -EINVAL;
	nyx_pt_walk_begin(pt);
	pt->fmt->read_dirty(pt, read);
	nyx_pt_walk_end(pt);
	return 0;
}

/**
 * nyx_pt_peek() - find the leaf that translates an IOVA
 * @pt: the page table; the caller ensures that it is not freed
 * @iova: an IOVA of any alignment; it may be mapped and unmapped meanwhile
 * @leaf: set to the leaf, as it was when its entry was read
 *
 * An unmap in the meantime leaves tables that it would otherwise remove.
 *
 * Context: Any.
 * Return: 0; -ENOENT if @iova is not mapped; -EBUSY if tables are being removed,
 *	so that nothing can be read now.
 */
int nyx_pt_peek(struct nyx_pt *pt, u64 iova, struct nyx_pt_span *leaf)
{
	int ret = -EBUSY;

	atomic_inc(&pt->walkers);
	/* Increments walkers before it reads removers: nyx_pt_remove_begin(). */
	smp_mb__after_atomic();
	/* Acquire: links that were removed before are not seen. */
	if (!atomic_read_acquire(&pt->removers))
		ret = pt->fmt->leaf(pt, iova, leaf) ? 0 : -ENOENT;
	/* Complete all reads of tables before tables may be removed again. */
	smp_mb__before_atomic();
	atomic_dec(&pt->walkers);
	return ret;
}

/**
 * nyx_pt_keep_tables() - never again remove tables from a page table
 * @pt: the page table
 *
 * Tables that become empty stay in the tree, as during a walk that never ends.
 * nyx_pt_destroy() frees them.
 *
 * Context: Any.
 */
void nyx_pt_keep_tables(struct nyx_pt *pt)
{
	atomic_inc(&pt->walkers);
}

/**
 * nyx_pt_force_snoop() - make all leaves force snooping
 * @pt: the page table; every unit that walks it supports leaves that force
 *	snooping
 *
 * Leaves that exist are not changed, so a page table with mappings is refused
 * unless they all force snooping.
 *
 * Context: Any. The caller ensures that nothing is mapped or unmapped
 *	meanwhile.
 * Return: true if all leaves, existing and future ones, force snooping.
 */
bool nyx_pt_force_snoop(struct nyx_pt *pt)
{
	struct nyx_pt_stats sum;

	if (pt->cfg.snoop || pt->fmt->always_snoops)
		return true;
	nyx_pt_stats_read(pt, &sum);
	if (sum.map_bytes != sum.unmap_bytes)
		return false;
	pt->cfg.snoop = true;
	return true;
}

/**
 * nyx_pt_stats_read() - add up the counters of all CPUs
 * @pt: the page table
 * @sum: filled in; not a consistent snapshot if calls are in progress
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
