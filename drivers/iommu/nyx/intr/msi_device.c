// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI domains of devices, and the devices that still need compatibility format.
 *
 * A driver requests MSIs from the domain that the device has at that time. So
 * the domain is changed only while no driver is bound, or together with the
 * interrupts of the driver: see adopt.c.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/irqdomain.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include <asm/irqdomain.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "adopt.h"
#include "bypass.h"
#include "ioapic.h"
#include "msi.h"
#include "pci/pci.h"
#include "quirks/quirks.h"

/* How often and how long to wait for a driver that is requesting interrupts. */
#define NYX_MSI_ADOPT_TRIES 50U
#define NYX_MSI_ADOPT_PAUSE_MS 10

/* Set when loading can no longer fail; protected by nyx_devices_lock. */
static bool nyx_msi_is_open;

/*
 * The module cannot be unloaded before nyx_msi_return(). Set once by loading, and
 * cleared with nyx_devices_lock held.
 */
static bool nyx_msi_holds_module;

/*
 * Set when interrupts in use were adopted: until then all units let compatibility
 * format pass. Protected by nyx_devices_lock.
 */
static bool nyx_msi_is_settled;

/*
 * Blocking compatibility format of a device affects every device that shares
 * a requester ID with it. Such devices are adopted together, but before
 * nyx_msi_open() a driver may be bound to one of them and use that format.
 */
static bool nyx_msi_peer_is_compat(const struct nyx_device *ndev)
{
	struct nyx_device *peer;

	list_for_each_entry(peer, &nyx_devices, node)
		if (peer != ndev && nyx_group_same_rid(peer, ndev) &&
		    nyx_bypass_device_may(peer))
			return true;
	return false;
}

/**
 * nyx_msi_attach() - let a device get its MSIs from the unit
 * @ndev: the device; managed or about to be, and without a driver
 *
 * A driver that is being bound has not requested MSIs: nyx_msi_bind() runs
 * first and waits for the lock.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_attach(struct nyx_device *ndev)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;

	lockdep_assert_held(&nyx_devices_lock);
	if (ndev->remapped)
		return;
	nyx_msi_reset_inherited(ndev->dev);
	/*
	 * A device below a VMD has the VMD's domain, whose MSIs the unit
	 * remaps.
	 */
	if (!nyx_msi_is_open || !intr->on ||
	    dev_get_msi_domain(ndev->dev) != x86_vector_domain)
		return;
	if (intr->ops->block_compat &&
	    (nyx_bypass_device_sends(ndev) || nyx_msi_peer_is_compat(ndev) ||
	     !intr->ops->block_compat(ndev->unit, ndev)))
		return;
	dev_set_msi_domain(ndev->dev, intr->domain);
	ndev->remapped = true;
}

/**
 * nyx_msi_detach() - let a device get MSIs in compatibility format again
 * @ndev: the device, no longer managed
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_detach(struct nyx_device *ndev)
{
	struct nyx_intr_unit *intr = &ndev->unit->intr;

	lockdep_assert_held(&nyx_devices_lock);
	nyx_msi_reset_inherited(ndev->dev);
	ndev->remapped = false;
	/*
	 * A driver that was bound meanwhile keeps its interrupts until it is
	 * unbound.
	 */
	if (intr->domain)
		nyx_intr_allow_compat(ndev);
}

/*
 * Returns whether a device is assigned to a driver that manages its mappings
 * itself, like VFIO does for a virtual machine. Other devices of the group that
 * have no driver, such as the bridge above, are attached to the same domain and
 * do not count.
 */
static bool nyx_msi_is_assigned(struct nyx_device *ndev)
{
	const struct nyx_domain *domain;

	if (!READ_ONCE(ndev->dev->driver))
		return false;
	guard(mutex)(&ndev->entry_lock);
	domain = nyx_domain_base(ndev->domain);
	return domain &&
	       domain->pt.iommu.domain.type == IOMMU_DOMAIN_UNMANAGED;
}

