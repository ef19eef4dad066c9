// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address Translation Services: accesses to the PCI function.
 */
#include <linux/pci.h>
#include <linux/pci-ats.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>

#include "ats.h"

/**
 * nyx_ats_device_has_pasid() - whether a device has a PASID capability
 * @ndev: the device, a PCI function
 *
 * Context: May sleep.
 * Return: true if it has one.
 */
bool nyx_ats_device_has_pasid(const struct nyx_device *ndev)
{
	return pci_pasid_features(to_pci_dev(ndev->dev)) >= 0;
}

/**
 * nyx_ats_device_probe() - read the ATS capability of a device
 * @ndev: the device, a PCI function; ats_pfsid and ats_qdep are set if it offers
 *	ATS
 *
 * Context: May sleep.
 * Return: true if it offers ATS and the PCI core permits it.
 */
bool nyx_ats_device_probe(struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	u16 cap;

	if (!pci_ats_supported(pdev))
		return false;
	/*
	 * Virtual functions share the invalidation queue of their physical
	 * function.
	 */
	pdev = pci_physfn(pdev);
	ndev->ats_pfsid = pci_dev_id(pdev);
	pci_read_config_word(pdev, pdev->ats_cap + PCI_ATS_CAP, &cap);
	ndev->ats_qdep = PCI_ATS_CAP_QDEP(cap) ?: PCI_ATS_MAX_QDEP;
	return true;
}

/**
 * nyx_ats_prepare() - prepare a physical function for ATS of its VFs
 * @ndev: the device
 *
 * Virtual functions (VFs) use the smallest translation unit (STU) of their
 * physical function, even if ATS of the physical function stays disabled. Does
 * nothing if ATS of the device is enabled.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void nyx_ats_prepare(struct nyx_device *ndev)
{
	if (ndev->ats_supported && !ndev->ats_enabled)
		pci_prepare_ats(to_pci_dev(ndev->dev), PAGE_SHIFT);
}

/**
 * nyx_ats_device_enable() - set the ATS enable bit of a device
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or the error of pci_enable_ats().
 */
int nyx_ats_device_enable(struct nyx_device *ndev)
{
	return pci_enable_ats(to_pci_dev(ndev->dev), PAGE_SHIFT);
}

/**
 * nyx_ats_device_disable() - clear the ATS enable bit of a device
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void nyx_ats_device_disable(struct nyx_device *ndev)
{
	pci_disable_ats(to_pci_dev(ndev->dev));
}

/**
 * nyx_ats_device_off() - whether a device has no power
 * @ndev: the device
 *
 * A device in D3cold does not respond to invalidations, and its device TLB is
 * empty. When it gets power again, its ATS is disabled. The PCI core leaves the
 * state D3cold before it restores ATS. So what the device caches after this
 * function returned true, it obtains later.
 *
 * Context: Any.
 * Return: true if the PCI core has removed the power. It may be about to do so
 *	even if the result is false.
 */
bool nyx_ats_device_off(const struct nyx_device *ndev)
{
	return dev_is_pci(ndev->dev) &&
	       READ_ONCE(to_pci_dev(ndev->dev)->current_state) == PCI_D3cold;
}

/**
 * nyx_ats_device_responds() - whether a device can respond to invalidations
 * @ndev: the device, with ATS
 *
 * Context: Any.
 * Return: false if the device was unplugged or has no power.
 */
bool nyx_ats_device_responds(const struct nyx_device *ndev)
{
	return !nyx_ats_device_off(ndev) &&
	       pci_device_is_present(to_pci_dev(ndev->dev));
}

/**
 * nyx_ats_device_stop() - clear the ATS enable bit of a device in any context
 * @ndev: the device
 *
 * The PCI core does not learn of this: nyx_ats_disable() has to follow.
 *
 * Context: Any.
 */
void nyx_ats_device_stop(const struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	int where = pdev->ats_cap + PCI_ATS_CTRL;
	u16 ctrl;

	pci_read_config_word(pdev, where, &ctrl);
	if (PCI_POSSIBLE_ERROR(ctrl))	/* gone, or in D3cold */
		return;
	pci_write_config_word(pdev, where, ctrl & ~PCI_ATS_CTRL_ENABLE);
	/* The completion pushes requests that the device sent before it. */
	pci_read_config_word(pdev, where, &ctrl);
}

/**
 * nyx_ats_device_gone() - whether a device is known to be unplugged
 * @ndev: the device
 *
 * Context: Any.
 * Return: true if the PCI core has noticed that the device is gone. It may be
 *	gone even if the result is false.
 */
bool nyx_ats_device_gone(const struct nyx_device *ndev)
{
	return pci_dev_is_disconnected(to_pci_dev(ndev->dev));
}
