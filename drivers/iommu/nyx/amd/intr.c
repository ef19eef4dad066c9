// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping of a unit: enabling it, and managing the entries of
 * interrupt remapping tables (2.2.5).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "intr.h"
#include "irt.h"
#include "ivrs.h"
#include "lib/slots.h"
#include "lib/store128.h"

/* With @at, allocates the entry with that index instead of any @nr. */
static int amd_intr_alloc_entries(struct nyx_unit *unit,
				  struct nyx_device *ndev, unsigned int nr,
				  const u16 *at)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_slots *slots;
	int ret;

	if (READ_ONCE(unit->dead))
		return -EIO;
	guard(mutex)(&au->intr_lock);
	ret = amd_intr_provide_table(au, ndev);
	if (ret)
		return ret;
	slots = &amd_intr_table(au, ndev)->slots;
	return at ? nyx_slots_get_at(slots, *at) : nyx_slots_get(slots, nr);
}

static int amd_intr_alloc(struct nyx_unit *unit, struct nyx_device *ndev,
			  unsigned int nr)
{
	return amd_intr_alloc_entries(unit, ndev, nr, NULL);
}

static int amd_intr_alloc_at(struct nyx_unit *unit, struct nyx_device *ndev,
			     u16 index)
{
	return amd_intr_alloc_entries(unit, ndev, 1, &index);
}

/*
 * The unit caches the entries of a table by the DeviceIDs that used them. This
 * function may be called from any context.
 */
static int amd_intr_invalidate(struct amd_unit *au, const struct amd_irt *irt)
{
	const struct amd_irt_rid *at = irt->rids, *end;
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	unsigned int n;
	int ret = 0;

	smp_mb();	/* see amd_irt_add_rids() */
	end = at + READ_ONCE(irt->nr_rids);
	while (at < end && !ret) {
		for (n = 0; n < ARRAY_SIZE(cmds) && at < end; at++)
			if (READ_ONCE(at->users))
				cmds[n++] = amd_cmd_interrupt_table(READ_ONCE(at->rid));
		if (n)
			ret = nyx_invalidate_intr(&au->unit, cmds, n);
	}
	return ret;
}

static int amd_intr_store(struct amd_unit *au, struct amd_irt *irt, u16 index,
			  const struct amd_irte *irte)
{
	const struct amd_irte none = { };
	int ret;

	/* Wide tables need a CPU with this store: see amd_intr_init(). */
	amd_irt_store(irt, index, irte);
	ret = amd_intr_invalidate(au, irt);
	/* On error the caller may still reuse the vector. */
	if (ret)
		amd_irt_store(irt, index, &none);
	return ret;
}

static int amd_intr_set(struct nyx_unit *unit, struct nyx_device *ndev,
			u16 index, const struct nyx_intr_target *target)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_irt *irt = amd_intr_table(au, ndev);
	struct amd_irte irte = { };

	if (target && !amd_irte_encode(target, irt->wide, unit->intr.extended,
				       &irte))
		return -EINVAL;
	if (!target && READ_ONCE(ndev->intr_cut_off))
		irte.lo = AMD_IRTE_SUP_IOPF;
	return amd_intr_store(au, irt, index, &irte);
}

/* Entries whose invalidation the unit did not confirm are never reused. */
static void amd_intr_free(struct nyx_unit *unit, struct nyx_device *ndev,
			  u16 index, unsigned int nr)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_irt *irt = amd_intr_table(au, ndev);
	const struct amd_irte none = { };
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!amd_irt_is_clear(irt, index + i))
			amd_intr_store(au, irt, index + i, &none);
	guard(mutex)(&au->intr_lock);
	if (!READ_ONCE(unit->dead))
		nyx_slots_put(&irt->slots, index, nr);
}

static const struct nyx_intr_ops amd_intr_ops = {
	.alloc = amd_intr_alloc,
	.alloc_at = amd_intr_alloc_at,
	.free = amd_intr_free,
	.set = amd_intr_set,
	.message = amd_irt_message,
	.block_compat = amd_intr_block_unmapped,
	.prepare_block = amd_intr_prepare_block,
	.unblock = amd_intr_unblock,
	.allow_compat = amd_intr_allow_unmapped,
	.block_unowned = amd_intr_block_unowned,
	.update_unowned = amd_intr_update_unowned,
};

/*
 * For units with NumIntRemapMode. A message has DM set then, so an unmapped message with
 * a physical destination cannot be kept.
 */
