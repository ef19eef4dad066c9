// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unit's event log. Numbers are those of the AMD IOMMU specification
 * (48882).
 */
#include <linux/io.h>

#include "model.h"

/**
 * amd_model_log() - log an event (2.5)
 * @model: the unit
 * @lo: bits 63:0
 * @hi: bits 127:64
 *
 * The log has 2^EventLen entries (bits 59:56 of the base register), one of
 * which stays free. If there is no room, the unit sets EventOverflow (bit 0),
 * and logs nothing until it is cleared. EventLogRun is bit 3, EventLogInt bit
 * 1.
 *
 * Context: @model->lock is held, or there is no other user of the unit.
 */
void amd_model_log(struct amd_model *model, u64 lo, u64 hi)
{
	u64 *entry = phys_to_virt(model->log_base & 0x000ffffffffff000ULL);
	u32 next = (model->log_tail + 1) %
		   (1U << (model->log_base >> 56 & 15));

	if (next == model->log_head)
		model->status |= 1;
	if (!(model->status & 8) || (model->status & 1)) {
		model->dropped++;
		return;
	}
	entry += model->log_tail * 2;
	model->log_tail = next;
	model->status |= 2;
	if (model->unwritten) {
		model->unwritten--;
		return;
	}
	entry[1] = hi;
	WRITE_ONCE(entry[0], lo);
}
