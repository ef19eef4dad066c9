// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups.
 *
 * pci_device_group() finds a shared group through the bridge above a device.
 * Ports are bound to their driver since boot, are not managed here and have no
 * group. So this file compares the devices themselves.
 */
#include <linux/iommu.h>
#include <linux/pci.h>

#include <nyx/device.h>

#include "pci.h"

/*
 * Finds out how far peers can reach a device without passing the unit, and
 * stores it in the record of the device. To compare each device with each other
 * one would read the configuration space of all bridges millions of times
 * otherwise.
 *
 * Bridges above a device cannot change while it exists, except that a reset
 * disables ACS. It is enabled again first, so that the stored results of
 * devices below the same bridge stay valid.
 */
static void nyx_group_find_root(struct nyx_device *ndev)
{
	struct pci_dev *root;
	struct pci_bus *bus;

	if (!dev_is_pci(ndev->dev))
		return;
	nyx_acs_enable_path(to_pci_dev(ndev->dev));
	root = nyx_alias_top(to_pci_dev(ndev->dev));
	for (bus = root->bus; !pci_is_root_bus(bus); bus = bus->parent)
		if (bus->self && !nyx_acs_isolated(bus->self))
			root = bus->self;
	ndev->group_root = root;
	ndev->group_open = root->multifunction && !nyx_acs_isolated(root);
}

static bool nyx_group_aliases(struct pci_dev *a, struct pci_dev *b)
{
	return a->dma_alias_mask && test_bit(b->devfn, a->dma_alias_mask);
}

/**
 * nyx_group_same_rid() - check whether two devices share a requester ID
 * @a: a device
 * @b: another device
 *
 * Context: Any; the records of both devices stay valid.
 * Return: true if requests of both may carry the same ID, be it because of a
 *	bridge, a quirk or firmware.
 */
bool nyx_group_same_rid(const struct nyx_device *a, const struct nyx_device *b)
{
	unsigned int i, j;

	if (a->unit != b->unit)
		return false;
	for (i = 0; i < a->nr_rids; i++)
		for (j = 0; j < b->nr_rids; j++)
			if (a->rids[i] == b->rids[j])
				return true;
	return false;
}

/*
 * Returns true if the unit cannot distinguish two devices, or if they can reach
 * each other without passing the unit.
 */
static bool nyx_group_shared(struct nyx_device *a_ndev,
			     struct nyx_device *b_ndev)
{
	struct pci_dev *a, *b;

	if (nyx_group_same_rid(a_ndev, b_ndev))
		return true;
	if (!dev_is_pci(a_ndev->dev) || !dev_is_pci(b_ndev->dev))
		return false;

	if (!a_ndev->group_root)
		nyx_group_find_root(a_ndev);
	if (!b_ndev->group_root)
		nyx_group_find_root(b_ndev);
	a = a_ndev->group_root;
	b = b_ndev->group_root;
	if (a == b)
		return true;
	if (a->bus != b->bus)
		return false;
	if (nyx_group_aliases(a, b) || nyx_group_aliases(b, a))
		return true;
	/* Functions of a device without ACS may reach each other inside it. */
	return PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn) &&
	       a_ndev->group_open && b_ndev->group_open;
}

static struct iommu_group *nyx_group_of(struct device *dev)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev), *other;
	struct iommu_group *group;

	scoped_guard(mutex, &nyx_devices_lock) {
		list_for_each_entry(other, &nyx_devices, node) {
			if (!nyx_device_is_managed(other) || other == ndev ||
			    !nyx_group_shared(ndev, other))
				continue;
			group = iommu_group_get(other->dev);
			if (group)
				return group;
		}
	}

	/* The kernel's functions know quirks that are not exported. */
	return dev_is_pci(dev) ? pci_device_group(dev) :
				 generic_device_group(dev);
}

/**
 * nyx_device_group() - find or allocate the group of a device
 * @dev: the device
 *
 * Implements nyx_ops.device_group. A driver may be bound after
 * nyx_probe_device() has checked for one and before the IOMMU core has stored
 * the group. The group would not account for that driver, so the check is
 * repeated here, as late as possible.
 *
 * Context: May sleep; the IOMMU core's probe lock is held.
 * Return: a group with a reference taken; ERR_PTR(-ENOMEM), or ERR_PTR(-ENODEV)
 *	if a driver is being bound.
 */
struct iommu_group *nyx_device_group(struct device *dev)
{
	struct iommu_group *group = nyx_group_of(dev);

	if (IS_ERR(group) || !READ_ONCE(dev->driver))
		return group;
	iommu_group_put(group);
	return ERR_PTR(-ENODEV);
}

/**
 * nyx_group_waiting_peer() - find a waiting device that keeps another unmanaged
 * @ndev: the device to be managed
 *
 * A waiting device is bound to a driver that does DMA without the IOMMU core's
 * knowledge. No device that belongs in the same group can be managed meanwhile:
 * the driver's DMA would fail, or VFIO would assign a device that the waiting
 * device can reach.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: the first such device, or NULL.
 */
struct nyx_device *nyx_group_waiting_peer(struct nyx_device *ndev)
{
	struct nyx_device *other;

	lockdep_assert_held(&nyx_devices_lock);
	nyx_group_find_root(ndev);
	list_for_each_entry(other, &nyx_devices, node)
		if (other != ndev && !nyx_device_is_managed(other) &&
		    nyx_device_is_waiting(other) &&
		    nyx_group_shared(ndev, other))
			return other;
	return NULL;
}
