// SPDX-License-Identifier: GPL-2.0-only
/*
 * The static domains identity and blocked, which all devices share.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/limits.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "domain.h"

/*
 * Sets @entry to the value that makes @unit pass requests untranslated, and blocks
 * those with a PASID.
 */
static void nyx_identity_entry(const struct nyx_unit *unit,
			       struct nyx_entry *entry)
{
	*entry = (struct nyx_entry) {
		.kind = unit->identity ? NYX_ENTRY_TABLE : NYX_ENTRY_IDENTITY,
		.domain_id = unit->identity_id,
		.pt = unit->identity,
	};
}

/**
 * nyx_device_set_identity() - let the DMA of a device pass untranslated
 * @ndev: the device
 *
 * An untrusted device could then read and write all memory. So it is blocked.
 *
 * Context: May sleep.
 * Return: as nyx_device_set_entry(); -EBUSY if the device has PASIDs that would fault
 *	from then on.
 */
int nyx_device_set_identity(struct nyx_device *ndev)
{
	struct nyx_entry entry;

	if (ndev->untrusted)
		return nyx_device_set_blocked(ndev);
	guard(mutex)(&ndev->entry_lock);
	nyx_identity_entry(ndev->unit, &entry);
	entry.pasids = nyx_pasids_allowed(ndev, &entry);
	/* Address spaces of processes need page requests, and these ATS. */
	entry.ats = entry.pasids && ndev->page_requests;
	entry.page_requests = entry.ats;
	if (entry.pasids && ndev->own_domain_id)
		entry.domain_id = ndev->own_domain_id;
	if (!entry.pasids && !xa_empty(&ndev->pasids))
		return -EBUSY;
	return nyx_device_set_entry(ndev, &entry, NULL);
}

/**
 * nyx_device_pass() - let the DMA of a device that is not managed pass
 * @ndev: the device
 *
 * It is untranslated, except in a capture kernel if no driver has started the
 * device: then the entry of the crashed kernel stays in use, and a device without
 * one stays blocked.
 *
 * Context: May sleep.
 * Return: as nyx_device_set_entry().
 */
int nyx_device_pass(struct nyx_device *ndev)
{
	if (ndev->unit->foreign && !READ_ONCE(ndev->dev->driver))
		return 0;
	return nyx_device_set_identity(ndev);
}

/**
 * nyx_device_set_blocked() - block all DMA of a device
 * @ndev: the device
 *
 * Context: May sleep.
 * Return: as nyx_device_set_entry().
 */
int nyx_device_set_blocked(struct nyx_device *ndev)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

	guard(mutex)(&ndev->entry_lock);
	return nyx_device_set_entry(ndev, &blocked, NULL);
}

/*
 * Fills all entries that block. The unit caches such entries only with
 * nyx_unit_caps.blocked_cached, and only then they have to be invalidated.
 */
static int nyx_unit_fill(struct nyx_unit *unit, const struct nyx_entry *entry)
{
	unsigned int rid;

	scoped_guard(raw_spinlock_irqsave, &unit->store_lock) {
		if (READ_ONCE(unit->dead))	/* it may be contained */
			return -EIO;
		for (rid = 0; rid <= U16_MAX; rid++)
			unit->ops->entries->fill(unit, rid, entry);
	}
	return unit->caps.blocked_cached ? nyx_invalidate_global(unit) :
					   unit->ops->entries->publish(unit);
}

/**
 * nyx_unit_set_identity() - let all DMA below a unit pass
 * @unit: the unit, whose translation stays enabled when the driver leaves it
 *
 * This includes functions that are found later, such as virtual functions, if
 * the tables of the unit have entries for them. The records of the devices are
 * not updated: nothing uses the domains afterwards.
 *
 * Context: Any; no entry of the devices is changed meanwhile.
 */
void nyx_unit_set_identity(struct nyx_unit *unit)
{
	struct nyx_device *ndev;
	struct nyx_entry entry;
	int ret;

	nyx_identity_entry(unit, &entry);
	scoped_guard(rcu) {
		list_for_each_entry_rcu(ndev, &nyx_devices, node) {
			if (ndev->unit != unit ||
			    ndev->entry.kind == NYX_ENTRY_BLOCKED)
				continue;
			if (nyx_entry_force(unit, ndev, &entry))
				dev_err(ndev->dev, "%s: cannot set the device's entry to identity\n",
					unit->name);
		}
	}
	ret = nyx_unit_fill(unit, &entry);
	if (ret)
		pr_err("%s: DMA of devices that are found later stays blocked (%d)\n",
		       unit->name, ret);
}

static int nyx_identity_attach(struct iommu_domain *domain, struct device *dev)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev);

	/* The caller would believe that the device can access memory. */
	if (ndev->untrusted)
		return -EINVAL;
	return nyx_device_set_identity(ndev);
}

static int nyx_blocked_attach(struct iommu_domain *domain, struct device *dev)
{
	return nyx_device_set_blocked(dev_iommu_priv_get(dev));
}

static int nyx_blocked_set_pasid(struct iommu_domain *domain,
				 struct device *dev, ioasid_t pasid,
				 struct iommu_domain *old)
{
	nyx_pasid_remove(dev_iommu_priv_get(dev), pasid);
	return 0;
}

NYX_ATTACH_OP(nyx_identity_attach_op, nyx_identity_attach)
NYX_ATTACH_OP(nyx_blocked_attach_op, nyx_blocked_attach)

static const struct iommu_domain_ops nyx_identity_ops = {
	.attach_dev = nyx_identity_attach_op,
};

static const struct iommu_domain_ops nyx_blocked_ops = {
	.attach_dev = nyx_blocked_attach_op,
	.set_dev_pasid = nyx_blocked_set_pasid,
};

struct iommu_domain nyx_identity_domain = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &nyx_identity_ops,
};

struct iommu_domain nyx_blocked_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &nyx_blocked_ops,
};
