// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recording of operations on domains, and the hunt for uses after an unmap.
 *
 * Maps and unmaps are noticed by probes of the module's own tracepoints. So
 * while nothing is recorded, the page tables are not slower than without this
 * file.
 *
 * A hunt relies on the flush queue of the IOMMU core, which makes an IOVA
 * available again only when it is drained. Meanwhile the IOVA of a buffer that
 * was unmapped leads nowhere, because this file invalidates it at once.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>
#include <trace/events/nyx.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain.h"
#include "forensics/history.h"

static bool forensics;
module_param(forensics, bool, 0444);
MODULE_PARM_DESC(forensics,
		 "Record maps and unmaps of all devices, to explain faults (default: no)");

static bool hunt;
module_param(hunt, bool, 0444);
MODULE_PARM_DESC(hunt,
		 "Make uses of a buffer after its unmap fault: record, invalidate at each unmap, and reuse addresses late (default: no)");

static unsigned int forensics_records = 1024;
module_param(forensics_records, uint, 0444);
MODULE_PARM_DESC(forensics_records,
		 "Number of operations that are recorded for each domain, 16 to 16384 (default: 1024)");

/* Protects the histories and modes of all domains, and the two variables. */
static DEFINE_MUTEX(record_lock);
static unsigned int recording;	/* domains with a history */
static enum nyx_record_mode default_mode = NYX_RECORD_OFF;

static void record_map(void *data, struct nyx_pt *pt, u64 iova,
		       phys_addr_t paddr, u64 len, int prot, int ret)
{
	/* Other page tables than those of domains have no number. */
	if (pt->id && !ret)
		nyx_history_map(container_of(pt, struct nyx_domain, pt), iova,
				paddr, len, prot);
}

static void record_unmap(void *data, struct nyx_pt *pt, u64 iova, u64 len,
			 size_t unmapped)
{
	struct nyx_domain *domain = container_of(pt, struct nyx_domain, pt);
	struct nyx_flush flush = {
		.start = iova,
		.last = iova + unmapped - 1,
	};

	if (!pt->id || !unmapped)
		return;
	nyx_history_unmap(domain, iova, unmapped);
	/*
	 * Without a flush queue the IOMMU core itself flushes each unmap.
	 * Kernels that call probes with preemption disabled make this one spin
	 * until the units have confirmed.
	 */
	if (READ_ONCE(domain->hunt) &&
	    pt->iommu.domain.type == IOMMU_DOMAIN_DMA_FQ)
		nyx_domain_flush(domain, &flush);
}

/**
 * nyx_record_init() - validate the module parameters
 *
 * Context: May sleep.
 * Return: 0, or -EINVAL after a log message.
 */
int nyx_record_init(void)
{
	if (forensics_records < NYX_HISTORY_MIN ||
	    forensics_records > NYX_HISTORY_MAX) {
		pr_err("forensics_records=%u is out of range: use %u to %u\n",
		       forensics_records, NYX_HISTORY_MIN, NYX_HISTORY_MAX);
		return -EINVAL;
	}
	if (hunt)
		default_mode = NYX_RECORD_HUNT;
	else if (forensics)
		default_mode = NYX_RECORD_ON;
	return 0;
}

/**
 * nyx_record_mode() - whether operations on a device's domains are recorded
 * @ndev: the device
 *
 * Context: Any.
 * Return: the mode, which is not NYX_RECORD_DEFAULT.
 */
enum nyx_record_mode nyx_record_mode(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->record) ?: READ_ONCE(default_mode);
}

static int probes_register(void)
{
	int ret = register_trace_nyx_map(record_map, NULL);

	if (ret)
		return ret;
	ret = register_trace_nyx_unmap(record_unmap, NULL);
	if (ret)
		unregister_trace_nyx_map(record_map, NULL);
	else
		static_branch_enable(&nyx_history_key);
	return ret;
}

static void probes_unregister(void)
{
	static_branch_disable(&nyx_history_key);
	unregister_trace_nyx_map(record_map, NULL);
	unregister_trace_nyx_unmap(record_unmap, NULL);
	/* The module may be unloaded when no probe runs any more. */
	tracepoint_synchronize_unregister();
}

