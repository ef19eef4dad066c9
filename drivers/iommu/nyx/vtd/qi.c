// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue (6.5.2).
 *
 * A submission is a few descriptors and a wait descriptor behind them, which
 * has the unit write its position to the status doubleword of its entry. Before
 * that the doubleword holds the position less one. Positions only grow, so who
 * waits need not own the entry: what is found there later, by somebody who got
 * the entry next, is larger, and means done as well. So entries are taken back
 * without those who wait, which may be interrupted or asleep.
 *
 * Wait descriptors may complete out of order (6.5.2.12): each has its own
 * doubleword.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>

#include <nyx/poll.h>
#include <nyx/stats.h>

#include "gcmd.h"
#include "qi.h"
#include "qi_error.h"
#include "vtd.h"

/* A register read takes as long as a wait: look for errors now and then. */
#define VTD_QI_SPINS 1024

#define VTD_QI_RING_ORDER get_order(VTD_QI_ENTRIES * sizeof(struct vtd_dsc))
#define VTD_QI_STATUS_ORDER get_order(VTD_QI_ENTRIES * sizeof(u32))

static void *vtd_qi_pages(int nid, unsigned int order)
{
	struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_ZERO,
					     order);

	return page ? page_address(page) : NULL;
}

/**
 * vtd_qi_init() - get memory for a queue
 * @qi: the queue
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
 *
 * The unit always snoops what it reads and writes here, whatever ECAP.C says of
 * tables (11.4.3).
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_qi_init(struct vtd_qi *qi, int nid)
{
	raw_spin_lock_init(&qi->lock);
	qi->on = false;
	qi->head = 0;
	qi->tail = 0;
	qi->nr_errors = 0;
	qi->timeout_ns = NYX_POLL_TIMEOUT_NS;
	qi->ring = vtd_qi_pages(nid, VTD_QI_RING_ORDER);
	qi->status = vtd_qi_pages(nid, VTD_QI_STATUS_ORDER);
	if (qi->ring && qi->status)
		return 0;
	vtd_qi_destroy(qi);
	return -ENOMEM;
}

/**
 * vtd_qi_destroy() - free a queue's memory
 * @qi: the queue, off
 *
 * Context: May sleep.
 */
void vtd_qi_destroy(struct vtd_qi *qi)
{
	free_pages((unsigned long)qi->ring, VTD_QI_RING_ORDER);
	free_pages((unsigned long)qi->status, VTD_QI_STATUS_ORDER);
	qi->ring = NULL;
	qi->status = NULL;
}

/**
 * vtd_qi_begin() - have a unit read its queue from entry 0 on
 * @vu: the unit; its queue is off
 *
 * Positions go on from where they were, for somebody may still be about to see
 * that an earlier submission ended.
 *
 * Context: Any; @vu->qi.lock is held.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_qi_begin(struct vtd_unit *vu)
{
	struct vtd_qi *qi = &vu->qi;

	lockdep_assert_held(&qi->lock);
	qi->tail = ALIGN(qi->tail, VTD_QI_ENTRIES);
	qi->head = qi->tail;
	qi->refused_at = qi->tail - 1;
	/* Errors survive a reset, and hold the queue up until cleared. */
	vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_QI_ERRORS);
	vtd_writeq(vu, VTD_IQT_REG, 0);
	vtd_writeq(vu, VTD_IQA_REG, virt_to_phys(qi->ring) |
				    FIELD_PREP(VTD_IQA_QS, VTD_QI_QS));
	return vtd_gcmd(vu, VTD_GCMD_QIE, true);
}

/**
 * vtd_qi_start() - have a unit read its queue (6.5.2)
 * @vu: the unit; its queue is off and no invalidation is under way
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT. On error the unit may
 *	still take the queue up.
 */
int vtd_qi_start(struct vtd_unit *vu)
{
	struct vtd_qi *qi = &vu->qi;
	int ret;

	guard(raw_spinlock_irqsave)(&qi->lock);
	ret = vtd_qi_begin(vu);
	qi->on = !ret;
	return ret;
}

