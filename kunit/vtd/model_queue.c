// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue of the model (6.5.2).
 */
#include <linux/io.h>
#include <linux/mm.h>

#include "model.h"

static bool is_wait(u64 lo)
{
	return (lo & 0xf) == 5;
}

/**
 * vtd_model_dsc_size() - size of a descriptor in the queue (IQA.DW, 11.4.9.3)
 * @model: the unit
 *
 * Context: Any.
 * Return: the size in bytes.
 */
u32 vtd_model_dsc_size(const struct vtd_model *model)
{
	return model->iqa & 0x800 ? 32 : 16;
}

static u32 queue_size(const struct vtd_model *model)
{
	return (4096 << (model->iqa & 7)) / vtd_model_dsc_size(model);
}

static const u64 *dsc_at(const struct vtd_model *model, u32 at)
{
	const u64 *ring = phys_to_virt(model->iqa & ~0xfffULL);

	return ring + vtd_model_dsc_size(model) / 8 * (at % queue_size(model));
}

static u32 nr_waits(const struct vtd_model *model)
{
	u32 at, n = 0;

	for (at = model->head; at != model->tail;
	     at = (at + 1) % queue_size(model))
		n += is_wait(*dsc_at(model, at));
	return n;
}

/* Whether reserved fields are 0 and all other fields are valid. */
static bool is_valid(const struct vtd_model *model, u64 lo, u64 hi)
{
	u8 mamv = model->cap >> 48 & 0x3f;
	u64 drain = 0;

	/* DR and DW are reserved without CAP.DRD and CAP.DWD. */
	if (model->cap & (1ULL << 55))
		drain |= 0x80;
	if (model->cap & (1ULL << 54))
		drain |= 0x40;
	/* Scalable mode needs descriptors of 256 bits (11.4.9.9, IQEI 5). */
	if (model->scalable && !(model->iqa & 0x800))
		return false;
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
		/* All other fields are reserved if G is 0 (6.5.2.8). */
		if (!(lo & 0x10))
			return lo == 4 && !hi;
		return !(lo & ~0x0000fffff800001fULL) && !hi &&
		       (lo >> 27 & 0x1f) <= (model->ecap >> 20 & 0xf);
	case 5:
		/* PD is reserved without ECAP.PDS; FN lets later ones wait for it. */
		if (lo & 0x80)
			return (model->ecap & MODEL_ECAP_PDS) && lo == 0xc5 &&
			       !hi;
		return !(lo & ~0xffffffff00000070ULL & ~0xfULL) && !(hi & 3) &&
		       (lo & 0x20) && virt_addr_valid(phys_to_virt(hi));
	case 7:
		/* Only in scalable mode (table 23); granularity 2 is reserved. */
		return model->scalable && !(lo & ~0x000fffffffff003fULL) &&
		       !hi && (lo & 0x30) != 0x20;
	case 6:
		/* Granularities 0 and 1 are reserved. */
		if (!model->scalable || !(model->ecap & MODEL_ECAP_FSTS) ||
		    (lo & ~0x000fffffffff003fULL) || !(lo & 0x20))
			return false;
		if (!(lo & 0x10))
			return !hi;
		return !(hi & 0xf80) && (hi & 0x3f) <= mamv &&
		       !(hi >> 12 & ((1ULL << (hi & 0x3f)) - 1));
	case 8:
		if (!model->scalable || !(model->ecap & MODEL_ECAP_DT) ||
		    !(model->ecap & MODEL_ECAP_PASID))
			return false;
		/* PFSID as above. The driver does not need G, bit 64. */
		if (!(model->ecap & MODEL_ECAP_DIT) &&
		    (lo & 0xfff000000000f000ULL))
			return false;
		return !(lo & 0xe00) && !(hi & 0x7ff);
	case 9:
		return model->scalable && (model->ecap & MODEL_ECAP_PRS) &&
		       !(lo & ~0x000ffffffffff01fULL) &&
		       !(hi & ~0xff8ULL) &&
		       ((lo & 0x10) || !(lo >> 32)) &&
		       ((lo >> 12 & 0xf) < 2 || (lo >> 12 & 0xf) == 0xf);
	default:
		return false;
	}
}

/* Invalidation errors are reported with the fault event, as faults are. */
static void report_error(struct vtd_model *model, u32 bit)
{
	model->fsts |= bit;
	if (model->fectl & 0x80000000)
		model->fectl |= 0x40000000;
	else
		model->interrupts++;
}

