// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that did not respond to an invalidation. Only the event log names
 * them (IOTLB_INV_TIMEOUT, 2.5.8). Two kinds of callers search it: submitters
 * of device TLB invalidations, which search ahead, and the thread of the fault
 * interrupt before it removes entries.
 *
 * Each entry is searched once, on any CPU. So a caller that finds nothing may
 * only continue after the findings of other CPUs have been dealt with: see
 * amd_timeouts_invalidate().
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>

#include <nyx/device.h>
#include <nyx/fault.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats_off.h"
#include "log.h"
#include "timeout.h"

/* Family of CPUs whose units may write an event late (erratum 732). */
#define AMD_FAMILY_LATE 0x15

/* Entries that are searched at a time with the lock held and interrupts off. */
#define AMD_TIMEOUTS_LOOK 256

/**
 * amd_timeouts_losses() - number of times that entries may have been lost
 * @au: the unit
 *
 * Context: Any. A concurrent restart of the log is complete on return, or counts
 *	later.
 * Return: the number, for amd_timeouts_check().
 */
u32 amd_timeouts_losses(struct amd_unit *au)
{
	/* Pairs with amd_log_restart(). */
	if (!smp_load_acquire(&au->event.restarting))
		return READ_ONCE(au->event.losses);
	guard(raw_spinlock_irqsave)(&au->log_lock);
	return au->event.losses;
}

static bool amd_timeouts_is_timeout(u64 lo)
{
	return FIELD_GET(AMD_EVENT_CODE, lo) == AMD_EVENT_IOTLB_INV_TIMEOUT;
}

/**
 * amd_timeouts_count() - count the timeouts that a unit has logged
 * @au: the unit
 *
 * While commands are executed, this tells a unit that waits for devices from one
 * that hangs. A log that overflowed may lack timeouts, so then each call counts
 * as one.
 *
 * Context: Any; no lock of the unit is held. Takes &amd_unit.log_lock.
 * Return: the number since any time in the past; wraps.
 */
u32 amd_timeouts_count(struct amd_unit *au)
{
	const u32 entries = amd_log_entries(&au->event);
	struct amd_timeouts_seen *t = &au->timeouts;
	u32 tail;
	u64 lo;

	guard(raw_spinlock_irqsave)(&au->log_lock);
	if (au->event.failed || amd_log_tail(au, &au->event, &tail))
		return t->events + au->event.losses;
	/* amd_timeouts_look() counts what it reads first. */
	if ((s32)(t->seen - t->counted) > 0)
		t->counted = t->seen;
	for (; t->counted % entries != tail; t->counted++) {
		lo = READ_ONCE(au->event.ring[t->counted % entries].lo);
		if (!lo)	/* it did not arrive so far */
			break;
		t->events += amd_timeouts_is_timeout(lo);
	}
	if (amd_readl(au, AMD_STATUS) & AMD_STATUS_EVENT_OVERFLOW)
		t->events++;
	return t->events + au->event.losses;
}

/*
 * This only stores to entries. They are invalidated after the lock was
 * released.
 */
static void amd_timeouts_block(struct amd_unit *au, struct amd_timeouts *found,
			       u16 device_id)
{
	struct nyx_device *ndev = nyx_isolate_block(&au->unit, device_id);
	unsigned int i;

	/*
	 * An earlier event named the device, and its entries are already
	 * invalidated.
	 */
	if (ndev && READ_ONCE(ndev->ats_refused))
		return;
	WRITE_ONCE(au->timeouts.blocked, au->timeouts.blocked + 1);
	for (i = 0; i < found->nr; i++)
		if (found->devices[i] == ndev)
			return;
	if (ndev)
		found->devices[found->nr++] = ndev;
}

/* Searches the next entry. Returns false if it did not arrive. */
static bool amd_timeouts_look_at(struct amd_unit *au,
				 struct amd_timeouts *found)
{
	struct amd_timeouts_seen *t = &au->timeouts;
	struct amd_log *log = &au->event;
	struct amd_entry entry;

