/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt remapping table (2.2.5) of a device and of all devices that
 * share a DeviceID with it.
 */
#ifndef NYX_AMD_IRT_H
#define NYX_AMD_IRT_H

#include <linux/types.h>

#include "lib/slots.h"

struct nyx_intr_message;
struct nyx_intr_target;

/*
 * The index takes the place of vector and message type in the data of a
 * message. Only message types 0 and 1, fixed and arbitrated, are remapped;
 * larger tables need NumIntRemapMode.
 */
#define AMD_IRT_ENTRIES 512
#define AMD_IRT_ENTRIES_2048 2048

/* DeviceIDs that may share a table at a time; one device may have as many. */
#define AMD_IRT_RIDS 512

/**
 * struct amd_irte - an interrupt remapping table entry (IRTE) as the unit reads
 *	it
 * @lo: bits 63:0; an entry of 32 bits is in its lower half
 * @hi: bits 127:64
 */
struct amd_irte {
	u64 lo;
	u64 hi;
};

/**
 * struct amd_irt_rid - a DeviceID whose device table entry leads to a table
 * @rid: the DeviceID; the previous one if @users is 0
 * @users: number of devices with this DeviceID. If it is 0, the slot is free,
 *	and the unit has invalidated what it cached for @rid
 */
struct amd_irt_rid {
	u16 rid;
	u16 users;
};

/**
 * struct amd_irt - an interrupt remapping table
 * @base: the IRTEs, 128-byte aligned
 * @entries: number of IRTEs, a power of two
 * @wide: each IRTE has 128 bits (GAEn), not 32
 * @slots: the IRTEs that are allocated or must not be used again; protected by
 *	&amd_unit.intr_lock
 * @users: number of devices that use the table; protected by
 *	&amd_unit.intr_lock
 * @next_stale: the next table in &amd_unit.stale_irts
 * @nr_rids: number of slots in @rids that are or were in use; as @rids
 * @rids: DeviceIDs that lead to the table; changed under &amd_unit.intr_lock
 *	and read without it
 */
struct amd_irt {
	void *base;
	u32 entries;
	bool wide;
	struct nyx_slots slots;
	unsigned int users;
	struct amd_irt *next_stale;
	unsigned int nr_rids;
	struct amd_irt_rid rids[AMD_IRT_RIDS];
};

bool amd_irte_encode(const struct nyx_intr_target *target, bool wide,
		     bool extended, struct amd_irte *irte);
void amd_irt_message(const struct nyx_intr *intr, struct nyx_intr_message *msg);
void amd_irt_message_2048(const struct nyx_intr *intr,
			  struct nyx_intr_message *msg);
struct amd_irt *amd_irt_create(u32 entries, bool wide, int nid);
void amd_irt_destroy(struct amd_irt *irt);
u64 amd_irt_dte(const struct amd_irt *irt);
u64 amd_irt_dte_abort(void);
bool amd_irt_is_clear(const struct amd_irt *irt, u16 index);
bool amd_irt_store(struct amd_irt *irt, u16 index,
		   const struct amd_irte *irte);
int amd_irt_add_rids(struct amd_irt *irt, const u16 *rids, unsigned int nr);
void amd_irt_drop_rids(struct amd_irt *irt, const u16 *rids, unsigned int nr);

#endif /* NYX_AMD_IRT_H */
