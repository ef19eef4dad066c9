// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a unit.
 */
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/lockdep.h>

#include <nyx/poll.h>

#include "gcmd.h"
#include "vtd.h"

/* How often, and how long apart, a confirmation is looked for that may not come. */
#define VTD_HINT_TRIES 100
#define VTD_HINT_US 10

/* Gives a command; returns what the status was before, or VTD_GONE. */
static u32 vtd_gcmd_write(struct vtd_unit *vu, u32 bit, bool on)
{
	u32 status, cmd;

	lockdep_assert_held(&vu->reg_lock);
	status = vtd_readl(vu, VTD_GSTS_REG);
	if (status == VTD_GONE)
		return status;
	cmd = status & VTD_GSTS_PERSISTENT;
	cmd = on ? cmd | bit : cmd & ~bit;
	vtd_writel(vu, VTD_GCMD_REG, cmd);
	return status;
}

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

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	if (vtd_gcmd_write(vu, bit, on) == VTD_GONE)
		return -ENODEV;
	return nyx_poll32(vu->regs + VTD_GSTS_REG, bit, want ? bit : 0);
}

/**
 * vtd_gcmd_hint() - give a unit a global command that it need not confirm
 * @vu: the unit
 * @bit: the command, one of VTD_GCMD_* that is no one-shot
 * @on: set the bit, or clear it
 *
 * Context: Any. Spins for some milliseconds at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if it did not confirm.
 */
int vtd_gcmd_hint(struct vtd_unit *vu, u32 bit, bool on)
{
	unsigned int tries;
	u32 status;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	status = vtd_gcmd_write(vu, bit, on);
	for (tries = 0; status != VTD_GONE && tries < VTD_HINT_TRIES; tries++) {
		status = vtd_readl(vu, VTD_GSTS_REG);
		if (status != VTD_GONE && !!(status & bit) == on)
			return 0;
		udelay(VTD_HINT_US);
	}
	return status == VTD_GONE ? -ENODEV : -ETIMEDOUT;
}
