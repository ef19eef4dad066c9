// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that several units claim: the IVRS table names them below each, and
 * their root bus does not decide (ivrs_find.c). Requests of such a device may
 * reach any of these units, so each lets them pass untranslated, under all
 * DeviceIDs that they may carry. The device is not managed. An untrusted device
 * stays blocked.
 */
#include <linux/idr.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "contested.h"
#include "dte.h"
#include "entry.h"
#include "ivrs.h"
#include "pci/pci.h"

/* Returns false if the unit lets the requests pass already. */
static bool amd_contested_store(struct amd_unit *au, u16 device_id)
{
	const struct nyx_entry identity = {
		.kind = NYX_ENTRY_IDENTITY,
		.domain_id = au->unit.identity_id,
	};
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, device_id);
	struct amd_dte val = amd_dte_encode(&identity,
					    amd_entry_setting(au, device_id),
					    au->devtab.nowhere);

	guard(raw_spinlock_irqsave)(&au->unit.store_lock);
	/* A dead unit may be contained. */
	if (!dte || amd_dte_passes(dte) || READ_ONCE(au->unit.dead))
		return false;
	/* The device does not get its interrupts from the unit, either. */
	amd_dte_set_interrupts(dte, val.q[2]);
	amd_dte_fill(dte, &val);
	return true;
}

/*
 * Leaves the entry alone if a device with a record may use the DeviceID. Returns
 * false if nothing changed.
 */
static bool amd_contested_pass_id(struct amd_unit *au, u16 device_id)
{
	struct nyx_cmd cmd = amd_cmd_devtab_entry(device_id);

	scoped_guard(rcu)
		if (nyx_device_find(&au->unit, device_id))
			return false;
	if (!amd_contested_store(au, device_id))
		return false;
	/* The unit may cache the blocked entry. */
	nyx_invalidate(&au->unit, &cmd, 1);
	return true;
}

static void amd_contested_pass_alias(struct pci_dev *bridge, u16 rid, void *arg)
{
	amd_contested_pass_id(arg, rid);
}

/* The IOMMU core asks for the device again whenever any driver is unbound. */
static void amd_contested_log_blocked(struct amd_unit *au,
				      const struct pci_dev *pdev, u16 device_id)
{
	const struct device_driver *driver = READ_ONCE(pdev->dev.driver);

	if (!driver || ida_alloc_range(&au->contested_logged, device_id,
				       device_id, GFP_KERNEL) < 0)
		return;
	pci_warn(pdev, "driver %s: DMA of the device is blocked: it is below an external-facing port, and several units claim it in the IVRS table: update the firmware\n",
		 driver->name);
}

/**
 * amd_contested_pass() - let the requests of a contested device pass
 * @ivrs: the table
 * @units: its units, with NULL for each one that stays off; those that are not
 *	started are ignored
 * @pdev: the device
 * @segment: its PCI segment
 * @device_id: its DeviceID
 *
 * The same applies to its aliases, unless a device that has a record may use
 * them. The first call for a DeviceID is logged. Nothing changes for an untrusted
 * device; the first call while it has a driver is logged.
 *
 * Context: May sleep; the caller holds a reference on @pdev, and its calls are
 *	serialized.
 */
void amd_contested_pass(const struct amd_ivrs *ivrs, struct amd_unit **units,
			struct pci_dev *pdev, u16 segment, u16 device_id)
{
	const struct device_driver *driver = READ_ONCE(pdev->dev.driver);
	struct amd_unit *au, *first = NULL, *last = NULL;
	unsigned int i;
	bool changed;
	u16 alias;

	for (i = 0; i < ivrs->nr_unit; i++) {
		au = units[i];
		if (!au || !au->unit.started || au->unit.segment != segment ||
		    !amd_ivrs_names(ivrs, i, device_id, &alias))
			continue;
		if (pdev->untrusted) {
			amd_contested_log_blocked(au, pdev, device_id);
			return;
		}
		changed = amd_contested_pass_id(au, device_id);
		amd_contested_pass_id(au, alias);
		nyx_alias_each(nyx_real_dma_dev(pdev), amd_contested_pass_alias,
			       au);
		if (!changed)
			continue;
		first = first ?: au;
		last = au;
	}
	if (first)
		pci_warn(pdev, "driver %s: %s and %s claim the device in the IVRS table, so it stays untranslated: update the firmware\n",
			 driver ? driver->name : "none", first->unit.name,
			 last->unit.name);
}