/**
 * vtd_qi_stop() - have a unit leave its queue alone (6.5.2)
 * @vu: the unit
 *
 * What was submitted is completed first. Later submissions are refused.
 *
 * Context: Any.
 * Return: 0; or an error if the unit did not confirm, so that it may go on
 *	using the queue's memory: -EIO, -ENODEV or -ETIMEDOUT.
 */
int vtd_qi_stop(struct vtd_unit *vu)
{
	struct vtd_qi *qi = &vu->qi;
	u16 sid;
	int ret;

	if (!READ_ONCE(qi->on))
		return 0;
	/* The last descriptor completed must be a wait descriptor. */
	ret = vtd_qi_submit(vu, NULL, 0, &sid);

	guard(raw_spinlock_irqsave)(&qi->lock);
	qi->on = false;
	if (!ret)
		nyx_poll64(vu->regs + VTD_IQH_REG, VTD_IQ_OFFSET,
			   FIELD_PREP(VTD_IQ_OFFSET,
				      qi->tail % VTD_QI_ENTRIES));
	/* Off is off, whether or not it was idle. */
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}

/**
 * vtd_qi_abandon() - have a unit leave its queue alone, whatever is in it
 * @vu: the unit, out of service
 *
 * Whoever waits for a submission sees that the unit is out of service.
 *
 * Context: Any; takes the queue's lock.
 * Return: 0; or an error if the unit did not confirm, so that it may go on
 *	using the queue's memory: -ENODEV or -ETIMEDOUT.
 */
int vtd_qi_abandon(struct vtd_unit *vu)
{
	guard(raw_spinlock_irqsave)(&vu->qi.lock);
	if (!vu->qi.on)
		return 0;
	vu->qi.on = false;
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}

/* Done, by itself or by whoever has the entry now: see above. */
static bool vtd_qi_is_done(const struct vtd_qi *qi, u32 pos)
{
	u32 *status = &qi->status[pos % VTD_QI_ENTRIES];

	/*
	 * Pairs with the release in vtd_qi_abort(), and with the unit's write,
	 * which follows all that it did for the submission.
	 */
	return (s32)(smp_load_acquire(status) - pos) >= 0;
}

/* One entry stays free: a full queue would look empty (6.5.2). */
static bool vtd_qi_has_room(const struct vtd_qi *qi, unsigned int nr)
{
	return qi->tail - qi->head + nr < VTD_QI_ENTRIES;
}

/**
 * vtd_qi_reclaim() - take completed submissions back, up to the first that is not
 * @qi: the queue; @qi->head is where that one begins, or the tail
 *
 * Context: Any; @qi->lock is held.
 */
void vtd_qi_reclaim(struct vtd_qi *qi)
{
	u32 pos;

	for (pos = qi->head; pos != qi->tail; pos++) {
		if (!vtd_qi_is_wait(qi, pos))
			continue;
		if (!vtd_qi_is_done(qi, pos))
			return;
		qi->head = pos + 1;
	}
}

/**
 * struct vtd_qi_patience - a bounded wait
 * @spins: times around
 * @end: when it is over; 0 as long as it took no time worth looking
 * @oldest: the oldest submission not completed when @end was set
 * @late: it is over, and what is waited for is looked at once more
 */
struct vtd_qi_patience {
	unsigned int spins;
	u64 end;
	u32 oldest;
	bool late;
};

static u32 vtd_qi_oldest(struct vtd_qi *qi)
{
	guard(raw_spinlock_irqsave)(&qi->lock);
	vtd_qi_reclaim(qi);
	return qi->head;
}

/* Once around. An error means that there is nothing to wait for any more. */
static int vtd_qi_spin(struct vtd_unit *vu, struct vtd_qi_patience *wait)
{
	u64 now;

	cpu_relax();
	if (++wait->spins % VTD_QI_SPINS)
		return 0;
	if (READ_ONCE(vu->unit.dead))
		return -EIO;
	if (wait->late) {
		/* As long as the queue gets ahead, there is a next time. */
		wait->late = false;
		wait->end = 0;
		return vtd_qi_overdue(vu, wait->oldest);
	}
	vtd_qi_check_errors(vu);
	now = ktime_get_mono_fast_ns();
	if (!wait->end) {
		wait->oldest = vtd_qi_oldest(&vu->qi);
		wait->end = now + vu->qi.timeout_ns;
	}
	/* Look once more after the clock: we may have been held up. */
	wait->late = now > wait->end;
	return 0;
}

