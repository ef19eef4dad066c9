// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adopting the pins of I/O APICs, which have been in use since the kernel booted,
 * and returning them.
 *
 * An I/O APIC is adopted as a whole: the unit's domain becomes the parent of its
 * domain, so pins that get a device later are remapped, too. The store that changes
 * the format of a pin is that to the upper half of its entry, which has the format
 * and the index of the interrupt entry, or the destination. The vector is in the
 * lower half and stays the same. Bit 15 of the index is in the lower half, too, so
 * the index must be below 32768, and destinations physical.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/acpi.h>
#include <linux/cleanup.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <asm/apic.h>
#include <asm/irqdomain.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "firmware/madt.h"
#include "ioapic.h"
#include "msi.h"
#include "splice.h"

/*
 * If the timer's interrupt does not arrive through its pin, the kernel gives interrupt 0
 * another chip, which has no such operation, and leaves the pin.
 */
static bool nyx_pin_is_used(const struct irq_data *top)
{
	return top->chip->irq_get_irqchip_state;
}

/*
 * Activating a pin writes the message that the chain composes to its entry, the
 * upper half first. The read of the state reads the entry.
 */
static void nyx_pin_write(struct irq_data *top)
{
	bool state;

	top->domain->ops->activate(top->domain, top, false);
	top->chip->irq_get_irqchip_state(top, IRQCHIP_STATE_ACTIVE, &state);
}

static const struct nyx_splice_source nyx_pin_source = {
	.chip = &nyx_pin_chip,
	.max_index = 0x7fff,	/* bit 15 is in the other half of the entry */
	.write = nyx_pin_write,
};

/*
 * Returns the irq_data of a pin at the top of its chain; NULL if it is unused. The
 * timer has interrupt 0, for which irq_find_mapping() would report that. The mutex
 * of the root domain is held, or only one CPU runs.
 */
static struct irq_data *nyx_pin_top(struct irq_domain *domain, unsigned int pin)
{
	unsigned int irq;

	return __irq_resolve_mapping(domain, pin, &irq) ? irq_get_irq_data(irq) :
							  NULL;
}

static void nyx_pins_splice_out(struct irq_domain *domain)
{
	LIST_HEAD(removed);
	struct irq_data *top;
	unsigned int pin;

	domain->parent = x86_vector_domain;
	for (pin = 0; pin < domain->revmap_size; pin++) {
		top = nyx_pin_top(domain, pin);
		if (!top || nyx_splice_is_direct(top))
			continue;
		/* A pin that was never activated. */
		if (top->chip != nyx_ioapic_chip)
			irq_set_chip(top->irq, nyx_ioapic_chip);
		nyx_splice_out(top, &nyx_pin_source, &removed);
	}
	nyx_splice_free(&removed);
}

static int nyx_pins_splice_in(struct nyx_ioapic *ioapic)
{
	struct irq_domain *domain = ioapic->domain;
	struct irq_data *top;
	unsigned int pin;
	int ret;

	for (pin = 0; pin < domain->revmap_size; pin++) {
		top = nyx_pin_top(domain, pin);
		if (!top || !nyx_pin_is_used(top))
			continue;
		ret = nyx_splice_is_direct(top) ?
		      nyx_splice_in(top, ioapic->ndev, &nyx_pin_source) :
		      -EOPNOTSUPP;
		if (ret) {
			nyx_pins_splice_out(domain);
			return ret;
		}
		nyx_ioapic_chip = top->chip;
	}
	if (!nyx_ioapic_chip)
		return -EOPNOTSUPP;
	domain->parent = ioapic->ndev->unit->intr.domain;
	list_add_tail(&ioapic->node, &nyx_ioapics);
	return 0;
}

/*
 * Names of the domains of I/O APICs, with an ID. The kernel finds the parent of
 * such a domain by its name, too.
 */
#define NYX_PINS_DOMAIN "IO-APIC-"

static struct irq_domain *nyx_pins_search(u8 id)
{
	struct irq_domain *domain;
	struct irq_data *top;
	unsigned int irq;
	char name[16];

	snprintf(name, sizeof(name), NYX_PINS_DOMAIN "%u", id);
	guard(mutex)(&x86_vector_domain->root->mutex);
	for_each_irq_nr(irq) {
		top = nyx_splice_top(irq);
		domain = top ? top->domain : NULL;
		if (domain && !strcmp(domain->name, name))
			return domain;
	}
	return NULL;
}

