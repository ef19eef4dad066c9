// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping tables: what is in an entry, and how one is changed so that
 * a unit never sees half of it. Caches are the caller's business.
 */
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <asm/barrier.h>

#include <nyx/compat.h>
#include <nyx/intr.h>

#include "irt.h"
#include "regs.h"
#include "store128.h"

/* What a device table entry can tell of where a table is. */
#define AMD_IRT_ALIGN 128

/**
 * amd_irte_encode() - an interrupt's way as an entry
 * @target: where it goes
 * @wide: as an entry of 128 bits (GAEn), whose destinations have 32; else of 32,
 *	with destinations of 8
 * @irte: filled in: fixed delivery, edge; requests that it does not let pass are
 *	events
 *
 * Context: Any.
 * Return: false if the destination does not fit.
 */
bool amd_irte_encode(const struct nyx_intr_target *target, bool wide,
		     struct amd_irte *irte)
{
	u32 lo = AMD_IRTE_REMAP_EN | (target->logical ? AMD_IRTE_DM : 0);

	if (wide) {
		irte->lo = lo | FIELD_PREP(AMD_IRTE_LO_DEST_23_0,
					   target->dest & 0xffffff);
		irte->hi = FIELD_PREP(AMD_IRTE_HI_VECTOR, target->vector) |
			   FIELD_PREP(AMD_IRTE_HI_DEST_31_24,
				      target->dest >> 24);
		return true;
	}
	if (target->dest > FIELD_MAX(AMD_IRTE_DEST))
		return false;
	irte->lo = lo | FIELD_PREP(AMD_IRTE_DEST, target->dest) |
		   FIELD_PREP(AMD_IRTE_VECTOR, target->vector);
	irte->hi = 0;
	return true;
}

/**
 * amd_irt_message() - what a device writes to use an entry of up to 512
 * @index: first entry of the run that the device has
 * @offset: the entry's place in it
 * @msg: filled in
 *
 * The index is in the data, where a device with one message for several
 * interrupts counts.
 *
 * Context: Any.
 */
void amd_irt_message(u16 index, unsigned int offset,
		     struct nyx_intr_message *msg)
{
	msg->address = AMD_MSI_ADDRESS;
	msg->data = index + offset;
}

/**
 * amd_irt_message_2048() - what a device writes where tables have up to 2048
 * @index: first entry of the run that the device has
 * @offset: the entry's place in it
 * @msg: filled in
 *
 * With DM the unit takes what would be the message type for a part of the index
 * (NumIntRemapMode).
 *
 * Context: Any.
 */
void amd_irt_message_2048(u16 index, unsigned int offset,
			  struct nyx_intr_message *msg)
{
	amd_irt_message(index, offset, msg);
	msg->address |= AMD_MSI_ADDRESS_DM;
}

static size_t amd_irte_size(bool wide)
{
	return wide ? sizeof(struct amd_irte) : sizeof(u32);
}

/**
 * amd_irt_create() - a table, with no entry enabled
 * @entries: how many, a power of two from 2 to AMD_IRT_ENTRIES_WIDE
 * @wide: of 128 bits each
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
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
	irt->used = bitmap_zalloc(entries, GFP_KERNEL);
	/* A power of two, so it is aligned to its size. */
	irt->base = kzalloc_node(size, GFP_KERNEL, nid);
	if (irt->used && irt->base)
		return irt;
	amd_irt_destroy(irt);
	return NULL;
}

/**
 * amd_irt_destroy() - free a table
 * @irt: the table, which no unit uses
 *
 * Context: May sleep.
 */
void amd_irt_destroy(struct amd_irt *irt)
{
	kfree(irt->base);
	bitmap_free(irt->used);
	kfree(irt);
}

/**
 * amd_irt_dte() - how a device table entry leads to a table (2.2.2.1)
 * @irt: the table
 *
 * IntTabLen is n for 2^n entries.
 *
 * Context: Any.
 * Return: bits 191:128; none of firmware's.
 */
