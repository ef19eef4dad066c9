// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paging domains: one page table, present on every unit that has a device
 * attached to it.
 *
 * Flushes and attaches meet without a lock. A flush reads the list of links
 * after the entries it is about were cleared; an attach adds its link before
 * the unit can walk the table. Both have a full barrier in between, so either
 * the flush sees the link, or the unit's first walk sees the cleared entries.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/idr.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <trace/events/nyx.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "debugfs/debugfs.h"
#include "reclaim.h"

static DEFINE_IDA(nyx_domain_numbers);

static struct nyx_link *nyx_link_find(struct nyx_domain *domain,
				      const struct nyx_unit *unit)
{
	struct nyx_link *link;

	lockdep_assert_held(&domain->lock);
	list_for_each_entry(link, &domain->links, node)
		if (link->unit == unit)
			return link;
	return NULL;
}

/* Takes a link to @unit for one more device, and makes it for the first. */
static struct nyx_link *nyx_domain_join(struct nyx_domain *domain,
					struct nyx_unit *unit)
{
	struct nyx_link *link;
	int id;

	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, unit);
	if (link) {
		link->users++;
		return link;
	}
	/* Nobody would see the unit forget the table: then it never gets it. */
	if (READ_ONCE(unit->dead))
		return ERR_PTR(-EIO);

	link = kzalloc_obj(*link);
	if (!link)
		return ERR_PTR(-ENOMEM);
	id = ida_alloc_range(&unit->domain_ids, 1, unit->caps.max_domain_id,
			     GFP_KERNEL);
	if (id < 0) {
		kfree(link);
		return ERR_PTR(id);
	}
	link->unit = unit;
	link->domain_id = id;
	link->users = 1;
	if (unit->caps.map_flush && !domain->map_flush) {
		WRITE_ONCE(domain->map_flush, true);
		/*
		 * Whoever maps stores entries, then reads map_flush, with no
		 * barrier between. After a grace period every CPU has passed a
		 * full one: who read false has its entries visible by now.
		 */
		synchronize_rcu();
	}
	list_add_tail_rcu(&link->node, &domain->links);
	/*
	 * The link is on the list before the unit's entry leads to the table;
	 * pairs with nyx_domain_flush().
	 */
	smp_mb();
	return link;
}

static int nyx_link_flush(const struct nyx_link *link, struct nyx_flush *flush)
{
	int ret;

	flush->domain_id = link->domain_id;
	ret = link->unit->ops->flush(link->unit, flush);
	trace_nyx_flush(link->unit->name, flush->domain_id, flush->start,
			flush->last, flush->leaf_only, flush->map, ret);
	return ret;
}

/*
 * A unit did not confirm that it forgot: it may go on walking every table that
 * it knows, so none is freed from now on, not with the domain either. The flush
 * queue frees what it gets without asking how the flush went, so it gets none.
 */
static void nyx_domain_lose(struct nyx_domain *domain)
{
	if (xchg(&domain->lost, true))
		return;
	nyx_pt_keep_tables(&domain->pt);
	pr_err("domain %u: a unit does not confirm invalidations: its tables are never freed\n",
	       domain->pt.id);
}

/**
 * nyx_domain_leave() - a device no longer uses a domain
 * @domain: the domain
 * @ndev: the device, whose entry says something else by now
 *
 * With the last device of a unit the domain ID is free again, after the unit
 * has forgotten all that it cached under it. A unit that does not confirm that
 * never gets the ID again.
 *
 * Context: May sleep.
 */
void nyx_domain_leave(struct nyx_domain *domain, struct nyx_device *ndev)
{
	struct nyx_flush all = { .last = U64_MAX };
	struct nyx_link *link;
	int ret;

	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, ndev->unit);
	if (WARN_ON_ONCE(!link) || --link->users)
		return;
	/* On the list until then, so that a flush finds the link or @lost. */
	ret = nyx_link_flush(link, &all);
	if (ret)
		nyx_domain_lose(domain);
	/* @lost before the list; pairs with nyx_domain_flush(). */
	smp_wmb();
	list_del_rcu(&link->node);
	nyx_put_domain_id(link->unit, link->domain_id, ret);
	kfree_rcu(link, rcu);
}

