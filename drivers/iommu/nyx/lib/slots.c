// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocation of aligned runs of slots. A device that has one message for
 * several interrupts changes the low bits of the message, so the interrupt
 * entries of such a device must be an aligned run.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/gfp.h>

#include "slots.h"

/**
 * nyx_slots_init() - create a set of free slots
 * @slots: the set
 * @nr: number of slots
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_slots_init(struct nyx_slots *slots, u32 nr)
{
	slots->used = bitmap_zalloc(nr, GFP_KERNEL);
	slots->nr = nr;
	return slots->used ? 0 : -ENOMEM;
}

/**
 * nyx_slots_destroy() - undo nyx_slots_init()
 * @slots: the set, which may also be one that could not be created
 *
 * Context: Any.
 */
void nyx_slots_destroy(struct nyx_slots *slots)
{
	bitmap_free(slots->used);
	slots->used = NULL;
}

/**
 * nyx_slots_get() - allocate consecutive slots
 * @slots: the set
 * @nr: number of slots, a power of two; the first is aligned to it
 *
 * Context: Any; the caller serializes calls for a set.
 * Return: the first slot, or -ENOSPC.
 */
int nyx_slots_get(struct nyx_slots *slots, unsigned int nr)
{
	unsigned long first;

	first = bitmap_find_next_zero_area(slots->used, slots->nr, 0, nr,
					   nr - 1);
	if (first >= slots->nr)
		return -ENOSPC;
	bitmap_set(slots->used, first, nr);
	return first;
}

/**
 * nyx_slots_get_at() - allocate a certain slot
 * @slots: the set
 * @slot: the slot, of any value
 *
 * Context: Any; the caller serializes calls for a set.
 * Return: @slot; -ENOSPC if it is in use or not in the set.
 */
int nyx_slots_get_at(struct nyx_slots *slots, u32 slot)
{
	if (slot >= slots->nr || __test_and_set_bit(slot, slots->used))
		return -ENOSPC;
	return slot;
}

/**
 * nyx_slots_put() - free consecutive slots
 * @slots: the set
 * @first: the first slot
 * @nr: number of slots, at most as many as were allocated
 *
 * Context: Any; the caller serializes calls for a set.
 */
void nyx_slots_put(struct nyx_slots *slots, u32 first, unsigned int nr)
{
	bitmap_clear(slots->used, first, nr);
}
