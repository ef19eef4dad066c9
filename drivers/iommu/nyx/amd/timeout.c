// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that did not answer an invalidation. The event log alone tells which
 * (IOTLB_INV_TIMEOUT, 2.5.8): whoever asked devices looks ahead in it for them,
 * and so does the interrupt's thread before it takes entries out.
 *
 * Each entry is looked at once, by anybody. So who finds nothing may go on only
 * if what others found is over and done with; see amd_timeouts_invalidate().
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>

#include <nyx/ats.h>
#include <nyx/device.h>
#include <nyx/fault.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "amd.h"
#include "log.h"
#include "timeout.h"

/* Entries that are looked at before others get the lock, with interrupts off. */
#define AMD_TIMEOUTS_LOOK 256

/**
 * amd_timeouts_losses() - how often entries may have got lost so far
 * @au: the unit
 *
 * Context: Any. A log that is being restarted runs again on return.
 * Return: for amd_timeouts_check().
 */
u32 amd_timeouts_losses(struct amd_unit *au)
{
	guard(raw_spinlock_irqsave)(&au->log_lock);
	return au->event.losses;
}

/* Stores alone: the unit is told when the lock is given up. */
static void amd_timeouts_block(struct amd_unit *au, struct amd_timeouts *found,
			       u16 device_id)
{
	struct nyx_device *ndev = nyx_ats_block(&au->unit, device_id);
	unsigned int i;

	/* The unit has forgotten since: there was more than one entry. */
	if (ndev && READ_ONCE(ndev->ats_refused))
		return;
	au->timeouts.blocked++;
	for (i = 0; i < found->nr; i++)
		if (found->devices[i] == ndev)
			return;
	if (ndev)
		found->devices[found->nr++] = ndev;
}

/**
 * amd_timeouts_look() - block devices that did not answer
 * @au: the unit
 * @found: what was found so far; more is added
 *
 * Looks at AMD_TIMEOUTS_LOOK entries at most, and no further when @found is full
 * or an entry was late.
 *
 * Context: Any; &amd_unit.log_lock is held, in an RCU read-side critical
 *	section. Spins for AMD_LOG_LATE_NS at most.
 * Return: how many entries are left; -ENODEV if the unit is gone.
 */
int amd_timeouts_look(struct amd_unit *au, struct amd_timeouts *found)
{
	const u32 entries = amd_log_entries(&au->event);
	struct amd_timeouts_seen *t = &au->timeouts;
	unsigned int budget = AMD_TIMEOUTS_LOOK;
	struct amd_entry entry;
	u32 tail;
	int ret;

	lockdep_assert_held(&au->log_lock);
	ret = amd_log_tail(au, &au->event, &tail);
	while (!ret && t->seen % entries != tail && budget-- &&
	       found->nr < AMD_TIMEOUTS_MAX) {
		/* One that is late may have told of a device, too. */
		if (!amd_log_peek(&au->event, t->seen++ % entries, &entry)) {
			au->event.losses++;
			break;
		}
		if (FIELD_GET(AMD_EVENT_CODE, entry.lo) ==
		    AMD_EVENT_IOTLB_INV_TIMEOUT)
			amd_timeouts_block(au, found,
					   FIELD_GET(AMD_EVENT_DEVICE_ID,
						     entry.lo));
	}
	found->blocked = t->blocked;
	found->due = found->nr || t->blocked != t->invalidated;
	return ret ?: (tail - t->seen) % entries;
}

