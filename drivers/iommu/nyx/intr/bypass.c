// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that bypass remapping: for these, a unit lets compatibility format
 * pass, or loses them when it blocks that format.
 */
#include <linux/cleanup.h>
#include <linux/crash_dump.h>
#include <linux/device.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/msi.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include <asm/irqdomain.h>

#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "bypass.h"
#include "ioapic.h"
#include "pci/pci.h"
#include "splice.h"

/**
 * nyx_bypass_device_sends() - check whether a device sends MSIs
 * @ndev: the device
 *
 * Context: Any.
 * Return: true if its MSI or MSI-X capability is enabled.
 */
bool nyx_bypass_device_sends(const struct nyx_device *ndev)
{
	const struct pci_dev *pdev;

	if (!dev_is_pci(ndev->dev))
		return false;
	pdev = to_pci_dev(ndev->dev);
	return pdev->msi_enabled || pdev->msix_enabled;
}

/**
 * nyx_bypass_device_may() - check whether the MSIs of a device bypass remapping
 * @ndev: the device
 *
 * Context: Any.
 * Return: true if it sends MSIs in compatibility format, or may do so.
 */
bool nyx_bypass_device_may(struct nyx_device *ndev)
{
	return dev_is_pci(ndev->dev) &&
	       nyx_intr_is_compat(dev_get_msi_domain(ndev->dev) ==
				 x86_vector_domain, ndev->dev->driver,
				 nyx_bypass_device_sends(ndev));
}

/*
 * Whether the unit decides about the format for each requester ID, and another device
 * has one of them.
 */
static bool nyx_bypass_shares_entry(const struct nyx_device *ndev)
{
	const struct nyx_intr_ops *ops = ndev->unit->intr.ops;
	const struct nyx_device *peer;

	if (!ops || !ops->block_compat)
		return false;
	list_for_each_entry(peer, &nyx_devices, node)
		if (peer != ndev && nyx_group_same_rid(peer, ndev))
			return true;
	return false;
}

/**
 * nyx_bypass_refusal() - find out why a device must not be adopted
 * @ndev: the device; it has a driver
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: the reason, which lasts until the driver is unbound; NULL if there is none.
 */
const char *nyx_bypass_refusal(const struct nyx_device *ndev)
{
	lockdep_assert_held(&nyx_devices_lock);
	if (nyx_bypass_shares_entry(ndev))
		return "it shares a requester ID with another device";
	return ndev->why_direct;
}

/* Why no interrupts are adopted at all, or NULL. */
static const char *nyx_bypass_never(void)
{
	if (nyx_intr_adopts())
		return NULL;
	return is_kdump_kernel() ? "this is a capture kernel" :
				   "adopt_interrupts=0";
}

/* Why a device that has a driver was not adopted; @otherwise in most cases. */
static const char *nyx_bypass_reason(const struct nyx_device *ndev,
				     const char *otherwise)
{
	return nyx_bypass_never() ?: nyx_bypass_refusal(ndev) ?: otherwise;
}

/* Units do not remap their own fault interrupts, and never block them. */
static bool nyx_bypass_is_fault_irq(unsigned int irq)
{
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (unit->fault_irq.nr == irq)
			return true;
	return false;
}

/* An MSI whose driver is just requesting it has no descriptor yet. */
static bool nyx_bypass_describe_msi(struct irq_data *top,
				    struct nyx_bypass *bypass)
{
	const struct msi_desc *desc = irq_data_get_msi_desc(top);
	const struct nyx_device *ndev;

	ndev = desc ? nyx_device_lookup(desc->dev) : NULL;
	if (!ndev)
		return false;
	bypass->unit = ndev->unit;
	bypass->source = dev_name(ndev->dev);
	bypass->reason = nyx_bypass_reason(ndev, "it could not be adopted");
	return true;
}

static void nyx_bypass_describe_chipset(struct irq_data *top,
					struct nyx_bypass *bypass)
{
	const struct nyx_unit *unit;
	const char *reason;

	bypass->source = top->domain->name;
	reason = nyx_pins_why_direct(top->domain, &unit);
	bypass->unit = IS_ERR(unit) ? NULL : unit;
	bypass->chipset = unit != ERR_PTR(-ENXIO);
	bypass->reason = nyx_bypass_never() ?: reason ?:
			 "no interrupts of this source are adopted";
}

static void nyx_bypass_visit_interrupts(nyx_bypass_visit *visit, void *arg)
{
	struct nyx_bypass bypass;
	struct irq_data *top;
	unsigned int irq;

	guard(mutex)(&x86_vector_domain->root->mutex);
	for_each_irq_nr(irq) {
		top = nyx_splice_top(irq);
		if (!top || !nyx_splice_is_direct(top) ||
		    nyx_bypass_is_fault_irq(irq))
			continue;
		bypass = (struct nyx_bypass){ .irq = irq };
		if (!(top->domain->flags & IRQ_DOMAIN_FLAG_MSI_DEVICE))
			nyx_bypass_describe_chipset(top, &bypass);
		else if (!nyx_bypass_describe_msi(top, &bypass))
			continue;
		visit(&bypass, arg);
	}
}

/* Devices that may bypass remapping without having an interrupt. */
static void nyx_bypass_visit_devices(nyx_bypass_visit *visit, void *arg)
{
	struct nyx_device *ndev;
	bool sending;

	list_for_each_entry(ndev, &nyx_devices, node) {
		if (!nyx_bypass_device_may(ndev))
			continue;
		sending = nyx_bypass_device_sends(ndev);
		if (sending && READ_ONCE(ndev->dev->driver))
			continue;
		visit(&(struct nyx_bypass){
			.irq = -1,
			.source = dev_name(ndev->dev),
			.unit = ndev->unit,
			.reason = sending ?
				  "firmware or a former driver left its MSIs enabled" :
				  nyx_bypass_reason(ndev, "its driver freed all MSIs"),
		}, arg);
	}
}

/**
 * nyx_bypass_for_each() - visit everything that bypasses remapping
 * @visit: called for each interrupt, and for each device that may bypass remapping
 *	without having an interrupt
 * @arg: argument for @visit
 *
 * Context: May sleep; nyx_devices_lock is held. @visit is called with the mutex of
 *	the CPUs' vector domain held.
 */
void nyx_bypass_for_each(nyx_bypass_visit *visit, void *arg)
{
	lockdep_assert_held(&nyx_devices_lock);
	nyx_bypass_visit_interrupts(visit, arg);
	nyx_bypass_visit_devices(visit, arg);
}

/**
 * struct nyx_bypass_search - a search for chipset interrupts
 * @unit: the unit that they may concern
 * @found: there is one
 */
struct nyx_bypass_search {
	const struct nyx_unit *unit;
	bool found;
};

static void nyx_bypass_match(const struct nyx_bypass *bypass, void *arg)
{
	struct nyx_bypass_search *search = arg;

	search->found |= bypass->chipset &&
			 (!bypass->unit || bypass->unit == search->unit);
}

/**
 * nyx_bypass_chipset_does() - check whether chipset interrupts bypass a unit
 * @unit: the unit
 *
 * These are pins of I/O APICs, and MSIs of HPETs. If no unit is known to serve
 * their source, they count for every unit.
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: true if there is such an interrupt.
 */
bool nyx_bypass_chipset_does(const struct nyx_unit *unit)
{
	struct nyx_bypass_search search = { .unit = unit };

	lockdep_assert_held(&nyx_devices_lock);
	nyx_bypass_visit_interrupts(nyx_bypass_match, &search);
	return search.found;
}
