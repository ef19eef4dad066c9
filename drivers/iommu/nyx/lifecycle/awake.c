// SPDX-License-Identifier: GPL-2.0-only
/*
 * The beginning and the end of a sleep of the machine: what has to be known while all CPUs
 * run, and what can be done only when the PCI core has restored the registers of all
 * devices.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/suspend.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "lifecycle.h"
#include "pci/pci.h"

/*
 * The entries of interrupts of a dead unit do not change. Before a sleep the kernel
 * moves interrupts away from all CPUs but one, and would lose those that stay.
 */
static int nyx_awake_prepare(void)
{
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node) {
		if (!READ_ONCE(unit->dead))
			continue;
		pr_err("%s: is out of service, and its interrupts would not survive a sleep: reboot instead\n",
		       unit->name);
		return notifier_from_errno(-EBUSY);
	}
	return NOTIFY_OK;
}

static int nyx_awake_notify(struct notifier_block *nb, unsigned long action,
			    void *unused)
{
	struct nyx_device *ndev;

	switch (action) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		return nyx_awake_prepare();
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		break;
	default:
		return NOTIFY_DONE;
	}
	nyx_units_read_faults();
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (dev_is_pci(ndev->dev))
			nyx_acs_enable(to_pci_dev(ndev->dev));
	return NOTIFY_OK;
}

static struct notifier_block nyx_awake_pm = {
	.notifier_call = nyx_awake_notify,
};

/**
 * nyx_awake_init() - refuse sleeps that would lose interrupts; enable ACS again, and
 *	read all faults, after each sleep
 *
 * Context: May sleep; the units are started.
 * Return: 0 or an error of the notifier chain.
 */
int nyx_awake_init(void)
{
	return register_pm_notifier(&nyx_awake_pm);
}

/**
 * nyx_awake_exit() - undo nyx_awake_init()
 *
 * Context: May sleep; waits for a notification under way.
 */
void nyx_awake_exit(void)
{
	unregister_pm_notifier(&nyx_awake_pm);
}
