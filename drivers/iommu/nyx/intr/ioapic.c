// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of I/O APICs whose interrupts are remapped.
 */
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/unit.h>

#include "ioapic.h"

LIST_HEAD(nyx_ioapics);

/*
 * The kernel's chip for pins that are not remapped. It gives another one to pins
 * that get a device while the I/O APIC is adopted. Set with the mutex of the CPUs'
 * vector domain held, before such a pin exists, and not changed afterwards.
 */
struct irq_chip *nyx_ioapic_chip;

/**
 * nyx_ioapic_set_chip() - prepare a pin that got a device while it is adopted
 * @data: the unit's irq_data of the pin
 *
 * The chip that the kernel gives it leaves it to the unit to release the vector
 * from which the pin has moved. That is possible only for built-in drivers, so the
 * pin gets the chip of other pins, which does that itself.
 *
 * Context: Any; the lock of the descriptor is held.
 */
void nyx_ioapic_set_chip(const struct irq_data *data)
{
	irq_get_irq_data(data->irq)->chip = nyx_ioapic_chip;
}

/**
 * nyx_ioapic_find() - find the record of an I/O APIC
 * @unit: the unit that must remap its interrupts
 * @id: its APIC ID
 *
 * Context: The mutex of the CPUs' vector domain is held.
 * Return: the source of its interrupts; NULL if it is not adopted.
 */
struct nyx_device *nyx_ioapic_find(const struct nyx_unit *unit, u32 id)
{
	const struct nyx_ioapic *ioapic;

	list_for_each_entry(ioapic, &nyx_ioapics, node)
		if (ioapic->id == id && ioapic->ndev->unit == unit)
			return ioapic->ndev;
	return NULL;
}

static void nyx_ioapic_release(struct device *dev)
{
	kfree(dev);
}

/* I/O APICs have no device in the kernel: this one only carries the name. */
static struct device *nyx_ioapic_device(u8 id)
{
	struct device *dev = kzalloc_obj(*dev);

	if (!dev)
		return NULL;
	device_initialize(dev);
	dev->release = nyx_ioapic_release;
	if (!dev_set_name(dev, "IO-APIC-%u", id))
		return dev;
	put_device(dev);
	return NULL;
}

/**
 * nyx_ioapic_create() - create the record of an I/O APIC
 * @unit: the unit that remaps its interrupts
 * @id: its APIC ID
 * @rid: requester ID of its interrupt requests
 * @domain: interrupt domain of its pins
 *
 * Context: May sleep.
 * Return: the record, not on the list; NULL without memory.
 */
struct nyx_ioapic *nyx_ioapic_create(struct nyx_unit *unit, u8 id, u16 rid,
				     struct irq_domain *domain)
{
	struct nyx_ioapic *ioapic __free(kfree) = kzalloc_obj(*ioapic);
	struct nyx_device *ndev __free(kfree) = kzalloc_obj(*ndev);

	if (!ioapic || !ndev)
		return NULL;
	ndev->dev = nyx_ioapic_device(id);
	if (!ndev->dev)
		return NULL;
	kref_init(&ndev->refs);
	ndev->unit = unit;
	ndev->ioapic = true;
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->nr_rids = 1;
	ioapic->id = id;
	ioapic->domain = domain;
	ioapic->ndev = no_free_ptr(ndev);
	return no_free_ptr(ioapic);
}

/**
 * nyx_ioapic_free() - undo nyx_ioapic_create()
 * @ioapic: the record, not on the list
 *
 * Context: May sleep.
 */
void nyx_ioapic_free(struct nyx_ioapic *ioapic)
{
	nyx_device_drop(ioapic->ndev);
	kfree(ioapic);
}