/*
 * Finds the interrupt domain of an I/O APIC. The kernel offers a way from an
 * interrupt to its domain only, so an I/O APIC without any gets one meanwhile.
 */
static struct irq_domain *nyx_pins_domain(u8 id, u32 gsi)
{
	struct irq_domain *domain = nyx_pins_search(id);

	if (domain)
		return domain;
	if (acpi_register_gsi(NULL, gsi, ACPI_LEVEL_SENSITIVE,
			      ACPI_ACTIVE_LOW) < 0)
		return NULL;
	domain = nyx_pins_search(id);
	acpi_unregister_gsi(gsi);
	return domain;
}

static const char *nyx_pins_why_not(const struct nyx_unit *unit,
				    const struct irq_domain *domain)
{
	if (unit == ERR_PTR(-ENXIO))
		return "its unit stays off";
	if (IS_ERR(unit))
		return "no unit serves it";
	if (!unit->intr.on)
		return "its unit does not remap interrupts";
	if (unit->intr.compat != NYX_INTR_COMPAT_ALLOWED)
		return "its unit blocks compatibility format";
	if (apic->dest_mode_logical)
		return "interrupts have logical destinations";
	if (!domain)
		return "its interrupt domain was not found";
	if (domain->parent != x86_vector_domain)
		return "its interrupts are remapped by another driver";
	return NULL;
}

/* Reads the ID of an I/O APIC from the name of its domain. */
static bool nyx_pins_id(const struct irq_domain *domain, u8 *id)
{
	size_t prefix = str_has_prefix(domain->name, NYX_PINS_DOMAIN);

	return prefix && !kstrtou8(domain->name + prefix, 10, id);
}

/**
 * nyx_pins_why_direct() - find out why the pins of an I/O APIC bypass remapping
 * @domain: interrupt domain of the pins
 * @unit: set to the unit that serves the I/O APIC; ERR_PTR(-ENODEV) if none is known
 *	to, ERR_PTR(-ENXIO) if it stays off
 *
 * Context: May sleep.
 * Return: the reason; NULL if @domain is not that of an I/O APIC.
 */
const char *nyx_pins_why_direct(const struct irq_domain *domain,
				const struct nyx_unit **unit)
{
	u16 rid;
	u8 id;

	*unit = ERR_PTR(-ENODEV);
	if (!nyx_pins_id(domain, &id))
		return NULL;
	if (!nyx_vendor->ioapic)
		return "its unit cannot adopt pins";
	*unit = nyx_vendor->ioapic(id, &rid);
	return nyx_pins_why_not(*unit, domain) ?: "adopting its pins failed";
}

/*
 * Compatibility format is needed by @unit, or by any if that is not known. A unit that
 * stays off lets everything pass.
 */
static void nyx_pins_keep_compat(struct nyx_unit *unit)
{
	struct nyx_unit *each;

	if (unit == ERR_PTR(-ENXIO))
		return;
	list_for_each_entry(each, &nyx_units, node)
		if (IS_ERR(unit) || each == unit)
			each->intr.compat_fixed = true;
}

static void nyx_pins_adopt_one(u8 id, u32 gsi)
{
	struct irq_domain *domain = nyx_pins_domain(id, gsi);
	struct nyx_ioapic *ioapic;
	struct nyx_unit *unit;
	const char *why;
	u16 rid = 0;
	int ret;

	unit = nyx_vendor->ioapic(id, &rid);
	why = nyx_pins_why_not(unit, domain);
	if (why) {
		/* Without remapping, nyx_intr_log() logs that for the unit. */
		if (IS_ERR(unit) || unit->intr.on)
			pr_info("interrupts of I/O APIC %u are not remapped: %s\n",
				id, why);
		nyx_pins_keep_compat(unit);
		return;
	}
	ioapic = nyx_ioapic_create(unit, id, rid, domain);
	if (!ioapic) {
		pr_warn("interrupts of I/O APIC %u are not remapped: no memory\n",
			id);
		nyx_pins_keep_compat(unit);
		return;
	}
	scoped_guard(mutex, &domain->root->mutex)
		ret = nyx_pins_splice_in(ioapic);
	if (!ret)
		return;
	pr_warn("%s: interrupts of I/O APIC %u are not remapped (%d)\n",
		unit->name, id, ret);
	nyx_ioapic_free(ioapic);
	nyx_pins_keep_compat(unit);
}

