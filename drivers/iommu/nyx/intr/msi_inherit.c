// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI domains that devices inherited from their bus instead of getting them
 * from nyx_msi_attach().
 *
 * The kernel gives a new bus the domain of its bridge, and a new device the
 * domain of its bus. A bridge that is bound while the module is loaded has a
 * unit's domain, and may get a bus at that time: for virtual functions, or
 * because the bridge itself is new. The inherited domain may belong to another
 * unit than the device's, ignores whether the device's unit blocks
 * compatibility format, and would still be referenced after the module is
 * unloaded.
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
 * nyx_msi_reset_inherited() - replace an inherited domain by the CPUs' vectors
 * @dev: a device or the device of a bus, whose domain is not from
 *	nyx_msi_attach()
 *
 * Context: May sleep; nyx_devices_lock is held. No driver is bound to @dev, or
 *	the driver has requested no interrupt so far.
 */
void nyx_msi_reset_inherited(struct device *dev)
{
	lockdep_assert_held(&nyx_devices_lock);
	if (nyx_msi_is_unit_domain(dev_get_msi_domain(dev)))
		dev_set_msi_domain(dev, x86_vector_domain);
}

/**
 * nyx_msi_device_added() - reset the inherited MSI domains of a new device
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
 * nyx_msi_reset_all_inherited() - remove units' MSI domains from all buses
 *
 * No bridge has such a domain any more, so no bus can inherit one afterwards.
 *
 * Context: May sleep; no device is managed, and none gets its MSIs from a unit.
 *	No lock of a device is held.
 */
void nyx_msi_reset_all_inherited(void)
{
	struct pci_dev *pdev = NULL;

	/*
	 * Keeps the bus of each device and the bus below it from being removed.
	 */
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
