// SPDX-License-Identifier: GPL-2.0-only
/*
 * Releases devices from the IOMMU core and removes their records.
 *
 * Entries of a device that is gone block. If firmware does DMA through the
 * device, it continues when the kernel only drops the device, for example
 * through its file "remove" in sysfs. Such an entry stays identity, and the
 * record is put aside until the kernel finds the device again.
 */
#include <linux/cleanup.h>
#include <linux/pci.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"

/* Removed devices whose entries are identity; under nyx_devices_lock. */
static LIST_HEAD(nyx_left);

/*
 * Drops the requester IDs that another device uses as well: the devices below
 * the same bridge must keep working when one of them is unplugged.
 */
static void drop_shared_rids(struct nyx_device *ndev)
{
	struct nyx_device *other;
	unsigned int i, kept = 0;

	for (i = 0; i < ndev->nr_rids; i++) {
		bool shared = false;

		list_for_each_entry(other, &nyx_devices, node)
			shared |= other != ndev && other->unit == ndev->unit &&
				  nyx_device_has_rid(other, ndev->rids[i]);
		if (!shared)
			ndev->rids[kept++] = ndev->rids[i];
	}
	ndev->nr_rids = kept;
}

static bool is_identity(const struct nyx_device *ndev)
{
	const struct nyx_entry *entry = &ndev->entry;

	return entry->kind == NYX_ENTRY_IDENTITY ||
	       (entry->kind == NYX_ENTRY_TABLE && entry->pt &&
		entry->pt == ndev->unit->identity);
}

/*
 * Untrusted devices never get identity. A device that was unplugged does no
 * DMA, and another may be plugged in. In a capture kernel, a device may still do
 * DMA for the kernel that crashed.
 */
static bool serves_firmware(const struct nyx_device *ndev)
{
	return ndev->direct && !ndev->untrusted && !ndev->unit->foreign &&
	       (!dev_is_pci(ndev->dev) ||
		pci_device_is_present(to_pci_dev(ndev->dev)));
}

static void stop_dma(struct nyx_device *ndev)
{
	/*
	 * The unit stays on after a detach. If the device were found again, no
	 * function would set its entry: it stays as it is.
	 */
	if (READ_ONCE(ndev->unit->left_on))
		return;
	if (nyx_device_set_blocked(ndev))
		dev_err(ndev->dev, "%s: cannot block the device's entry\n",
			ndev->unit->name);
}

/**
 * nyx_device_release() - remove a device from its domain, and stop its DMA
 *	unless firmware needs it
 * @ndev: the device
 *
 * Requester IDs that other devices use as well keep their entries.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_device_release(struct nyx_device *ndev)
{
	lockdep_assert_held(&nyx_devices_lock);
	drop_shared_rids(ndev);
	if (!serves_firmware(ndev)) {
		stop_dma(ndev);
		/* Last: interrupts are not blocked while DMA passes. */
		nyx_device_set_state(ndev, NYX_DEVICE_UNKNOWN);
		return;
	}
	nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	/* Identity for a device with PASIDs has another domain ID, and allows ATS. */
	if ((!is_identity(ndev) || ndev->entry.pasids) &&
	    nyx_device_set_identity(ndev))
		dev_err(ndev->dev, "%s: cannot set the device's entry to identity\n",
			ndev->unit->name);
}

/**
 * nyx_device_remove() - remove the record of a device
 * @ndev: the device; the IOMMU core has released it, and it gets no MSIs from
 *	the unit
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_device_remove(struct nyx_device *ndev)
{
	struct device *dev = ndev->dev;

	lockdep_assert_held(&nyx_devices_lock);
	nyx_quarantine_sysfs_remove(ndev);
	nyx_device_release(ndev);
	list_del_rcu(&ndev->node);
	synchronize_rcu();
	nyx_quarantine_remove(ndev);
	if (dev_is_pci(dev))
		nyx_acs_remove(to_pci_dev(dev));
	if (ndev->nr_rids && is_identity(ndev))
		list_add_tail(&ndev->node, &nyx_left);
	else
		nyx_device_drop(ndev);
}

/**
 * nyx_device_take_over() - take the entries over from a removed device
 * @ndev: the record of a new device, not on the list; its entry is blocked
 *
 * If the new device has the same requester IDs, and firmware uses it, its entry
 * is the one that the removed device has left. Otherwise that is blocked.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_device_take_over(struct nyx_device *ndev)
{
	struct nyx_device *left, *next;
	unsigned int nr;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry_safe(left, next, &nyx_left, node) {
		nr = nyx_device_nr_shared(left, ndev);
		if (!nr)
			continue;
		list_del(&left->node);
		if (nr == left->nr_rids && nr == ndev->nr_rids &&
		    serves_firmware(ndev)) {
			ndev->entry = left->entry;
		} else {
			stop_dma(left);
			/* Its interrupts passed as long as its DMA did. */
			nyx_device_set_state(left, NYX_DEVICE_UNKNOWN);
		}
		nyx_device_drop(left);
	}
}

/**
 * nyx_device_free_left() - free the records of removed devices
 *
 * Context: May sleep; translation is disabled and nyx_devices_lock is held.
 */
void nyx_device_free_left(void)
{
	struct nyx_device *left, *next;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry_safe(left, next, &nyx_left, node) {
		list_del(&left->node);
		nyx_device_drop(left);
	}
}
