// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event log (2.5). The thread of the fault interrupt removes entries, in
 * order, after timeout.c has searched them for unresponsive devices.
 */
#include <linux/cleanup.h>
#include <linux/rcupdate.h>

#include <nyx/fault.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats_off.h"
#include "event.h"
#include "log.h"
#include "ppr.h"
#include "timeout.h"

/* Entries that are removed from the log at a time. */
#define AMD_EVENT_BATCH 16

#define AMD_EVENT_INTERRUPTS (AMD_STATUS_EVENT_LOG_INT | AMD_STATUS_PPR_INT)

const struct amd_log_regs amd_event_regs = {
	.base = AMD_EVENT_LOG_BASE,
	.head = AMD_EVENT_LOG_HEAD,
	.tail = AMD_EVENT_LOG_TAIL,
	.enable = AMD_CTRL_EVENT_LOG_EN,
	.run = AMD_STATUS_EVENT_LOG_RUN,
	.overflow = AMD_STATUS_EVENT_OVERFLOW,
	.interrupt = AMD_STATUS_EVENT_LOG_INT,
};

/**
 * amd_event_start() - give a unit its empty event log
 * @au: the unit; the log is not enabled
 *
 * Context: Any; there are no other users of the log.
 */
void amd_event_start(struct amd_unit *au)
{
	amd_log_start(au, &au->event);
	au->timeouts = (struct amd_timeouts_seen) { };
}

static unsigned int amd_event_take(struct amd_unit *au,
				   struct amd_entry *entries)
{
	struct amd_log *log = &au->event;
	unsigned int nr = 0;
	struct amd_timeouts found = { };
	u32 pos, end;

	/* Keeps devices in @found valid: see amd_timeouts_invalidate(). */
	guard(rcu)();
	scoped_guard(raw_spinlock_irqsave, &au->log_lock) {
		/*
		 * If the unit is gone, the next read of its status reports it.
		 */
		amd_timeouts_look(au, &found);
		end = au->timeouts.seen % amd_log_entries(log);
		for (pos = log->head; pos != end && nr < AMD_EVENT_BATCH; nr++) {
			amd_log_peek(log, pos, &entries[nr]);
			pos = (pos + 1) % amd_log_entries(log);
		}
		if (nr)
			amd_log_release(au, log, pos);
	}
	/* On error, the unit is already out of service, which was logged. */
	amd_timeouts_invalidate(au, &found);
	return nr;
}

static u32 amd_event_entries(struct amd_unit *au)
{
	struct amd_entry entries[AMD_EVENT_BATCH];
	struct nyx_fault fault;
	unsigned int nr, i;

	nr = amd_event_take(au, entries);
	for (i = 0; i < nr; i++) {
		amd_event_decode(entries[i].lo, entries[i].hi, au->device_id,
				 READ_ONCE(au->unit.intr.on), &fault);
		nyx_fault_report(&au->unit, &fault);
	}
	return nr;
}

/*
 * The log is empty: only now there is room for new entries. Returns false if it
 * is not restarted any more.
 */
static bool amd_event_overflowed(struct amd_unit *au)
{
	int ret;

	scoped_guard(raw_spinlock_irqsave, &au->log_lock) {
		if (au->event.failed)
			return false;
		/* amd_timeouts_check() may have restarted it since. */
		if (!(amd_readl(au, AMD_STATUS) & AMD_STATUS_EVENT_OVERFLOW))
			return true;
		ret = amd_log_restart(au, &au->event);
	}
	if (ret)
		amd_log_failed(au, ret);
	nyx_fault_overflow(&au->unit);
	return true;
}

/**
 * amd_read_faults() - nyx_unit_ops.read_faults: read each log once
 * @unit: the unit
 *
 * Context: May sleep.
 * Return: the number of entries and other findings.
 */
u32 amd_read_faults(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	u32 status = amd_readl(au, AMD_STATUS);
	u32 nr;

	if (status == AMD_GONE) {
		nyx_unit_retire(unit, NYX_UNIT_GONE_WHY);
		return 0;
	}
	/* Cleared first, so that later entries raise another interrupt. */
	amd_writel(au, AMD_STATUS, status & AMD_EVENT_INTERRUPTS);
	nr = amd_event_entries(au);
	if (!nr && (status & AMD_STATUS_EVENT_OVERFLOW))
		nr += amd_event_overflowed(au);
	scoped_guard(mutex, &unit->page_lock)
		nr += amd_ppr_entries(au);
	/*
	 * A bit that the unit sets while it is being cleared may stay set; then
	 * there is no further interrupt (erratum ERBT1312). Therefore reading
	 * ends only with a pass that found both bits clear.
	 */
	return nr + !!(status & AMD_EVENT_INTERRUPTS);
}