	if (!amd_log_peek(log, t->seen % amd_log_entries(log), &entry)) {
		/* The lost entry may have named a device. */
		WRITE_ONCE(log->losses, log->losses + 1);
		return false;
	}
	if (!amd_timeouts_is_timeout(entry.lo))
		return true;
	if ((s32)(t->seen - t->counted) >= 0)
		t->events++;
	amd_timeouts_block(au, found,
			   FIELD_GET(AMD_EVENT_DEVICE_ID, entry.lo));
	return true;
}

/**
 * amd_timeouts_look() - block devices that did not respond
 * @au: the unit
 * @found: findings so far, to which this search adds
 *
 * The search ends after AMD_TIMEOUTS_LOOK entries, when @found is full, or at
 * an entry that did not arrive.
 *
 * Context: Any; &amd_unit.log_lock is held, in an RCU read-side critical
 *	section. Spins for AMD_LOG_LATE_NS at most.
 * Return: the number of entries that are left; -ENODEV if the unit is gone.
 */
int amd_timeouts_look(struct amd_unit *au, struct amd_timeouts *found)
{
	struct amd_log *log = &au->event;
	const u32 entries = amd_log_entries(log);
	struct amd_timeouts_seen *t = &au->timeouts;
	unsigned int budget = AMD_TIMEOUTS_LOOK;
	bool arrived = true;
	u32 tail;
	int ret;

	lockdep_assert_held(&au->log_lock);
	ret = amd_log_tail(au, log, &tail);
	/* At most some entries were released since a log was full. */
	if ((tail - log->head) % entries >= entries / 2)
		WRITE_ONCE(log->crowded, true);
	while (!ret && t->seen % entries != tail && budget-- && arrived &&
	       found->nr < AMD_TIMEOUTS_MAX) {
		arrived = amd_timeouts_look_at(au, found);
		/*
		 * What was found precedes the position: pairs with
		 * amd_timeouts_none().
		 */
		smp_store_release(&t->seen, t->seen + 1);
	}
	found->blocked = t->blocked;
	found->due = found->nr || t->blocked != t->invalidated;
	return ret ?: (tail - t->seen) % entries;
}

/**
 * amd_timeouts_invalidate() - invalidate the entries of devices that were
 *	blocked
 * @au: the unit
 * @found: result of amd_timeouts_look(); emptied
 *
 * This runs without the lock, because it takes as long as the commands in the
 * command buffer. Meanwhile another CPU may search the log for a device that
 * this CPU has blocked, and finds no event of it. That CPU must not continue
 * before the entries of the device are invalidated. It does not wait for this
 * CPU, but submits the same invalidation: it saw under the lock that @blocked
 * is ahead of @invalidated, so the stores precede its own commands. Each
 * completed invalidation covers all devices that were blocked before it was
 * submitted.
 *
 * Context: Any; no lock of the unit is held. The RCU read-side critical section
 *	of amd_timeouts_look() continues, which keeps the devices valid.
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
		nyx_isolate_confirmed(found->devices[--found->nr]);
	found->due = false;

	guard(raw_spinlock_irqsave)(&au->log_lock);
	/* Another CPU may have invalidated more. */
	if ((s32)(found->blocked - au->timeouts.invalidated) > 0)
		WRITE_ONCE(au->timeouts.invalidated, found->blocked);
	return 0;
}

/**
 * struct amd_timeouts_scan - state of amd_timeouts_check()
 * @losses: result of amd_timeouts_losses() before the commands were submitted
 * @end: position before which entries have to be searched; wraps
 * @started: @end is set
 * @overflowed: @end is the end of a log that overflowed, so that it takes no
 *	more entries
 * @restarted: this CPU restarted the log
 * @found: findings so far
 */
struct amd_timeouts_scan {
	u32 losses;
	u32 end;
	bool started;
	bool overflowed;
	bool restarted;
	struct amd_timeouts found;
};

/*
 * The log has not overflowed, or was restarted, which counts as a loss. @left
 * entries were not searched.
 */
static void amd_timeouts_uncrowd(struct amd_unit *au, u32 left)
{
	const u32 entries = amd_log_entries(&au->event);
	u32 tail = au->timeouts.seen + left;

	if ((tail - au->event.head) % entries >= entries / 2)
		return;
	/* A CPU that sees this also sees the loss. */
	smp_store_release(&au->event.crowded, false);
}

