// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault interrupt of a unit. The unit is a PCI function without a driver,
 * and raises an MSI when it writes to one of its logs.
 *
 * The data that the MSI core allocates is device-managed. If it stayed after
 * the interrupt was freed, no driver could be bound to the function any more.
 * Therefore it is in a devres group, which is released as a whole. Until then
 * no driver can be bound either, because a bind that finds device-managed data
 * is refused.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pci.h>

#include <nyx/fault.h>
#include <nyx/remedy.h>

#include "amd.h"
#include "function.h"

static int amd_irq_alloc(struct amd_unit *au)
{
	struct pci_dev *pdev = au->pdev;
	int ret;

	if (!devres_open_group(&pdev->dev, au, GFP_KERNEL))
		return -ENOMEM;
	/* The power state is unknown until it is set: D0, or no response. */
	ret = pci_set_power_state(pdev, PCI_D0);
	/*
	 * With one vector all its messages have the same number
	 * (MsiMultMessEn).
	 */
	if (!ret)
		ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	devres_close_group(&pdev->dev, au);
	if (ret < 0)
		devres_release_group(&pdev->dev, au);
	return ret < 0 ? ret : 0;
}

static void amd_irq_free(struct amd_unit *au)
{
	pci_free_irq_vectors(au->pdev);
	devres_release_group(&au->pdev->dev, au);
}

/**
 * amd_irq_init() - request the fault interrupt of a unit
 * @au: the unit; EventIntEn is off
 *
 * Context: May sleep; takes the lock of the unit's PCI function.
 * Return: 0; after a log line -EBUSY if a driver is bound to the function, or
 *	-ENOMEM, -ENOSPC or another error of the kernel's interrupt code.
 */
int amd_irq_init(struct amd_unit *au)
{
	struct device *dev = &au->pdev->dev;
	int ret;

	nyx_fault_irq_init(&au->unit);
	guard(device)(dev);
	if (dev->driver) {
		pr_err("%s: driver %s is bound to its PCI function %s: unbind it\n",
		       au->unit.name, dev->driver->name, dev_name(dev));
		return -EBUSY;
	}
	ret = amd_irq_alloc(au);
	if (!ret) {
		ret = nyx_fault_irq_request(&au->unit,
					    pci_irq_vector(au->pdev, 0));
		if (ret)
			amd_irq_free(au);
	}
	if (ret)
		pr_err(NYX_LOG_NO_FAULT_IRQ, au->unit.name, ret);
	return ret;
}

/**
 * amd_irq_exit() - undo amd_irq_init()
 * @au: the unit
 *
 * Context: May sleep; takes the lock of the unit's PCI function, and waits for
 *	the end of the handler.
 */
void amd_irq_exit(struct amd_unit *au)
{
	guard(device)(&au->pdev->dev);
	nyx_fault_irq_free(&au->unit);
	amd_irq_free(au);
}
