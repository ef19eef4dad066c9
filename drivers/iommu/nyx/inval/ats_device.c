// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's side of Address Translation Services: what is asked of PCI.
 */
#include <linux/pci.h>
#include <linux/pci-ats.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>

#include "ats.h"

/**
 * nyx_ats_prepare() - have a physical function ready for its virtual ones
 * @ndev: the device, its ATS off
 *
 * Virtual functions take the unit of translation (STU) that their physical
 * function was given, even where its own ATS stays off.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void nyx_ats_prepare(struct nyx_device *ndev)
{
	if (ndev->ats_supported && !ndev->ats_enabled)
		pci_prepare_ats(to_pci_dev(ndev->dev), PAGE_SHIFT);
}

/**
 * nyx_ats_device_enable() - have a device ask for translations
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EINVAL if it does not do so.
 */
int nyx_ats_device_enable(struct nyx_device *ndev)
{
	return pci_enable_ats(to_pci_dev(ndev->dev), PAGE_SHIFT);
}

/**
 * nyx_ats_device_disable() - have a device ask for translations no more
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: false if it was unplugged.
 */
bool nyx_ats_device_disable(struct nyx_device *ndev)
{
	pci_disable_ats(to_pci_dev(ndev->dev));
	return pci_device_is_present(to_pci_dev(ndev->dev));
}

/**
 * nyx_ats_device_gone() - whether it is known that a device was unplugged
 * @ndev: the device
 *
 * Context: Any.
 * Return: true if it was; false if it was not, or nobody has noticed yet.
 */
bool nyx_ats_device_gone(const struct nyx_device *ndev)
{
	return pci_dev_is_disconnected(to_pci_dev(ndev->dev));
}
