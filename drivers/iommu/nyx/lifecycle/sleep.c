// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep states in which units lose their registers: suspend to RAM and
 * hibernation. The tables stay in memory. Not called for sleep states that keep
 * the units powered, such as suspend to idle.
 *
 * All devices are suspended and do no DMA, from before the units are disabled
 * until after they are enabled again.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/fault.h>
#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "intr/ioapic.h"
#include "intr/msi.h"
#include "lifecycle.h"

/* An invalidation finds out whether the unit still responds. */
static bool nyx_unit_responds(struct nyx_unit *unit)
{
	return !READ_ONCE(unit->dead) &&
	       !unit->ops->invalidate->global(unit);
}

/*
 * A unit that does not respond could not be enabled again after the sleep, and a
 * unit out of service would not block its devices. All of this is found while all
 * units are enabled, so that nothing has to be undone.
 */
static int nyx_units_check_sleep(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->enabled)
			continue;
		if (unit->no_sleep) {
			pr_err("%s: firmware may not restore this unit after this sleep state: detach first, or use suspend to idle\n",
			       unit->name);
			return -EBUSY;
		}
		/* Devices of the crashed kernel are not suspended. */
		if (unit->foreign) {
			pr_err("%s: devices may still do DMA for the kernel that crashed: use suspend to idle\n",
			       unit->name);
			return -EBUSY;
		}
		if (unit->stuck || !nyx_unit_responds(unit)) {
			pr_err("%s: does not respond, and could not be enabled after this sleep state: reboot\n",
			       unit->name);
			return -EBUSY;
		}
	}
	return 0;
}

/*
 * Invalidates the entries of all devices, one by one. Hardware has no need of
 * this: enabling the unit invalidated all its caches. But a hypervisor that
 * emulates a unit may read an entry only when it is invalidated, and let the
 * requests of the device pass until then.
 */
static int nyx_unit_invalidate_entries(struct nyx_unit *unit)
{
	const struct nyx_device *ndev;
	struct nyx_cmd cmds[NYX_ENTRY_CMDS];
	unsigned int i, nr;
	int ret;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->unit != unit)
			continue;
		for (i = 0; i < ndev->nr_rids; i++) {
			nr = unit->ops->entries->inv_entry(unit, ndev->rids[i],
							   ndev->entry.domain_id,
							   cmds);
			ret = nyx_invalidate(unit, cmds, nr);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/*
 * Enables translation, and blocks compatibility format again if it was blocked:
 * nyx_unit_ops.enable allows it.
 */
static int nyx_unit_resume(struct nyx_unit *unit)
{
	enum nyx_intr_compat compat = unit->intr.compat;
	int ret;

	ret = unit->ops->enable(unit) ?: nyx_unit_invalidate_entries(unit);
	if (ret)
		return ret;
	nyx_pins_enter(unit);
	if (unit->intr.on && unit->intr.ops->set_compat &&
	    compat == NYX_INTR_COMPAT_BLOCKED)
		unit->intr.compat = unit->intr.ops->set_compat(unit, false);
	/* The unit may have failed to block compatibility format. */
	if (unit->intr.domain)
		nyx_msi_set_isolated(unit, unit->intr.on &&
				     unit->intr.compat !=
				     NYX_INTR_COMPAT_ALLOWED);
	unit->asleep = false;
	nyx_fault_irq_wake(unit);
	return 0;
}

/**
 * nyx_units_resume() - enable the units again that nyx_units_suspend() disabled
 *
 * If a unit does not respond, the machine stops: devices are about to use
 * addresses that nothing translates, and would overwrite any memory.
 *
 * Context: Interrupts are disabled on the only CPU.
 */
void nyx_units_resume(void)
{
	struct nyx_unit *unit;
	int ret;

	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->asleep)
			continue;
		ret = unit->ops->wake(unit);
		if (ret)
			panic("nyx: %s does not wake (%d): its devices would overwrite memory",
			      unit->name, ret);
	}
	list_for_each_entry(unit, &nyx_units, node) {
		if (!unit->asleep)
			continue;
		ret = nyx_unit_resume(unit);
		if (ret)
			panic("nyx: %s does not enable translation (%d): its devices would overwrite memory",
			      unit->name, ret);
	}
}

/**
 * nyx_units_read_faults() - read the fault logs of all enabled units
 *
 * To be called when the PCI core has restored the registers of all devices after
 * a sleep. A fault interrupt that is an MSI of the unit's function is lost before
 * that, and the unit raises no other one until the log is read.
 *
 * Context: Any; the units are started.
 */
void nyx_units_read_faults(void)
{
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (READ_ONCE(unit->enabled))
			nyx_fault_irq_wake(unit);
}

/**
 * nyx_units_suspend() - disable the units before a sleep
 *
 * Context: Interrupts are disabled on the only CPU.
 * Return: 0; -EBUSY, after a log message and with nothing changed, if a unit
 *	does not respond, is out of service, or could not be restored, or in a
 *	capture kernel whose crashed kernel used a unit. -EBUSY also if a unit
 *	that responded does not confirm that it is disabled; then all units are
 *	enabled again, and the machine stops if that fails.
 */
int nyx_units_suspend(void)
{
	struct nyx_unit *unit;
	int ret = nyx_units_check_sleep();

	if (ret)
		return ret;
	list_for_each_entry_reverse(unit, &nyx_units, node) {
		if (!unit->enabled)
			continue;
		/*
		 * Before the operation reads it: a unit that keeps translation
		 * enabled for a sleep is not stuck.
		 */
		unit->asleep = true;
		/* The kernel restores I/O APICs before the unit is enabled. */
		nyx_pins_leave(unit);
		unit->ops->disable(unit);
		if (unit->stuck)
			ret = -EBUSY;
	}
	if (ret)
		nyx_units_resume();
	return ret;
}
