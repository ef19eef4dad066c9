// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of recent faults.
 *
 * A writer overwrites the oldest record and never waits for a reader. A reader
 * copies one record at a time, selected by its number. So it can pause and
 * continue at any record, and gaps in the numbers show which records it missed.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ring.h"

/**
 * nyx_fault_ring_init() - initialize an empty ring
 * @ring: the ring
 * @size: number of records that it keeps, at least 1
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_fault_ring_init(struct nyx_fault_ring *ring, unsigned int size)
{
	raw_spin_lock_init(&ring->lock);
	ring->size = size;
	ring->pushed = 0;
	ring->slots = kvcalloc(size, sizeof(*ring->slots), GFP_KERNEL);

	return ring->slots ? 0 : -ENOMEM;
}

/**
 * nyx_fault_ring_destroy() - free a ring
 * @ring: the ring, no longer in use, or after nyx_fault_ring_init() failed
 *
 * Context: May sleep.
 */
void nyx_fault_ring_destroy(struct nyx_fault_ring *ring)
{
	kvfree(ring->slots);
	ring->slots = NULL;
}

/* Returns the number of the oldest record in the ring. */
static u64 oldest(const struct nyx_fault_ring *ring)
{
	lockdep_assert_held_once(&ring->lock);

	return ring->pushed > ring->size ? ring->pushed - ring->size + 1 : 1;
}

static struct nyx_fault_record *slot_of(const struct nyx_fault_ring *ring,
					u64 seq)
{
	lockdep_assert_held_once(&ring->lock);

	return &ring->slots[seq % ring->size];
}

/**
 * nyx_fault_ring_push() - add a record, overwriting the oldest of a full ring
 * @ring: the ring
 * @rec: the record; its @seq is ignored
 *
 * Context: Any.
 * Return: the number assigned to the record.
 */
u64 nyx_fault_ring_push(struct nyx_fault_ring *ring,
			const struct nyx_fault_record *rec)
{
	struct nyx_fault_record *slot;
	unsigned long flags;
	u64 seq;

	raw_spin_lock_irqsave(&ring->lock, flags);
	seq = ++ring->pushed;
	slot = slot_of(ring, seq);
	*slot = *rec;
	slot->seq = seq;
	raw_spin_unlock_irqrestore(&ring->lock, flags);

	return seq;
}

/**
 * nyx_fault_ring_read() - copy one record
 * @ring: the ring
 * @seq: number of the record. If it is 0, or the record was overwritten, the
 *	oldest record is copied instead
 * @rec: set to the record; nyx_fault_record.seq is its number
 *
 * Context: Any.
 * Return: true; false if the ring is empty, or if @seq is larger than the
 *	number of the newest record.
 */
bool nyx_fault_ring_read(struct nyx_fault_ring *ring, u64 seq,
			 struct nyx_fault_record *rec)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&ring->lock, flags);
	seq = max(seq, oldest(ring));
	found = seq <= ring->pushed;
	if (found)
		*rec = *slot_of(ring, seq);
	raw_spin_unlock_irqrestore(&ring->lock, flags);

	return found;
}

/**
 * nyx_fault_ring_count() - count the records ever added
 * @ring: the ring
 * @lost: set to the number of records that were overwritten
 *
 * Context: Any.
 * Return: the number of records ever added.
 */
u64 nyx_fault_ring_count(struct nyx_fault_ring *ring, u64 *lost)
{
	unsigned long flags;
	u64 pushed;

	raw_spin_lock_irqsave(&ring->lock, flags);
	pushed = ring->pushed;
	*lost = oldest(ring) - 1;
	raw_spin_unlock_irqrestore(&ring->lock, flags);

	return pushed;
}
