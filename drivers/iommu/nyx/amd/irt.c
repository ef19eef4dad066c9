// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping tables: encoding their entries (IRTEs), allocating them,
 * and storing them so that the unit never uses a half-written one. The caller
 * invalidates the unit's caches.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <asm/barrier.h>

#include <nyx/compat.h>
#include <nyx/intr.h>

#include "irt.h"
#include "lib/store128.h"
#include "regs.h"

/* Alignment that the address field of a device table entry requires. */
#define AMD_IRT_ALIGN 128

/**
 * amd_irte_encode() - encode an IRTE
 * @target: destination and vector
 * @wide: encode 128 bits (GAEn), otherwise 32 bits
 * @extended: destinations have 32 bits (XTEn), otherwise 8 bits; only with
 *	@wide
 * @irte: filled in, with fixed delivery mode and edge trigger mode; blocked
 *	requests are logged as events
 *
 * Context: Any.
 * Return: false if the destination does not fit.
 */
bool amd_irte_encode(const struct nyx_intr_target *target, bool wide,
		     bool extended, struct amd_irte *irte)
{
	u32 lo = AMD_IRTE_REMAP_EN | (target->logical ? AMD_IRTE_DM : 0);

	if (!extended && target->dest > FIELD_MAX(AMD_IRTE_DEST))
		return false;
	if (wide) {
		irte->lo = lo | FIELD_PREP(AMD_IRTE_LO_DEST_23_0,
					   target->dest & 0xffffff);
		irte->hi = FIELD_PREP(AMD_IRTE_HI_VECTOR, target->vector) |
			   FIELD_PREP(AMD_IRTE_HI_DEST_31_24,
				      target->dest >> 24);
		return true;
	}
	irte->lo = lo | FIELD_PREP(AMD_IRTE_DEST, target->dest) |
		   FIELD_PREP(AMD_IRTE_VECTOR, target->vector);
	irte->hi = 0;
	return true;
}

/**
 * amd_irt_message() - compose a message for a table of up to 512 entries
 * @intr: the interrupt
 * @msg: filled in
 *
 * The index is in the data. A device that has one message for several
 * interrupts changes the low bits of the data.
 *
 * Context: Any.
 */
void amd_irt_message(const struct nyx_intr *intr, struct nyx_intr_message *msg)
{
	msg->address = AMD_MSI_ADDRESS;
	msg->data = intr->run->index + intr->offset;
}

/**
 * amd_irt_message_2048() - compose a message for a table of up to 2048 entries
 * @intr: the interrupt
 * @msg: filled in
 *
 * With DM set, the unit reads the message type field as part of the index
 * (NumIntRemapMode).
 *
 * Context: Any.
 */
void amd_irt_message_2048(const struct nyx_intr *intr,
			  struct nyx_intr_message *msg)
{
	amd_irt_message(intr, msg);
	msg->address |= AMD_MSI_ADDRESS_DM;
}

static size_t amd_irte_size(bool wide)
{
	return wide ? sizeof(struct amd_irte) : sizeof(u32);
}

/**
 * amd_irt_create() - allocate a table with no entry enabled
 * @entries: number of entries, a power of two from 2 to AMD_IRT_ENTRIES_2048
 * @wide: entries have 128 bits
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: the table, or NULL if there is no memory.
 */
struct amd_irt *amd_irt_create(u32 entries, bool wide, int nid)
{
	size_t size = max_t(size_t, entries * amd_irte_size(wide),
			    AMD_IRT_ALIGN);
	struct amd_irt *irt = kzalloc_obj(*irt);

	if (!irt)
		return NULL;
	irt->entries = entries;
	irt->wide = wide;
	/* The size is a power of two, so kmalloc() aligns the table to it. */
	irt->base = kzalloc_node(size, GFP_KERNEL, nid);
	if (!nyx_slots_init(&irt->slots, entries) && irt->base)
		return irt;
	amd_irt_destroy(irt);
	return NULL;
}

/**
 * amd_irt_destroy() - free a table
 * @irt: the table; no unit uses it
 *
 * Context: May sleep.
 */
void amd_irt_destroy(struct amd_irt *irt)
{
	kfree(irt->base);
	nyx_slots_destroy(&irt->slots);
	kfree(irt);
}

/**
 * amd_irt_dte() - encode the interrupt half of a device table entry for a table
 *	(2.2.2.1)
 * @irt: the table
 *
 * IntTabLen is n for 2^n entries.
 *
 * Context: Any.
 * Return: bits 191:128, without the pass bits of firmware.
 */
u64 amd_irt_dte(const struct amd_irt *irt)
{
	return AMD_DTE2_IV |
	       FIELD_PREP(AMD_DTE2_INT_TAB_LEN, ilog2(irt->entries)) |
	       (amd_phys(irt->base) & AMD_DTE2_INT_TAB_ROOT) |
	       FIELD_PREP(AMD_DTE2_INT_CTL, AMD_INT_CTL_REMAP);
}

