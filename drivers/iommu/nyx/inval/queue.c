// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command queue: submits commands to a unit and waits for their completion.
 *
 * A submission consists of commands and one wait command after them. Each entry
 * of the ring has a status word. The wait command makes the unit write the
 * position of its entry to the status word of the entry, which holds that
 * position minus one before. A submission is done when its status word has
 * reached the position.
 *
 * Positions only increase. So an entry can be reused while the CPU that waits
 * for it is still interrupted or preempted: the next user of the entry leaves a
 * larger position in the status word, which also means done. Entries are
 * reclaimed without any action of the waiting CPUs.
 *
 * Wait commands may complete out of order, since each has its own status word.
 *
 * The CPU that finds an error handles it under the lock of the queue: it
 * records which submissions the error affects, ends their waits, and makes the
 * unit continue. Each waiting CPU then finds the record of its submission.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/time64.h>

#include <nyx/invalidate.h>
#include <nyx/queue.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "lib/latency.h"
#include "lib/poll.h"

/*
 * How many iterations of a wait pass between checks for errors. A check reads a
 * register, which takes as long as a typical wait.
 */
#define NYX_QUEUE_SPINS 1024

/*
 * How often the deadline of the oldest submission is extended because devices
 * delay it. One that takes even longer does so for another reason.
 */
#define NYX_QUEUE_EXTENSIONS 18

/* How long a wait may spin without a pause; far below all lockup detectors. */
#define NYX_QUEUE_SPIN_NS NSEC_PER_SEC

/**
 * nyx_queue_reset() - make a queue empty and continue at its first entry
 * @q: the queue, which the unit does not read
 *
 * Positions continue to increase, because a CPU may still be about to see that
 * an earlier submission is done.
 *
 * Context: @q->lock is held.
 */
void nyx_queue_reset(struct nyx_queue *q)
{
	q->tail = ALIGN(q->tail, NYX_QUEUE_ENTRIES);
	q->head = q->tail;
}

/* Whether a position holds a wait command. @q->lock is held. */
static bool nyx_queue_is_wait(const struct nyx_queue *q, u32 pos)
{
	return q->ops->is_wait(nyx_queue_at(q, pos));
}

/* Returns the half of the status that wait commands write (little-endian). */
static u32 *nyx_queue_status(const struct nyx_queue *q, u32 pos)
{
	return (u32 *)&q->status[pos % NYX_QUEUE_ENTRIES];
}

/**
 * nyx_queue_is_done() - whether a submission is done
 * @q: the queue
 * @pos: position of the wait command
 *
 * The entry may already be reused: see the top of this file.
 *
 * Context: Any.
 * Return: true if it completed or was ended by nyx_queue_abort().
 */
bool nyx_queue_is_done(const struct nyx_queue *q, u32 pos)
{
	/*
	 * Pairs with the release in nyx_queue_abort(), and with the write of
	 * the unit, which follows all its work for the submission.
	 */
	return (s32)(smp_load_acquire(nyx_queue_status(q, pos)) - pos) >= 0;
}

/* One entry stays free, since a full ring would look empty. */
static bool nyx_queue_has_room(const struct nyx_queue *q, unsigned int nr)
{
	return q->tail - q->head + nr < NYX_QUEUE_ENTRIES;
}

/*
 * Reclaims completed submissions up to the first incomplete one. @q->head is
 * the start of the oldest submission, or @q->tail. @q->lock is held.
 */
static void nyx_queue_reclaim(struct nyx_queue *q)
{
	u32 pos;

	for (pos = q->head; pos != q->tail; pos++) {
		if (!nyx_queue_is_wait(q, pos))
			continue;
		if (!nyx_queue_is_done(q, pos))
			break;
		q->head = pos + 1;
	}
	if (q->head != q->stalled_at)
		WRITE_ONCE(q->stalled, false);
}

/**
 * nyx_queue_first() - find the start of a submission
 * @q: the queue
 * @pos: a position in the submission, not before @q->head
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
 * nyx_queue_last() - find the end of a submission
 * @q: the queue
 * @pos: a position in the submission, before @q->tail
 *
 * Context: @q->lock is held.
 * Return: the position of its wait command.
 */