u64 amd_irt_dte(const struct amd_irt *irt)
{
	return AMD_DTE2_IV |
	       FIELD_PREP(AMD_DTE2_INT_TAB_LEN, ilog2(irt->entries)) |
	       (amd_phys(irt->base) & AMD_DTE2_INT_TAB_ROOT) |
	       FIELD_PREP(AMD_DTE2_INT_CTL, AMD_INT_CTL_REMAP);
}

/**
 * amd_irt_dte_abort() - how a device table entry blocks interrupts (2.2.2.1)
 *
 * Context: Any.
 * Return: bits 191:128; none of firmware's.
 */
u64 amd_irt_dte_abort(void)
{
	return AMD_DTE2_IV | FIELD_PREP(AMD_DTE2_INT_CTL, AMD_INT_CTL_ABORT);
}

/**
 * amd_irt_get() - take entries that nobody has
 * @irt: the table
 * @nr: how many, a power of two; they follow each other, the first at a multiple
 *
 * Context: Any; &amd_unit.intr_lock is held.
 * Return: the first one's index, or -ENOSPC.
 */
int amd_irt_get(struct amd_irt *irt, unsigned int nr)
{
	unsigned long index;

	index = bitmap_find_next_zero_area(irt->used, irt->entries, 0, nr,
					   nr - 1);
	if (index >= irt->entries)
		return -ENOSPC;
	bitmap_set(irt->used, index, nr);
	return index;
}

/**
 * amd_irt_put() - let entries be taken again
 * @irt: the table
 * @index: the first of them
 * @nr: how many; none is enabled, and the unit has confirmed that it knows
 *
 * Context: Any; &amd_unit.intr_lock is held.
 */
void amd_irt_put(struct amd_irt *irt, u16 index, unsigned int nr)
{
	bitmap_clear(irt->used, index, nr);
}

/**
 * amd_irt_is_enabled() - whether an entry leads anywhere
 * @irt: the table
 * @index: the entry
 *
 * Context: Any.
 * Return: its RemapEn field.
 */
bool amd_irt_is_enabled(const struct amd_irt *irt, u16 index)
{
	const u32 *narrow = irt->base;
	const struct amd_irte *wide = irt->base;

	return (irt->wide ? READ_ONCE(wide[index].lo) :
			    READ_ONCE(narrow[index])) & AMD_IRTE_REMAP_EN;
}

/**
 * amd_irt_store() - change an entry in one store
 * @irt: the table
 * @index: the entry
 * @irte: what it shall say
 *
 * The unit sees the entry as it was or as it is now.
 *
 * Context: Any; stores to one entry are serialized.
 * Return: false if this CPU has no store of 128 bits, and it takes that: then
 *	nothing was changed.
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
 * amd_irt_add_rids() - the DeviceIDs of one more device use a table
 * @irt: the table
 * @rids: the DeviceIDs; device table entries of those that no other device has do
 *	not lead to it yet
 * @nr: how many
 *
 * Whoever changes an entry stores it, and then looks whose copy of it is to be
 * forgotten; whoever adds a DeviceID does so before the unit can read any entry
 * for it. So with a full barrier on either side, either the one is seen, or the
 * unit reads the new entry for the other. That holds as well if what is seen is
 * another DeviceID, which had the place before.
 *
 * Context: Any; &amd_unit.intr_lock is held.
 * Return: 0; -E2BIG if there are too many, then none of them does.
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
	/* Pairs with that of amd_intr_invalidate(): see above. */
	smp_mb();
	return 0;
}

/**
 * amd_irt_drop_rids() - the DeviceIDs of a device use a table no longer
 * @irt: the table
 * @rids: the DeviceIDs; of those that no other device has the unit has confirmed
 *	that it forgot what leads there
 * @nr: how many
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
