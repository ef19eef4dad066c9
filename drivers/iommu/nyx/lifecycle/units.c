// SPDX-License-Identifier: GPL-2.0-only
/*
 * The units as a whole: every step up and down the ladder, over all of them.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/pci.h>

#include <nyx/compat.h>
#include <nyx/domain.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "lifecycle.h"

/**
 * nyx_units_destroy() - free all units
 *
 * Context: May sleep; all are stopped.
 */
void nyx_units_destroy(void)
{
	struct nyx_unit *unit, *next;

	list_for_each_entry_safe(unit, next, &nyx_units, node) {
		list_del(&unit->node);
		unit->ops->destroy(unit);
	}
}

/**
 * nyx_units_start() - bring all units up, translation off
 *
 * Context: May sleep.
 * Return: 0 or the first error; nyx_units_stop() undoes what was done.
 */
int nyx_units_start(void)
{
	struct nyx_unit *unit;
	int ret;

	list_for_each_entry(unit, &nyx_units, node) {
		nyx_unit_check_levels(unit);
		ret = unit->ops->start(unit);
		if (ret)
			return ret;
		unit->started = true;
		ret = nyx_identity_init(unit);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nyx_units_stop() - take all units that were started down
 *
 * Context: May sleep; translation is off.
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

/**
 * nyx_units_enable() - switch translation on
 *
 * Context: May sleep; the entries of all devices are set.
 * Return: 0 or the first error; nyx_units_disable() undoes what was done.
 */
int nyx_units_enable(void)
{
	struct nyx_unit *unit;
	int ret;

	list_for_each_entry(unit, &nyx_units, node) {
		ret = unit->ops->enable(unit);
		if (ret) {
			pr_err("%s: translation does not come on (%d): " NYX_REMEDY_HANGS "\n",
			       unit->name, ret);
			return ret;
		}
		WRITE_ONCE(unit->enabled, true);
	}
	return 0;
}

/**
 * nyx_units_disable() - switch translation off wherever it is on
 *
 * Context: Any, interrupts may be off: reboot and kexec end here too.
 */
void nyx_units_disable(void)
{
	struct nyx_unit *unit;

	list_for_each_entry_reverse(unit, &nyx_units, node) {
		if (!READ_ONCE(unit->enabled))
			continue;
		unit->ops->disable(unit);
		WRITE_ONCE(unit->enabled, false);
	}
}

/**
 * nyx_units_suspend() - keep the system from a sleep that the units do not
 *	survive
 *
 * They would come back without their tables, and devices would go on with IOVAs
 * that nobody translates. Sleep states that keep the units' power, suspend to
 * idle among them, do not come here.
 *
 * Context: Interrupts are off.
 * Return: 0 if no unit translates, else -EBUSY.
 */
int nyx_units_suspend(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node) {
		if (!READ_ONCE(unit->enabled))
			continue;
		pr_err("%s: translation does not survive this sleep state: detach first, or suspend to idle\n",
		       unit->name);
		return -EBUSY;
	}
	return 0;
}

static int nyx_unit_register(struct nyx_unit *unit)
{
	int ret;

	ret = iommu_device_sysfs_add(&unit->iommu, NULL, NULL, "%s",
				     unit->name);
	if (ret)
		return ret;
	/* The core puts it on its list before it probes any device. */
	WRITE_ONCE(unit->registered, true);
	/*
	 * It keeps the groups that it forms on a list of its own, without
	 * references: a device that is unplugged meanwhile would leave a freed
	 * one there.
	 */
	pci_lock_rescan_remove();
	ret = iommu_device_register(&unit->iommu, &nyx_ops, NULL);
	pci_unlock_rescan_remove();
	if (ret) {
		WRITE_ONCE(unit->registered, false);
		iommu_device_sysfs_remove(&unit->iommu);
	}
	return ret;
}

/**
 * nyx_units_register() - hand all units to the kernel's IOMMU core
 *
 * Devices without a driver are probed and attached meanwhile.
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
		ret = nyx_unit_register(unit);
		if (ret) {
			pr_err("%s: the IOMMU core refuses it (%d): free memory, unload other IOMMU drivers, and load it again\n",
			       unit->name, ret);
			return ret;
		}
	}
	return 0;
}

/**
 * nyx_units_are_registered() - whether the IOMMU core knows one
 *
 * Context: May sleep; nobody registers units or takes them back meanwhile.
 * Return: true if it does.
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
 * nyx_units_unregister() - take all units back from the IOMMU core
 *
 * Every managed device is released meanwhile.
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
		iommu_device_sysfs_remove(&unit->iommu);
		WRITE_ONCE(unit->registered, false);
	}
}
