// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI domains that devices have from their bus, and not from nyx_msi_attach().
 *
 * The kernel gives a new bus the domain that its bridge has, and a new device that
 * of its bus. A bridge that is bound while the module is loaded has a unit's, and
 * may get a bus then: for virtual functions, or because it is new itself. What is
 * inherited so may be another unit's, says nothing of what that unit lets pass,
 * and would be there when the domain is gone.
 */
#include <linux/cleanup.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/msi.h>
#include <linux/pci.h>

#include <asm/irqdomain.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "msi.h"

static bool nyx_msi_is_unit_domain(const struct irq_domain *domain)
{
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (domain && unit->intr.domain == domain)
			return true;
	return false;
}

/**
 * nyx_msi_reset_inherited() - have a device or bus get plain MSIs if it got a unit's
 * @dev: the device, or a bus's; none that nyx_msi_attach() gave it
 *
 * Context: May sleep; nyx_devices_lock is held. It has no driver, or one that has
 *	asked for no interrupt yet.
 */
void nyx_msi_reset_inherited(struct device *dev)
{
	lockdep_assert_held(&nyx_devices_lock);
	if (nyx_msi_is_unit_domain(dev_get_msi_domain(dev)))
		dev_set_msi_domain(dev, x86_vector_domain);
}

/**
 * nyx_msi_device_added() - a device has come
 * @dev: the device; the IOMMU core may have probed it already
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_device_added(struct device *dev)
{
	const struct nyx_device *ndev = nyx_device_lookup(dev);

	if (dev_is_pci(dev))
		nyx_msi_reset_inherited(&to_pci_dev(dev)->bus->dev);
	if (!ndev || !ndev->remapped)
		nyx_msi_reset_inherited(dev);
}

/**
 * nyx_msi_reset_all_inherited() - leave no unit's MSI domain with any bus
 *
 * No bridge has one any more, so none gets one after it.
 *
 * Context: May sleep; no device is managed, and none gets its MSIs from a unit. No
 *	lock of a device is held.
 */
void nyx_msi_reset_all_inherited(void)
{
	struct pci_dev *pdev = NULL;

	/* Keeps buses: a device's own, and that below it. */
	pci_lock_rescan_remove();
	scoped_guard(mutex, &nyx_devices_lock) {
		for_each_pci_dev(pdev) {
			nyx_msi_reset_inherited(&pdev->bus->dev);
			if (pdev->subordinate)
				nyx_msi_reset_inherited(&pdev->subordinate->dev);
		}
	}
	pci_unlock_rescan_remove();
}