/* Returns the first device of @unit for which @is() holds. */
static struct nyx_device *nyx_msi_find(const struct nyx_unit *unit,
				       bool (*is)(struct nyx_device *ndev))
{
	struct nyx_device *ndev;

	list_for_each_entry(ndev, &nyx_devices, node)
		if (ndev->unit == unit && is(ndev))
			return ndev;
	return NULL;
}

/* Allows or blocks compatibility format; returns whether the state changed. */
static bool nyx_msi_update_unit_compat(struct nyx_unit *unit)
{
	struct nyx_device *sender = nyx_msi_find(unit, nyx_bypass_device_may);
	struct nyx_intr_unit *intr = &unit->intr;
	enum nyx_intr_compat old = intr->compat;
	struct nyx_device *assigned;
	bool allow, allowed;

	if (!intr->on || !intr->ops->set_compat)
		return false;
	allow = (intr->compat_fixed || sender) && !intr->compat_never;
	allowed = old == NYX_INTR_COMPAT_ALLOWED;
	if (allow == allowed)
		return false;
	/* The flag must not promise isolation while such requests may pass. */
	if (allow)
		nyx_msi_set_isolated(unit, false);
	intr->compat = intr->ops->set_compat(unit, allow);
	nyx_msi_set_isolated(unit, intr->compat != NYX_INTR_COMPAT_ALLOWED);
	/* VFIO accepted the device when it could not forge interrupts. */
	assigned = allow && sender ? nyx_msi_find(unit, nyx_msi_is_assigned) :
				     NULL;
	if (assigned)
		nyx_intr_log_forgery(unit, sender->dev, assigned->dev);
	return intr->compat != old;
}

/**
 * nyx_msi_update_compat() - allow compatibility format only while it is needed
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_msi_update_compat(void)
{
	struct nyx_unit *unit;

	lockdep_assert_held(&nyx_devices_lock);
	if (!nyx_msi_is_settled)
		return;
	list_for_each_entry(unit, &nyx_units, node)
		if (nyx_msi_update_unit_compat(unit))
			nyx_intr_log(unit);
}

/*
 * Whether the unit decides about the format for each requester ID, and remaps the
 * interrupts of an adopted device that shares one.
 */
static bool nyx_msi_peer_is_remapped(const struct nyx_device *ndev)
{
	const struct nyx_intr_ops *ops = ndev->unit->intr.ops;
	const struct nyx_device *peer;

	if (!ops || !ops->block_compat)
		return false;
	list_for_each_entry(peer, &nyx_devices, node)
		if (peer != ndev && peer->adopted &&
		    nyx_group_same_rid(peer, ndev))
			return true;
	return false;
}

/**
 * nyx_msi_bind() - prepare a device's interrupts for a driver that is being
 * bound
 * @ndev: the device
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held, and the
 *	driver has requested no interrupt so far.
 */
void nyx_msi_bind(struct nyx_device *ndev)
{
	device_lock_assert(ndev->dev);
	if (nyx_device_is_managed(ndev) || nyx_msi_peer_is_remapped(ndev))
		nyx_msi_attach(ndev);
	else
		nyx_msi_detach(ndev);
	/*
	 * From now on its MSIs are remapped, or it needs compatibility format.
	 */
	nyx_msi_update_compat();
}

/**
 * nyx_msi_forget_driver() - note that the MSI domain of a driver is gone
 * @ndev: the device; its driver was unbound
 *
 * Context: Any; nyx_devices_lock is held.
 */
void nyx_msi_forget_driver(struct nyx_device *ndev)
{
	lockdep_assert_held(&nyx_devices_lock);
	WRITE_ONCE(ndev->msi_requested, false);
	ndev->adopted = NULL;
	ndev->why_direct = NULL;
}

/**
 * nyx_msi_unbound() - update a device's interrupts after its driver was unbound
 * @ndev: the device; managed
 *
 * A driver that was bound before interrupts were remapped kept the device, and
 * others with the same requester ID, from getting MSIs from the unit.
 *
 * Context: May sleep; the device's lock and nyx_devices_lock are held.
 */