u32 nyx_queue_last(const struct nyx_queue *q, u32 pos)
{
	while (!nyx_queue_is_wait(q, pos))
		pos++;
	return pos;
}

/**
 * nyx_queue_note() - record an error for the callers that wait for submissions
 * @q: the queue
 * @first: first affected position
 * @last: last affected position
 * @err: nyx_queue_error.err
 * @rid: nyx_queue_error.rid
 *
 * To be called before any affected submission can become done.
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
	 * Ordered by the release in nyx_queue_abort(), or by the register write
	 * that makes the unit continue.
	 */
	WRITE_ONCE(q->nr_errors, q->nr_errors + 1);
}

/**
 * nyx_queue_abort() - end the waits of submissions that the unit dropped
 * @q: the queue
 * @end: position after the last dropped submission
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
		/* A CPU that sees this also sees the preceding record. */
		smp_store_release(status, pos);
	}
	/* The unit continues. */
	WRITE_ONCE(q->stalled, false);
}

/**
 * nyx_queue_drop() - end all submissions because the unit does not execute them
 * @q: the queue; the unit no longer reads the ring or writes status words
 *
 * The waits end with -ETIME. The queue is then empty and continues at its first
 * entry.
 *
 * Context: @q->lock is held.
 */
void nyx_queue_drop(struct nyx_queue *q)
{
	nyx_queue_note(q, q->head, q->tail - 1, -ETIME, 0);
	nyx_queue_abort(q, q->tail);
	nyx_queue_reset(q);
}

/*
 * Records that the oldest submission did not complete in time. Returns false if
 * the unit gets no more time. @q->lock is held.
 */
static bool nyx_queue_stall(struct nyx_queue *q, u16 *rid)
{
	u64 more = 0;

	nyx_stat_inc(q->unit, NYX_STAT_FLUSH_ERROR);
	if (q->on && q->ops->stalled)
		more = q->ops->stalled(q, rid);
	q->blocker = *rid;
	q->patience = nyx_deadline_in(more);
	q->stalled_at = q->head;
	WRITE_ONCE(q->stalled, more);
	return more;
}

/**
 * nyx_queue_overdue() - handle a wait whose deadline has passed
 * @q: the queue
 * @oldest: start of the oldest incomplete submission when the deadline was set
 *
 * If the queue has made no progress since then, isolates the device for which
 * the unit waits. When the unit's time is over, restarts the queue, or takes the
 * unit out of service.
 *
 * The device is blocked before the unit has given it up, so that no further
 * invalidation is sent to it. The callers whose submissions the unit aborts
 * then see to it that the unit uses the new entry.
 *
 * Context: Any; takes @q->lock and nyx_unit.store_lock, one after the other.
 * Return: 0 if the caller has to continue to wait; -EIO if the unit is out of
 *	service.
 */
int nyx_queue_overdue(struct nyx_queue *q, u32 oldest)
{
	const char *why = NULL;
	u16 rid = 0;
	bool over;

	scoped_guard(raw_spinlock_irqsave, &q->lock) {
		nyx_queue_reclaim(q);
		if (q->head != oldest)
			return 0;
		over = q->stalled ? nyx_deadline_passed(&q->patience) :
				    !nyx_queue_stall(q, &rid);
		if (over)
			why = q->on && q->ops->restart ? q->ops->restart(q) :
							 NYX_QUEUE_STUCK_WHY;
	}
	if (rid) {
		guard(rcu)();
		nyx_isolate_block(q->unit, rid);
	}
	if (!why)
		return 0;
	nyx_unit_retire(q->unit, why);
	return -EIO;
}

/**
 * struct nyx_queue_wait - one wait for the queue
 * @spins: iterations of the waiting loop so far
 * @timed: @deadline and @oldest are set; waits that end within the first
 *	NYX_QUEUE_SPINS iterations do without
 * @deadline: until when the oldest submission has to complete
 * @oldest: position at which the oldest submission began when @deadline was set
 * @counted: @delays is set; most waits end without it
 * @delays: result of nyx_queue_ops.delays after @deadline was set or extended
 * @extensions: how often @deadline was extended for the same submission
 * @spin_end: until when the wait may spin without a pause; @spin_end.end is 0
 *	before @deadline is set for the first time
 */
