// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of commands that a unit executes, and waits for their completion.
 *
 * A submission is a few commands and a wait behind them, which has the unit
 * write its position to the status word of its entry. Before that the word
 * holds the position less one. Positions only grow, so who waits need not own
 * the entry: what is found there later, by somebody who got the entry next, is
 * larger, and means done as well. So entries are taken back without those who
 * wait, which may be interrupted or asleep.
 *
 * Waits may complete out of order: each has its own status word.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#include <nyx/queue.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "lib/poll.h"
#include "queue_error.h"

/* A register read takes as long as a wait: look for errors now and then. */
#define NYX_QUEUE_SPINS 1024

#define NYX_QUEUE_RING_ORDER \
	get_order(NYX_QUEUE_ENTRIES * sizeof(struct nyx_cmd))
#define NYX_QUEUE_STATUS_ORDER get_order(NYX_QUEUE_ENTRIES * sizeof(u64))

static void *nyx_queue_pages(int nid, unsigned int order)
{
	struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_ZERO,
					     order);

	return page ? page_address(page) : NULL;
}

/**
 * nyx_queue_init() - get memory for a queue
 * @q: the queue
 * @unit: whose it is; it snoops what it reads and writes here
 * @ops: the vendor's part
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_queue_init(struct nyx_queue *q, struct nyx_unit *unit,
		   const struct nyx_queue_ops *ops, int nid)
{
	raw_spin_lock_init(&q->lock);
	q->unit = unit;
	q->ops = ops;
	q->on = false;
	q->head = 0;
	q->tail = 0;
	q->nr_errors = 0;
	q->timeout_ns = NYX_POLL_TIMEOUT_NS;
	q->ring = nyx_queue_pages(nid, NYX_QUEUE_RING_ORDER);
	q->status = nyx_queue_pages(nid, NYX_QUEUE_STATUS_ORDER);
	if (q->ring && q->status)
		return 0;
	nyx_queue_destroy(q);
	return -ENOMEM;
}

/**
 * nyx_queue_destroy() - free a queue's memory
 * @q: the queue, off
 *
 * Context: May sleep.
 */
void nyx_queue_destroy(struct nyx_queue *q)
{
	free_pages((unsigned long)q->ring, NYX_QUEUE_RING_ORDER);
	free_pages((unsigned long)q->status, NYX_QUEUE_STATUS_ORDER);
	q->ring = NULL;
	q->status = NULL;
}

/**
 * nyx_queue_reset() - begin anew at the first entry
 * @q: the queue, which the unit does not read
 *
 * Positions go on from where they were, for somebody may still be about to see
 * that an earlier submission ended.
 *
 * Context: @q->lock is held.
 */
void nyx_queue_reset(struct nyx_queue *q)
{
	q->tail = ALIGN(q->tail, NYX_QUEUE_ENTRIES);
	q->head = q->tail;
}

/**
 * nyx_queue_is_done() - whether a submission ended
 * @q: the queue
 * @pos: position of its wait
 *
 * It did so by itself, or by whoever has the entry now: see above.
 *
 * Context: Any.
 * Return: true if it did.
 */
bool nyx_queue_is_done(const struct nyx_queue *q, u32 pos)
{
	/*
	 * Pairs with the release in nyx_queue_abort(), and with the unit's
	 * write, which follows all that it did for the submission.
	 */
	return (s32)(smp_load_acquire(nyx_queue_status(q, pos)) - pos) >= 0;
}

/* One entry stays free: a full ring would look empty. */
static bool nyx_queue_has_room(const struct nyx_queue *q, unsigned int nr)
{
	return q->tail - q->head + nr < NYX_QUEUE_ENTRIES;
}

/**
 * nyx_queue_reclaim() - take completed submissions back, up to one that is not
 * @q: the queue; @q->head is where that one begins, or the tail
 *
 * Context: @q->lock is held.
 */
void nyx_queue_reclaim(struct nyx_queue *q)
{
	u32 pos;

	for (pos = q->head; pos != q->tail; pos++) {
		if (!nyx_queue_is_wait(q, pos))
			continue;
		if (!nyx_queue_is_done(q, pos))
			return;
		q->head = pos + 1;
	}
}

/**
 * struct nyx_queue_deadline - a bounded wait
 * @spins: times around
 * @end: when it is over; 0 as long as it took no time worth looking
 * @oldest: the oldest submission not completed when @end was set
 * @late: it is over, and what is waited for is looked at once more
 */
struct nyx_queue_deadline {
	unsigned int spins;
	u64 end;
	u32 oldest;
	bool late;
};

static u32 nyx_queue_oldest(struct nyx_queue *q)
{
	guard(raw_spinlock_irqsave)(&q->lock);
	nyx_queue_reclaim(q);
	return q->head;
}

