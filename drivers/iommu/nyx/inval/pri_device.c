// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page Request Interface (PRI): accesses to the PCI function. The PCI core does not
 * export a function that enables it.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/pci-ats.h>

#include <nyx/device.h>

#include "ats.h"

/* Page requests of a device that may be outstanding; its own limit may be lower. */
#define NYX_PRI_REQUESTS 32

/**
 * nyx_pri_device_probe() - whether a device can send page requests
 * @ndev: the device, a PCI function; response_pasid is set
 *
 * Virtual functions share the interface of the physical function, whose driver would
 * not expect that it is enabled. So they get none.
 *
 * Context: May sleep.
 * Return: true if it can.
 */
bool nyx_pri_device_probe(struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);

	ndev->response_pasid = pdev->pasid_required;
	return !pdev->is_virtfn && pci_pri_supported(pdev);
}

/**
 * nyx_pri_device_enable() - let a device send page requests
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EBUSY if the device does not stop, or another driver has enabled the
 *	interface.
 */
int nyx_pri_device_enable(const struct nyx_device *ndev)
{
	struct pci_dev *pdev = to_pci_dev(ndev->dev);
	int pri = pdev->pri_cap;
	u16 status;
	u32 max;

	if (pdev->pri_enabled)
		return -EBUSY;
	/* An earlier use may have left requests without a response. */
	pci_write_config_word(pdev, pri + PCI_PRI_CTRL, PCI_PRI_CTRL_RESET);
	pci_read_config_word(pdev, pri + PCI_PRI_STATUS, &status);
	if (!(status & PCI_PRI_STATUS_STOPPED))
		return -EBUSY;
	pci_read_config_dword(pdev, pri + PCI_PRI_MAX_REQ, &max);
	/* For pci_restore_state(), as the PCI core sets them. */
	pdev->pri_reqs_alloc = min(max, NYX_PRI_REQUESTS);
	pdev->pri_enabled = 1;
	pci_write_config_dword(pdev, pri + PCI_PRI_ALLOC_REQ,
			       pdev->pri_reqs_alloc);
	pci_write_config_word(pdev, pri + PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE);
	return 0;
}

/**
 * nyx_pri_device_disable() - undo nyx_pri_device_enable()
 * @ndev: the device
 *
 * Context: May sleep; @ndev->entry_lock is held.
 */
void nyx_pri_device_disable(const struct nyx_device *ndev)
{
	pci_disable_pri(to_pci_dev(ndev->dev));
}