struct nyx_queue_wait {
	unsigned int spins;
	bool timed;
	struct nyx_deadline deadline;
	u32 oldest;
	bool counted;
	u32 delays;
	unsigned int extensions;
	struct nyx_deadline spin_end;
};

static u32 nyx_queue_oldest(struct nyx_queue *q)
{
	guard(raw_spinlock_irqsave)(&q->lock);
	nyx_queue_reclaim(q);
	return q->head;
}

static u32 nyx_queue_delays(struct nyx_queue *q)
{
	return q->ops->delays ? q->ops->delays(q) : 0;
}

/*
 * Extends a deadline that has passed, if devices have delayed the queue since it
 * was set. The unit still works then.
 */
static bool nyx_queue_extend(struct nyx_queue *q, struct nyx_queue_wait *wait)
{
	u32 delays = nyx_queue_delays(q);

	if (delays == wait->delays || wait->extensions == NYX_QUEUE_EXTENSIONS)
		return false;
	wait->delays = delays;
	wait->extensions++;
	wait->deadline = nyx_deadline_in(q->timeout_ns);
	return true;
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
		if (nyx_queue_extend(q, wait))
			return 0;
		/* If the wait continues, it gets a new deadline. */
		wait->timed = false;
		return nyx_queue_overdue(q, wait->oldest);
	}
	q->ops->check(q);
	if (!wait->timed) {
		wait->oldest = nyx_queue_oldest(q);
		wait->extensions = 0;
		wait->deadline = nyx_deadline_in(q->timeout_ns);
		wait->timed = true;
		wait->counted = false;
	} else if (!wait->counted) {
		/* Before the deadline: nyx_deadline_passed() needs two calls. */
		wait->delays = nyx_queue_delays(q);
		wait->counted = true;
	}
	if (!wait->spin_end.end)
		wait->spin_end = nyx_deadline_in(min_t(u64, q->timeout_ns,
						       NYX_QUEUE_SPIN_NS));
	/*
	 * Also while the queue works: many slow submissions may precede the
	 * caller's.
	 */
	if (READ_ONCE(q->stalled) || nyx_deadline_passed(&wait->spin_end))
		nyx_poll_pause();
	return 0;
}

/**
 * nyx_queue_put() - add commands and a wait command to a queue
 * @q: the queue, which the unit reads, and which has room for them
 * @cmds: the commands
 * @nr: number of commands, 0 to NYX_QUEUE_BATCH
 *
 * Context: @q->lock is held.
 * Return: position of the wait command.
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
	 * The register write is ordered after all preceding stores to memory:
	 * changed tables, the status word and the commands are visible when the
	 * unit learns of the commands.
	 */
	q->ops->kick(q);
	return pos;
}

/*
 * Waits until a queue has room for @nr entries, or is off. Not in line, so that a caller who
 * finds room does not initialize the state of a wait. @q->lock is held, with @flags, and
 * released meanwhile. Returns 0 or an error of nyx_queue_post().
 */
static noinline int nyx_queue_make_room(struct nyx_queue *q, unsigned int nr,
					unsigned long *flags)
{
	struct nyx_queue_wait wait = { };
	int ret;

	for (;;) {
		/* Containment turns the queue off, and only of a dead unit. */
		if (!q->on)
			return READ_ONCE(q->unit->dead) ? -EIO : -ESHUTDOWN;
		nyx_queue_reclaim(q);
		if (nyx_queue_has_room(q, nr))
			return 0;
		raw_spin_unlock_irqrestore(&q->lock, *flags);
		ret = nyx_queue_spin(q, &wait);
		raw_spin_lock_irqsave(&q->lock, *flags);
		if (ret)
			return ret;
	}
}

/*
 * Waits for the submission with this wait command; not in line, as above. Returns 0 or an
 * error of nyx_queue_spin().
 */
static noinline int nyx_queue_wait_for(struct nyx_queue *q, u32 pos)
{
	struct nyx_queue_wait wait = { };
	int ret = 0;

	while (!ret && !nyx_queue_is_done(q, pos))
		ret = nyx_queue_spin(q, &wait);
	return ret;
}

