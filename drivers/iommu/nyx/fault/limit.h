/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rate limit on fault messages in the kernel log.
 */
#ifndef NYX_FAULT_LIMIT_H
#define NYX_FAULT_LIMIT_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

/*
 * Five messages identify a faulting device. Requesters are hashed to 16 buckets
 * with separate limits. So while one device floods its bucket, faults of most
 * other devices are still logged. The log grows by at most 80 messages in 5
 * seconds, even if a device makes up requester IDs.
 */
#define NYX_FAULT_LIMIT_BURST 5
#define NYX_FAULT_LIMIT_WINDOW_NS (5ULL * 1000 * 1000 * 1000)
#define NYX_FAULT_LIMIT_BUCKETS 16

/**
 * enum nyx_fault_verdict - whether a fault may be logged
 * @NYX_FAULT_LOG: log the fault
 * @NYX_FAULT_LOG_LAST: log the fault, the last one in the current window
 * @NYX_FAULT_SUPPRESS: do not log the fault
 */
enum nyx_fault_verdict {
	NYX_FAULT_LOG,
	NYX_FAULT_LOG_LAST,
	NYX_FAULT_SUPPRESS,
};

/**
 * struct nyx_fault_bucket - state of the requesters that share a limit
 * @since_ns: start of the current window
 * @logged: faults logged in the current window
 * @suppressed: faults suppressed since the last message
 */
struct nyx_fault_bucket {
	u64 since_ns;
	unsigned int logged;
	u64 suppressed;
};

/**
 * struct nyx_fault_limit - a rate limit for each group of requesters
 * @lock: protects @buckets; raw, because faults may be reported from hard
 *	interrupt context
 * @buckets: indexed by the hash of the requester
 */
struct nyx_fault_limit {
	raw_spinlock_t lock;
	struct nyx_fault_bucket buckets[NYX_FAULT_LIMIT_BUCKETS];
};

void nyx_fault_limit_init(struct nyx_fault_limit *limit);
enum nyx_fault_verdict nyx_fault_limit(struct nyx_fault_limit *limit,
				       u32 requester, u64 now_ns,
				       u64 *suppressed);

#endif /* NYX_FAULT_LIMIT_H */
