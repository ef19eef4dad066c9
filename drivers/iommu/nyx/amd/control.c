// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Control Register and the Status Register.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/spinlock.h>

#include "amd.h"
#include "lib/poll.h"
#include "regs.h"

/**
 * amd_control() - change bits of the Control Register (MMIO offset 0018h)
 * @au: the unit
 * @clear: bits to be cleared
 * @set: bits to be set
 *
 * Context: Any.
 */
void amd_control(struct amd_unit *au, u64 clear, u64 set)
{
	guard(raw_spinlock_irqsave)(&au->reg_lock);
	amd_writeq(au, AMD_CONTROL,
		   (amd_readq(au, AMD_CONTROL) & ~clear) | set);
}

/**
 * amd_wait_status() - wait for bits of the Status Register (MMIO offset 2020h)
 * @au: the unit
 * @mask: bits to look at
 * @want: expected value of these bits
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int amd_wait_status(struct amd_unit *au, u32 mask, u32 want)
{
	return nyx_poll32(au->regs + AMD_STATUS, mask, want);
}

/**
 * amd_wait_running() - wait until parts of a unit that were just enabled run
 * @au: the unit
 * @run: their bits of the Status Register
 *
 * A part that does not start in time may start at any time later, even after it
 * was disabled again: its status then shows nothing. Therefore the unit is
 * marked as stuck, and what it may use is never freed. It is not marked if the
 * Control Register did not take the value: then no unit is at this address, or
 * the register is locked, and nothing can start.
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int amd_wait_running(struct amd_unit *au, u32 run)
{
	int ret = amd_wait_status(au, run, run);

	if (ret == -ETIMEDOUT && (amd_readq(au, AMD_CONTROL) & AMD_CTRL_IOMMU_EN))
		WRITE_ONCE(au->unit.stuck, true);
	return ret;
}
