// SPDX-License-Identifier: GPL-2.0-only
/*
 * All units together: starting, enabling, registering, and the reverse.
 *
 * A unit that cannot be started or enabled stays off: its devices stay
 * untranslated, and all other units are used. Without memory, or without any
 * unit left, loading fails.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/rculist.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fault/page_request.h"
#include "intr/ioapic.h"
#include "lifecycle.h"

/**
 * nyx_units_destroy() - free all units
 *
 * Context: May sleep; all units are stopped.
 */
void nyx_units_destroy(void)
{
	struct nyx_unit *unit, *next;

	list_for_each_entry_safe(unit, next, &nyx_units, node) {
		list_del(&unit->node);
		unit->ops->destroy(unit);
	}
}

/* Returns 0, also if the unit stays off; then @off is set to the reason. */
static int nyx_unit_start(struct nyx_unit *unit, int *off)
{
	int ret;

	nyx_unit_check_levels(unit);
	ret = unit->ops->start(unit);
	if (ret && ret != -ENOMEM) {
		*off = ret;
		return 0;
	}
	if (ret)
		return ret;
	unit->started = true;
	return nyx_identity_init(unit);
}

/**
 * nyx_units_start() - start all units, with translation disabled
 *
 * Context: May sleep.
 * Return: 0 with at least one unit started; -ENOMEM, or the last error of a
 *	unit if none can be started. nyx_units_stop() undoes what was done.
 */
int nyx_units_start(void)
{
	struct nyx_unit *unit;
	int ret, off = -ENXIO;

	list_for_each_entry(unit, &nyx_units, node) {
		ret = nyx_unit_start(unit, &off);
		if (ret)
			return ret;
	}
	list_for_each_entry(unit, &nyx_units, node)
		if (unit->started)
			return 0;
	return off;
}

/**
 * nyx_units_stop() - stop all units that were started
 *
 * Context: May sleep; translation is disabled.
 */
void nyx_units_stop(void)
{
	struct nyx_unit *unit;

	list_for_each_entry_reverse(unit, &nyx_units, node) {
		if (!unit->started)
			continue;
		unit->ops->stop(unit);
		unit->started = false;
		nyx_identity_exit(unit);
	}
}

static unsigned int nyx_unit_count_devices(const struct nyx_unit *unit)
{
	const struct nyx_device *ndev;
	unsigned int nr = 0;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		nr += ndev->unit == unit;
	return nr;
}

/**
 * nyx_units_enable() - enable translation
 *
 * In a capture kernel a unit that cannot be enabled blocks all DMA instead.
 *
 * Context: May sleep; the entries of all devices are set.
 * Return: 0 with at least one unit enabled; otherwise the last error.
 *	nyx_units_disable() undoes what was done.
 */
int nyx_units_enable(void)
{
	struct nyx_unit *unit;
	int ret, off = -ENXIO;
	bool any = false;

	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->started)
			continue;
		ret = unit->ops->enable(unit);
		if (ret) {
			pr_err("%s: cannot enable translation (%d): " NYX_REMEDY_HANGS
			       ". Devices that stay %s: %u\n", unit->name, ret,
			       unit->foreign ? "blocked" : "untranslated",
			       nyx_unit_count_devices(unit));
			off = ret;
			continue;
		}
		WRITE_ONCE(unit->enabled, true);
		any = true;
	}
	nyx_units_block_foreign(false);
	return any ? 0 : off;
}

/* The unit keeps its tables, so their contents have to be right for good. */
static void nyx_unit_leave_on(struct nyx_unit *unit)
{
	nyx_unit_set_identity(unit);
	WRITE_ONCE(unit->left_on, true);
	pr_warn("%s: translation stays enabled, because the graphics could hang without it: devices are untranslated, and its memory is never freed\n",
		unit->name);
}

/**
 * nyx_units_left_on() - check for units that nyx_units_disable() left enabled
 *
 * Context: Any.
 * Return: true if there is one.
 */
bool nyx_units_left_on(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (READ_ONCE(unit->left_on))
			return true;
	return false;
}

static void nyx_unit_disable(struct nyx_unit *unit)
{
	if (!READ_ONCE(unit->enabled))
		return;
	if (unit->stays_on)
		nyx_unit_leave_on(unit);
	unit->ops->disable(unit);
	WRITE_ONCE(unit->enabled, false);
}