/**
 * nyx_domain_ats_add() - a device is about to cache translations itself
 * @domain: the domain that it will be attached to
 * @ndev: the device, on no list of ATS devices
 *
 * To be called before its entry allows translation requests.
 *
 * Context: May sleep.
 */
void nyx_domain_ats_add(struct nyx_domain *domain, struct nyx_device *ndev)
{
	guard(mutex)(&domain->lock);
	list_add_tail_rcu(&ndev->ats_node, &domain->ats);
	/* As in nyx_domain_join(): on the list before anything is cached. */
	smp_mb();
}

/**
 * nyx_domain_ats_del() - a device no longer caches translations
 * @domain: the domain that it was attached to
 * @ndev: the device, its ATS off and its cache invalidated
 *
 * Context: May sleep; waits for flushes under way, so that the device can go
 *	on another domain's list.
 */
void nyx_domain_ats_del(struct nyx_domain *domain, struct nyx_device *ndev)
{
	scoped_guard(mutex, &domain->lock)
		list_del_rcu(&ndev->ats_node);
	synchronize_rcu();
	INIT_LIST_HEAD(&ndev->ats_node);
}

/* 0, or the error of a unit that may not have forgotten, now or earlier. */
static int nyx_domain_flush(struct nyx_domain *domain, struct nyx_flush *flush)
{
	struct nyx_link *link;
	int ret = 0, err;

	/*
	 * Entries were changed before the lists are read; pairs with
	 * nyx_domain_join() and nyx_domain_ats_add().
	 */
	smp_mb();
	guard(rcu)();
	if (!list_empty(&domain->ats))
		flush->ats = &domain->ats;
	list_for_each_entry_rcu(link, &domain->links, node) {
		err = nyx_link_flush(link, flush);
		ret = ret ?: err;
	}
	if (unlikely(ret))
		nyx_domain_lose(domain);
	/* The list before @lost: pairs with nyx_domain_leave(). */
	smp_rmb();
	return READ_ONCE(domain->lost) ? -EIO : 0;
}

static void nyx_domain_flush_all(struct iommu_domain *domain)
{
	struct nyx_flush flush = { .last = U64_MAX };

	nyx_domain_flush(to_nyx_domain(domain), &flush);
}

static void nyx_domain_sync(struct iommu_domain *domain,
			    struct iommu_iotlb_gather *gather)
{
	struct iommu_pages_list *freelist = nyx_gather_freelist(gather);
	struct nyx_flush flush = {
		.start = gather->start,
		.last = gather->end,
		.leaf_only = list_empty(&freelist->pages),
	};
	int ret;

	if (gather->start > gather->end) {
		if (flush.leaf_only)
			return;
		flush.start = 0;
		flush.last = U64_MAX;
	}
	ret = nyx_domain_flush(to_nyx_domain(domain), &flush);
	/* Once the units have confirmed, nothing walks these any more. */
	nyx_put_tables(freelist, ret);
}

static int nyx_domain_sync_map(struct iommu_domain *domain, unsigned long iova,
			       size_t size)
{
	struct nyx_flush flush = {
		.start = iova,
		.last = iova + size - 1,
		.leaf_only = true,
		.map = true,
	};

	if (READ_ONCE(to_nyx_domain(domain)->map_flush) && size)
		nyx_domain_flush(to_nyx_domain(domain), &flush);
	return 0;
}

static int nyx_domain_attach(struct iommu_domain *iommu_domain,
			     struct device *dev)
{
	struct nyx_domain *domain = to_nyx_domain(iommu_domain);
	struct nyx_device *ndev = dev_iommu_priv_get(dev);
	struct nyx_entry entry = { .kind = NYX_ENTRY_TABLE, .pt = &domain->pt };
	struct nyx_link *link;
	int ret;

	/* No message: the caller may be looking for a domain that fits. */
	if (!nyx_unit_serves(ndev->unit, &domain->pt))
		return -EINVAL;

