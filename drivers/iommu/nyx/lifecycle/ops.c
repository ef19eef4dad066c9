// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations that the kernel's IOMMU core calls.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "intr/msi.h"
#include "lifecycle.h"
#include "pci/pci.h"

static bool strict;
module_param(strict, bool, 0444);
MODULE_PARM_DESC(strict,
		 "Invalidate before each unmap returns, never deferred (default: no, as the kernel is set)");

static bool nyx_capable(struct device *dev, enum iommu_cap cap)
{
	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;	/* DMA is coherent on every x86 */
	case IOMMU_CAP_DEFERRED_FLUSH:
		return !strict;
	default:
		return false;
	}
}

/*
 * The domain's type, because nyx_capable() is not asked where the kernel hands
 * whole ranges to the table.
 */
static int nyx_def_domain_type(struct device *dev)
{
	return strict && !iommu_default_passthrough() ? IOMMU_DOMAIN_DMA : 0;
}

/*
 * A device that cannot be managed now must not lose its DMA: it goes on, or
 * stays, untranslated.
 */
static struct iommu_device *nyx_probe_later(struct nyx_device *ndev)
{
	if (ndev->state == NYX_DEVICE_UNKNOWN)
		nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	if (ndev->entry.kind == NYX_ENTRY_BLOCKED)
		nyx_device_set_identity(ndev);
	return ERR_PTR(-ENODEV);
}

/*
 * Any answer but -ENODEV would end the registration of the unit, and with it
 * every other device's translation: so say what is wrong here.
 */
static struct iommu_device *nyx_probe_device(struct device *dev)
{
	struct nyx_device *ndev, *peer;

	guard(mutex)(&nyx_devices_lock);
	if (nyx_is_detaching())
		return ERR_PTR(-ENODEV);

	ndev = nyx_device_get(dev);
	if (IS_ERR(ndev)) {
		if (PTR_ERR(ndev) != -ENODEV)
			dev_err(dev, "not managed (%ld)\n", PTR_ERR(ndev));
		return ERR_PTR(-ENODEV);
	}
	if (!READ_ONCE(ndev->unit->registered))
		return ERR_PTR(-ENODEV);

	/* Too early for device_is_bound(): a bind may just have begun. */
	if (dev->driver)
		return nyx_probe_later(ndev);
	peer = nyx_group_waiting_peer(ndev);
	if (peer) {
		/* Each unbind of any driver leads here: it is news only once. */
		if (ndev->waits_for != peer)
			dev_info(dev, "untranslated until %s, which shares its group, is unbound\n",
				 dev_name(peer->dev));
		ndev->waits_for = peer;
		return nyx_probe_later(ndev);
	}
	ndev->waits_for = NULL;

	/* A neighbour's removal may have taken shared IDs away. */
	nyx_alias_collect(ndev);
	nyx_device_set_state(ndev, NYX_DEVICE_MANAGED);
	dev_iommu_priv_set(dev, ndev);
	nyx_msi_attach(ndev);
	return &ndev->unit->iommu;
}

static void nyx_release_device(struct device *dev)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev);

	guard(mutex)(&nyx_devices_lock);
	nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	nyx_msi_detach(ndev);
	/*
	 * Translation is about to go off: firmware's DMA need not stop before.
	 * Nor does the DMA of a driver that came while the core was probing:
	 * its bind was told when the device was still managed, and no device of
	 * its would-be group may be managed before it goes.
	 */
	if (!nyx_is_detaching()) {
		if (!READ_ONCE(dev->driver)) {
			nyx_device_set_state(ndev, NYX_DEVICE_UNKNOWN);
			nyx_device_release(ndev);
			return;
		}
		nyx_device_set_state(ndev, NYX_DEVICE_WAITING);
	}
	if (nyx_device_set_identity(ndev))
		dev_err(dev, "%s does not take its entry back\n",
			ndev->unit->name);
}

/*
 * Firmware may ask for what the unit cannot map: to insist would keep the core
 * from taking any unit.
 */
static void nyx_drop_unmappable(struct device *dev, struct list_head *head)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev);
	struct iommu_resv_region *region, *next;
	struct nyx_pt_cfg cfg;
	u64 last;

	nyx_unit_table_config(ndev->unit, &cfg);
	list_for_each_entry_safe(region, next, head, list) {
		if (region->type != IOMMU_RESV_DIRECT &&
		    region->type != IOMMU_RESV_DIRECT_RELAXABLE)
			continue;
		last = region->start + region->length - 1;
		if (last < region->start ||
		    last > GENMASK_ULL(cfg.va_bits - 1, 0) ||
		    last > GENMASK_ULL(cfg.oa_bits - 1, 0)) {
			dev_err_ratelimited(dev, FW_BUG
					    "reserved region %#llx to %#llx is beyond what %s maps: not mapped\n",
					    (u64)region->start, last,
					    ndev->unit->name);
			list_del(&region->list);
			kfree(region);
		}
	}
}

static void nyx_get_resv_regions(struct device *dev, struct list_head *head)
{
	nyx_vendor->get_resv_regions(dev, head);
	nyx_drop_unmappable(dev, head);
}

const struct iommu_ops nyx_ops = {
	.capable = nyx_capable,
	.domain_alloc_paging = nyx_domain_alloc_paging,
	.probe_device = nyx_probe_device,
	.release_device = nyx_release_device,
	.device_group = nyx_device_group,
	.get_resv_regions = nyx_get_resv_regions,
	.def_domain_type = nyx_def_domain_type,
	.default_domain_ops = &nyx_paging_ops,
	.identity_domain = &nyx_identity_domain,
	.blocked_domain = &nyx_blocked_domain,
	.owner = THIS_MODULE,
};
