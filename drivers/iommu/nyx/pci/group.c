// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups.
 *
 * pci_device_group() finds a shared group through the bridge above a device.
 * Ports are bound to their driver from boot and so not managed here, and have
 * no group: the sharing must be found among the devices themselves.
 */
#include <linux/iommu.h>
#include <linux/pci.h>

#include <nyx/device.h>

#include "pci.h"

/*
 * The uppermost function that a device's peers could be reached through without
 * passing the unit: itself where all above it isolates.
 */
static struct pci_dev *nyx_group_root(struct pci_dev *pdev)
{
	struct pci_bus *bus;

	pdev = nyx_alias_top(pdev);
	for (bus = pdev->bus; !pci_is_root_bus(bus); bus = bus->parent) {
		if (!bus->self)
			continue;
		if (nyx_acs_path_isolated(bus->self))
			break;
		pdev = bus->self;
	}
	return pdev;
}

static bool nyx_group_aliases(struct pci_dev *a, struct pci_dev *b)
{
	return a->dma_alias_mask && test_bit(b->devfn, a->dma_alias_mask);
}

/**
 * nyx_group_same_rid() - whether two devices' requests may carry the same ID
 * @a: one of them
 * @b: the other
 *
 * Context: Any; both stay.
 * Return: true if they may, whoever says so: hardware, quirk or firmware.
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

/* Whether two devices can be told apart, and kept apart, by the unit. */
static bool nyx_group_shared(const struct nyx_device *a_ndev,
			     const struct nyx_device *b_ndev)
{
	struct pci_dev *a, *b;

	if (nyx_group_same_rid(a_ndev, b_ndev))
		return true;
	if (!dev_is_pci(a_ndev->dev) || !dev_is_pci(b_ndev->dev))
		return false;

	a = nyx_group_root(to_pci_dev(a_ndev->dev));
	b = nyx_group_root(to_pci_dev(b_ndev->dev));
	if (a == b)
		return true;
	if (a->bus != b->bus)
		return false;
	if (nyx_group_aliases(a, b) || nyx_group_aliases(b, a))
		return true;
	/* Functions of one device may talk inside it. */
	return PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn) &&
	       a->multifunction && !nyx_acs_isolated(a) &&
	       b->multifunction && !nyx_acs_isolated(b);
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

	/* The kernel's own knows quirks that are not exported. */
	return dev_is_pci(dev) ? pci_device_group(dev) :
				 generic_device_group(dev);
}

/**
 * nyx_device_group() - the group of a device, nyx_ops.device_group
 * @dev: the device
 *
 * A driver that comes after nyx_probe_device() has looked, and before the core
 * has stored the group, would not be told of it: it is looked for again as late
 * as can be.
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
 * nyx_group_waiting_peer() - a device that stands in the way of an adoption
 * @ndev: the device to be managed
 *
 * While a member of a would-be group is bound to a driver that knows nothing of
 * the module, no other can be managed: its DMA would break, or VFIO would give
 * a device away that the group's other half can reach.
 *
 * Context: nyx_devices_lock is held.
 * Return: the first such device, or NULL.
 */
struct nyx_device *nyx_group_waiting_peer(struct nyx_device *ndev)
{
	struct nyx_device *other;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry(other, &nyx_devices, node)
		if (other != ndev && !nyx_device_is_managed(other) &&
		    nyx_device_is_waiting(other) &&
		    nyx_group_shared(ndev, other))
			return other;
	return NULL;
}
