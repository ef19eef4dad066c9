// SPDX-License-Identifier: GPL-2.0-only
/*
 * ATS turned off for all devices of a unit because one of its logs failed. Only
 * the event log names devices that do not respond to an invalidation of their
 * device TLB. Without the log such a device would go unnoticed. So the unit
 * refuses translated requests from then on, and devices are made to send
 * untranslated ones, which works in all other respects. Page requests, which
 * the other log is for, end with ATS, too.
 *
 * The log fails in any context. The bookkeeping of the PCI core, which sleeps,
 * follows in a work item.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats_off.h"
#include "dte.h"
#include "inval/ats.h"

/**
 * amd_ats_off_work() - record that ATS of all devices of a unit is off
 * @work: &amd_unit.ats_off_work
 *
 * Otherwise the PCI core would enable ATS of a device again after a reset.
 *
 * Context: May sleep; takes nyx_devices_lock.
 */
void amd_ats_off_work(struct work_struct *work)
{
	struct amd_unit *au = container_of(work, struct amd_unit, ats_off_work);
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node) {
		if (ndev->unit != &au->unit)
			continue;
		guard(mutex)(&ndev->entry_lock);
		nyx_ats_disable(ndev);
		ndev->entry.ats = false;
	}
}

static bool amd_ats_off_concerns(const struct amd_unit *au,
				 const struct nyx_device *ndev)
{
	return ndev->unit == &au->unit && ndev->ats_supported;
}

/*
 * The device sends no translated requests any more when the unit begins to
 * refuse them.
 */
static void amd_ats_off_one(struct amd_unit *au, const struct nyx_device *ndev)
{
	struct amd_dte *dte;
	unsigned int i;

	nyx_ats_device_stop(ndev);
	guard(raw_spinlock_irqsave)(&au->unit.store_lock);
	for (i = 0; i < ndev->nr_rids; i++) {
		dte = amd_devtab_lookup(&au->devtab, ndev->rids[i]);
		if (dte)
			amd_dte_refuse_ats(dte);
	}
}

/**
 * amd_ats_off() - turn ATS off for all devices of a unit
 * @au: the unit
 *
 * On return no device TLB matters any more. Devices that are attached later get
 * no ATS. May be called by several CPUs: each returns when the unit refuses
 * translated requests.
 *
 * Context: Any; no lock of the unit is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_ats_off(struct amd_unit *au)
{
	bool first = !xchg(&au->unit.ats_off, true);
	struct nyx_device *ndev;
	int ret;

	guard(rcu)();
	/*
	 * The flag precedes the stores to entries, and so a change of an entry
	 * either is overwritten here or sees the flag.
	 */
	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		if (amd_ats_off_concerns(au, ndev))
			amd_ats_off_one(au, ndev);
	ret = nyx_invalidate_global(&au->unit);
	if (ret)
		return ret;
	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		if (amd_ats_off_concerns(au, ndev))
			nyx_isolate_confirmed(ndev);
	if (first) {
		pr_err("%s: one of its logs does not stop or start: ATS of its devices is off, and faults may be missing from the log. Reboot to use ATS\n",
		       au->unit.name);
		schedule_work(&au->ats_off_work);
	}
	return 0;
}

/**
 * amd_log_failed() - continue without a log that failed
 * @au: the unit
 * @err: error of amd_log_restart()
 *
 * Context: Any; no lock of the unit is held.
 * Return: 0, or -EIO or -ENODEV if the unit is out of service.
 */
int amd_log_failed(struct amd_unit *au, int err)
{
	if (err != -ENODEV)
		return amd_ats_off(au);
	nyx_unit_retire(&au->unit, NYX_UNIT_GONE_WHY);
	return err;
}