void nyx_msi_unbound(struct nyx_device *ndev)
{
	struct nyx_device *peer;

	nyx_msi_forget_driver(ndev);
	nyx_msi_attach(ndev);
	/* Devices that are being bound are left to nyx_msi_bind(). */
	list_for_each_entry(peer, &nyx_devices, node)
		if (nyx_device_is_managed(peer) && !READ_ONCE(peer->dev->driver) &&
		    nyx_group_same_rid(peer, ndev))
			nyx_msi_attach(peer);
	nyx_msi_update_compat();
}

static bool nyx_msi_can_adopt(const struct nyx_device *ndev)
{
	const struct nyx_intr_unit *intr = &ndev->unit->intr;

	return intr->on && intr->compat != NYX_INTR_COMPAT_BLOCKED &&
	       dev_is_pci(ndev->dev) && !ndev->remapped &&
	       READ_ONCE(ndev->dev->driver) &&
	       dev_get_msi_domain(ndev->dev) == x86_vector_domain;
}

static int nyx_msi_try_adopt(struct device *dev, bool last)
{
	struct nyx_device *ndev;
	const char *why;
	int ret;

	guard(device)(dev);
	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_device_lookup(dev);
	if (!ndev || !nyx_msi_can_adopt(ndev))
		return 0;
	if (nyx_quirk_copies_messages(dev))
		ndev->why_direct = "its driver has copied the messages";
	why = nyx_bypass_refusal(ndev);
	ret = why ? -EPERM : nyx_adopt_device(ndev);
	if (why)
		dev_info(dev, "%s does not remap its interrupts until its driver is unbound: %s\n",
			 ndev->unit->name, why);
	else if (ret && (last || ret != -EBUSY))
		dev_info(dev, "%s does not remap its interrupts (%d) until its driver is unbound\n",
			 ndev->unit->name, ret);
	return ret;
}

/*
 * A driver may be requesting an interrupt, which takes no longer than a moment. A
 * suspended device is resumed, because it would restore messages that change.
 */
static void nyx_msi_adopt(struct device *dev)
{
	unsigned int tries = NYX_MSI_ADOPT_TRIES;

	pm_runtime_get_sync(dev);
	while (tries-- && nyx_msi_try_adopt(dev, !tries) == -EBUSY)
		msleep(NYX_MSI_ADOPT_PAUSE_MS);
	pm_runtime_put(dev);
}

/*
 * Adopts the interrupts of all devices that have a driver. The lock of a device is
 * outside of nyx_devices_lock, so the devices are collected first.
 */
static void nyx_msi_adopt_all(void)
{
	struct device **devs = NULL;
	struct nyx_device *ndev;
	size_t n = 0, i;

	scoped_guard(mutex, &nyx_devices_lock) {
		list_for_each_entry(ndev, &nyx_devices, node)
			n += nyx_msi_can_adopt(ndev);
		devs = kvcalloc(n + 1, sizeof(*devs), GFP_KERNEL);
		if (!devs) {
			pr_warn("no memory: interrupts that are in use are not remapped\n");
			return;
		}
		n = 0;
		list_for_each_entry(ndev, &nyx_devices, node)
			if (nyx_msi_can_adopt(ndev))
				devs[n++] = get_device(ndev->dev);
	}
	for (i = 0; i < n; i++) {
		nyx_msi_adopt(devs[i]);
		put_device(devs[i]);
	}
	kvfree(devs);
}

static void nyx_msi_attach_unbound(void)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	nyx_msi_is_open = true;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (nyx_device_is_managed(ndev) && !READ_ONCE(ndev->dev->driver))
			nyx_msi_attach(ndev);
}

/**
 * nyx_msi_open() - start to remap the interrupts of devices
 *
 * To be called when loading can no longer fail: drivers may request interrupts
 * at once, and nothing can take these away from them.
 *
 * Context: May sleep.
 */
