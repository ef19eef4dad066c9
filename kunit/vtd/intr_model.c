// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping of the model.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/io.h>
#include <linux/string.h>

#include "model.h"

static u32 table_entries(const struct vtd_intr_model *intr)
{
	return 2U << (intr->table & 0xf);
}

static bool is_extended(const struct vtd_intr_model *intr)
{
	return intr->table & 0x800;
}

/* From now on, requests see this value of a flushed entry. */
static void set_flushed(struct vtd_model *model, unsigned int i, u64 lo, u64 hi)
{
	struct vtd_intr_model *intr = &model->intr;

	if (intr->entries[i].lo & 1) {
		if ((hi ^ intr->entries[i].hi) & 0xffffffff)
			vtd_model_break(model, "source-id changes in use",
					intr->entries[i].index);
		/* Tests use descriptors whose addresses differ in both halves. */
		if (hi != intr->entries[i].hi && lo == intr->entries[i].lo)
			vtd_model_break(model, "half of an entry changes in use",
					intr->entries[i].index);
		intr->entries[i].blocked |= !(lo & 1);
	} else if (intr->entries[i].blocked && (lo & 1)) {
		vtd_model_break(model, "entry is not present for a moment",
				intr->entries[i].index);
	}
	intr->entries[i].lo = lo;
	intr->entries[i].hi = hi;
}

/**
 * vtd_intr_flushed() - a flush of CPU caches by software
 * @model: the unit
 * @virt: first byte
 * @len: bytes
 *
 * A flush of more than 128 KiB, the largest PASID directory, is one of a new interrupt
 * remapping table.
 *
 * Context: @model->lock is held.
 * Return: true if the bytes are part of an interrupt remapping table.
 */
bool vtd_intr_flushed(struct vtd_model *model, void *virt, size_t len)
{
	struct vtd_intr_model *intr = &model->intr;
	u64 start = virt_to_phys(virt), end = start + len;
	const u64 *entry;
	unsigned int i;
	u32 index;

	if (len > 128 << 10) {
		if (memchr_inv(virt, 0, len))
			vtd_model_break(model, "new table is not empty",
					start);
		intr->start = start;
		intr->bytes = len;
		intr->nr_entries = 0;
		return true;
	}
	if (start < intr->start || end > intr->start + intr->bytes)
		return false;
	for (start = round_down(start, 64); start < end; start += 16) {
		index = (start - intr->start) / 16;
		entry = phys_to_virt(start);
		for (i = 0; i < intr->nr_entries; i++)
			if (intr->entries[i].index == index)
				break;
		if (i == INTR_ENTRIES) {
			vtd_model_break(model, "too many entries", index);
			break;
		}
		if (i == intr->nr_entries)
			intr->entries[intr->nr_entries++].index = index;
		set_flushed(model, i, READ_ONCE(entry[0]), READ_ONCE(entry[1]));
	}
	return true;
}

/**
 * vtd_intr_command() - execute a command of interrupt remapping (11.4.4.1)
 * @model: the unit
 * @cmd: value written to GCMD
 *
 * Context: @model->lock is held.
 */
void vtd_intr_command(struct vtd_model *model, u32 cmd)
{
	struct vtd_intr_model *intr = &model->intr;

	if (cmd & 0x01000000) {
		/* SIRTP */
		intr->table = intr->irta;
		intr->flushed = false;
		/* With CAP.ESIRTPS this invalidates all entries (11.4.2). */
		if (model->cap & MODEL_CAP_ESIRTPS)
			vtd_intr_invalidate(model, 4);
		if (intr->table & 0x7f0)
			vtd_model_break(model, "reserved bits in IRTA",
					intr->table);
		if (is_extended(intr) && !(model->ecap & 0x10))
			vtd_model_break(model, "EIME without ECAP.EIM",
					intr->table);
		if (!(model->ecap & 1) &&
		    (intr->start != (intr->table & ~0xfffULL) ||
		     intr->bytes < table_entries(intr) * 16ULL))
			vtd_model_break(model, "table was never flushed",
					intr->table);
	}
	if (!(cmd & ~model->gsts & 0x02000000))
		return;
	/* IRE is set. */
	if (!(model->ecap & 8))
		vtd_model_break(model, "IRE without ECAP.IR", cmd);
	if (!(model->gsts & 0x04000000))
		vtd_model_break(model, "IRE without the queue enabled", cmd);
	if (!(model->gsts & 0x01000000) || !intr->flushed)
		vtd_model_break(model, "IRE with stale entries cached", cmd);
}