static int record_start(struct nyx_domain *domain)
{
	struct nyx_history *history;
	struct nyx_pt_stats stats;
	int ret;

	lockdep_assert_held(&record_lock);
	if (rcu_access_pointer(domain->history))
		return 0;
	history = nyx_history_new(forensics_records);
	if (!history)
		return -ENOMEM;
	ret = recording ? 0 : probes_register();
	if (ret) {
		nyx_history_free(history);
		return ret;
	}
	recording++;
	rcu_assign_pointer(domain->history, history);
	/*
	 * A map counts itself and then looks for a history. After a grace
	 * period the count includes all maps that found none.
	 */
	synchronize_rcu();
	nyx_pt_stats_read(&domain->pt, &stats);
	if (!stats.map_calls)
		nyx_history_set_complete(history);
	return 0;
}

static void record_stop(struct nyx_domain *domain)
{
	struct nyx_history *history;

	lockdep_assert_held(&record_lock);
	history = rcu_replace_pointer(domain->history, NULL,
				      lockdep_is_held(&record_lock));
	if (!history)
		return;
	if (!--recording)
		probes_unregister();
	synchronize_rcu();
	nyx_history_free(history);
}

static int record_set(struct nyx_domain *domain, enum nyx_record_mode mode)
{
	int ret = 0;

	guard(mutex)(&record_lock);
	WRITE_ONCE(domain->hunt, mode == NYX_RECORD_HUNT);
	if (mode == NYX_RECORD_OFF)
		record_stop(domain);
	else
		ret = record_start(domain);
	if (ret)
		pr_err("domain %u: operations are not recorded (%d)\n",
		       domain->pt.id, ret);
	return ret;
}

/**
 * nyx_record_attach() - record operations on a domain if a device requires it
 * @domain: the domain that the device will be attached to
 * @ndev: the device
 *
 * Without memory for it, the log reports that nothing is recorded.
 *
 * Context: May sleep.
 */
void nyx_record_attach(struct nyx_domain *domain, const struct nyx_device *ndev)
{
	enum nyx_record_mode mode = nyx_record_mode(ndev);

	if (mode != NYX_RECORD_OFF)
		record_set(domain, mode);
}

/**
 * nyx_record_free() - stop the recording of a domain that is being freed
 * @domain: the domain
 *
 * Context: May sleep.
 */
void nyx_record_free(struct nyx_domain *domain)
{
	record_set(domain, NYX_RECORD_OFF);
}

/**
 * nyx_record_device() - start or stop the recording for a device
 * @ndev: the device, which stays in nyx_devices meanwhile
 * @mode: the mode; of domains that several devices share, the last call decides
 *
 * Applies to the device's current domain, and to those that it is attached to
 * later.
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM, or an error of the kernel's tracepoints.
 */
int nyx_record_device(struct nyx_device *ndev, enum nyx_record_mode mode)
{
	struct nyx_domain *domain;

	guard(mutex)(&ndev->entry_lock);
	WRITE_ONCE(ndev->record, mode);
	domain = nyx_domain_base(ndev->domain);
	return domain ? record_set(domain, nyx_record_mode(ndev)) : 0;
}

/**
 * nyx_record_all() - start or stop the recording for all devices
 * @mode: the mode, also of devices that are added later
 *
 * Context: May sleep. nyx_devices_lock is held.
 * Return: 0; -ENOMEM or an error of the kernel's tracepoints, if nothing is
 *	recorded for some devices.
 */
int nyx_record_all(enum nyx_record_mode mode)
{
	struct nyx_device *ndev;
	int ret = 0, err;

	lockdep_assert_held(&nyx_devices_lock);
	WRITE_ONCE(default_mode, mode);
	list_for_each_entry(ndev, &nyx_devices, node) {
		err = nyx_record_device(ndev, NYX_RECORD_DEFAULT);
		ret = ret ?: err;
	}
	return ret;
}
