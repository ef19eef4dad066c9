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
#include <linux/interrupt.h>
#include <linux/pci.h>

#include <asm/apic.h>

#include "amd.h"
#include "event.h"
#include "function.h"

/* Runs in a thread, because a storm of faults must not monopolize a CPU. */
static irqreturn_t amd_irq_thread(int irq, void *au)
{
	amd_event_service(au);
	return IRQ_HANDLED;
}

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
	if (ret < 0) {
		devres_release_group(&pdev->dev, au);
		return ret;
	}
	au->irq = pci_irq_vector(pdev, 0);
	return 0;
}

static void amd_irq_free(struct amd_unit *au)
{
	au->irq = 0;
	pci_free_irq_vectors(au->pdev);
	devres_release_group(&au->pdev->dev, au);
}

/**
 * amd_irq_init() - request the fault interrupt of a unit
 * @au: the unit; EventIntEn is off
 *
 * Context: May sleep; takes the lock of the unit's PCI function.
 * Return: 0; -EBUSY if a driver is bound to the function; -ENOMEM, -ENOSPC or
 *	another error of the kernel's interrupt code.
 */
int amd_irq_init(struct amd_unit *au)
{
	struct device *dev = &au->pdev->dev;
	int ret;

	au->stopping = false;
	snprintf(au->irq_name, sizeof(au->irq_name), "%s-fault", au->unit.name);
	guard(device)(dev);
	if (dev->driver) {
		pr_err("%s: driver %s is bound to its PCI function %s: unbind it\n",
		       au->unit.name, dev->driver->name, dev_name(dev));
		return -EBUSY;
	}
	ret = amd_irq_alloc(au);
	if (ret)
		return ret;
	ret = request_threaded_irq(au->irq, NULL, amd_irq_thread, IRQF_ONESHOT,
				   au->irq_name, au);
	if (ret)
		amd_irq_free(au);
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
	/* A storm of faults would keep the handler busy forever. */
	WRITE_ONCE(au->stopping, true);
	guard(device)(&au->pdev->dev);
	free_irq(au->irq, au);
	amd_irq_free(au);
}

/**
 * amd_irq_extended() - check whether destinations of interrupts have 32 bits
 *
 * Context: Any.
 * Return: true if the CPUs are in x2APIC mode.
 */
bool amd_irq_extended(void)
{
	return x2apic_mode;
}
