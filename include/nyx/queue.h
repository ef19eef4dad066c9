/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command queue: a ring of commands in memory that a unit executes. The
 * vendors' specifications call it invalidation queue or command buffer.
 */
#ifndef NYX_QUEUE_H
#define NYX_QUEUE_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

#include "lib/poll.h"

struct nyx_queue;
struct nyx_unit;

/* Entries of a ring, a power of two; one entry always stays free. */
#define NYX_QUEUE_ENTRIES 1024
/* Largest number of commands in a submission, without its wait command. */
#define NYX_QUEUE_BATCH 32
/* Number of recent errors that are kept for waiting callers. */
#define NYX_QUEUE_ERRORS 8
/* Reason given to nyx_unit_retire() if a unit reports no error but hangs. */
#define NYX_QUEUE_STUCK_WHY "it does not complete invalidations"

/**
 * struct nyx_cmd - a command as a unit reads it
 * @lo: bits 63:0
 * @hi: bits 127:64
 */
struct nyx_cmd {
	u64 lo;
	u64 hi;
} __aligned(16);

/**
 * struct nyx_queue_error - an error, and the submissions that it affects
 * @first: first affected position
 * @last: last affected position
 * @err: result of submissions that end between @first and @last: -EINVAL if the
 *	unit refused a command; -EAGAIN if the unit aborted the submission;
 *	-ETIME if it aborted it because a device blocked the queue
 * @rid: with -EAGAIN and -ETIME, requester ID of the device that caused the
 *	error; 0 if it is unknown
 */
struct nyx_queue_error {
	u32 first;
	u32 last;
	int err;
	u16 rid;
};

/**
 * struct nyx_queue_ops - queue operations of a vendor
 * @wait: encode a wait command. It makes the unit write @pos to @status, which
 *	is 8 byte aligned, after all preceding commands of the submission have
 *	completed
 * @is_wait: whether a command is a wait command
 * @kick: write @q->tail to the tail register of the unit; called with @q->lock
 *	held
 * @check: check for errors and handle them; takes @q->lock
 * @stalled: find out why the queue completed nothing for @q->timeout_ns. Called
 *	with @q->lock held. Returns how many more nanoseconds the unit gets
 *	before it is taken out of service, 0 for none. If the unit waits for a
 *	device, and it is known for which, sets @rid, which is 0 on entry, to
 *	its requester ID; the device is then isolated. @stalled is NULL if no
 *	unit of the vendor gets more time
 * @restart: recover a queue that gets no more time from @stalled: restart it
 *	empty and call nyx_queue_drop(), which ends the pending submissions.
 *	Called with @q->lock held. Returns NULL, or the reason to take the unit
 *	out of service. May be NULL
 * @delays: count how often devices are known to have delayed the queue, since
 *	any time in the past; wraps. A wait takes longer while the result
 *	changes. Called without @q->lock. NULL if the unit does not report this
 */
struct nyx_queue_ops {
	struct nyx_cmd (*wait)(phys_addr_t status, u32 pos);
	bool (*is_wait)(const struct nyx_cmd *cmd);
	void (*kick)(struct nyx_queue *q);
	void (*check)(struct nyx_queue *q);
	u64 (*stalled)(struct nyx_queue *q, u16 *rid);
	const char *(*restart)(struct nyx_queue *q);
	u32 (*delays)(struct nyx_queue *q);
};

/**
 * struct nyx_queue - a command queue
 * @lock: protects all members except @status, which the unit writes
 * @unit: the unit that executes the commands
 * @ops: operations of the vendor
 * @on: the unit reads the ring
 * @stride: size of an entry of @ring, in commands: 2 if the unit expects entries of
 *	256 bits, whose upper halves are 0; else 1
 * @ring: NYX_QUEUE_ENTRIES entries, naturally aligned
 * @status: one status for each entry of @ring; wait commands write the lower
 *	half
 * @head: oldest position that is not known to be completed
 * @tail: next position to fill
 * @nr_errors: number of errors so far
 * @errors: the most recent errors; error n is in slot n % NYX_QUEUE_ERRORS
 * @timeout_ns: how long the oldest submission may take before @stalled is set,
 *	if no device delays it
 * @stalled: the submission that starts at @stalled_at did not complete in time;
 *	also read without the lock, as a hint
 * @stalled_at: see @stalled; valid while @head has the same value
 * @blocker: requester ID of the device for which the unit waits, if @stalled; 0
 *	if it is unknown
 * @patience: if @stalled, when the unit is taken out of service
 *
 * Positions increase continuously and wrap at 2^32. Position p is entry
 * p % NYX_QUEUE_ENTRIES of the ring.
 */
struct nyx_queue {
	raw_spinlock_t lock;
	struct nyx_unit *unit;
	const struct nyx_queue_ops *ops;
	bool on;
	u8 stride;
	struct nyx_cmd *ring;
	u64 *status;
	u32 head;
	u32 tail;
	u32 nr_errors;
	struct nyx_queue_error errors[NYX_QUEUE_ERRORS];
	u64 timeout_ns;
	bool stalled;
	u32 stalled_at;
	u16 blocker;
	struct nyx_deadline patience;
};

/**
 * struct nyx_queue_ticket - a submission that was posted and not awaited
 * @pos: position of its wait command
 * @nr_errors: nyx_queue.nr_errors when it was posted
 */
struct nyx_queue_ticket {
	u32 pos;
	u32 nr_errors;
};

/**
 * struct nyx_flush_ticket - a flush that was posted and not awaited
 * @submission: its commands
 * @has_ats: they invalidate device TLBs
 * @log_losses: for the vendor, if @has_ats: state of the unit's log before them
 */
struct nyx_flush_ticket {
	struct nyx_queue_ticket submission;
	bool has_ats;
	u32 log_losses;
};

/* Returns the command at a position. @q->lock is held. */
static inline struct nyx_cmd *nyx_queue_at(const struct nyx_queue *q, u32 pos)
{
	return &q->ring[pos % NYX_QUEUE_ENTRIES * q->stride];
}

int nyx_queue_init(struct nyx_queue *q, struct nyx_unit *unit,
		   const struct nyx_queue_ops *ops, u8 stride, int nid);
void nyx_queue_destroy(struct nyx_queue *q);
void nyx_queue_reset(struct nyx_queue *q);
bool nyx_queue_is_done(const struct nyx_queue *q, u32 pos);
u32 nyx_queue_put(struct nyx_queue *q, const struct nyx_cmd *cmds,
		  unsigned int nr);
int nyx_queue_post(struct nyx_queue *q, const struct nyx_cmd *cmds,
		   unsigned int nr, struct nyx_queue_ticket *ticket);
int nyx_queue_await(struct nyx_queue *q, const struct nyx_queue_ticket *ticket,
		    u16 *rid);
int nyx_queue_submit(struct nyx_queue *q, const struct nyx_cmd *cmds,
		     unsigned int nr, u16 *rid);
u32 nyx_queue_first(const struct nyx_queue *q, u32 pos);
u32 nyx_queue_last(const struct nyx_queue *q, u32 pos);
void nyx_queue_note(struct nyx_queue *q, u32 first, u32 last, int err,
		    u16 rid);
void nyx_queue_abort(struct nyx_queue *q, u32 end);
void nyx_queue_drop(struct nyx_queue *q);
int nyx_queue_overdue(struct nyx_queue *q, u32 oldest);

#endif /* NYX_QUEUE_H */
