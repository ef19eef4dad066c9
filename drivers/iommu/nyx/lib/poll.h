/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounded waits: the deadline of a polling loop, and loops that poll a
 * register.
 */
#ifndef NYX_POLL_H
#define NYX_POLL_H

#include <linux/compiler_types.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

/*
 * Units complete these operations within microseconds. One that needs longer
 * than this does not respond.
 */
#define NYX_POLL_TIMEOUT_NS 1000000000ULL

/**
 * struct nyx_deadline - the end of a polling loop
 * @end: last moment of the wait, on the clock of ktime_get_mono_fast_ns()
 * @passed: nyx_deadline_passed() saw the clock beyond @end
 */
struct nyx_deadline {
	u64 end;
	bool passed;
};

/**
 * nyx_deadline_in() - set a deadline
 * @timeout_ns: nanoseconds from now
 *
 * Context: Any.
 * Return: the deadline.
 */
static inline struct nyx_deadline nyx_deadline_in(u64 timeout_ns)
{
	return (struct nyx_deadline) {
		.end = ktime_get_mono_fast_ns() + timeout_ns,
	};
}

/**
 * nyx_deadline_passed() - whether a polling loop must give up
 * @deadline: the deadline of the loop
 *
 * A polling loop calls this after each look at the condition that it waits for.
 * The CPU may have been interrupted for any time between that look and the
 * clock. So the first call that finds the deadline passed still returns false,
 * and the loop looks once more before it gives up.
 *
 * Context: Any.
 * Return: true if the condition was looked at after @deadline had passed.
 */
static inline bool nyx_deadline_passed(struct nyx_deadline *deadline)
{
	if (deadline->passed)
		return true;
	deadline->passed = ktime_get_mono_fast_ns() > deadline->end;
	return false;
}

int nyx_poll32_within(const void __iomem *reg, u32 mask, u32 want,
		      u64 timeout_ns);
int nyx_poll64_within(const void __iomem *reg, u64 mask, u64 want,
		      u64 timeout_ns);
void nyx_poll_pause(void);

/**
 * nyx_poll32() - nyx_poll32_within() NYX_POLL_TIMEOUT_NS
 * @reg: the register
 * @mask: the bits to compare
 * @want: their expected value
 *
 * Context: Any. Spins for at most NYX_POLL_TIMEOUT_NS.
 * Return: as nyx_poll32_within().
 */
static inline int nyx_poll32(const void __iomem *reg, u32 mask, u32 want)
{
	return nyx_poll32_within(reg, mask, want, NYX_POLL_TIMEOUT_NS);
}

#endif /* NYX_POLL_H */
