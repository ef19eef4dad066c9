// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested domains: a guest manages the first-stage table, in its own memory, and the
 * parent domain of the host is the second stage. The guest can change what its devices
 * access without an exit, and reaches nothing but its memory.
 *
 * A nested domain has links, and so domain IDs, of its own. What it does not have is a
 * table: the address of the guest's means nothing to the kernel.
 *
 * User space says what to invalidate when the guest changes its table. When the host
 * changes the second stage, everything that was translated through it is invalidated:
 * caches know only the addresses before the first stage.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain.h"

/**
 * struct nyx_nested - a nested domain
 * @domain: the domain, which is not in nyx_domains
 * @table: the first-stage table
 * @ops: operations of the vendor
 */
struct nyx_nested {
	struct nyx_domain domain;
	struct nyx_guest_table table;
	const struct nyx_nested_ops *ops;
};

static struct nyx_nested *to_nyx_nested(struct iommu_domain *domain)
{
	return container_of(to_nyx_domain(domain), struct nyx_nested, domain);
}

static int nyx_nested_attach(struct iommu_domain *domain, struct device *dev)
{
	return nyx_device_attach(dev_iommu_priv_get(dev), to_nyx_domain(domain));
}

NYX_ATTACH_OP(nyx_nested_attach_op, nyx_nested_attach)

static int nyx_nested_set_pasid(struct iommu_domain *domain, struct device *dev,
				ioasid_t pasid, struct iommu_domain *old)
{
	return nyx_pasid_attach(to_nyx_domain(domain), dev_iommu_priv_get(dev),
				pasid);
}

/*
 * iommu_domain_ops.cache_invalidate_user. On return @array->entry_num is the number of
 * invalidations that are complete. User space may pass none, to find out whether the type
 * is supported.
 */
static int nyx_nested_invalidate(struct iommu_domain *domain,
				 struct iommu_user_data_array *array)
{
	struct nyx_nested *nested = to_nyx_nested(domain);
	u32 done = 0;
	int ret = 0;

	if (array->type != nested->ops->invalidation)
		ret = -EINVAL;
	while (!ret && done < array->entry_num) {
		struct nyx_flush flush = { };

		ret = nested->ops->read_invalidation(array, done, &flush) ?:
		      nyx_domain_flush(&nested->domain, &flush);
		if (!ret)
			done++;
		/* User space decides how many there are. */
		cond_resched();
		if (fatal_signal_pending(current))
			ret = ret ?: -EINTR;
	}
	array->entry_num = done;
	return ret;
}

static void nyx_nested_free(struct iommu_domain *domain)
{
	struct nyx_nested *nested = to_nyx_nested(domain);

	scoped_guard(mutex, &nested->domain.parent->nested_lock)
		list_del(&nested->domain.nested_node);
	/* Reports of faults, and of who shares memory, may still read the domain. */
	synchronize_rcu();
	kfree(nested);
}

static const struct iommu_domain_ops nyx_nested_ops = {
	.attach_dev = nyx_nested_attach_op,
	.set_dev_pasid = nyx_nested_set_pasid,
	.cache_invalidate_user = nyx_nested_invalidate,
	.free = nyx_nested_free,
};

static void nyx_nested_init(struct nyx_nested *nested, struct nyx_domain *parent,
			    const struct nyx_unit *unit)
{
	struct nyx_domain *domain = &nested->domain;
	struct nyx_pt *pt = &domain->pt;

	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->links);
	INIT_LIST_HEAD(&domain->ats);
	INIT_LIST_HEAD(&domain->pasids);
	domain->parent = parent;
	domain->guest = &nested->table;
	nested->ops = unit->ops->nested;
	pt->id = parent->pt.id;
	pt->fmt = unit->caps.first.format;
	/* Enough for nyx_unit_can_walk(). The guest knows the unit's capabilities. */
	pt->cfg = (struct nyx_pt_cfg) {
		.levels = nested->table.levels,
		.pgsizes = SZ_4K,
	};
	pt->iommu.domain.type = IOMMU_DOMAIN_NESTED;
	pt->iommu.domain.ops = &nyx_nested_ops;
}

/**
 * nyx_nested_alloc() - allocate a nested domain
 * @dev: a device that the domain is for
 * @parent: the domain with the second stage, which exists longer
 * @flags: IOMMU_HWPT_ALLOC_PASID if PASIDs will use the domain, or 0
 * @data: the first-stage table, in a format of the vendor
 *
 * Implements nyx_ops.domain_alloc_nested.
 *
 * Context: May sleep.
 * Return: the domain; ERR_PTR(-EOPNOTSUPP) if the unit of @dev cannot nest domains or
 *	@dev cannot use PASIDs, or for other flags; ERR_PTR(-EINVAL) if @parent was not
 *	allocated with IOMMU_HWPT_ALLOC_NEST_PARENT, or the unit cannot walk the
 *	tables; ERR_PTR(-ENOMEM), or an error of nyx_nested_ops.read_table.
 */
struct iommu_domain *nyx_nested_alloc(struct device *dev,
				      struct iommu_domain *parent, u32 flags,
				      const struct iommu_user_data *data)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);
	struct nyx_domain *base = to_nyx_domain(parent);
	const struct nyx_unit *unit = ndev->unit;
	int ret;

	if (!unit->caps.nested || (flags & ~IOMMU_HWPT_ALLOC_PASID) ||
	    ((flags & IOMMU_HWPT_ALLOC_PASID) && !ndev->pasid_bits))
		return ERR_PTR(-EOPNOTSUPP);
	if (parent->ops != &nyx_paging_ops || !base->nest_parent)
		return ERR_PTR(-EINVAL);

	/* User space decides how many there are. */
	struct nyx_nested *nested __free(kfree) =
		kzalloc_obj(*nested, GFP_KERNEL_ACCOUNT);

	if (!nested)
		return ERR_PTR(-ENOMEM);
	ret = unit->ops->nested->read_table(data, &nested->table);
	if (ret)
		return ERR_PTR(ret);
	nyx_nested_init(nested, base, unit);
	if (!nyx_unit_can_walk(unit, &nested->domain.pt) ||
	    !nyx_unit_can_nest(unit, &nested->domain) ||
	    nested->table.root > base->pt.last_iova)
		return ERR_PTR(-EINVAL);
	scoped_guard(mutex, &base->nested_lock)
		list_add_tail(&nested->domain.nested_node, &base->nested);
	return &no_free_ptr(nested)->domain.pt.iommu.domain;
}
