// SPDX-License-Identifier: GPL-2.0-only
/*
 * Polling loops that wait for bits of a register, and pauses in other loops.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/nmi.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "poll.h"

/*
 * Polls between two notices to the lockup detectors. A read of a register takes
 * about a microsecond.
 */
#define NYX_POLLS_QUIET 4096

/**
 * nyx_poll32_within() - wait for bits of a 32-bit register
 * @reg: the register
 * @mask: the bits to compare
 * @want: their expected value
 * @timeout_ns: nanoseconds to wait
 *
 * Context: Any. Spins for at most @timeout_ns, and keeps lockup detectors quiet
 *	meanwhile.
 * Return: 0; -ENODEV if the register reads as all ones, so the unit is gone;
 *	-ETIMEDOUT.
 */
int nyx_poll32_within(const void __iomem *reg, u32 mask, u32 want,
		      u64 timeout_ns)
{
	struct nyx_deadline deadline = nyx_deadline_in(timeout_ns);
	unsigned int polls = 0;
	u32 val;

	for (;;) {
		val = readl(reg);
		if (val == ~0U)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (nyx_deadline_passed(&deadline))
			return -ETIMEDOUT;
		if (!(++polls % NYX_POLLS_QUIET))
			touch_nmi_watchdog();
		cpu_relax();
	}
}

/**
 * nyx_poll64_within() - wait for bits of a 64-bit register
 * @reg: the register
 * @mask: the bits to compare
 * @want: their expected value
 * @timeout_ns: nanoseconds to wait
 *
 * Context: Any. Spins for at most @timeout_ns, and keeps lockup detectors quiet
 *	meanwhile.
 * Return: 0; -ENODEV if the register reads as all ones, so the unit is gone;
 *	-ETIMEDOUT.
 */
int nyx_poll64_within(const void __iomem *reg, u64 mask, u64 want,
		      u64 timeout_ns)
{
	struct nyx_deadline deadline = nyx_deadline_in(timeout_ns);
	unsigned int polls = 0;
	u64 val;

	for (;;) {
		val = readq(reg);
		if (val == ~0ULL)
			return -ENODEV;
		if ((val & mask) == want)
			return 0;
		if (nyx_deadline_passed(&deadline))
			return -ETIMEDOUT;
		if (!(++polls % NYX_POLLS_QUIET))
			touch_nmi_watchdog();
		cpu_relax();
	}
}

/**
 * nyx_poll_pause() - pass some time in a wait that may take long
 *
 * The caller sleeps if it may. If it may not, because it has disabled preemption
 * or interrupts or reads under RCU, it continues to spin, and only the lockup
 * detectors can be kept quiet.
 *
 * Context: Any.
 */
void nyx_poll_pause(void)
{
	if (preemptible() && !rcu_preempt_depth())
		schedule_timeout_uninterruptible(1);
	else
		touch_nmi_watchdog();
}
