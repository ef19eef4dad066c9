// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a unit, and bounded waits for their completion.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/timekeeping.h>

#include "gcmd.h"
#include "vtd.h"

/**
 * vtd_poll32() - wait for bits of a 32-bit register
 * @vu: the unit
 * @reg: offset of the register
 * @mask: bits to look at
 * @want: what they shall be
 *
 * Context: Any. Spins for VTD_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_poll32(struct vtd_unit *vu, u32 reg, u32 mask, u32 want)
{
	u64 end = ktime_get_mono_fast_ns() + VTD_TIMEOUT_NS;
	bool late = false;
	u32 val;

	for (;;) {
		val = vtd_readl(vu, reg);
		if (val == VTD_GONE)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (late)
			return -ETIMEDOUT;
		/* Look once more after the clock: we may have been held up. */
		late = ktime_get_mono_fast_ns() > end;
		cpu_relax();
	}
}

/**
 * vtd_poll64() - wait for bits of a 64-bit register
 * @vu: the unit
 * @reg: offset of the register
 * @mask: bits to look at
 * @want: what they shall be
 *
 * Context: Any. Spins for VTD_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_poll64(struct vtd_unit *vu, u32 reg, u64 mask, u64 want)
{
	u64 end = ktime_get_mono_fast_ns() + VTD_TIMEOUT_NS;
	bool late = false;
	u64 val;

	for (;;) {
		val = vtd_readq(vu, reg);
		if (val == ~0ULL)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (late)
			return -ETIMEDOUT;
		late = ktime_get_mono_fast_ns() > end;
		cpu_relax();
	}
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
 * Context: Any. Spins for VTD_TIMEOUT_NS at most.
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
	return vtd_poll32(vu, VTD_GSTS_REG, bit, want ? bit : 0);
}