/* The device to which a device-TLB invalidation is sent (6.5.2.5, 6.5.2.6). */
static u16 target(u64 lo)
{
	return (lo & 0xf) == 8 ? lo >> 16 : lo >> 32;
}

/* A device did not respond: the unit drops descriptors that it has fetched. */
static void time_out(struct vtd_model *model)
{
	u16 sid = model->wrong_sid ?: model->unresponsive;
	u32 dropped = model->prefetched;

	while (dropped-- && model->head != model->tail)
		model->head = (model->head + 1) % queue_size(model);
	if (!model->names_device)
		sid = 0;
	model->iqercd = (model->iqercd & ~(0xffffULL << 32)) | (u64)sid << 32;
	report_error(model, 0x40);
}

/* Writes the status of executed wait descriptors, the last one first. */
static void write_statuses(struct vtd_model *model)
{
	u32 n = model->nr_reports;

	while (n--)
		/* All earlier invalidations are complete (6.5.2.9). */
		smp_store_release(model->reports[n].status,
				  model->reports[n].data);
	model->nr_reports = 0;
}

/* Executes descriptors up to the tail, or until an error or a stall. */
static void execute(struct vtd_model *model)
{
	u64 lo, hi;
	int iqei;

	while (model->head != model->tail && !(model->fsts & 0x70)) {
		lo = dsc_at(model, model->head)[0];
		hi = dsc_at(model, model->head)[1];
		if (model->stalled &&
		    (model->timeout == TIMEOUT_STALL || is_wait(lo)))
			break;
		if (vtd_model_dsc_size(model) == 32 &&
		    (dsc_at(model, model->head)[2] ||
		     dsc_at(model, model->head)[3]))
			vtd_model_break(model, "upper half of a descriptor", lo);
		iqei = model->refuse ? model->refuse(model, lo, hi) : -1;
		if (iqei < 0 && !is_valid(model, lo, hi)) {
			vtd_model_break(model, "invalid descriptor", lo);
			iqei = 4;
		}
		if (iqei >= 0) {
			model->iqercd = (model->iqercd & ~0xfULL) | iqei;
			report_error(model, 0x10);
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
		case 8:
			if (!model->ignore_count ||
			    target(lo) != model->unresponsive) {
				if ((lo & 0xf) == 3)
					vtd_walk_device(model, target(lo));
				break;
			}
			model->ignore_count--;
			if (model->timeout)
				model->stalled = true;
			else
				time_out(model);
			break;
		case 4:
			vtd_intr_invalidate(model, lo);
			break;
		case 5:
			if (lo & 0x80) {
				vtd_model_page_drain(model);
				break;
			}
			model->reports[model->nr_reports].status =
				phys_to_virt(hi);
			model->reports[model->nr_reports++].data = lo >> 32;
			break;
		case 6:
			vtd_walk_p_iotlb(model, lo >> 4 & 3, lo >> 16,
					 lo >> 32 & 0xfffff);
			break;
		case 7:
			vtd_walk_pasid(model, lo >> 4 & 3, lo >> 16,
				       lo >> 32 & 0xfffff);
			break;
		}
		vtd_walk_dma(model);
		/* In order, unless the test wants the order reversed. */
		if (!model->reverse_waits || model->nr_reports == MODEL_REPORTS)
			write_statuses(model);
	}
	write_statuses(model);
}

/**
 * vtd_model_queue() - execute descriptors, unless the queue is stopped
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void vtd_model_queue(struct vtd_model *model)
{
	if (!(model->gsts & 0x04000000) || model->halted || model->gone ||
	    (model->fsts & 0x70))
		return;
	if (model->min_waits) {
		if (nr_waits(model) < model->min_waits)
			return;
		model->min_waits = 0;
	}
	execute(model);
}

/**
 * vtd_model_qi_event() - report an invalidation error without a cause
 * @model: the unit
 * @bit: bits of FSTS: 10h IQE, 20h ICE, 40h ITE
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_qi_event(struct vtd_model *model, u32 bit)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	report_error(model, bit);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_model_ite() - give up the device for which the unit waits
 * @model: the unit, stalled
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_ite(struct vtd_model *model)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	model->stalled = false;
	time_out(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_model_run() - let a halted queue continue
 * @model: the unit
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_run(struct vtd_model *model)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	model->halted = false;
	vtd_model_queue(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
}
