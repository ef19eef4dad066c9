/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of submissions to a ring of commands that meet an error.
 */
#ifndef NYX_QUEUE_ERROR_H
#define NYX_QUEUE_ERROR_H

#include <nyx/queue.h>

/* Whether a position holds a wait; @q->lock is held. */
static inline bool nyx_queue_is_wait(const struct nyx_queue *q, u32 pos)
{
	return q->ops->is_wait(nyx_queue_at(q, pos));
}

/* The half of the status that waits report to, on these little-endian CPUs. */
static inline u32 *nyx_queue_status(const struct nyx_queue *q, u32 pos)
{
	return (u32 *)&q->status[pos % NYX_QUEUE_ENTRIES];
}

void nyx_queue_reclaim(struct nyx_queue *q);
int nyx_queue_verdict(struct nyx_queue *q, u32 pos, u32 nr_errors, u16 *rid);
int nyx_queue_overdue(struct nyx_queue *q, u32 oldest);

#endif /* NYX_QUEUE_ERROR_H */
