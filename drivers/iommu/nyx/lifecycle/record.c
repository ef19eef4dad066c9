// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates the records of devices.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/unit.h>

#include "inval/ats.h"
#include "lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"
#include "quirks/quirks.h"

static void nyx_device_init_pci(struct nyx_device *ndev, struct pci_dev *pdev)
{
	ndev->untrusted = pdev->untrusted;
	ndev->quirks = nyx_quirk_flags(pdev);
	ndev->pasid = nyx_ats_device_has_pasid(ndev);
	if (!nyx_ats_device_probe(ndev) ||
	    !nyx_vendor->ats_allowed(ndev->dev, ndev->unit))
		return;
	ndev->ats_twice = ndev->quirks & NYX_QUIRK_FLUSH_TWICE;
	ndev->ats_supported = true;
	ndev->page_requests = ndev->unit->caps.page_requests &&
			      !ndev->untrusted && nyx_pri_device_probe(ndev) &&
			      (!ndev->unit->caps.response_pasid ||
			       !ndev->pasid || ndev->response_pasid);
	/* The device TLB may hold translations of the crashed kernel. */
	ndev->ats_stale = ndev->unit->foreign;
}

static bool nyx_device_is_foreign(const struct nyx_device *ndev)
{
	unsigned int i;

	for (i = 0; i < ndev->nr_rids; i++)
		if (nyx_unit_foreign_has(ndev->unit, ndev->rids[i]))
			return true;
	return false;
}

/**
 * nyx_device_create() - create the record of a device
 * @dev: the device, which has none; it cannot be removed meanwhile
 * @unit: the unit that serves it
 * @rid: its own requester ID
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: the record, on the list of devices; ERR_PTR(-ENOMEM).
 */
struct nyx_device *nyx_device_create(struct device *dev, struct nyx_unit *unit,
				     u16 rid)
{
	struct nyx_device *ndev;

	lockdep_assert_held(&nyx_devices_lock);
	ndev = kzalloc_obj(*ndev);
	if (!ndev)
		return ERR_PTR(-ENOMEM);

	kref_init(&ndev->refs);
	ndev->dev = get_device(dev);
	ndev->unit = unit;
	mutex_init(&ndev->entry_lock);
	INIT_LIST_HEAD(&ndev->ats_node);
	xa_init(&ndev->pasids);
	ndev->rid = rid;
	ndev->direct = nyx_resv_is_direct(dev);
	if (dev_is_pci(dev))
		nyx_device_init_pci(ndev, to_pci_dev(dev));
	nyx_quarantine_init(ndev);
	nyx_alias_collect(ndev);
	if (nyx_device_is_foreign(ndev))
		ndev->entry.kind = NYX_ENTRY_FOREIGN;
	nyx_device_take_over(ndev);
	nyx_quarantine_inherit(ndev);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
	nyx_quarantine_sysfs_add(ndev);
	nyx_quarantine_join();
	return ndev;
}
