// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many faults reach the kernel's log.
 *
 * Not the kernel's own ratelimit_state: its count of what was held back differs
 * from release to release and cannot be told in the line itself.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "limit.h"

/**
 * nyx_fault_limit_init() - let the first faults through
 * @limit: the limit
 *
 * Context: Any.
 */
void nyx_fault_limit_init(struct nyx_fault_limit *limit)
{
	memset(limit, 0, sizeof(*limit));
	raw_spin_lock_init(&limit->lock);
}

/* The verdict on one fault of a bucket. Under the lock. */
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
 * nyx_fault_limit() - may this fault be logged?
 * @limit: the limit
 * @requester: who caused it, any number that stays the same for one device
 * @now_ns: time in nanoseconds; a step back, as between two CPUs' clocks, is
 *	taken as no time at all
 * @suppressed: set to the faults that were held back since the last line, where
 *	this one may be logged
 *
 * Context: Any.
 * Return: the verdict, see &enum nyx_fault_verdict.
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
