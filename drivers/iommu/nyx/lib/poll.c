// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded waits for bits of a register.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>

#include "poll.h"

/**
 * nyx_poll32() - wait for bits of a 32-bit register
 * @reg: the register
 * @mask: bits to look at
 * @want: what they shall be
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int nyx_poll32(const void __iomem *reg, u32 mask, u32 want)
{
	u64 end = ktime_get_mono_fast_ns() + NYX_POLL_TIMEOUT_NS;
	bool late = false;
	u32 val;

	for (;;) {
		val = readl(reg);
		if (val == ~0U)
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
 * nyx_poll64() - wait for bits of a 64-bit register
 * @reg: the register
 * @mask: bits to look at
 * @want: what they shall be
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int nyx_poll64(const void __iomem *reg, u64 mask, u64 want)
{
	u64 end = ktime_get_mono_fast_ns() + NYX_POLL_TIMEOUT_NS;
	bool late = false;
	u64 val;

	for (;;) {
		val = readq(reg);
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