/**
 * vtd_intr_invalidate() - execute an interrupt entry cache invalidation
 * @model: the unit
 * @lo: bits 63:0 of the descriptor (6.5.2.8)
 *
 * Context: @model->lock is held.
 */
void vtd_intr_invalidate(struct vtd_model *model, u64 lo)
{
	struct vtd_intr_model *intr = &model->intr;
	u32 mask = (1U << (lo >> 27 & 0x1f)) - 1;
	u32 index = lo >> 32 & 0xffff;
	unsigned int i;

	if (!(lo & 0x10))
		intr->flushed = true;
	for (i = 0; i < INTR_CACHE; i++)
		if (!(lo & 0x10) ||
		    (intr->cache[i].index & ~mask) == (index & ~mask))
			intr->cache[i].valid = false;
	for (i = 0; i < intr->nr_entries; i++)
		if (!(lo & 0x10) ||
		    (intr->entries[i].index & ~mask) == (index & ~mask))
			intr->entries[i].blocked = false;
}

/*
 * The unit reads an entry at once. A comparison with zero that stores zero changes
 * nothing.
 */
static void read_memory(const struct vtd_model *model, u32 index, u64 *lo,
			u64 *hi)
{
	u64 *entry = phys_to_virt(model->intr.table & ~0xfffULL);

	entry += 2 * index;
#ifdef system_has_cmpxchg128
	u128 value = cmpxchg128((u128 *)entry, 0, 0);

	*lo = value;
	*hi = value >> 64;
#else
	*lo = READ_ONCE(entry[0]);
	*hi = READ_ONCE(entry[1]);
#endif
}

/* The entry as the unit sees it; it is cached. */
static void read_entry(struct vtd_model *model, u32 index, u64 *lo, u64 *hi)
{
	struct vtd_intr_model *intr = &model->intr;
	unsigned int i;

	for (i = 0; i < INTR_CACHE; i++)
		if (intr->cache[i].valid && intr->cache[i].index == index)
			goto cached;
	intr->reads++;
	*lo = 0;
	*hi = 0;
	if (model->ecap & 1) {
		read_memory(model, index, lo, hi);
	} else {
		for (i = 0; i < intr->nr_entries; i++) {
			if (intr->entries[i].index != index)
				continue;
			*lo = intr->entries[i].lo;
			*hi = intr->entries[i].hi;
		}
	}
	/* An entry that is not present is cached in caching mode only (6.1). */
	if (!(*lo & 1) && !(model->cap & MODEL_CAP_CM))
		return;
	i = intr->next++ % INTR_CACHE;
	intr->cache[i].valid = true;
	intr->cache[i].index = index;
	intr->cache[i].lo = *lo;
	intr->cache[i].hi = *hi;
	return;

cached:
	*lo = intr->cache[i].lo;
	*hi = intr->cache[i].hi;
}

static bool is_source(u64 hi, u16 sid)
{
	static const u16 ignored[] = { 0, 4, 6, 7 };
	u16 want = hi, mask = ~ignored[hi >> 16 & 3];

	switch (hi >> 18 & 3) {
	case 1:
		return (sid & mask) == (want & mask);
	case 2:
		return sid >> 8 >= want >> 8 && sid >> 8 <= (want & 0xff);
	default:
		return true;
	}
}

/* IM is bit 15. */
static bool is_posted(u64 lo)
{
	return lo & 0x8000;
}

