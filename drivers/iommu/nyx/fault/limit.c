// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rate limit on fault messages in the kernel log.
 *
 * This does not use struct ratelimit_state, because its count of suppressed
 * messages differs between kernel releases, and cannot be printed as part of
 * the next message.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "limit.h"

/**
 * nyx_fault_limit_init() - initialize a limit
 * @limit: the limit
 *
 * Context: Any.
 */
void nyx_fault_limit_init(struct nyx_fault_limit *limit)
{
	memset(limit, 0, sizeof(*limit));
	raw_spin_lock_init(&limit->lock);
}

/* Decides on a fault that belongs to bucket @b. The lock is held. */
static enum nyx_fault_verdict judge(struct nyx_fault_bucket *b, u64 now_ns,
				    u64 *suppressed)
{
	if (!b->logged ||
	    (s64)(now_ns - b->since_ns) >= (s64)NYX_FAULT_LIMIT_WINDOW_NS) {
		b->since_ns = now_ns;
		b->logged = 0;
	}
	if (b->logged == NYX_FAULT_LIMIT_BURST) {
		b->suppressed++;
		return NYX_FAULT_SUPPRESS;
	}
	b->logged++;
	*suppressed = b->suppressed;
	b->suppressed = 0;

	return b->logged == NYX_FAULT_LIMIT_BURST ? NYX_FAULT_LOG_LAST :
						    NYX_FAULT_LOG;
}

/**
 * nyx_fault_limit() - decide whether a fault may be logged
 * @limit: the limit
 * @requester: source of the fault, any number that is constant for a device
 * @now_ns: current time in nanoseconds; it may be slightly earlier than in the
 *	previous call, because the clocks of CPUs differ
 * @suppressed: if the fault may be logged, set to the number of faults
 *	suppressed since the previous message
 *
 * Context: Any.
 * Return: the decision.
 */
enum nyx_fault_verdict nyx_fault_limit(struct nyx_fault_limit *limit,
				       u32 requester, u64 now_ns,
				       u64 *suppressed)
{
	enum nyx_fault_verdict verdict;
	unsigned long flags;
	u32 bucket;

	bucket = hash_32(requester, ilog2(NYX_FAULT_LIMIT_BUCKETS));
	raw_spin_lock_irqsave(&limit->lock, flags);
	verdict = judge(&limit->buckets[bucket], now_ns, suppressed);
	raw_spin_unlock_irqrestore(&limit->lock, flags);

	return verdict;
}