/**
 * nyx_pins_adopt() - remap the interrupts of all I/O APICs
 *
 * What prevents that for an I/O APIC is logged. nyx_intr_unit.compat_fixed stays
 * set for units that such an I/O APIC may concern.
 *
 * Context: May sleep.
 */
void nyx_pins_adopt(void)
{
	struct acpi_table_header *madt;
	struct nyx_unit *unit;
	unsigned int i;
	u32 gsi;
	int id;

	if (!nyx_vendor->ioapic ||
	    ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &madt)))
		return;
	list_for_each_entry(unit, &nyx_units, node)
		unit->intr.compat_fixed = false;
	for (i = 0; (id = nyx_madt_ioapic(madt, madt->length, i, &gsi)) >= 0; i++)
		nyx_pins_adopt_one(id, gsi);
	acpi_put_table(madt);
}

static bool nyx_pins_has(const struct nyx_unit *unit)
{
	const struct nyx_ioapic *ioapic;

	list_for_each_entry(ioapic, &nyx_ioapics, node)
		if (ioapic->ndev->unit == unit)
			return true;
	return false;
}

/**
 * nyx_pins_return() - undo nyx_pins_adopt()
 *
 * Context: May sleep. The units let compatibility format pass.
 */
void nyx_pins_return(void)
{
	struct nyx_ioapic *ioapic, *next;
	LIST_HEAD(returned);

	scoped_guard(mutex, &x86_vector_domain->root->mutex) {
		list_for_each_entry(ioapic, &nyx_ioapics, node)
			nyx_pins_splice_out(ioapic->domain);
		list_splice_init(&nyx_ioapics, &returned);
	}
	list_for_each_entry_safe(ioapic, next, &returned, node)
		nyx_ioapic_free(ioapic);
}

/**
 * nyx_pins_are_adopted() - check whether a unit remaps interrupts of an I/O APIC
 * @unit: the unit
 *
 * Context: May sleep.
 * Return: true if it does.
 */
bool nyx_pins_are_adopted(const struct nyx_unit *unit)
{
	guard(mutex)(&x86_vector_domain->root->mutex);
	return nyx_pins_has(unit);
}

/* Writes the entries of all pins below a unit that are in use. */
static void nyx_pins_write(struct nyx_unit *unit, bool pass)
{
	struct nyx_ioapic *ioapic;
	struct irq_data *top;
	unsigned int pin;

	WRITE_ONCE(unit->intr.pins_pass, pass);
	list_for_each_entry(ioapic, &nyx_ioapics, node) {
		if (ioapic->ndev->unit != unit)
			continue;
		for (pin = 0; pin < ioapic->domain->revmap_size; pin++) {
			top = nyx_pin_top(ioapic->domain, pin);
			if (!top || nyx_splice_is_direct(top))
				continue;
			/* The kernel takes its lock of the I/O APIC. */
			guard(raw_spinlock_irqsave)(&irq_data_to_desc(top)->lock);
			if (irqd_is_activated(top))
				nyx_pin_write(top);
		}
	}
}

/**
 * nyx_pins_leave() - let I/O APICs bypass a unit that is about to be disabled
 * @unit: the unit. Nothing happens if it remaps no interrupts of an I/O APIC
 *
 * The interrupts stay adopted. Compatibility format is allowed first, and
 * nyx_intr_unit.compat keeps its earlier state.
 *
 * Context: Any, also interrupts off. The list of I/O APICs does not change. At a
 *	reboot other CPUs may run: the kernel serializes changes of a pin's entry.
 */
void nyx_pins_leave(struct nyx_unit *unit)
{
	if (!unit->intr.on || !nyx_pins_has(unit))
		return;
	unit->intr.ops->set_compat(unit, true);
	nyx_pins_write(unit, true);
}

/**
 * nyx_pins_enter() - undo nyx_pins_leave()
 * @unit: the unit, enabled again, with compatibility format allowed
 *
 * Context: Only one CPU runs.
 */
void nyx_pins_enter(struct nyx_unit *unit)
{
	if (unit->intr.pins_pass && unit->intr.on)
		nyx_pins_write(unit, false);
}