/* Once around. An error means that there is nothing to wait for any more. */
static int nyx_queue_spin(struct nyx_queue *q, struct nyx_queue_deadline *wait)
{
	u64 now;

	cpu_relax();
	if (++wait->spins % NYX_QUEUE_SPINS)
		return 0;
	if (READ_ONCE(q->unit->dead))
		return -EIO;
	if (wait->late) {
		/* As long as the queue gets ahead, there is a next time. */
		wait->late = false;
		wait->end = 0;
		return nyx_queue_overdue(q, wait->oldest);
	}
	q->ops->check(q);
	now = ktime_get_mono_fast_ns();
	if (!wait->end) {
		wait->oldest = nyx_queue_oldest(q);
		wait->end = now + q->timeout_ns;
	}
	/* Look once more after the clock: we may have been held up. */
	wait->late = now > wait->end;
	return 0;
}

/**
 * nyx_queue_put() - tell a unit of commands, and of a wait behind them
 * @q: the queue, which has room for them, and which the unit reads
 * @cmds: the commands
 * @nr: how many, 0 to NYX_QUEUE_BATCH
 *
 * Context: @q->lock is held.
 * Return: position of the wait.
 */
u32 nyx_queue_put(struct nyx_queue *q, const struct nyx_cmd *cmds,
		  unsigned int nr)
{
	u32 pos = q->tail + nr, *status = nyx_queue_status(q, pos);
	unsigned int i;

	for (i = 0; i < nr; i++)
		*nyx_queue_at(q, q->tail + i) = cmds[i];
	WRITE_ONCE(*status, pos - 1);
	*nyx_queue_at(q, pos) = q->ops->wait(virt_to_phys(status), pos);
	q->tail = pos + 1;
	/*
	 * A write to a register comes after all stores to memory before it:
	 * changed tables, the status and the commands are there when the unit
	 * is told of them.
	 */
	q->ops->kick(q);
	return pos;
}

/* The same, as soon as there is room. */
static int nyx_queue_post(struct nyx_queue *q, const struct nyx_cmd *cmds,
			  unsigned int nr, u32 *pos, u32 *nr_errors)
{
	struct nyx_queue_deadline wait = { };
	unsigned long flags;
	int ret;

	for (;;) {
		raw_spin_lock_irqsave(&q->lock, flags);
		if (!q->on) {
			raw_spin_unlock_irqrestore(&q->lock, flags);
			/* Out of service, it goes off after dead was set. */
			return READ_ONCE(q->unit->dead) ? -EIO : -ESHUTDOWN;
		}
		if (nyx_queue_has_room(q, nr + 1))
			break;
		nyx_queue_reclaim(q);
		if (nyx_queue_has_room(q, nr + 1))
			break;
		raw_spin_unlock_irqrestore(&q->lock, flags);
		ret = nyx_queue_spin(q, &wait);
		if (ret)
			return ret;
	}

	*nr_errors = q->nr_errors;
	*pos = nyx_queue_put(q, cmds, nr);
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return 0;
}

/**
 * nyx_queue_submit() - have a unit execute commands, and wait until it has
 * @q: the unit's queue
 * @cmds: the commands
 * @nr: how many, 0 to NYX_QUEUE_BATCH
 * @rid: with -EAGAIN and -ETIME, the device that is to blame; 0 if that is not
 *	known
 *
 * Context: Any. Spins until the queue has not got ahead for @q->timeout_ns;
 *	takes the queue's lock.
 * Return: 0; -ESHUTDOWN if the queue is off; -EINVAL if the unit refused a
 *	command; -EAGAIN if it aborted the submission, for that or for what
 *	another command did; -ETIME if the queue was started anew with the
 *	submission in it, since a device held it up; -EIO if the unit is dead.
 *	Except with 0 and -ESHUTDOWN, nothing is known of what was done.
 */
int nyx_queue_submit(struct nyx_queue *q, const struct nyx_cmd *cmds,
		     unsigned int nr, u16 *rid)
{
	struct nyx_queue_deadline wait = { };
	u32 pos, nr_errors;
	int ret;

	*rid = 0;
	if (READ_ONCE(q->unit->dead))
		return -EIO;
	ret = nyx_queue_post(q, cmds, nr, &pos, &nr_errors);
	if (ret)
		return ret;
	nyx_stat_inc(q->unit, NYX_STAT_WAIT);
	while (!nyx_queue_is_done(q, pos)) {
		ret = nyx_queue_spin(q, &wait);
		if (ret)
			return ret;
	}
	/* An error that concerns this submission was counted before it ended */
	if (likely(READ_ONCE(q->nr_errors) == nr_errors))
		return 0;
	return nyx_queue_verdict(q, pos, nr_errors, rid);
}