/**
 * amd_irt_dte_abort() - encode the interrupt half of a device table entry that
 *	blocks interrupts (2.2.2.1)
 *
 * Context: Any.
 * Return: bits 191:128, without the pass bits of firmware.
 */
u64 amd_irt_dte_abort(void)
{
	return AMD_DTE2_IV | FIELD_PREP(AMD_DTE2_INT_CTL, AMD_INT_CTL_ABORT);
}

/**
 * amd_irt_is_clear() - check whether an entry has its initial value
 * @irt: the table
 * @index: index of the entry
 *
 * Context: Any.
 * Return: false if it is enabled, or suppresses events (SupIOPF).
 */
bool amd_irt_is_clear(const struct amd_irt *irt, u16 index)
{
	const u32 *narrow = irt->base;
	const struct amd_irte *wide = irt->base;

	return irt->wide ? !READ_ONCE(wide[index].lo) :
			   !READ_ONCE(narrow[index]);
}

/**
 * amd_irt_store() - change an entry in one store
 * @irt: the table
 * @index: index of the entry
 * @irte: its new value
 *
 * The unit uses the old entry or the new one.
 *
 * Context: Any; stores to one entry are serialized.
 * Return: false if the entry has 128 bits and this CPU cannot store them; then
 *	the entry is unchanged. amd_intr_init() rules out such tables on
 *	these CPUs.
 */
bool amd_irt_store(struct amd_irt *irt, u16 index, const struct amd_irte *irte)
{
	struct amd_irte *wide = irt->base;
	u32 *narrow = irt->base;

	if (irt->wide)
		return nyx_store128(&wide[index].lo, irte->lo, irte->hi);
	WRITE_ONCE(narrow[index], irte->lo);
	return true;
}

static struct amd_irt_rid *amd_irt_find_rid(struct amd_irt *irt, u16 rid)
{
	struct amd_irt_rid *at;

	for (at = irt->rids; at < irt->rids + irt->nr_rids; at++)
		if (at->users && at->rid == rid)
			return at;
	return NULL;
}

static struct amd_irt_rid *amd_irt_new_rid(struct amd_irt *irt, u16 rid)
{
	struct amd_irt_rid *at;

	for (at = irt->rids; at < irt->rids + irt->nr_rids; at++)
		if (!at->users)
			break;
	if (at == irt->rids + AMD_IRT_RIDS)
		return NULL;
	WRITE_ONCE(at->rid, rid);
	if (at == irt->rids + irt->nr_rids)
		WRITE_ONCE(irt->nr_rids, irt->nr_rids + 1);
	return at;
}

/**
 * amd_irt_add_rids() - add a device's DeviceIDs to a table
 * @irt: the table
 * @rids: the DeviceIDs; the device table entries of those that no other device
 *	has do not lead to the table so far
 * @nr: number of DeviceIDs
 *
 * amd_intr_set() changes an IRTE and then reads which DeviceIDs need an
 * invalidation. This function adds a DeviceID before the unit can read any IRTE
 * for it. Both have a full barrier in between. So either amd_intr_set() reads
 * the new DeviceID, or the unit reads the new IRTE for it. This also holds if
 * amd_intr_set() reads another DeviceID that was in the same slot before.
 *
 * Context: Any; &amd_unit.intr_lock is held.
 * Return: 0; -E2BIG if there is no room, and then none was added.
 */
int amd_irt_add_rids(struct amd_irt *irt, const u16 *rids, unsigned int nr)
{
	struct amd_irt_rid *at;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		at = amd_irt_find_rid(irt, rids[i]) ?:
		     amd_irt_new_rid(irt, rids[i]);
		if (!at) {
			amd_irt_drop_rids(irt, rids, i);
			return -E2BIG;
		}
		WRITE_ONCE(at->users, at->users + 1);
	}
	/* Pairs with the barrier in amd_intr_invalidate(): see above. */
	smp_mb();
	return 0;
}

/**
 * amd_irt_drop_rids() - remove a device's DeviceIDs from a table
 * @irt: the table
 * @rids: the DeviceIDs; for those that no other device has, the unit has
 *	confirmed the invalidation of all that leads to the table
 * @nr: number of DeviceIDs
 *
 * Context: Any; &amd_unit.intr_lock is held.
 */
void amd_irt_drop_rids(struct amd_irt *irt, const u16 *rids, unsigned int nr)
{
	struct amd_irt_rid *at;

	while (nr--) {
		at = amd_irt_find_rid(irt, rids[nr]);
		WRITE_ONCE(at->users, at->users - 1);
	}
}