static bool has_reserved(const struct vtd_model *model, u64 lo, u64 hi)
{
	if ((hi >> 18 & 3) == 3)
		return true;
	/* The driver leaves URG, bit 14, clear. */
	if (is_posted(lo))
		return !(model->cap & MODEL_CAP_PI) ||
		       (lo & 0x3fff0070fcULL) || (hi & 0xfff00000);
	if ((lo & 0xff00f000ULL) || hi >> 20)
		return true;
	return !is_extended(&model->intr) && (lo >> 32 & 0xffff00ffULL);
}

static struct vtd_pid_model *find_pid(struct vtd_model *model, u64 address)
{
	unsigned int i;

	for (i = 0; i < INTR_PIDS; i++)
		if (address && model->intr.pids[i].address == address)
			return &model->intr.pids[i];
	return NULL;
}

/* Records a request, and notifies a CPU unless ON or SN is set (5.2). */
static struct vtd_delivery post(struct vtd_model *model, u32 index, u64 lo,
				u64 hi)
{
	u64 address = (hi >> 32 << 32) | (lo >> 38 << 6);
	struct vtd_pid_model *pid = find_pid(model, address);
	struct vtd_delivery d = { .index = index, .posted = true };
	u64 old, new;

	if (!pid) {
		vtd_model_break(model, "no descriptor at this address", address);
		d.reason = 0x27;
		return d;
	}
	set_bit(lo >> 16 & 0xff, pid->pir);
	old = READ_ONCE(pid->control);
	do {
		d.notified = !(old & 3);
		new = old | d.notified;
	} while (!try_cmpxchg64(&pid->control, &old, new));
	if (!d.notified)
		return d;
	d.vector = old >> 16;
	d.dest = is_extended(&model->intr) ? old >> 32 : old >> 40 & 0xff;
	return d;
}

static struct vtd_delivery compatible(const struct vtd_model *model,
				      u64 address, u32 data)
{
	struct vtd_delivery d = {
		.dest = address >> 12 & 0xff,
		.logical = address >> 2 & 1,
		.vector = data,
	};

	/* CFIS has no effect in x2APIC mode (5.1.2.1). */
	if ((model->gsts & 0x02000000) &&
	    (is_extended(&model->intr) || !(model->gsts & 0x00800000)))
		return (struct vtd_delivery) { .reason = 0x25 };
	return d;
}

static struct vtd_delivery remap(struct vtd_model *model, u16 sid, u64 address,
				 u32 data)
{
	const struct vtd_intr_model *intr = &model->intr;
	struct vtd_delivery d = { };
	u32 index;
	u64 lo, hi;

	if (!(model->gsts & 0x02000000) || !(address & 0x10))
		return compatible(model, address, data);
	index = (address >> 5 & 0x7fff) | (address & 4 ? 0x8000 : 0);
	if (address & 8) {
		if (data & 0xffff0000)
			return (struct vtd_delivery) { .reason = 0x20 };
		index += data;
	}
	d.index = index;
	if (index >= table_entries(intr)) {
		d.reason = 0x21;
		return d;
	}
	read_entry(model, index, &lo, &hi);
	if (!(lo & 1))
		d.reason = 0x22;
	else if (has_reserved(model, lo, hi))
		d.reason = 0x24;
	else if (!is_source(hi, sid))
		d.reason = 0x26;
	if (d.reason)
		return d;
	if (is_posted(lo))
		return post(model, index, lo, hi);
	d.logical = lo >> 2 & 1;
	d.vector = lo >> 16;
	d.dest = is_extended(intr) ? lo >> 32 : lo >> 40 & 0xff;
	return d;
}

/**
 * vtd_intr_request() - an interrupt request by a device (5.1.3)
 * @model: the unit
 * @sid: the request's source-id
 * @address: address of the write, fee00000h to feefffffh
 * @data: data of the write
 *
 * Records a fault if the request is blocked (11.4.7.6).
 *
 * Context: Any; takes @model->lock.
 * Return: the result.
 */
struct vtd_delivery vtd_intr_request(struct vtd_model *model, u16 sid,
				     u64 address, u32 data)
{
	struct vtd_delivery d;
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	d = remap(model, sid, address, data);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	if (d.reason)
		vtd_model_fault(model, (u64)d.index << 48,
				BIT_ULL(63) | (u64)d.reason << 32 | sid);
	return d;
}
