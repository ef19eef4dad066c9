// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paging domains: the operations that the IOMMU core calls.
 *
 * A paging domain is one page table, used by every unit that has a device
 * attached to the domain.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/idr.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <trace/events/nyx.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain.h"

static DEFINE_IDA(nyx_domain_numbers);

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
	/* The units have confirmed that they no longer use these tables. */
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
	return nyx_device_attach(dev_iommu_priv_get(dev),
				 to_nyx_domain(iommu_domain));
}

NYX_ATTACH_OP(nyx_domain_attach_op, nyx_domain_attach)

static int nyx_domain_set_pasid(struct iommu_domain *domain, struct device *dev,
				ioasid_t pasid, struct iommu_domain *old)
{
	return nyx_pasid_attach(to_nyx_domain(domain), dev_iommu_priv_get(dev),
				pasid);
}

/*
 * An IOMMU core that maps runs of pages takes a physical address of 0 for "not
 * mapped". If firmware reserves page 0 for several devices of a group, or twice
 * for one device, it maps that page again, possibly with others in one run.
 */
static int nyx_domain_map_pages(struct iommu_domain *domain, unsigned long iova,
				phys_addr_t paddr, size_t pgsize, size_t count,
				int prot, gfp_t gfp, size_t *mapped)
{
	struct nyx_pt *pt = &to_nyx_domain(domain)->pt;
	size_t rest;
	int ret;

	ret = pt->iop.map_pages(&pt->iop, iova, paddr, pgsize, count, prot, gfp,
				mapped);
	/* Is page 0 already mapped to physical page 0? */
	if (ret != -EEXIST || iova || paddr || nyx_pt_iova_to_phys(pt, 1) != 1)
		return ret;

	rest = pgsize * count - SZ_4K;
	ret = rest ? nyx_pt_map(pt, SZ_4K, SZ_4K, rest, prot, gfp) : 0;
	if (!ret)
		*mapped += rest + SZ_4K;
	return ret;
}

static size_t nyx_domain_unmap_pages(struct iommu_domain *domain,
				     unsigned long iova, size_t pgsize,
				     size_t count,
				     struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = &to_nyx_domain(domain)->pt.iop;

	return ops->unmap_pages(ops, iova, pgsize, count, gather);
}

static bool nyx_domain_enforce_cache_coherency(struct iommu_domain *domain)
{
	return nyx_domain_force_snoop(to_nyx_domain(domain));
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
	nyx_record_free(domain);
	/*
	 * The fault path may still read the domain and its table, and call its
	 * fault handler, whose owner may be unloaded when this function returns.
	 */
	synchronize_rcu();
	nyx_put_table(&domain->pt, domain->leak_tables);
	ida_free(&nyx_domain_numbers, domain->pt.id);
	kfree(domain);
}

const struct iommu_domain_ops nyx_paging_ops = {
	.attach_dev = nyx_domain_attach_op,
	.set_dev_pasid = nyx_domain_set_pasid,
	.map_pages = nyx_domain_map_pages,
	.unmap_pages = nyx_domain_unmap_pages,
	.flush_iotlb_all = nyx_domain_flush_all,
	.iotlb_sync_map = nyx_domain_sync_map,
	.iotlb_sync = nyx_domain_sync,
	.iova_to_phys = nyx_domain_iova_to_phys,
	.enforce_cache_coherency = nyx_domain_enforce_cache_coherency,
	.free = nyx_domain_free,
};

