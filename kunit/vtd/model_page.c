// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page request queue of the model (7.4, 7.5, 7.8, 11.4.10).
 */
#include <linux/io.h>
#include <linux/spinlock.h>

#include "model.h"

static u64 queue_bytes(const struct vtd_model *model)
{
	return 4096ULL << (model->pqa & 7);
}

/* The event message is held back while it is masked (11.4.10.5). */
static void send_event(struct vtd_model *model)
{
	if (model->pectl & 0x80000000)
		model->pectl |= 0x40000000;
	else
		model->page_interrupts++;
}

/**
 * vtd_model_page_ctl() - a write to the Page Request Event Control Register
 * @model: the unit
 * @val: the value
 *
 * Context: @model->lock is held.
 */
void vtd_model_page_ctl(struct vtd_model *model, u32 val)
{
	bool pending = model->pectl & 0x40000000;

	model->pectl = val & 0x80000000;
	if (pending)
		send_event(model);
}

static void overflow(struct vtd_model *model)
{
	model->prs |= 2;
	send_event(model);
}

/* A request that does not fit is dropped, and so are all until PRO is cleared. */
static void write_request(struct vtd_model *model, u64 lo, u64 hi)
{
	u64 *slot = phys_to_virt((model->pqa & ~0xfffULL) + model->pqt);
	u64 next = (model->pqt + 32) % queue_bytes(model);

	if ((model->prs & 2) || next == model->pqh) {
		overflow(model);
		return;
	}
	slot[0] = lo;
	slot[1] = hi;
	slot[2] = ~0ULL;
	slot[3] = ~0ULL;
	model->pqt = next;
	if (!(model->prs & 1))
		send_event(model);
	model->prs |= 1;
}

/**
 * vtd_model_page_request() - a device sends a page request
 * @model: the unit
 * @lo: bits 63:0 of the request as the unit writes it
 * @hi: bits 127:64
 * @late: the unit writes it to the queue when it is drained
 *
 * Context: Any; takes @model->lock.
 */
void vtd_model_page_request(struct vtd_model *model, u64 lo, u64 hi, bool late)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	if (late && model->nr_undrained < ARRAY_SIZE(model->undrained)) {
		model->undrained[model->nr_undrained][0] = lo;
		model->undrained[model->nr_undrained++][1] = hi;
	} else {
		write_request(model, lo, hi);
	}
	raw_spin_unlock_irqrestore(&model->lock, flags);
}

/**
 * vtd_model_page_drain() - write all requests that were received to the queue
 * @model: the unit
 *
 * Context: @model->lock is held.
 */
void vtd_model_page_drain(struct vtd_model *model)
{
	unsigned int i;

	if (model->drain_overflows) {
		model->drain_overflows--;
		overflow(model);
		return;
	}
	for (i = 0; i < model->nr_undrained; i++)
		write_request(model, model->undrained[i][0],
			      model->undrained[i][1]);
	model->nr_undrained = 0;
}
