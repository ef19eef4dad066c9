// SPDX-License-Identifier: GPL-2.0-only
/*
 * Polling loops that wait for bits of a register.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/processor.h>

#include "poll.h"

/**
 * nyx_poll32() - wait for bits of a 32-bit register
 * @reg: the register
 * @mask: the bits to compare
 * @want: their expected value
 *
 * Context: Any. Spins for at most NYX_POLL_TIMEOUT_NS.
 * Return: 0; -ENODEV if the register reads as all ones, so the unit is gone;
 *	-ETIMEDOUT.
 */
int nyx_poll32(const void __iomem *reg, u32 mask, u32 want)
{
	struct nyx_deadline deadline = nyx_deadline_in(NYX_POLL_TIMEOUT_NS);
	u32 val;

	for (;;) {
		val = readl(reg);
		if (val == ~0U)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (nyx_deadline_passed(&deadline))
			return -ETIMEDOUT;
		cpu_relax();
	}
}

/**
 * nyx_poll64() - wait for bits of a 64-bit register
 * @reg: the register
 * @mask: the bits to compare
 * @want: their expected value
 *
 * Context: Any. Spins for at most NYX_POLL_TIMEOUT_NS.
 * Return: 0; -ENODEV if the register reads as all ones, so the unit is gone;
 *	-ETIMEDOUT.
 */
int nyx_poll64(const void __iomem *reg, u64 mask, u64 want)
{
	struct nyx_deadline deadline = nyx_deadline_in(NYX_POLL_TIMEOUT_NS);
	u64 val;

	for (;;) {
		val = readq(reg);
		if (val == ~0ULL)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (nyx_deadline_passed(&deadline))
			return -ETIMEDOUT;
		cpu_relax();
	}
}