/* @flags: IOMMU_HWPT_ALLOC_*; @first: with a first-stage table */
static struct iommu_domain *nyx_domain_alloc(const struct nyx_device *ndev,
					     u32 flags, bool first)
{
	bool dirty = flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	const struct nyx_unit_caps *caps = &ndev->unit->caps;
	struct nyx_domain *domain;
	struct nyx_pt_cfg cfg;
	int ret;

	domain = kzalloc_obj(*domain);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->links);
	INIT_LIST_HEAD(&domain->ats);
	INIT_LIST_HEAD(&domain->pasids);
	mutex_init(&domain->nested_lock);
	INIT_LIST_HEAD(&domain->nested);
	domain->nest_parent = flags & IOMMU_HWPT_ALLOC_NEST_PARENT;

	ret = ida_alloc_min(&nyx_domain_numbers, 1, GFP_KERNEL);
	if (ret < 0)
		goto err_free;
	domain->pt.id = ret;

	if (first)
		nyx_unit_first_config(ndev->unit, &cfg);
	else
		nyx_unit_table_config(ndev->unit, &cfg);
	cfg.dirty = dirty;
	/*
	 * Some units fail to translate by the first stage where the second one is
	 * read-only. iommu_ops.hw_info tells user space to map nothing read-only.
	 */
	cfg.writable = domain->nest_parent;
	domain->pt.iommu.domain.ops = &nyx_paging_ops;
	domain->pt.iommu.domain.dirty_ops = dirty ? &nyx_dirty_ops : NULL;
	ret = nyx_pt_init(&domain->pt, first ? caps->first.format : caps->format,
			  &cfg, GFP_KERNEL);
	if (ret)
		goto err_ida;

	ret = nyx_domains_add(domain);
	if (ret)
		goto err_pt;
	return &domain->pt.iommu.domain;

err_pt:
	nyx_pt_destroy(&domain->pt);
err_ida:
	ida_free(&nyx_domain_numbers, domain->pt.id);
err_free:
	kfree(domain);
	return ERR_PTR(ret);
}

/**
 * nyx_domain_alloc_paging() - allocate a paging domain
 * @dev: a device that the domain is for
 *
 * Implements nyx_ops.domain_alloc_paging. The same domain serves DMA, DMA with
 * deferred flushes and unmanaged use.
 *
 * Context: May sleep.
 * Return: the domain; ERR_PTR(-ENOMEM), ERR_PTR(-ENODEV) during and after a
 *	detach, or ERR_PTR(-EOPNOTSUPP) if @dev is NULL.
 */
struct iommu_domain *nyx_domain_alloc_paging(struct device *dev)
{
	/* In 6.12 the IOMMU core can request a domain for a bus instead. */
	if (!dev)
		return ERR_PTR(-EOPNOTSUPP);
	return nyx_domain_alloc(dev_iommu_priv_get(dev), 0, false);
}

/**
 * nyx_domain_alloc_flags() - allocate a paging domain with features
 * @dev: a device that the domain is for
 * @flags: IOMMU_HWPT_ALLOC_*
 * @data: further parameters in a format of the vendor, or NULL
 *
 * Implements nyx_ops.domain_alloc_paging_flags. With
 * IOMMU_HWPT_ALLOC_DIRTY_TRACKING, only devices below units that record writes can
 * be attached to the domain. With IOMMU_HWPT_ALLOC_PASID, it has a table that allows
 * PASIDs besides it, and that PASIDs can use. With IOMMU_HWPT_ALLOC_NEST_PARENT, other
 * domains can be nested on it, and every mapping has to allow writes.
 *
 * Context: May sleep.
 * Return: as nyx_domain_alloc_paging(); ERR_PTR(-EOPNOTSUPP) for other flags, for
 *	@data, if the unit of @dev does not record writes, or the kernel cannot
 *	report them, if @dev cannot use PASIDs, and if the unit cannot nest domains.
 */
struct iommu_domain *nyx_domain_alloc_flags(struct device *dev, u32 flags,
					    const struct iommu_user_data *data)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);
	bool dirty = flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	bool pasid = flags & IOMMU_HWPT_ALLOC_PASID;
	bool first = pasid && ndev->unit->caps.first.per_device;
	struct iommu_domain *domain;

	if (data || (flags & ~(IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
			       IOMMU_HWPT_ALLOC_NEST_PARENT |
			       IOMMU_HWPT_ALLOC_PASID)) ||
	    ((flags & IOMMU_HWPT_ALLOC_NEST_PARENT) &&
	     !ndev->unit->caps.nested) ||
	    (pasid && !ndev->pasid_bits) || (dirty && first) ||
	    (dirty && !(ndev->unit->caps.dirty && nyx_reports_dirty())))
		return ERR_PTR(-EOPNOTSUPP);
	domain = nyx_domain_alloc(ndev, flags, first);
	/* IOMMUFD calls this directly. Other callers set the type afterwards. */
	if (!IS_ERR(domain))
		domain->type = IOMMU_DOMAIN_UNMANAGED;
	return domain;
}
