// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requester IDs of a device, and the bridges that change them.
 *
 * The requester ID of a request may differ from that of its device: because of
 * a device quirk, or because a bridge to conventional PCI takes ownership of
 * the requests that it forwards (PCI Express to PCI/PCI-X Bridge Specification
 * 1.0, section 2.3). Firmware may add one more ID. The kernel's own function
 * for this walk is not exported.
 */
#include <linux/err.h>
#include <linux/pci.h>
#include <asm/pci.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/unit.h>

#include "pci.h"

/**
 * nyx_real_dma_dev() - find the function whose requester ID a device uses
 * @pdev: the device
 *
 * The requests of devices below a VMD carry the requester ID of the VMD.
 *
 * Context: Any.
 * Return: the VMD or @pdev itself; no reference is taken.
 */
struct pci_dev *nyx_real_dma_dev(struct pci_dev *pdev)
{
#if IS_ENABLED(CONFIG_VMD)
	if (is_vmd(pdev->bus))
		return to_pci_sysdata(pdev->bus)->vmd_dev;
#endif
	return pdev;
}

static void nyx_alias_add(struct nyx_device *ndev, u16 rid)
{
	unsigned int i;

	for (i = 0; i < ndev->nr_rids; i++)
		if (ndev->rids[i] == rid)
			return;
	/* NYX_MAX_RIDS is the exact maximum; an error in it must not corrupt. */
	if (!WARN_ON_ONCE(ndev->nr_rids == NYX_MAX_RIDS))
		ndev->rids[ndev->nr_rids++] = rid;
}

/*
 * Returns whether @bridge changes the requester ID of requests, and sets @rid
 * to the new ID: that of the bridge for all requests, or that of function 0 of
 * the bus below. In the latter case a request that has an ID may keep it.
 */
static bool nyx_alias_of_bridge(struct pci_dev *bridge, u16 *rid)
{
	if (pci_is_pcie(bridge)) {
		switch (pci_pcie_type(bridge)) {
		case PCI_EXP_TYPE_PCI_BRIDGE:
			if (bridge->dev_flags & PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS)
				return false;
			*rid = PCI_DEVID(bridge->subordinate->number, 0);
			return true;
		case PCI_EXP_TYPE_PCIE_BRIDGE:
			*rid = pci_dev_id(bridge);
			return true;
		default:
			return false;
		}
	}

	if (bridge->dev_flags & PCI_DEV_FLAG_PCIE_BRIDGE_ALIAS)
		*rid = PCI_DEVID(bridge->subordinate->number, 0);
	else
		*rid = pci_dev_id(bridge);
	return true;
}

/* Calls @fn for each bridge that changes requester IDs, upwards from @pdev. */
static void nyx_alias_walk(struct pci_dev *pdev,
			   void (*fn)(struct pci_dev *bridge, u16 rid,
				      void *arg),
			   void *arg)
{
	struct pci_bus *bus;
	u16 rid;

	for (bus = pdev->bus; !pci_is_root_bus(bus); bus = bus->parent) {
		if (!bus->self)
			continue;
		if (bus->self->dev_flags & PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT)
			break;
		if (nyx_alias_of_bridge(bus->self, &rid))
			fn(bus->self, rid, arg);
	}
}

/**
 * nyx_alias_each() - find the other requester IDs that requests may carry
 * @pdev: the function whose requester ID a device uses: see nyx_real_dma_dev()
 * @fn: called for each ID that a quirk or a bridge adds, those of bridges last
 *	and upwards; its @bridge is the bridge, or NULL
 * @arg: for @fn
 *
 * IDs may be found more than once, and one may be that of @pdev.
 *
 * Context: That of @fn; the bus of @pdev cannot be removed.
 */
void nyx_alias_each(struct pci_dev *pdev,
		    void (*fn)(struct pci_dev *bridge, u16 rid, void *arg),
		    void *arg)
{
	unsigned int devfn;

	if (pdev->dma_alias_mask)
		for_each_set_bit(devfn, pdev->dma_alias_mask, 256)
			fn(NULL, PCI_DEVID(pdev->bus->number, devfn), arg);
	nyx_alias_walk(pdev, fn, arg);
}

static void nyx_alias_add_other(struct pci_dev *bridge, u16 rid, void *arg)
{
	struct nyx_device *ndev = arg;

	ndev->mixed_rids = bridge && rid != pci_dev_id(bridge);
	nyx_alias_add(ndev, rid);
}

/**
 * nyx_alias_collect() - find the requester IDs of a device
 * @ndev: the device; sets @ndev->rids, @ndev->nr_rids and @ndev->mixed_rids
 *
 * Starts with @ndev->rid and adds the IDs from firmware, quirks and bridges.
 *
 * Context: Any; the device's bus cannot be removed.
 */
void nyx_alias_collect(struct nyx_device *ndev)
{
	u16 rid = ndev->rid;

	ndev->nr_rids = 0;
	ndev->mixed_rids = false;
	nyx_alias_add(ndev, rid);
	if (nyx_vendor->alias && nyx_vendor->alias(ndev->dev, &rid))
		nyx_alias_add(ndev, rid);
	if (dev_is_pci(ndev->dev))
		nyx_alias_each(nyx_real_dma_dev(to_pci_dev(ndev->dev)),
			       nyx_alias_add_other, ndev);
}

static void nyx_alias_keep_last(struct pci_dev *bridge, u16 rid, void *arg)
{
	struct pci_dev **top = arg;

	*top = bridge;
}

/**
 * nyx_alias_top() - find the uppermost function whose requester ID is used
 * @pdev: the device
 *
 * The unit cannot distinguish the devices below that function.
 *
 * Context: Any; the device's bus cannot be removed.
 * Return: a bridge above @pdev, or the function whose requester ID @pdev uses;
 *	no reference is taken.
 */
struct pci_dev *nyx_alias_top(struct pci_dev *pdev)
{
	struct pci_dev *top = nyx_real_dma_dev(pdev);

	nyx_alias_walk(top, nyx_alias_keep_last, &top);
	return top;
}

/**
 * nyx_root_port() - find the root port above a device
 * @pdev: the device
 *
 * Context: Any; no device above @pdev can be removed.
 * Return: the root port; NULL for a device that is integrated in the root
 *	complex and has none; ERR_PTR(-ENODEV) if a bridge in between is not PCI
 *	Express and therefore does not forward ATS requests.
 */
const struct pci_dev *nyx_root_port(const struct pci_dev *pdev)
{
	struct pci_dev *bridge;

	for (bridge = pdev->bus->self; bridge; bridge = bridge->bus->self) {
		if (!pci_is_pcie(bridge) ||
		    pci_pcie_type(bridge) == PCI_EXP_TYPE_PCI_BRIDGE)
			return ERR_PTR(-ENODEV);
		if (pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT)
			return bridge;
	}
	return NULL;
}