void nyx_msi_open(void)
{
	struct nyx_unit *unit;

	nyx_msi_attach_unbound();
	if (nyx_intr_adopts()) {
		/* Not every device that is adopted has an interrupt that does this. */
		__module_get(THIS_MODULE);
		nyx_msi_holds_module = true;
		nyx_msi_adopt_all();
		nyx_pins_adopt();
	}
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_is_settled = true;
	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->enabled)
			continue;
		if (nyx_intr_adopts() && nyx_bypass_chipset_does(unit))
			unit->intr.compat_fixed = true;
		if (unit->intr.on && unit->intr.ops->block_unowned)
			unit->intr.ops->block_unowned(unit);
		if (unit->intr.on)
			nyx_msi_set_isolated(unit, unit->intr.compat !=
					     NYX_INTR_COMPAT_ALLOWED);
		nyx_msi_update_unit_compat(unit);
		nyx_intr_log(unit);
	}
}

static bool nyx_msi_allow(struct nyx_unit *unit)
{
	struct nyx_intr_unit *intr = &unit->intr;

	if (!intr->ops->set_compat)
		return true;
	nyx_msi_set_isolated(unit, false);
	intr->compat = intr->ops->set_compat(unit, true);
	if (intr->compat == NYX_INTR_COMPAT_ALLOWED)
		return true;
	nyx_msi_set_isolated(unit, true);
	return false;
}

/* Whether the unit remaps interrupts that can be returned. */
static bool nyx_msi_has_adopted(const struct nyx_unit *unit)
{
	const struct nyx_device *ndev;

	list_for_each_entry(ndev, &nyx_devices, node)
		if (ndev->unit == unit && ndev->adopted)
			return true;
	return nyx_pins_are_adopted(unit);
}

static bool nyx_msi_is_adopted(const struct nyx_device *ndev)
{
	return ndev->adopted;
}

/* Others are left to nyx_msi_detach(), when the IOMMU core releases them. */
static bool nyx_msi_returns_first(const struct nyx_device *ndev)
{
	return ndev->remapped && !ndev->adopted &&
	       (!nyx_device_is_managed(ndev) || nyx_msi_peer_is_remapped(ndev));
}

static int nyx_msi_return_each(bool (*is)(const struct nyx_device *ndev))
{
	struct nyx_device *ndev;
	int ret;

	list_for_each_entry(ndev, &nyx_devices, node) {
		ret = is(ndev) ? nyx_adopt_return(ndev) : 0;
		if (!ret)
			continue;
		dev_err(ndev->dev, "detach: its interrupts cannot be returned (%d); retry later\n",
			ret);
		return -EBUSY;
	}
	return 0;
}

/**
 * nyx_msi_return() - return all interrupts that were adopted
 *
 * Devices that are not managed get their MSIs from the CPUs' vectors again, too.
 *
 * Context: May sleep; nyx_devices_lock is held, and the locks of all devices for
 *	which nyx_device.remapped is set. For none of them nyx_adopt_is_busy().
 * Return: 0; -EBUSY after a log line if a unit does not let compatibility format
 *	pass, or a device cannot return its interrupts. Then the caller calls
 *	nyx_msi_update_compat(). Some interrupts may have been returned.
 */
int nyx_msi_return(void)
{
	struct nyx_unit *unit;
	int ret;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry(unit, &nyx_units, node) {
		if (!nyx_msi_has_adopted(unit) || nyx_msi_allow(unit))
			continue;
		pr_err("detach: %s does not let interrupts pass unmapped; reboot instead\n",
		       unit->name);
		return -EBUSY;
	}
	/*
	 * Those that share a requester ID first: as long as the unit remaps their
	 * interrupts, it remaps those of the adopted device.
	 */
	ret = nyx_msi_return_each(nyx_msi_returns_first) ?:
	      nyx_msi_return_each(nyx_msi_is_adopted);
	if (ret)
		return ret;
	nyx_pins_return();
	if (nyx_msi_holds_module) {
		nyx_msi_holds_module = false;
		module_put(THIS_MODULE);
	}
	/* From now on nyx_msi_update_compat() does not block them. */
	list_for_each_entry(unit, &nyx_units, node) {
		unit->intr.compat_fixed = true;
		unit->intr.compat_never = false;
	}
	return 0;
}

/**
 * nyx_msi_close() - stop letting devices get MSIs from units
 *
 * Context: May sleep.
 */
void nyx_msi_close(void)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_is_open = false;
	nyx_msi_is_settled = false;
}
