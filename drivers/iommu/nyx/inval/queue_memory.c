// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a command queue: its ring and its status words.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/numa.h>

#include <nyx/queue.h>

#include "lib/poll.h"

#define NYX_QUEUE_STATUS_ORDER get_order(NYX_QUEUE_ENTRIES * sizeof(u64))

static unsigned int nyx_queue_ring_order(const struct nyx_queue *q)
{
	return get_order(NYX_QUEUE_ENTRIES * q->stride * sizeof(*q->ring));
}

static void *nyx_queue_pages(int nid, unsigned int order)
{
	struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_ZERO,
					     order);

	return page ? page_address(page) : NULL;
}

/**
 * nyx_queue_init() - initialize a queue and allocate its memory
 * @q: the queue
 * @unit: the unit; its accesses to the ring and the status words snoop CPU
 *	caches
 * @ops: operations of the vendor
 * @stride: size of an entry of the ring in commands, 1 or 2
 * @nid: NUMA node of the memory, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_queue_init(struct nyx_queue *q, struct nyx_unit *unit,
		   const struct nyx_queue_ops *ops, u8 stride, int nid)
{
	raw_spin_lock_init(&q->lock);
	q->unit = unit;
	q->ops = ops;
	q->on = false;
	q->stride = stride;
	q->head = 0;
	q->tail = 0;
	q->nr_errors = 0;
	q->timeout_ns = NYX_POLL_TIMEOUT_NS;
	q->stalled = false;
	q->ring = nyx_queue_pages(nid, nyx_queue_ring_order(q));
	q->status = nyx_queue_pages(nid, NYX_QUEUE_STATUS_ORDER);
	if (q->ring && q->status)
		return 0;
	nyx_queue_destroy(q);
	return -ENOMEM;
}

/**
 * nyx_queue_destroy() - free the memory of a queue
 * @q: the queue, which the unit does not read
 *
 * Context: May sleep.
 */
void nyx_queue_destroy(struct nyx_queue *q)
{
	free_pages((unsigned long)q->ring, nyx_queue_ring_order(q));
	free_pages((unsigned long)q->status, NYX_QUEUE_STATUS_ORDER);
	q->ring = NULL;
	q->status = NULL;
}
