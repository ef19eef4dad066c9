// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of commands that a unit executes, waits for their completion, and what
 * becomes of submissions that meet an error.
 *
 * A submission is a few commands and a wait behind them, which has the unit
 * write its position to the status word of its entry. Before that the word
 * holds the position less one. Positions only grow, so who waits need not own
 * the entry: what is found there later, by somebody who got the entry next, is
 * larger, and means done as well. So entries are taken back without those who
 * wait, which may be interrupted or asleep.
 *
 * Waits may complete out of order: each has its own status word.
 *
 * The CPU that finds an error handles it, under the queue's lock: it notes which
 * submissions the error concerns, sees to it that their waits end, and has the
 * unit go on. Waiting CPUs find the note.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/processor.h>

#include <nyx/queue.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "lib/poll.h"

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

/* Whether a position holds a wait; @q->lock is held. */
static bool nyx_queue_is_wait(const struct nyx_queue *q, u32 pos)
{
	return q->ops->is_wait(nyx_queue_at(q, pos));
}

/* The half of the status that waits report to, on these little-endian CPUs. */
static u32 *nyx_queue_status(const struct nyx_queue *q, u32 pos)
{
	return (u32 *)&q->status[pos % NYX_QUEUE_ENTRIES];
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

/*
 * Takes completed submissions back, up to the first that is not. @q->lock is
 * held; @q->head is where the oldest submission begins, or the tail.
 */
static void nyx_queue_reclaim(struct nyx_queue *q)
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
 * nyx_queue_first() - where a submission begins
 * @q: the queue
 * @pos: a position in it, from @q->head on
 *
 * Context: @q->lock is held.
 * Return: the position of its first command.
 */
u32 nyx_queue_first(const struct nyx_queue *q, u32 pos)
{
	while (pos != q->head && !nyx_queue_is_wait(q, pos - 1))
		pos--;
	return pos;
}

/**
 * nyx_queue_last() - where a submission ends
 * @q: the queue
 * @pos: a position in it, before @q->tail
 *
 * Context: @q->lock is held.
 * Return: the position of its wait.
 */
u32 nyx_queue_last(const struct nyx_queue *q, u32 pos)
{
	while (!nyx_queue_is_wait(q, pos))
		pos++;
	return pos;
}

/**
 * nyx_queue_note() - note for those who wait what became of their submissions
 * @q: the queue
 * @first: first position that it concerns
 * @last: last position that it concerns
 * @err: nyx_queue_error.err
 * @rid: nyx_queue_error.rid
 *
 * To be called before any wait that it concerns can end.
 *
 * Context: @q->lock is held.
 */
void nyx_queue_note(struct nyx_queue *q, u32 first, u32 last, int err, u16 rid)
{
	q->errors[q->nr_errors % NYX_QUEUE_ERRORS] = (struct nyx_queue_error) {
		.first = first,
		.last = last,
		.err = err,
		.rid = rid,
	};
	/*
	 * Followed by the release in nyx_queue_abort(), or by the register
	 * write that has the unit go on.
	 */
	WRITE_ONCE(q->nr_errors, q->nr_errors + 1);
}

/**
 * nyx_queue_abort() - end the waits of submissions that the unit forgot
 * @q: the queue
 * @end: position behind the last that it forgot
 *
 * Context: @q->lock is held, and nyx_queue_note() was called.
 */
void nyx_queue_abort(struct nyx_queue *q, u32 end)
{
	u32 pos, *status;

	for (pos = q->head; pos != end; pos++) {
		status = nyx_queue_status(q, pos);
		if (!nyx_queue_is_wait(q, pos) || READ_ONCE(*status) != pos - 1)
			continue;
		/* Whoever sees this must see the note that came before. */
		smp_store_release(status, pos);
	}
}

/**
 * nyx_queue_drop() - end all submissions, for a device held them up
 * @q: the queue, which the unit does not read, nor write status of any more
 * @rid: the device that is to blame; 0 if that is not known
 *
 * The queue is empty then and begins anew at the first entry; those who wait get
 * -ETIME.
 *
 * Context: @q->lock is held.
 */
void nyx_queue_drop(struct nyx_queue *q, u16 rid)
{
	nyx_queue_note(q, q->head, q->tail - 1, -ETIME, rid);
	nyx_queue_abort(q, q->tail);
	nyx_queue_reset(q);
}

/**
 * nyx_queue_overdue() - it took too long
 * @q: the queue
 * @oldest: where the oldest submission that was not completed began, when
 *	whoever waits began to
 *
 * Context: Any; takes the queue's lock.
 * Return: 0 if the queue got ahead since, or does now; -EIO if the unit is out
 *	of service.
 */
int nyx_queue_overdue(struct nyx_queue *q, u32 oldest)
{
	const char *why = NYX_QUEUE_STUCK_WHY;

	scoped_guard(raw_spinlock_irqsave, &q->lock) {
		nyx_queue_reclaim(q);
		if (q->head != oldest)
			return 0;
		nyx_stat_inc(q->unit, NYX_STAT_FLUSH_ERROR);
		if (q->on && q->ops->restart)
			why = q->ops->restart(q);
	}
	if (!why)
		return 0;
	nyx_unit_fail(q->unit, why);
	return -EIO;
}

/**
 * struct nyx_queue_wait - one wait for the queue
 * @spins: iterations of the waiting loop so far
 * @timed: @deadline and @oldest are set; waits that end within the first
 *	NYX_QUEUE_SPINS iterations do without
 * @deadline: until when the oldest submission has to complete
 * @oldest: position at which the oldest submission began when @deadline was set
 */
struct nyx_queue_wait {
	unsigned int spins;
	bool timed;
	struct nyx_deadline deadline;
	u32 oldest;
};

static u32 nyx_queue_oldest(struct nyx_queue *q)
{
	guard(raw_spinlock_irqsave)(&q->lock);
	nyx_queue_reclaim(q);
	return q->head;
}

/*
 * One iteration of a wait. Returns an error if the unit is out of service, so
 * that there is nothing to wait for.
 */
static int nyx_queue_spin(struct nyx_queue *q, struct nyx_queue_wait *wait)
{
	cpu_relax();
	if (++wait->spins % NYX_QUEUE_SPINS)
		return 0;
	if (READ_ONCE(q->unit->dead))
		return -EIO;
	if (wait->timed && nyx_deadline_passed(&wait->deadline)) {
		/* If the queue made progress, the wait gets a new deadline. */
		wait->timed = false;
		return nyx_queue_overdue(q, wait->oldest);
	}
	q->ops->check(q);
	if (!wait->timed) {
		wait->oldest = nyx_queue_oldest(q);
		wait->deadline = nyx_deadline_in(q->timeout_ns);
		wait->timed = true;
	}
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
	struct nyx_queue_wait wait = { };
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

/*
 * How a submission ended whose wait is at @pos and that was submitted after
 * @nr_errors errors: 0 if later errors did not concern it, else
 * nyx_queue_error.err, and @rid is set with -EAGAIN and -ETIME.
 */
static int nyx_queue_verdict(struct nyx_queue *q, u32 pos, u32 nr_errors,
			     u16 *rid)
{
	const struct nyx_queue_error *error;

	guard(raw_spinlock_irqsave)(&q->lock);
	/* Too many to remember: it may have been among them. */
	if (q->nr_errors - nr_errors > NYX_QUEUE_ERRORS)
		return -EAGAIN;
	for (; nr_errors != q->nr_errors; nr_errors++) {
		error = &q->errors[nr_errors % NYX_QUEUE_ERRORS];
		if (pos - error->first > error->last - error->first)
			continue;
		*rid = error->rid;
		return error->err;
	}
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
	struct nyx_queue_wait wait = { };
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