/**
 * nyx_units_disable() - disable translation on all units
 *
 * A unit with nyx_unit.stays_on passes all DMA below it instead, and one that
 * the crashed kernel used blocks it.
 *
 * Context: Any, interrupts may be off.
 */
void nyx_units_disable(void)
{
	struct nyx_unit *unit;

	/* First, because the others may stop their queues. */
	nyx_units_block_foreign(true);
	list_for_each_entry_reverse(unit, &nyx_units, node)
		nyx_unit_disable(unit);
}

/**
 * nyx_units_shutdown() - leave all units in the state for reboot and kexec
 *
 * With shutdown=block, units with nyx_unit.stays_on block all DMA like others.
 * Otherwise units are disabled in a capture kernel, too: before a kexec no device
 * may do DMA any more, and the next kernel need not have a driver for the units.
 *
 * Context: Any, interrupts may be off.
 */
void nyx_units_shutdown(void)
{
	struct nyx_unit *unit;

	/* I/O APICs still send interrupts, and no unit will remap them. */
	list_for_each_entry(unit, &nyx_units, node)
		if (READ_ONCE(unit->enabled))
			nyx_pins_leave(unit);
	if (nyx_shutdown_blocks()) {
		nyx_units_block_next();
		return;
	}
	list_for_each_entry_reverse(unit, &nyx_units, node)
		nyx_unit_disable(unit);
}

static int nyx_unit_register(struct nyx_unit *unit)
{
	int ret;

	ret = iommu_device_sysfs_add(&unit->iommu, NULL, NULL, "%s",
				     unit->name);
	if (ret) {
		pr_err("%s: cannot be listed in /sys/class/iommu (%d): %s\n",
		       unit->name, ret, ret == -ENOMEM ? NYX_REMEDY_MEMORY :
		       "unload other IOMMU drivers");
		return ret;
	}
	/*
	 * The IOMMU core puts the unit on its list before it probes any device.
	 */
	WRITE_ONCE(unit->registered, true);
	nyx_page_requests_init(unit);
	unit->iommu.max_pasids = unit->caps.pasid_bits ?
				 BIT(unit->caps.pasid_bits) : 0;
	/*
	 * The IOMMU core keeps new groups on a list without references: if a
	 * device were unplugged meanwhile, a freed group would stay on it.
	 */
	pci_lock_rescan_remove();
	ret = iommu_device_register(&unit->iommu, &nyx_ops, NULL);
	pci_unlock_rescan_remove();
	if (ret) {
		/* The IOMMU core does not say which device was the reason. */
		pr_err("%s: the IOMMU core cannot set up the devices of the unit (%d): %s\n",
		       unit->name, ret, ret == -ENOMEM ? NYX_REMEDY_MEMORY :
		       "boot with iommu=pt, or use the built-in driver, and report this log");
		WRITE_ONCE(unit->registered, false);
		nyx_page_requests_exit(unit);
		iommu_device_sysfs_remove(&unit->iommu);
	}
	return ret;
}

/**
 * nyx_units_register() - register all enabled units with the IOMMU core
 *
 * The IOMMU core probes devices without a driver and attaches them to their
 * default domains before this function returns.
 *
 * Context: May sleep.
 * Return: 0 or the first error; nyx_units_unregister() undoes what was done.
 */
int nyx_units_register(void)
{
	struct nyx_unit *unit;
	int ret;

	nyx_domains_open();
	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->enabled)
			continue;
		ret = nyx_unit_register(unit);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nyx_units_are_registered() - check whether any unit is registered
 *
 * Context: May sleep; no unit is registered or unregistered meanwhile.
 * Return: true if the IOMMU core has at least one unit.
 */
bool nyx_units_are_registered(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (unit->registered)
			return true;
	return false;
}

/**
 * nyx_units_unregister() - unregister all units from the IOMMU core
 *
 * The IOMMU core releases all managed devices before this function returns.
 *
 * Context: May sleep; no managed device has a driver that does DMA.
 */
void nyx_units_unregister(void)
{
	struct nyx_unit *unit;

	list_for_each_entry_reverse(unit, &nyx_units, node) {
		if (!unit->registered)
			continue;
		iommu_device_unregister(&unit->iommu);
		nyx_page_requests_exit(unit);
		iommu_device_sysfs_remove(&unit->iommu);
		WRITE_ONCE(unit->registered, false);
	}
}