	guard(mutex)(&ndev->entry_lock);
	link = nyx_domain_join(domain, ndev->unit);
	if (IS_ERR(link))
		return PTR_ERR(link);
	entry.domain_id = link->domain_id;
	entry.ats = ndev->ats_supported;
	ret = nyx_device_set_entry(ndev, &entry, domain);
	if (ret)
		nyx_domain_leave(domain, ndev);
	return ret;
}

NYX_ATTACH_OP(nyx_domain_attach_op, nyx_domain_attach)

static int nyx_domain_map_pages(struct iommu_domain *domain, unsigned long iova,
				phys_addr_t paddr, size_t pgsize, size_t count,
				int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = &to_nyx_domain(domain)->pt.iop;

	return ops->map_pages(ops, iova, paddr, pgsize, count, prot, gfp,
			      mapped);
}

static size_t nyx_domain_unmap_pages(struct iommu_domain *domain,
				     unsigned long iova, size_t pgsize,
				     size_t count,
				     struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = &to_nyx_domain(domain)->pt.iop;

	return ops->unmap_pages(ops, iova, pgsize, count, gather);
}

static phys_addr_t nyx_domain_iova_to_phys(struct iommu_domain *domain,
					   dma_addr_t iova)
{
	return nyx_pt_iova_to_phys(&to_nyx_domain(domain)->pt, iova);
}

static void nyx_domain_free(struct iommu_domain *iommu_domain)
{
	struct nyx_domain *domain = to_nyx_domain(iommu_domain);

	nyx_domains_del(domain);
	nyx_debugfs_remove_domain(domain);
	nyx_put_table(&domain->pt, domain->lost);
	ida_free(&nyx_domain_numbers, domain->pt.id);
	/*
	 * The fault path may be with the domain yet, and call a handler whose
	 * owner is free to go when this returns.
	 */
	synchronize_rcu();
	kfree(domain);
}

const struct iommu_domain_ops nyx_paging_ops = {
	.attach_dev = nyx_domain_attach_op,
	.map_pages = nyx_domain_map_pages,
	.unmap_pages = nyx_domain_unmap_pages,
	.flush_iotlb_all = nyx_domain_flush_all,
	.iotlb_sync_map = nyx_domain_sync_map,
	.iotlb_sync = nyx_domain_sync,
	.iova_to_phys = nyx_domain_iova_to_phys,
	.free = nyx_domain_free,
};

/**
 * nyx_domain_alloc_paging() - a new paging domain, nyx_ops.domain_alloc_paging
 * @dev: the device that it is for
 *
 * The same domain serves DMA, DMA with deferred flushes and unmanaged use.
 *
 * Context: May sleep.
 * Return: the domain; ERR_PTR(-ENOMEM), ERR_PTR(-ENODEV) if all devices are
 *	being given back, or ERR_PTR(-EOPNOTSUPP) if @dev is NULL.
 */
struct iommu_domain *nyx_domain_alloc_paging(struct device *dev)
{
	struct nyx_domain *domain;
	struct nyx_device *ndev;
	struct nyx_pt_cfg cfg;
	int ret;

	/* 6.12 has an interface yet by which one is asked for a bus. */
	if (!dev)
		return ERR_PTR(-EOPNOTSUPP);
	ndev = dev_iommu_priv_get(dev);
	domain = kzalloc_obj(*domain);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->links);
	INIT_LIST_HEAD(&domain->ats);

	ret = ida_alloc_min(&nyx_domain_numbers, 1, GFP_KERNEL);
	if (ret < 0)
		goto err_free;
	domain->pt.id = ret;

	nyx_unit_table_config(ndev->unit, &cfg);
	domain->pt.iommu.domain.ops = &nyx_paging_ops;
	ret = nyx_pt_init(&domain->pt, ndev->unit->caps.format, &cfg,
			  GFP_KERNEL);
	if (ret)
		goto err_ida;

	ret = nyx_domains_add(domain);
	if (ret)
		goto err_pt;
	nyx_debugfs_add_domain(domain);
	return &domain->pt.iommu.domain;

err_pt:
	nyx_pt_destroy(&domain->pt);
err_ida:
	ida_free(&nyx_domain_numbers, domain->pt.id);
err_free:
	kfree(domain);
	return ERR_PTR(ret);
}
