// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations that the IOMMU core calls.
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
#include "fault/page_request.h"
#include "intr/msi.h"
#include "lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"

static bool strict;
module_param(strict, bool, 0444);
MODULE_PARM_DESC(strict,
		 "Invalidate before each unmap returns, for every device (default: no, the kernel's setting decides)");

static bool nyx_is_untrusted(struct device *dev)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	return ndev && ndev->untrusted;
}

static bool nyx_capable(struct device *dev, enum iommu_cap cap)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	if (nyx_cap_is_ats(cap))
		return ndev->ats_supported;
	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;	/* DMA is coherent on every x86 */
	case IOMMU_CAP_ENFORCE_CACHE_COHERENCY:
		return ndev->unit->caps.snoop;
	case IOMMU_CAP_DIRTY_TRACKING:
		return ndev->unit->caps.dirty && nyx_reports_dirty();
	case IOMMU_CAP_DEFERRED_FLUSH:
		return !strict && !nyx_is_untrusted(dev);
	case IOMMU_CAP_PRE_BOOT_PROTECTION:
		/* Drivers of external ports admit devices because of this. */
		return READ_ONCE(ndev->unit->enabled) &&
		       nyx_vendor->pre_boot_protection();
	default:
		return false;
	}
}

/* User space may ask for the type of one vendor. */
static void *nyx_hw_info(struct device *dev, u32 *length,
			 enum iommu_hw_info_type *type)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);
	enum iommu_hw_info_type wanted = *type;
	void *info = nyx_vendor->hw_info(ndev->unit, length, type);

	if (!info)
		return ERR_PTR(-ENOMEM);
	if (wanted == IOMMU_HW_INFO_TYPE_DEFAULT || wanted == *type)
		return info;
	kfree(info);
	return ERR_PTR(-EOPNOTSUPP);
}

NYX_HW_INFO_OP(nyx_hw_info_op, nyx_hw_info)
NYX_ALLOC_FLAGS_OP(nyx_alloc_flags_op, nyx_domain_alloc_flags, nyx_nested_alloc)

/*
 * Sets the type of the domain, because the IOMMU core does not use
 * nyx_capable() where it passes whole ranges to the page table.
 */
static int nyx_def_domain_type(struct device *dev)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	if (nyx_is_untrusted(dev))
		return IOMMU_DOMAIN_DMA;
	if (nyx_vendor->identity_needed && nyx_vendor->identity_needed(ndev))
		return IOMMU_DOMAIN_IDENTITY;
	/* The attach would not be deferred otherwise, see below. */
	if (ndev->entry.kind == NYX_ENTRY_FOREIGN)
		return IOMMU_DOMAIN_DMA;
	return strict && !iommu_default_passthrough() ? IOMMU_DOMAIN_DMA : 0;
}

/*
 * Keeps the entry of the crashed kernel until the driver of the device maps
 * memory for the first time. The IOMMU core asks when it has probed the device.
 * Only its DMA layer attaches such a device later, so the device's default domain
 * must not be identity.
 */
static bool nyx_is_attach_deferred(struct device *dev)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	return ndev->entry.kind == NYX_ENTRY_FOREIGN &&
	       nyx_def_domain_type(dev) == IOMMU_DOMAIN_DMA;
}

/*
 * Refuses a device that cannot be managed now. Its DMA must work nevertheless,
 * so the device is untranslated, unless it is not trusted.
 */
static struct iommu_device *nyx_probe_later(struct nyx_device *ndev)
{
	if (ndev->state == NYX_DEVICE_UNKNOWN)
		nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	if (nyx_device_is_unused(ndev))
		nyx_device_pass(ndev);
	return ERR_PTR(-ENODEV);
}

/*
 * Errors other than -ENODEV would end the registration of the unit and leave
 * all other devices unmanaged. So they are logged here.
 */
static struct iommu_device *nyx_probe_device(struct device *dev)
{
	struct nyx_device *ndev, *peer;

	guard(mutex)(&nyx_devices_lock);
	if (nyx_is_detaching())
		return ERR_PTR(-ENODEV);

	ndev = nyx_device_get(dev);
	if (IS_ERR(ndev)) {
		if (PTR_ERR(ndev) != -ENODEV && PTR_ERR(ndev) != -ENXIO)
			dev_err(dev, "cannot be managed (%ld)\n", PTR_ERR(ndev));
		return ERR_PTR(-ENODEV);
	}
	if (!READ_ONCE(ndev->unit->registered))
		return ERR_PTR(-ENODEV);

