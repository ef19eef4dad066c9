// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs: accesses to the PCI function.
 */
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>

#include <nyx/device.h>

#include "ats.h"

/**
 * nyx_pasid_device_enable() - let a device send requests with a PASID
 * @ndev: the device, a PCI function whose ATS is disabled
 *
 * The PCI core refuses it if a switch could deliver such requests to another device.
 *
 * Context: May sleep.
 * Return: width of the PASIDs that the device supports, in bits; 0 if it supports none
 *	or they were not enabled.
 */
u8 nyx_pasid_device_enable(struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	int max = pci_max_pasids(pdev);

	if (max <= 1 || pdev->pasid_enabled || pci_enable_pasid(pdev, 0))
		return 0;
	return ilog2(max);
}

/**
 * nyx_pasid_device_disable() - undo nyx_pasid_device_enable()
 * @ndev: the device, whose ATS is disabled
 *
 * Context: May sleep.
 */
void nyx_pasid_device_disable(struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);

	/* Virtual functions use the setting of the physical function. */
	if (pdev->pasid_enabled)
		pci_disable_pasid(pdev);
}