/**
 * amd_timeouts_invalidate() - have the unit forget devices that were blocked
 * @au: the unit
 * @found: what amd_timeouts_look() gave; emptied
 *
 * Without the lock, for it takes as long as what is in the command buffer. Who
 * comes meanwhile finds no entry of a device that was blocked for him as well,
 * and may not go on before the unit has forgotten it. He does not wait for us,
 * but asks for the same himself: he saw under the lock that @blocked is ahead of
 * @forgotten, so the stores were before what he submits. Once the unit has done
 * that for anybody, it is done for all who were blocked by then.
 *
 * Context: Any, without a lock of the unit; still in the RCU read-side critical
 *	section, so the devices are there.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_timeouts_invalidate(struct amd_unit *au, struct amd_timeouts *found)
{
	int ret;

	if (!found->due)
		return 0;
	ret = nyx_invalidate_global(&au->unit);
	if (ret)
		return ret;
	while (found->nr)
		nyx_ats_blocked(found->devices[--found->nr]);
	found->due = false;

	guard(raw_spinlock_irqsave)(&au->log_lock);
	/* Others may have got further. */
	if ((s32)(found->blocked - au->timeouts.invalidated) > 0)
		au->timeouts.invalidated = found->blocked;
	return 0;
}

/**
 * struct amd_timeouts_scan - how far somebody is who looks
 * @losses: what amd_timeouts_losses() said before
 * @end: the entry before which he has to look; wraps
 * @started: @end is set
 * @overflowed: and is where the log ends that takes no more
 * @restarted: he had the log restarted
 * @found: what he found
 */
struct amd_timeouts_scan {
	u32 losses;
	u32 end;
	bool started;
	bool overflowed;
	bool restarted;
	struct amd_timeouts found;
};

/* Returns -EINPROGRESS if there is more to look at, else the verdict. */
static int amd_timeouts_step(struct amd_unit *au,
			     struct amd_timeouts_scan *scan)
{
	u32 seen, status;
	int left;

	left = amd_timeouts_look(au, &scan->found);
	if (left < 0)
		return left;
	seen = au->timeouts.seen;
	/* What comes later is no answer to what he asked. */
	if (!scan->started)
		scan->end = seen + left;
	scan->started = true;
	if ((s32)(scan->end - seen) > 0) {
		if (left)
			return -EINPROGRESS;
		/* The tail went back: what was there is not there any more. */
		au->event.losses++;
		return -EAGAIN;
	}

	status = amd_readl(au, AMD_STATUS);
	if (status == AMD_GONE)
		return -ENODEV;
	if (!(status & AMD_STATUS_EVENT_OVERFLOW))
		return au->event.losses == scan->losses ? 0 : -EAGAIN;
	/* It logs no more until it is restarted: all there is, but once. */
	if (left && !scan->overflowed) {
		scan->overflowed = true;
		scan->end = seen + left;
		return -EINPROGRESS;
	}
	amd_log_release(au, &au->event, seen % amd_log_entries(&au->event));
	scan->restarted = true;
	return amd_log_restart(au, &au->event) ?: -EAGAIN;
}

/**
 * amd_timeouts_check() - block devices that did not answer an invalidation
 * @au: the unit; the commands in question have been executed
 * @losses: what amd_timeouts_losses() said before they were given to it
 *
 * If entries were dropped, what is in the log is given up, so that those of the
 * next try find room. Whoever restarts the log takes the sign that entries were
 * dropped from all others, and drops some himself: they see it by @losses.
 *
 * Context: Any.
 * Return: 0 if all devices that are not blocked have answered; -EAGAIN if that
 *	is not known; -EIO, -ENODEV or -ETIMEDOUT if the unit is out of service,
 *	or has to be.
 */
int amd_timeouts_check(struct amd_unit *au, u32 losses)
{
	struct amd_timeouts_scan scan = { .losses = losses };
	int ret, err = 0;

	guard(rcu)();
	do {
		scoped_guard(raw_spinlock_irqsave, &au->log_lock)
			ret = amd_timeouts_step(au, &scan);
		if (ret != -EINPROGRESS || scan.found.nr == AMD_TIMEOUTS_MAX)
			err = amd_timeouts_invalidate(au, &scan.found);
		if (READ_ONCE(au->unit.dead))
			err = -EIO;
	} while (ret == -EINPROGRESS && !err);
	if (scan.restarted) {
		if (ret != -EAGAIN)
			amd_log_failed(au, ret);
		nyx_fault_overflow(&au->unit);
	}
	return err ?: ret;
}
