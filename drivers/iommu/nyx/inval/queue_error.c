// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of submissions to a ring of commands that meet an error.
 *
 * Whoever finds an error handles it, under the queue's lock: it notes which
 * submissions it concerns, sees to it that their wait ends, and has the unit go
 * on. Those who wait find the note.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>

#include <nyx/queue.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "queue_error.h"

/**
 * nyx_queue_verdict() - how a submission ended that met errors
 * @q: the queue
 * @pos: position of its wait
 * @nr_errors: the queue's errors when it was submitted
 * @rid: with -EAGAIN and -ETIME, the device that is to blame; else untouched
 *
 * Context: Any; takes @q->lock.
 * Return: 0 if the errors did not concern it, else nyx_queue_error.err.
 */
int nyx_queue_verdict(struct nyx_queue *q, u32 pos, u32 nr_errors, u16 *rid)
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
