// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of the last faults.
 *
 * A writer overwrites the oldest record and never waits for a reader. A reader
 * takes one record at a time by its number, so it can stop anywhere and go on
 * later, and sees from the numbers what it missed.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ring.h"

/**
 * nyx_fault_ring_init() - make an empty ring
 * @ring: the ring
 * @size: records that it keeps, at least 1
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
 * @ring: a ring that nobody uses any more, or whose set-up failed
 *
 * Context: May sleep.
 */
void nyx_fault_ring_destroy(struct nyx_fault_ring *ring)
{
	kvfree(ring->slots);
	ring->slots = NULL;
}

/* Number of the oldest record that is still there. */
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
 * nyx_fault_ring_push() - add a record, over the oldest if the ring is full
 * @ring: the ring
 * @rec: the record; its @seq is ignored
 *
 * Context: Any.
 * Return: the number that the record got.
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
 * nyx_fault_ring_read() - copy one record out
 * @ring: the ring
 * @seq: number of the record; where it was overwritten already, or is 0, the
 *	oldest record is taken instead, and its @seq tells
 * @rec: filled in
 *
 * Context: Any.
 * Return: true, or false where no record has that number yet.
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
 * nyx_fault_ring_count() - how many faults there were
 * @ring: the ring
 * @lost: set to the number of those that were overwritten
 *
 * Context: Any.
 * Return: the number of records ever pushed.
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