/* Puts descriptors and their wait descriptor, at *@pos, into the queue. */
static int vtd_qi_post(struct vtd_unit *vu, const struct vtd_dsc *dscs,
		       unsigned int nr, u32 *pos, u32 *nr_errors)
{
	struct vtd_qi_patience wait = { };
	struct vtd_qi *qi = &vu->qi;
	unsigned long flags;
	unsigned int i;
	u32 *status;
	int ret;

	for (;;) {
		raw_spin_lock_irqsave(&qi->lock, flags);
		if (!qi->on) {
			raw_spin_unlock_irqrestore(&qi->lock, flags);
			/* Off with vtd_qi_abandon(): dead was set before. */
			return READ_ONCE(vu->unit.dead) ? -EIO : -ESHUTDOWN;
		}
		if (vtd_qi_has_room(qi, nr + 1))
			break;
		vtd_qi_reclaim(qi);
		if (vtd_qi_has_room(qi, nr + 1))
			break;
		raw_spin_unlock_irqrestore(&qi->lock, flags);
		ret = vtd_qi_spin(vu, &wait);
		if (ret)
			return ret;
	}

	for (i = 0; i < nr; i++)
		qi->ring[(qi->tail + i) % VTD_QI_ENTRIES] = dscs[i];
	*pos = qi->tail + nr;
	*nr_errors = qi->nr_errors;
	status = &qi->status[*pos % VTD_QI_ENTRIES];
	WRITE_ONCE(*status, *pos - 1);
	qi->ring[*pos % VTD_QI_ENTRIES] =
		vtd_dsc_wait(virt_to_phys(status), *pos);
	qi->tail = *pos + 1;
	/*
	 * A write to a register comes after all stores to memory before it:
	 * changed tables, the status and the descriptors are there when the
	 * unit is told of them.
	 */
	vtd_writeq(vu, VTD_IQT_REG,
		   FIELD_PREP(VTD_IQ_OFFSET, qi->tail % VTD_QI_ENTRIES));
	raw_spin_unlock_irqrestore(&qi->lock, flags);
	return 0;
}

/**
 * vtd_qi_submit() - have a unit process descriptors, and wait until it has
 * @vu: the unit
 * @dscs: the descriptors
 * @nr: how many, 0 to VTD_QI_BATCH
 * @sid: with -EAGAIN and -ETIME, the device that did not answer; 0 if that is
 *	not known
 *
 * Context: Any. Spins until the queue has not got ahead for @vu->qi.timeout_ns;
 *	takes the queue's lock.
 * Return: 0; -ESHUTDOWN if the queue is off; -EINVAL if the unit refused a
 *	descriptor; -EAGAIN if it aborted the submission since a device TLB did
 *	not answer; -ETIME if the queue was started anew with the submission in
 *	it, since a device TLB held it up; -EIO if the unit is dead. Except with
 *	0 and -ESHUTDOWN, nothing is known of what was done.
 */
int vtd_qi_submit(struct vtd_unit *vu, const struct vtd_dsc *dscs,
		  unsigned int nr, u16 *sid)
{
	struct vtd_qi_patience wait = { };
	struct vtd_qi *qi = &vu->qi;
	u32 pos, nr_errors;
	int ret;

	if (READ_ONCE(vu->unit.dead))
		return -EIO;
	ret = vtd_qi_post(vu, dscs, nr, &pos, &nr_errors);
	if (ret)
		return ret;
	nyx_stat_inc(&vu->unit, NYX_STAT_WAIT);
	while (!vtd_qi_is_done(qi, pos)) {
		ret = vtd_qi_spin(vu, &wait);
		if (ret)
			return ret;
	}
	/* An error that concerns this submission was counted before it ended */
	if (likely(READ_ONCE(qi->nr_errors) == nr_errors))
		return 0;
	return vtd_qi_verdict(qi, pos, nr_errors, sid);
}
