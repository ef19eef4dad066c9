// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that no longer confirms what it is told. Memory that devices behind it
 * may reach, and vectors that they may raise, are about to be used for something
 * else, and nobody can be kept from that: so their DMA and their interrupts are
 * stopped. What the unit cached can be taken from it by commands only, so its
 * command buffer gets a fresh start.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#include <nyx/unit.h>

#include "amd.h"
#include "cmdbuf.h"
#include "flush.h"
#include "lib/poll.h"
#include "unit_ops.h"

/* A unit that has to be told of everything one by one gets no longer for it. */
#define AMD_CONTAIN_NS (5 * NYX_POLL_TIMEOUT_NS)

/* Until the unit has executed what is in its command buffer, or stands still. */
static int amd_contain_wait(struct amd_unit *au, u32 pos)
{
	u64 end = min(ktime_get_mono_fast_ns() + NYX_POLL_TIMEOUT_NS,
		      au->contain_end);
	bool late = false;
	u32 status;

	for (;;) {
		status = amd_readl(au, AMD_STATUS);
		if (status == AMD_GONE)
			return -ENODEV;
		if (nyx_queue_is_done(&au->queue, pos))
			return 0;
		if (!(status & AMD_STATUS_CMD_BUF_RUN))
			return -EIO;
		if (late)
			return -ETIMEDOUT;
		/* Look once more after the clock: we may have been held up. */
		late = ktime_get_mono_fast_ns() > end;
		cpu_relax();
	}
}

/* The queue is off: nobody else submits anything, and all there is has ended. */
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
 * Devices on identity are stopped too: an entry that was forgotten must say
 * nothing when it is read again. Translation stays on, or all DMA would pass.
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

	/* Also if it does not answer: it may still read its table. */
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
		amd_devtab_block(&au->devtab);
	status = amd_readl(au, AMD_STATUS);
	if (status == AMD_GONE)
		return false;
	/* There is none while it is off, unless it does not go off. */
	if (!(amd_readq(au, AMD_CONTROL) & AMD_CTRL_IOMMU_EN))
		return !(status & (AMD_STATUS_CMD_BUF_RUN |
				   AMD_STATUS_EVENT_LOG_RUN));
	if (amd_cmdbuf_reset(au))
		return false;
	au->contain_end = ktime_get_mono_fast_ns() + AMD_CONTAIN_NS;
	return !amd_flush_all(unit, amd_contain_submit);
}