static const struct nyx_intr_ops amd_intr_ops_2048 = {
	.alloc = amd_intr_alloc,
	.free = amd_intr_free,
	.set = amd_intr_set,
	.message = amd_irt_message_2048,
	.block_compat = amd_intr_block_unmapped,
	.prepare_block = amd_intr_prepare_block,
	.unblock = amd_intr_unblock,
	.allow_compat = amd_intr_allow_unmapped,
	.block_unowned = amd_intr_block_unowned,
	.update_unowned = amd_intr_update_unowned,
};

/*
 * Entries of 128 bits are what units are used with most, so they are chosen
 * where the unit offers them, even though xAPIC mode does not need them. They
 * change while the unit reads them, which needs a CPU with a store of 128 bits.
 */
static bool amd_intr_wide(const struct amd_unit *au)
{
	return (au->efr & AMD_EFR_GA_SUP) && nyx_has_store128();
}

/**
 * amd_intr_init() - determine whether a unit remaps interrupts
 * @au: the unit; its capabilities are set
 *
 * Every unit can remap interrupts. But firmware that names no I/O APIC, as in
 * emulated machines, does not support it. And without the DeviceIDs of all I/O
 * APICs the driver cannot know whose unmapped interrupts must pass.
 *
 * Context: Any.
 */
void amd_intr_init(struct amd_unit *au)
{
	struct nyx_intr_unit *intr = &au->unit.intr;

	mutex_init(&au->intr_lock);
	xa_init(&au->intr_devices);
	intr->bus_token = DOMAIN_BUS_AMDVI;
	intr->own_tables = true;
	au->intr_wide = amd_intr_wide(au);
	intr->entries_max = au->intr_wide &&
			    FIELD_GET(AMD_EFR2_NUM_INT_REMAP_SUP, au->efr2) ==
			    AMD_NUM_INT_REMAP_2048 ? AMD_IRT_ENTRIES_2048 :
			    AMD_IRT_ENTRIES;
	if (!amd_intr_has_ioapic(au->ivrs))
		intr->why_off = "the IVRS table names no I/O APIC";
	else if (au->ivrs->ioapic_unnamed)
		intr->why_off = "the IVRS table does not name all I/O APICs";
	else if (!nyx_intr_entries())
		intr->why_off = "intr_entries=0";
	else if (min(nyx_intr_entries(), intr->entries_max) > AMD_IRT_ENTRIES)
		intr->ops = &amd_intr_ops_2048;
	else
		intr->ops = &amd_intr_ops;
}

static const char *amd_intr_why_not_extended(const struct amd_unit *au)
{
	if (!(au->efr & AMD_EFR_XT_SUP) || !(au->efr & AMD_EFR_GA_SUP))
		return "the unit does not support x2APIC mode (EFR.XTSup)";
	if (!nyx_has_store128())
		return "x2APIC mode requires CPUs with 128-bit stores (CMPXCHG16B)";
	return NULL;
}

/**
 * amd_intr_control() - compute the interrupt bits of the Control Register
 * @au: the unit; it is disabled
 * @extended: the CPUs are in x2APIC mode, so destinations have 32 bits
 *
 * Context: Any.
 * Return: AMD_CTRL_*; 0 if the unit does not remap interrupts or needs no such
 *	bits.
 */
u64 amd_intr_control(struct amd_unit *au, bool extended)
{
	struct nyx_intr_unit *intr = &au->unit.intr;
	bool more = intr->ops == &amd_intr_ops_2048;

	if (!intr->ops)
		return 0;
	intr->why_off = extended ? amd_intr_why_not_extended(au) : NULL;
	if (intr->why_off)
		return 0;
	intr->extended = extended;
	intr->entries = min(nyx_intr_entries(), intr->entries_max);
	return (au->intr_wide ? AMD_CTRL_GA_EN : 0) |
	       (extended ? AMD_CTRL_XT_EN : 0) |
	       (more ? FIELD_PREP(AMD_CTRL_NUM_INT_REMAP_MODE,
				  AMD_NUM_INT_REMAP_2048) : 0);
}

/**
 * amd_intr_set_on() - record whether interrupts are remapped
 * @au: the unit
 * @on: translation is enabled
 *
 * Context: Any.
 */
void amd_intr_set_on(struct amd_unit *au, bool on)
{
	struct nyx_intr_unit *intr = &au->unit.intr;

	WRITE_ONCE(intr->on, on && intr->ops && !intr->why_off);
}