	/* Not device_is_bound(): a bind may have begun. */
	if (dev->driver)
		return nyx_probe_later(ndev);
	peer = nyx_group_waiting_peer(ndev);
	if (peer) {
		/* Logged once: each unbind of any driver leads here. */
		if (ndev->waits_for != peer)
			dev_info(dev, "stays %s until %s, which belongs in the same group, is unbound\n",
				 ndev->untrusted ? "blocked" : "untranslated",
				 dev_name(peer->dev));
		ndev->waits_for = peer;
		return nyx_probe_later(ndev);
	}
	ndev->waits_for = NULL;

	/* nyx_device_release() may have dropped shared requester IDs. */
	nyx_alias_collect(ndev);
	nyx_pasids_init(ndev);
	nyx_quarantine_join();
	/* First, so that interrupts of a new device never pass unmapped. */
	nyx_msi_attach(ndev);
	nyx_device_set_state(ndev, NYX_DEVICE_MANAGED);
	dev_iommu_priv_set(dev, ndev);
	/*
	 * Gives the device's flush queue room for 32768 ranges and a second
	 * instead of 256 and 10 ms, so that addresses are reused later.
	 */
	dev->iommu->shadow_on_flush = nyx_record_mode(ndev) == NYX_RECORD_HUNT;
	nyx_resv_probed(ndev);
	return &ndev->unit->iommu;
}

static void nyx_release(struct nyx_device *ndev)
{
	struct device *dev = ndev->dev;
	bool unknown;
	int ret;

	unknown = !nyx_is_detaching() && !READ_ONCE(dev->driver);
	if (unknown) {
		/*
		 * First, because units let unmapped interrupts pass where DMA
		 * passes.
		 */
		nyx_device_release(ndev);
		nyx_msi_detach(ndev);
		return;
	}
	nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	nyx_msi_detach(ndev);
	/*
	 * During a detach translation is disabled soon, and DMA of firmware may
	 * continue until then. The DMA of a driver that was bound while the
	 * IOMMU core probed the device may continue as well: when the bind was
	 * notified, the device was still managed. No device of its group may
	 * be managed before that driver is unbound.
	 */
	if (!nyx_is_detaching()) {
		nyx_device_set_state(ndev, NYX_DEVICE_WAITING);
		nyx_device_log_untrusted(ndev);
	}
	/*
	 * In a capture kernel, devices without a driver may still do DMA for
	 * the kernel that crashed, and translation is not disabled.
	 */
	if (ndev->unit->foreign && !READ_ONCE(dev->driver))
		ret = nyx_device_set_blocked(ndev);
	else
		ret = nyx_device_set_identity(ndev);
	if (ret)
		dev_err(dev, "%s: cannot set the device's entry (%d)\n",
			ndev->unit->name, ret);
}

static void nyx_release_device(struct device *dev)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev);

	guard(mutex)(&nyx_devices_lock);
	nyx_pasids_stop(ndev);
	nyx_release(ndev);
	nyx_pasids_exit(ndev);
}

static __maybe_unused bool nyx_offers(struct device *dev, bool sva)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	return ndev->page_requests && (!sva || ndev->pasid_bits);
}

static __maybe_unused void nyx_remove_pasid(struct device *dev, ioasid_t pasid)
{
	nyx_pasid_remove(dev_iommu_priv_get(dev), pasid);
}

NYX_PASID_FUNCTIONS(nyx_remove_pasid, nyx_offers)

const struct iommu_ops nyx_ops = {
	.capable = nyx_capable,
	.hw_info = nyx_hw_info_op,
	.domain_alloc_paging = nyx_domain_alloc_paging,
	.domain_alloc_paging_flags = nyx_alloc_flags_op,
	.domain_alloc_sva = nyx_sva_alloc,
	.probe_device = nyx_probe_device,
	.release_device = nyx_release_device,
	.device_group = nyx_device_group,
	.get_resv_regions = nyx_get_resv_regions,
	.def_domain_type = nyx_def_domain_type,
	.is_attach_deferred = nyx_is_attach_deferred,
	.page_response = nyx_page_response,
	NYX_NESTED_OP(nyx_nested_alloc)
	NYX_PASID_OPS
	.default_domain_ops = &nyx_paging_ops,
	.identity_domain = &nyx_identity_domain,
	.blocked_domain = &nyx_blocked_domain,
	.owner = THIS_MODULE,
};
