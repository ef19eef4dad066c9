/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation of aligned runs of slots, such as the entries of an interrupt
 * remapping table.
 */
#ifndef NYX_SLOTS_H
#define NYX_SLOTS_H

#include <linux/types.h>

/**
 * struct nyx_slots - a set of slots with consecutive numbers
 * @used: bit n is set if slot n is allocated; NULL before nyx_slots_init() and
 *	after nyx_slots_destroy()
 * @nr: number of slots
 */
struct nyx_slots {
	unsigned long *used;
	u32 nr;
};

int nyx_slots_init(struct nyx_slots *slots, u32 nr);
void nyx_slots_destroy(struct nyx_slots *slots);
int nyx_slots_get(struct nyx_slots *slots, unsigned int nr);
int nyx_slots_get_at(struct nyx_slots *slots, u32 slot);
void nyx_slots_put(struct nyx_slots *slots, u32 first, unsigned int nr);

#endif /* NYX_SLOTS_H */
