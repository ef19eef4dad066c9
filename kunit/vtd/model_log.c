// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault log of the model (7.2.1, 11.4.7.6).
 */
#include "model.h"

#define F BIT_ULL(63)

static unsigned int nr_records(const struct vtd_model *model)
{
	return (model->cap >> 40 & 0xff) + 1;
}

static bool any_pending(const struct vtd_model *model)
{
	unsigned int i;

	for (i = 0; i < nr_records(model); i++)
		if (model->frcd[i].hi & F)
			return true;
	return false;
}

/**
 * vtd_model_fsts() - the Fault Status Register (11.4.7.1)
 * @model: the unit
 *
 * Context: @model->lock is held.
 * Return: its value.
 */
u32 vtd_model_fsts(const struct vtd_model *model)
{
	return model->fsts | (any_pending(model) ? 0x2 : 0) | model->fri << 8;
}

static void record(struct vtd_model *model, u64 lo, u64 hi)
{
	bool first = !any_pending(model);

	/* The unit records nothing while PFO is set. */
	if (model->fsts & 0x1)
		return;
	if (model->frcd[model->next].hi & F) {
		model->fsts |= 0x1;
		return;
	}
	model->frcd[model->next].lo = lo;
	model->frcd[model->next].hi = hi | F;
	if (first) {
		model->fri = model->next;
		if (model->fectl & 0x80000000)
			model->fectl |= 0x40000000;
		else
			model->interrupts++;
	}
	model->next = (model->next + 1) % nr_records(model);
}

/**
 * vtd_model_fault() - have the unit record a fault
 * @model: the unit
 * @lo: bits 63:0 of the record
 * @hi: bits 127:64, without F
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_fault(struct vtd_model *model, u64 lo, u64 hi)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	record(model, lo, hi);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_model_storm() - fill free records with faults while a storm lasts
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void vtd_model_storm(struct vtd_model *model)
{
	while (model->storm && !(model->fsts & 0x1) &&
	       !(model->frcd[model->next].hi & F)) {
		model->storm--;
		/* A write by 00:1f.7; the page number identifies the fault. */
		record(model, (u64)model->storm << 12, 0x5000000ffULL);
	}
	if (model->storm)
		model->fsts |= 0x1;
}

/**
 * vtd_model_log_read() - a read of a fault recording register by software
 * @model: the unit
 * @offset: bytes from the first record
 * @size: bytes
 *
 * Context: @model->lock is held.
 * Return: the value.
 */
u64 vtd_model_log_read(struct vtd_model *model, u32 offset, int size)
{
	const u64 lo = model->frcd[offset / 16].lo;
	const u64 hi = model->frcd[offset / 16].hi;

	switch (offset % 16) {
	case 0:
		return size == 8 ? lo : (u32)lo;
	case 8:
		return size == 8 ? hi : (u32)hi;
	case 12:
		if (size == 4)
			return hi >> 32;
		break;
	}
	vtd_model_break(model, "access of the wrong size", offset);
	return 0;
}

/**
 * vtd_model_log_write() - a write to a fault recording register by software
 * @model: the unit
 * @offset: bytes from the first record
 * @size: bytes
 * @val: the value
 *
 * Context: @model->lock is held.
 */
void vtd_model_log_write(struct vtd_model *model, u32 offset, int size, u64 val)
{
	if (offset % 16 != 12 || size != 4) {
		vtd_model_break(model, "write to a read-only field", offset);
		return;
	}
	/* Writing 1 clears F. */
	if (val & 0x80000000)
		model->frcd[offset / 16].hi &= ~F;
	vtd_model_storm(model);
}
