// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adopting the MSIs that a driver had requested before the module was loaded, and
 * returning them.
 *
 * The unit is inserted into the chain of each interrupt, and its domain becomes
 * the parent of the device's domain, so the driver may allocate and free
 * interrupts. The mutex of the MSI descriptors and the lock of the device keep
 * the device from losing its domain meanwhile.
 *
 * Where a unit decides about the format for all devices together, the store that
 * changes the format is that to the low half of the address. The upper half is the
 * same, and the unit ignores the data of a request in remappable format that has no
 * subhandle. For other units see adopt_entry.c.
 */
#include <linux/cleanup.h>
#include <linux/cpu.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/lockdep.h>
#include <linux/msi.h>
#include <linux/pci.h>

#include <asm/irqdomain.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "adopt.h"
#include "msi.h"
#include "splice.h"

/*
 * Writes the address of the message in its present format, and the data of
 * compatibility format, which units ignore. Some devices read address and data at
 * different times, and may send those of different formats.
 */
static void nyx_adopt_write_both(struct irq_data *top)
{
	struct irq_data *data = top->parent_data;
	struct msi_msg msg, direct;

	nyx_adopt_compose(data, &msg);
	if (data->parent_data) {
		nyx_adopt_compose(data->parent_data, &direct);
		msg.data = direct.data;
	}
	pci_write_msi_msg(top->irq, &msg);
}

static const struct nyx_splice_source nyx_adopt_source = {
	.chip = &nyx_msi_chip,
	.max_index = U16_MAX,
	.prepare = nyx_adopt_write_both,
	.write = nyx_adopt_write_both,
};

/*
 * Returns the domain of the device's MSIs if all of them can be adopted. Without
 * an MSI the domain cannot be found. A device never has several messages in one
 * descriptor here, because the CPUs' vectors offer none. Drivers of NTBs set
 * write_msi_msg, to send each message to a peer. The peer would use the old message
 * until the new one has arrived.
 */
static struct irq_domain *nyx_adopt_find_domain(struct device *dev)
{
	struct irq_domain *domain = NULL;
	struct irq_data *top;
	struct msi_desc *desc;

	msi_for_each_desc(desc, dev, MSI_DESC_ASSOCIATED) {
		top = irq_get_irq_data(desc->irq);
		if (!top || !nyx_splice_is_direct(top) || desc->nvec_used != 1 ||
		    desc->write_msi_msg || (domain && top->domain != domain))
			return NULL;
		domain = top->domain;
	}
	return domain && domain->parent == x86_vector_domain ? domain : NULL;
}

/* Whether the unit decides about the format for each device. */
static bool nyx_adopt_by_entry(const struct nyx_device *ndev)
{
	return ndev->unit->intr.ops->block_compat;
}

static int nyx_adopt_domain(struct nyx_device *ndev)
{
	struct irq_domain *domain = nyx_adopt_find_domain(ndev->dev);
	int ret;

	if (!domain)
		return -EOPNOTSUPP;
	guard(mutex)(&domain->root->mutex);
	ret = nyx_adopt_by_entry(ndev) ? nyx_adopt_entry_in(ndev) :
					 nyx_adopt_all(ndev, &nyx_adopt_source);
	if (ret)
		return ret;
	domain->parent = ndev->unit->intr.domain;
	ndev->adopted = domain;
	WRITE_ONCE(ndev->msi_requested, true);
	return 0;
}

/**
 * nyx_adopt_device() - let a device that has a driver get its MSIs from the unit
 * @ndev: the device; its unit lets compatibility format pass
 *
 * MSIs that the driver has requested are adopted, and remapped from now on.
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held.
 * Return: 0; -EBUSY if the driver is requesting or freeing an interrupt; -EOPNOTSUPP
 *	if it has requested MSIs and freed all of them, so that the domain of
 *	later ones is unknown; -EPERM if the interrupts of the device must always
 *	pass; or an error of nyx_splice_in() or nyx_adopt_entry_in(). On error
 *	nothing has changed.
 */
int nyx_adopt_device(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	struct device *dev = ndev->dev;
	const void *requested = READ_ONCE(dev->msi.data);
	int ret = 0;

	device_lock_assert(dev);
	lockdep_assert_held(&nyx_devices_lock);
	guard(cpus_read_lock)();
	if (requested) {
		guard(msi_descs_lock)(dev);
		ret = nyx_adopt_domain(ndev);
	} else if (nyx_adopt_by_entry(ndev) &&
		   !unit->intr.ops->block_compat(unit, ndev)) {
		ret = -EPERM;
	}
	if (ret)
		return ret;
	WRITE_ONCE(ndev->remapped, true);
	dev_set_msi_domain(dev, unit->intr.domain);
	/*
	 * Stores the domain before it reads dev->msi.data. A driver that requests
	 * its first MSI sets that before it reads the domain: either the driver
	 * reads the new domain, or this sees the data.
	 */
	smp_mb();
	if (!requested && READ_ONCE(dev->msi.data)) {
		dev_set_msi_domain(dev, x86_vector_domain);
		WRITE_ONCE(ndev->remapped, false);
		nyx_intr_allow_compat(ndev);
		return -EBUSY;
	}
	return 0;
}

/**
 * nyx_adopt_is_busy() - check whether a driver keeps a device's interrupts remapped
 * @ndev: the device
 *
 * Context: May sleep; nyx_devices_lock is held, and the device's lock.
 * Return: true if nyx_adopt_return() could not return its interrupts: the driver
 *	has requested them from the unit, or the MSI domain of the device refers
 *	to it.
 */
bool nyx_adopt_is_busy(const struct nyx_device *ndev)
{
	return !ndev->adopted && (READ_ONCE(ndev->msi_requested) ||
				  nyx_intr_device_has_any(ndev));
}

/**
 * nyx_adopt_return() - undo nyx_adopt_device()
 * @ndev: the device; its unit lets compatibility format pass. If it is not
 *	adopted, its driver has requested no MSIs from the unit
 *
 * Interrupts that the driver has allocated meanwhile are returned, too.
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held.
 * Return: 0; -EBUSY if nyx_adopt_is_busy() or the driver is replacing its MSIs, or an
 *	error of nyx_adopt_entry_out(), with nothing changed.
 */
int nyx_adopt_return(struct nyx_device *ndev)
{
	struct device *dev = ndev->dev;
	struct irq_domain *domain;
	LIST_HEAD(removed);
	int ret = 0;

	device_lock_assert(dev);
	lockdep_assert_held(&nyx_devices_lock);
	/* Its driver may have requested MSIs since the caller checked. */
	if (nyx_adopt_is_busy(ndev))
		return -EBUSY;
	guard(cpus_read_lock)();
	if (ndev->adopted) {
		guard(msi_descs_lock)(dev);
		/* The driver may have replaced it, by switching from MSI to MSI-X. */
		domain = READ_ONCE(ndev->adopted);
		if (!domain)
			return -EBUSY;
		guard(mutex)(&domain->root->mutex);
		if (nyx_adopt_by_entry(ndev))
			ret = nyx_adopt_entry_out(ndev);
		else
			nyx_adopt_return_all(dev, &nyx_adopt_source, &removed);
		nyx_splice_free(&removed);
		if (ret)
			return ret;
		domain->parent = x86_vector_domain;
		ndev->adopted = NULL;
		WRITE_ONCE(ndev->msi_requested, false);
	} else {
		nyx_intr_allow_compat(ndev);
	}
	dev_set_msi_domain(dev, x86_vector_domain);
	WRITE_ONCE(ndev->remapped, false);
	return 0;
}
