// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports each fault that a unit logged: to counters, the ring of recent
 * faults, the kernel log, a tracepoint, and the IOMMU core.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/string.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/fault.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>
#include <trace/events/nyx.h>

#include "forensics/explain.h"
#include "format.h"
#include "limit.h"
#include "report.h"

#define FAULT_RECORDS_MAX 65536

static unsigned int fault_records = 256;
module_param(fault_records, uint, 0444);
MODULE_PARM_DESC(fault_records,
		 "Number of faults that debugfs keeps, 1 to 65536 (default: 256)");

/* The recent faults of all units, in the order in which they were read. */
struct nyx_fault_ring nyx_faults;

/* Limits on messages about faults, by requester, and overflows, by unit. */
static struct nyx_fault_limit fault_limit;
static struct nyx_fault_limit overflow_limit;

/**
 * nyx_fault_init() - validate the module parameter and allocate the ring
 *
 * To be called before the first unit is started.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL for an invalid parameter, or -ENOMEM, after a log message.
 */
int nyx_fault_init(void)
{
	int ret;

	if (!fault_records || fault_records > FAULT_RECORDS_MAX) {
		pr_err("fault_records=%u is out of range: use 1 to %u\n",
		       fault_records, FAULT_RECORDS_MAX);
		return -EINVAL;
	}
	nyx_fault_limit_init(&fault_limit);
	nyx_fault_limit_init(&overflow_limit);
	ret = nyx_fault_ring_init(&nyx_faults, fault_records);
	if (ret)
		pr_err("no memory for %u fault records: set fault_records lower\n",
		       fault_records);
	return ret;
}

/**
 * nyx_fault_exit() - undo nyx_fault_init()
 *
 * To be called after the last unit was stopped.
 *
 * Context: May sleep.
 */
void nyx_fault_exit(void)
{
	nyx_fault_ring_destroy(&nyx_faults);
}

/*
 * Records the names of the device and its driver. Called under RCU: the module
 * of a driver is freed only a grace period after its devices were unbound.
 */
static void describe_device(struct nyx_fault_record *rec,
			    struct nyx_device *ndev,
			    const struct nyx_fault *fault)
{
	const struct device_driver *drv = READ_ONCE(ndev->dev->driver);
	const struct nyx_domain *domain = nyx_fault_domain(ndev, fault);

	strscpy(rec->device, dev_name(ndev->dev));
	if (drv)
		strscpy(rec->driver, drv->name);
	if (domain)
		rec->domain = domain->pt.id;
	/* The entry of the device does not apply to requests with a PASID. */
	rec->isolation = nyx_isolation(domain, fault->has_pasid && fault->pasid ?
				       NYX_ENTRY_TABLE :
				       READ_ONCE(ndev->entry.kind));
}

static void log_fault(const struct nyx_fault_record *rec,
		      enum nyx_fault_verdict verdict, u64 suppressed)
{
	char sentence[NYX_FAULT_SENTENCE], before[56] = "";

	nyx_fault_describe(sentence, sizeof(sentence), rec);
	if (suppressed)
		snprintf(before, sizeof(before), "; %llu previous faults not logged",
			 suppressed);
	pr_err("%s%s%s\n", sentence, before,
	       verdict == NYX_FAULT_LOG_LAST ?
	       "; further faults are counted, not logged" : "");
}

/* Reports a fault to the IOMMU core, which calls the handler of the domain. */
static void report_to_core(struct nyx_device *ndev,
			   const struct nyx_fault *fault)
{
	struct nyx_domain *domain = nyx_fault_domain(ndev, fault);
	int flags = IOMMU_FAULT_READ;

	if (!domain || !nyx_device_is_managed(ndev) || !fault->has_iova ||
	    fault->access == NYX_ACCESS_INTERRUPT)
		return;
	if (fault->access == NYX_ACCESS_WRITE ||
	    fault->access == NYX_ACCESS_ATOMIC)
		flags = IOMMU_FAULT_WRITE;
	/*
	 * The result does not matter: the unit has already failed the request.
	 */
	report_iommu_fault(&domain->pt.iommu.domain, ndev->dev, fault->iova,
			   flags);
}

/**
 * nyx_fault_report() - report a fault that was read from the log of a unit
 * @unit: the unit
 * @fault: the decoded fault
 *
 * Counts the fault, adds it to the ring, logs it within the rate limit, and
 * reports it to the IOMMU core. Only a fault that is logged is explained, which
 * takes long. Cuts the device off if its policy requires that. A fault of a device
 * that is cut off is only counted.
 *
 * Context: Any; interrupts may be disabled. Takes the locks of the ring, of the
 *	rate limit and of policies, and nyx_unit.store_lock.
 */
void nyx_fault_report(struct nyx_unit *unit, const struct nyx_fault *fault)
{
	struct nyx_fault_record rec = {
		.time_ns = local_clock(),
		.segment = unit->segment,
		.fault = *fault,
	};
	enum nyx_fault_verdict verdict;
	struct nyx_device *ndev;
	u64 suppressed;

	nyx_stat_inc(unit, NYX_STAT_FAULT);
	trace_nyx_fault(unit->name, unit->segment, fault->rid,
			fault->has_iova ? fault->iova : 0, fault->access,
			fault->code, fault->reason);
	strscpy(rec.unit, unit->name);

	/* Devices and domains are freed a grace period after their removal. */
	guard(rcu)();
	ndev = nyx_device_find(unit, fault->rid);
	if (ndev) {
		atomic_inc(&ndev->faults);
		if (nyx_policy_suppress(ndev))
			return;
		nyx_policy_fault(ndev, fault, rec.time_ns);
		describe_device(&rec, ndev, fault);
	}
	verdict = nyx_fault_limit(&fault_limit,
				  (u32)rec.segment << 16 | fault->rid,
				  rec.time_ns, &suppressed);
	if (ndev && verdict != NYX_FAULT_SUPPRESS)
		nyx_explain(ndev, fault, rec.time_ns, &rec.explanation);
	nyx_fault_ring_push(&nyx_faults, &rec);
	if (verdict != NYX_FAULT_SUPPRESS)
		log_fault(&rec, verdict, suppressed);
	if (ndev)
		report_to_core(ndev, fault);
}

/**
 * nyx_fault_overflow() - report that the fault log of a unit was full
 * @unit: the unit, which dropped faults; the caller has cleared the overflow
 *	condition
 *
 * Context: Any; interrupts may be disabled.
 */
void nyx_fault_overflow(struct nyx_unit *unit)
{
	u64 suppressed;

	nyx_stat_inc(unit, NYX_STAT_FAULT_OVERFLOW);
	if (nyx_fault_limit(&overflow_limit, (u32)unit->phys, local_clock(),
			    &suppressed) == NYX_FAULT_SUPPRESS)
		return;
	pr_err("%s: fault log overflowed: the unit dropped faults\n",
	       unit->name);
}
