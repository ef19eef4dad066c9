/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many faults reach the kernel's log.
 */
#ifndef NYX_FAULT_LIMIT_H
#define NYX_FAULT_LIMIT_H

#include <linux/spinlock_types.h>
#include <linux/types.h>

/*
 * A stray device shows itself in five lines. Requesters share a bucket by
 * chance, never a bucket with every other one: a storm of one device leaves the
 * first fault of another its line, and the log grows by 80 lines in 5 s at most,
 * even where requester IDs are made up.
 */
#define NYX_FAULT_LIMIT_BURST 5
#define NYX_FAULT_LIMIT_WINDOW_NS (5ULL * 1000 * 1000 * 1000)
#define NYX_FAULT_LIMIT_BUCKETS 16

/**
 * enum nyx_fault_verdict - may a fault be logged?
 * @NYX_FAULT_LOG: yes
 * @NYX_FAULT_LOG_LAST: yes, and it is the last one for this window
 * @NYX_FAULT_SUPPRESS: no
 */
enum nyx_fault_verdict {
	NYX_FAULT_LOG,
	NYX_FAULT_LOG_LAST,
	NYX_FAULT_SUPPRESS,
};

/**
 * struct nyx_fault_bucket - what a share of the requesters did
 * @since_ns: when the window began
 * @logged: lines in this window
 * @suppressed: faults not logged since the last line
 */
struct nyx_fault_bucket {
	u64 since_ns;
	unsigned int logged;
	u64 suppressed;
};

/**
 * struct nyx_fault_limit - all requesters
 * @lock: protects @buckets; raw, as the lock of the ring
 * @buckets: by hash of the requester
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