/**
 * nyx_queue_post() - add commands to a queue without waiting for them
 * @q: the queue
 * @cmds: the commands
 * @nr: number of commands, 0 to NYX_QUEUE_BATCH
 * @ticket: set, for nyx_queue_await()
 *
 * Context: Any. Waits until the queue has room for the commands and a wait
 *	command, as nyx_queue_submit() does; takes @q->lock.
 * Return: 0; -ESHUTDOWN if the queue is off; -EIO if the unit is out of service.
 */
int nyx_queue_post(struct nyx_queue *q, const struct nyx_cmd *cmds,
		   unsigned int nr, struct nyx_queue_ticket *ticket)
{
	unsigned long flags;
	int ret = 0;

	if (READ_ONCE(q->unit->dead))
		return -EIO;
	raw_spin_lock_irqsave(&q->lock, flags);
	if (unlikely(!q->on || !nyx_queue_has_room(q, nr + 1)))
		ret = nyx_queue_make_room(q, nr + 1, &flags);
	if (likely(!ret)) {
		ticket->nr_errors = q->nr_errors;
		ticket->pos = nyx_queue_put(q, cmds, nr);
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

/*
 * Returns the result of a submission that is done. Its wait command is at @pos,
 * and it was submitted after @nr_errors errors. The result is 0 if later errors
 * did not affect it; else it is nyx_queue_error.err, and @rid is
 * nyx_queue_error.rid.
 */
static int nyx_queue_verdict(struct nyx_queue *q, u32 pos, u32 nr_errors,
			     u16 *rid)
{
	const struct nyx_queue_error *error;

	guard(raw_spinlock_irqsave)(&q->lock);
	/* Records were overwritten, perhaps the one of this submission. */
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
 * nyx_queue_await() - wait for the completion of posted commands
 * @q: the queue
 * @ticket: as set by nyx_queue_post()
 * @rid: as for nyx_queue_submit()
 *
 * Context: Any. Waits as nyx_queue_submit() does; takes @q->lock.
 * Return: as nyx_queue_submit(), but not -ESHUTDOWN.
 */
int nyx_queue_await(struct nyx_queue *q, const struct nyx_queue_ticket *ticket,
		    u16 *rid)
{
	u64 start = nyx_latency_start();
	int ret;

	*rid = 0;
	nyx_stat_inc(q->unit, NYX_STAT_WAIT);
	if (!nyx_queue_is_done(q, ticket->pos)) {
		ret = nyx_queue_wait_for(q, ticket->pos);
		if (ret)
			return ret;
	}
	nyx_latency_stop(&q->unit->latency, NYX_LATENCY_WAIT, start);
	/*
	 * Errors that affect this submission were counted before it was done.
	 */
	if (likely(READ_ONCE(q->nr_errors) == ticket->nr_errors))
		return 0;
	return nyx_queue_verdict(q, ticket->pos, ticket->nr_errors, rid);
}

/**
 * nyx_queue_submit() - execute commands and wait for their completion
 * @q: the queue
 * @cmds: the commands
 * @nr: number of commands, 0 to NYX_QUEUE_BATCH
 * @rid: with -EAGAIN and -ETIME, requester ID of the device that caused the
 *	error; 0 if it is unknown. 0 with other results
 *
 * Context: Any. Waits as long as the queue makes progress at least once in
 *	@q->timeout_ns, devices delay it, or nyx_queue_ops.stalled allows. Spins;
 *	but while the queue is stalled, and after a second, sleeps if the
 *	caller may sleep. Takes @q->lock.
 * Return: 0 if all commands completed; -ESHUTDOWN if the queue is off, so that
 *	none was executed; -EINVAL if the unit refused a command of the
 *	submission; -EAGAIN if the unit aborted the submission because of this
 *	or another command; -ETIME if it aborted it because a device blocked the
 *	queue; -EIO if the unit is out of service. Except with 0 and
 *	-ESHUTDOWN, any part of the commands may have been executed.
 */
int nyx_queue_submit(struct nyx_queue *q, const struct nyx_cmd *cmds,
		     unsigned int nr, u16 *rid)
{
	struct nyx_queue_ticket ticket;
	int ret;

	*rid = 0;
	ret = nyx_queue_post(q, cmds, nr, &ticket);
	return ret ?: nyx_queue_await(q, &ticket, rid);
}