/* Returns -EINPROGRESS if there is more to search, else the result. */
static int amd_timeouts_step(struct amd_unit *au,
			     struct amd_timeouts_scan *scan)
{
	u32 seen, status;
	int left;

	left = amd_timeouts_look(au, &scan->found);
	if (left < 0)
		return left;
	seen = au->timeouts.seen;
	/* Later entries cannot be about the commands in question. */
	if (!scan->started)
		scan->end = seen + left;
	scan->started = true;
	if ((s32)(scan->end - seen) > 0) {
		if (left)
			return -EINPROGRESS;
		/*
		 * The tail moved backwards, so the entries in between were
		 * lost.
		 */
		WRITE_ONCE(au->event.losses, au->event.losses + 1);
		return -EAGAIN;
	}

	status = amd_readl(au, AMD_STATUS);
	if (status == AMD_GONE)
		return -ENODEV;
	if (!(status & AMD_STATUS_EVENT_OVERFLOW)) {
		amd_timeouts_uncrowd(au, left);
		return au->event.losses == scan->losses ? 0 : -EAGAIN;
	}
	/* No entries are added before a restart. So search the rest, once. */
	if (left && !scan->overflowed) {
		scan->overflowed = true;
		scan->end = seen + left;
		return -EINPROGRESS;
	}
	amd_log_release(au, &au->event, seen % amd_log_entries(&au->event));
	scan->restarted = true;
	return amd_log_restart(au, &au->event) ?: -EAGAIN;
}

/*
 * Whether it is certain, without the lock and without reading a register, that
 * there is nothing to do: the entry that the unit writes next is empty, no entry
 * was lost, and all that other CPUs found is dealt with.
 *
 * The unit writes an event before the data of COMPLETION_WAIT, except the units
 * with AMD_FAMILY_LATE. So an event about the caller's commands is in memory
 * unless it was dropped: because the log was full, and then a CPU that searched
 * the last entry has set @crowded; or during a restart. Another CPU may have
 * searched and removed the event, and then has recorded before what it found.
 */
static bool amd_timeouts_none(const struct amd_unit *au, u32 losses)
{
	const struct amd_timeouts_seen *t = &au->timeouts;
	const struct amd_log *log = &au->event;
	u32 pos;

	if (au->cpu_family == AMD_FAMILY_LATE)
		return false;
	/* Pairs with amd_timeouts_look(). */
	pos = smp_load_acquire(&t->seen) % amd_log_entries(log);
	if (READ_ONCE(log->ring[pos].lo))
		return false;
	/* Pairs with amd_log_release(). */
	smp_rmb();
	/* Pairs with amd_timeouts_uncrowd(). */
	if (smp_load_acquire(&log->crowded))
		return false;
	/* Pairs with amd_log_restart(). */
	if (smp_load_acquire(&log->restarting))
		return false;
	return !READ_ONCE(log->failed) && READ_ONCE(log->losses) == losses &&
	       READ_ONCE(t->blocked) == READ_ONCE(t->invalidated);
}

/**
 * amd_timeouts_check() - block devices that did not respond to an invalidation
 * @au: the unit; the commands in question have been executed
 * @losses: result of amd_timeouts_losses() before they were submitted
 *
 * If entries were dropped, the log is emptied, so that there is room for events
 * of the next try. The CPU that restarts the log clears the overflow, which
 * other CPUs then cannot see, and events are dropped during the restart. Other
 * CPUs learn of both from @losses.
 *
 * Context: Any.
 * Return: 0 if all devices that are not blocked have responded, or the unit
 *	refuses translated requests; -EAGAIN if that is not known; -EIO or
 *	-ENODEV if the unit is out of service, or has to be.
 */
int amd_timeouts_check(struct amd_unit *au, u32 losses)
{
	struct amd_timeouts_scan scan = { .losses = losses };
	int ret, err = 0;

	if (likely(amd_timeouts_none(au, losses)))
		return 0;
	/* Set under the lock, before the end of the restart is visible. */
	if (READ_ONCE(au->event.failed))
		return amd_ats_off(au);
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
			ret = amd_log_failed(au, ret);
		nyx_fault_overflow(&au->unit);
	}
	return err ?: ret;
}
