/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of commands that a unit executes, and waits for their completion.
 */
#ifndef NYX_QUEUE_H
#define NYX_QUEUE_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

struct nyx_queue;
struct nyx_unit;

/* Commands in a ring, a power of two; one stays free. */
#define NYX_QUEUE_ENTRIES 1024
/* A submission's most commands, its wait not counted. */
#define NYX_QUEUE_BATCH 32
/* Errors remembered for those who wait. */
#define NYX_QUEUE_ERRORS 8
/* Why a unit is out of service that does nothing else wrong. */
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
 * struct nyx_queue_error - what an error did to whom
 * @first: first position that it concerns
 * @last: last position that it concerns
 * @err: for submissions that end there: -EINVAL, the unit refused a command;
 *	-EAGAIN, they were aborted; -ETIME, a device held the queue up and it
 *	was started anew
 * @rid: with -EAGAIN and -ETIME, the device that is to blame; 0 if that is not
 *	known
 */
struct nyx_queue_error {
	u32 first;
	u32 last;
	int err;
	u16 rid;
};

/**
 * struct nyx_queue_ops - what differs between vendors
 * @wait: the command that has the unit write @pos to @status, 8 byte aligned,
 *	when all before it in its submission is done
 * @is_wait: whether a command is one that @wait gave
 * @kick: tell the unit of @q->tail; @q->lock is held
 * @check: look for errors and handle them; takes @q->lock
 * @restart: nothing was completed for @q->timeout_ns: if a device is to blame for
 *	that, have the unit begin anew without what is in the ring, of which
 *	nyx_queue_drop() tells those who wait; @q->lock is held. Returns NULL,
 *	or why the unit is out of service. NULL for a unit that goes on by
 *	itself, whatever a device does
 */
struct nyx_queue_ops {
	struct nyx_cmd (*wait)(phys_addr_t status, u32 pos);
	bool (*is_wait)(const struct nyx_cmd *cmd);
	void (*kick)(struct nyx_queue *q);
	void (*check)(struct nyx_queue *q);
	const char *(*restart)(struct nyx_queue *q);
};

/**
 * struct nyx_queue - the ring
 * @lock: protects all else but @status, which the unit writes
 * @unit: whose it is
 * @ops: the vendor's part
 * @on: the unit reads the ring
 * @ring: NYX_QUEUE_ENTRIES commands, naturally aligned
 * @status: one for each, where waits report to the lower half
 * @head: oldest position not known to be completed
 * @tail: next position to be filled
 * @nr_errors: errors so far
 * @errors: the last of them; number n lies in slot n % NYX_QUEUE_ERRORS
 * @timeout_ns: how long the oldest submission may take
 *
 * Positions count on and wrap at 2^32; position p is entry
 * p % NYX_QUEUE_ENTRIES.
 */
struct nyx_queue {
	raw_spinlock_t lock;
	struct nyx_unit *unit;
	const struct nyx_queue_ops *ops;
	bool on;
	struct nyx_cmd *ring;
	u64 *status;
	u32 head;
	u32 tail;
	u32 nr_errors;
	struct nyx_queue_error errors[NYX_QUEUE_ERRORS];
	u64 timeout_ns;
};

/* The command at a position; @q->lock is held. */
static inline struct nyx_cmd *nyx_queue_at(const struct nyx_queue *q, u32 pos)
{
	return &q->ring[pos % NYX_QUEUE_ENTRIES];
}

int nyx_queue_init(struct nyx_queue *q, struct nyx_unit *unit,
		   const struct nyx_queue_ops *ops, int nid);
void nyx_queue_destroy(struct nyx_queue *q);
void nyx_queue_reset(struct nyx_queue *q);
bool nyx_queue_is_done(const struct nyx_queue *q, u32 pos);
u32 nyx_queue_put(struct nyx_queue *q, const struct nyx_cmd *cmds,
		  unsigned int nr);
int nyx_queue_submit(struct nyx_queue *q, const struct nyx_cmd *cmds,
		     unsigned int nr, u16 *rid);
u32 nyx_queue_first(const struct nyx_queue *q, u32 pos);
u32 nyx_queue_last(const struct nyx_queue *q, u32 pos);
void nyx_queue_note(struct nyx_queue *q, u32 first, u32 last, int err,
		    u16 rid);
void nyx_queue_abort(struct nyx_queue *q, u32 end);
void nyx_queue_drop(struct nyx_queue *q, u16 rid);
int nyx_queue_overdue(struct nyx_queue *q, u32 oldest);

#endif /* NYX_QUEUE_H */
