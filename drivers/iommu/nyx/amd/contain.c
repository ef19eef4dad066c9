// SPDX-License-Identifier: GPL-2.0-only
/*
 * Containment of a unit that no longer confirms commands. Memory that devices
 * below it may reach, and vectors that they may raise, are about to be reused,
 * and the driver cannot prevent that. Therefore their translated DMA and their
 * remapped interrupts are blocked. Only commands can invalidate what the unit
 * cached, so the command buffer is restarted.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmdbuf.h"
#include "flush.h"
#include "lib/poll.h"
#include "unit_ops.h"

/* Time limit for all commands, even if each ID needs a command of its own. */
#define AMD_CONTAIN_NS (5 * NYX_POLL_TIMEOUT_NS)

/* Waits until the unit has executed its command buffer or has stopped. */
static int amd_contain_wait(struct amd_unit *au, u32 pos)
{
	struct nyx_deadline deadline = nyx_deadline_in(NYX_POLL_TIMEOUT_NS);
	u32 status;

	deadline.end = min(deadline.end, au->contain_end);
	for (;;) {
		status = amd_readl(au, AMD_STATUS);
		if (status == AMD_GONE)
			return -ENODEV;
		if (nyx_queue_is_done(&au->queue, pos))
			return 0;
		if (!(status & AMD_STATUS_CMD_BUF_RUN))
			return -EIO;
		if (nyx_deadline_passed(&deadline))
			return -ETIMEDOUT;
		cpu_relax();
	}
}

/*
 * The queue is off: there are no other submissions, and earlier ones have
 * ended.
 */
static int amd_contain_submit(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			      unsigned int nr)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_queue *q = &au->queue;
	u32 pos;

	scoped_guard(raw_spinlock_irqsave, &q->lock) {
		q->head = q->tail;
		pos = nyx_queue_put(q, cmds, nr);
	}
	return amd_contain_wait(au, pos);
}

/**
 * amd_contain() - nyx_unit_ops.contain
 * @unit: the unit
 *
 * Devices with identity entries, such as a boot disk that was in use when the
 * module was loaded, keep working: their DMA never depended on the unit's
 * confirmation. Translation stays enabled, because all DMA would pass
 * otherwise.
 *
 * Context: Any. Spins for twice NYX_POLL_TIMEOUT_NS and AMD_CONTAIN_NS at most;
 *	takes @unit->store_lock, the queue's lock and &amd_unit.reg_lock.
 * Return: true if the unit uses no translation and no interrupt remapping table
 *	any more; false if that is not known.
 */
bool amd_contain(struct nyx_unit *unit)
{
	struct amd_unit *au = to_amd_unit(unit);
	u32 status;

	/* Even if the unit does not respond, it may still read its table. */
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
		amd_devtab_block(&au->devtab, unit->identity ?
				 unit->identity->root : NULL);
	status = amd_readl(au, AMD_STATUS);
	if (status == AMD_GONE)
		return false;
	/* A disabled unit uses none, unless it did not stop. */
	if (!(amd_readq(au, AMD_CONTROL) & AMD_CTRL_IOMMU_EN))
		return !(status & (AMD_STATUS_CMD_BUF_RUN |
				   AMD_STATUS_EVENT_LOG_RUN));
	if (amd_cmdbuf_reset(au))
		return false;
	au->contain_end = ktime_get_mono_fast_ns() + AMD_CONTAIN_NS;
	return !amd_flush_all(unit, amd_contain_submit);
}
