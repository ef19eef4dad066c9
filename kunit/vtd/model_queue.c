// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's invalidation queue (6.5.2) and fault log (7.2.1).
 */
#include <linux/io.h>
#include <linux/mm.h>

#include "model.h"

static bool is_wait(u64 lo)
{
	return (lo & 0xf) == 5;
}

static u32 queue_size(const struct vtd_model *model)
{
	return 256 << (model->iqa & 7);
}

static const u64 *dsc_at(const struct vtd_model *model, u32 at)
{
	const u64 *ring = phys_to_virt(model->iqa & ~0xfffULL);

	return ring + 2 * (at % queue_size(model));
}

static u32 nr_waits(const struct vtd_model *model)
{
	u32 at, n = 0;

	for (at = model->head; at != model->tail;
	     at = (at + 1) % queue_size(model))
		n += is_wait(*dsc_at(model, at));
	return n;
}

/* Whether all that is reserved is 0, and all that is there makes sense. */
static bool is_valid(const struct vtd_model *model, u64 lo, u64 hi)
{
	u8 mamv = model->cap >> 48 & 0x3f;
	u64 drain = 0;

	/* DR and DW are reserved without CAP.DRD and CAP.DWD. */
	if (model->cap & (1ULL << 55))
		drain |= 0x80;
	if (model->cap & (1ULL << 54))
		drain |= 0x40;
	switch (lo & 0xf) {
	case 1:
		return !(lo & ~0x0003ffffffff003fULL) && !hi && (lo & 0x30);
	case 2:
		if (lo & ~(0x00000000ffff003fULL | drain) || !(lo & 0x30))
			return false;
		if ((lo & 0x30) != 0x30)
			return !hi;
		return (model->cap & MODEL_CAP_PSI) && !(hi & 0xf80) &&
		       (hi & 0x3f) <= mamv &&
		       !(hi >> 12 & ((1ULL << (hi & 0x3f)) - 1));
	case 3:
		if (!(model->ecap & MODEL_ECAP_DT) || (hi & 0xffe))
			return false;
		/* PFSID is reserved without ECAP.DIT. */
		if (!(model->ecap & MODEL_ECAP_DIT) &&
		    (lo & 0xfff000000000f000ULL))
			return false;
		return !(lo & ~0xfff0ffff001ff00fULL);
	case 4:
		/* All else is reserved if G is 0 (6.5.2.8). */
		if (!(lo & 0x10))
			return lo == 4 && !hi;
		return !(lo & ~0x0000fffff800001fULL) && !hi &&
		       (lo >> 27 & 0x1f) <= (model->ecap >> 20 & 0xf);
	case 5:
		return !(lo & ~0xffffffff00000070ULL & ~0xfULL) && !(hi & 3) &&
		       (lo & 0x20) && virt_addr_valid(phys_to_virt(hi));
	default:
		return false;
	}
}

/* What is told to software: an error of invalidations, as the fault event. */
static void tell(struct vtd_model *model, u32 bit)
{
	model->fsts |= bit;
	if (model->fectl & 0x80000000)
		model->fectl |= 0x40000000;
	else
		model->interrupts++;
}

/* A device did not answer: what was fetched behind it is dropped. */
static void time_out(struct vtd_model *model)
{
	u16 sid = model->blame ?: model->mute;
	u32 ahead = model->ahead;

	while (ahead-- && model->head != model->tail)
		model->head = (model->head + 1) % queue_size(model);
	if (!model->mute_told)
		sid = 0;
	model->iqercd = (model->iqercd & ~(0xffffULL << 32)) | (u64)sid << 32;
	tell(model, 0x40);
}

/* Writes what wait descriptors asked for, the last first. */
static void report(struct vtd_model *model)
{
	u32 n = model->nr_reports;

	while (n--)
		/* After all that was done before it (6.5.2.9). */
		smp_store_release(model->reports[n].status,
				  model->reports[n].data);
	model->nr_reports = 0;
}

/* Executes descriptors up to the tail, or to what stops the unit. */
static void execute(struct vtd_model *model)
{
	u64 lo, hi;
	int iqei;

	while (model->head != model->tail && !(model->fsts & 0x70)) {
		lo = dsc_at(model, model->head)[0];
		hi = dsc_at(model, model->head)[1];
		if (model->stalled &&
		    (model->silence == SILENCE_STAND || is_wait(lo)))
			break;
		iqei = model->refuse ? model->refuse(model, lo, hi) : -1;
		if (iqei < 0 && !is_valid(model, lo, hi)) {
			vtd_model_break(model, "an invalid descriptor", lo);
			iqei = 4;
		}
		if (iqei >= 0) {
			model->iqercd = (model->iqercd & ~0xfULL) | iqei;
			tell(model, 0x10);
			break;
		}
		vtd_model_event(model, EVENT_DSC, lo, hi);
		model->head = (model->head + 1) % queue_size(model);
		vtd_walk_dma(model);
		switch (lo & 0xf) {
		case 1:
			vtd_walk_context(model, lo >> 4 & 3, lo >> 16,
					 lo >> 32, lo >> 48 & 3);
			break;
		case 2:
			vtd_walk_iotlb(model, lo >> 4 & 3, lo >> 16);
			break;
		case 3:
			if (!model->mute_times ||
			    (u16)(lo >> 32) != model->mute) {
				vtd_walk_device(model, lo >> 32);
				break;
			}
			model->mute_times--;
			if (model->silence)
				model->stalled = true;
			else
				time_out(model);
			break;
		case 4:
			vtd_intr_invalidate(model, lo);
			break;
		case 5:
			model->reports[model->nr_reports].status =
				phys_to_virt(hi);
			model->reports[model->nr_reports++].data = lo >> 32;
			break;
		}
		vtd_walk_dma(model);
		if (model->ite_in && !--model->ite_in)
			time_out(model);
		/* One by one, unless they are to be mixed up. */
		if (!model->shuffle || model->nr_reports == MODEL_REPORTS)
			report(model);
	}
	report(model);
}

/**
 * vtd_model_queue() - the queue goes on, if nothing stops it
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void vtd_model_queue(struct vtd_model *model)
{
	if (!(model->gsts & 0x04000000) || model->held || model->gone ||
	    (model->fsts & 0x70))
		return;
	if (model->hold_waits) {
		if (nr_waits(model) < model->hold_waits)
			return;
		model->hold_waits = 0;
	}
	execute(model);
}

/**
 * vtd_model_qi_event() - an error of invalidations, out of nothing
 * @model: the unit
 * @bit: of FSTS: 10h IQE, 20h ICE, 40h ITE; or several
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_qi_event(struct vtd_model *model, u32 bit)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	tell(model, bit);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_model_run() - let the queue go on that was held
 * @model: the unit
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_run(struct vtd_model *model)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	model->held = false;
	vtd_model_queue(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}
