// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a unit.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>

#include <nyx/poll.h>

#include "gcmd.h"
#include "vtd.h"

/**
 * vtd_gcmd() - give a unit a global command and wait for it (11.4.4.1)
 * @vu: the unit
 * @bit: the command, one of VTD_GCMD_*
 * @on: set the bit, or clear it; one-shot commands are always set
 *
 * The bit for the write-buffer flush is set in the status while the flush is
 * under way; all others are when the command is completed.
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_gcmd(struct vtd_unit *vu, u32 bit, bool on)
{
	bool want = on && bit != VTD_GCMD_WBF;
	u32 status, cmd;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	status = vtd_readl(vu, VTD_GSTS_REG);
	if (status == VTD_GONE)
		return -ENODEV;
	cmd = status & VTD_GSTS_PERSISTENT;
	cmd = on ? cmd | bit : cmd & ~bit;
	vtd_writel(vu, VTD_GCMD_REG, cmd);
	return nyx_poll32(vu->regs + VTD_GSTS_REG, bit, want ? bit : 0);
}
