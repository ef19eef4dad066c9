/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency histograms: how long operations of a domain or a unit take, in
 * buckets whose bounds are powers of two of nanoseconds. Off by default: then
 * each of the two calls around an operation costs one no-op instruction.
 */
#ifndef NYX_LATENCY_H
#define NYX_LATENCY_H

#include <linux/jump_label.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

/*
 * Bucket 0 counts durations of 0 ns, bucket n those from 2^(n-1) to 2^n - 1 ns.
 * The last one counts all above, which are more than four minutes.
 */
#define NYX_LATENCY_BUCKETS 40

/**
 * enum nyx_latency_op - what is measured
 * @NYX_LATENCY_MAP: a map, of a domain
 * @NYX_LATENCY_UNMAP: an unmap without its flush, of a domain
 * @NYX_LATENCY_FLUSH: a flush, of a domain or of one of its units
 * @NYX_LATENCY_WAIT: the wait for a command of a unit
 * @NYX_LATENCY_OPS: number of operations
 */
enum nyx_latency_op {
	NYX_LATENCY_MAP,
	NYX_LATENCY_UNMAP,
	NYX_LATENCY_FLUSH,
	NYX_LATENCY_WAIT,
	NYX_LATENCY_OPS,
};

/**
 * struct nyx_latency - the counts of one CPU
 * @n: number of operations, by operation and bucket
 */
struct nyx_latency {
	u64 n[NYX_LATENCY_OPS][NYX_LATENCY_BUCKETS];
};

/**
 * struct nyx_latency_sum - the counts of all CPUs for one operation
 * @n: number of operations in each bucket
 * @count: number of operations
 */
struct nyx_latency_sum {
	u64 n[NYX_LATENCY_BUCKETS];
	u64 count;
};

DECLARE_STATIC_KEY_FALSE(nyx_latency_key);

int nyx_latency_alloc(struct nyx_latency __percpu **latency);
void nyx_latency_record(struct nyx_latency __percpu *const *latency,
			enum nyx_latency_op op, u64 start);
void nyx_latency_clear(struct nyx_latency __percpu *latency);
unsigned int nyx_latency_bucket(u64 ns);
u64 nyx_latency_least(unsigned int bucket);
u64 nyx_latency_most(unsigned int bucket);
void nyx_latency_add_up(struct nyx_latency __percpu *latency,
			enum nyx_latency_op op, struct nyx_latency_sum *sum);
unsigned int nyx_latency_percentile(const struct nyx_latency_sum *sum,
				    unsigned int percent);

/**
 * nyx_latency_start() - note the time before an operation
 *
 * Context: Any.
 * Return: the time, for nyx_latency_stop(); 0 if nothing is measured.
 */
static __always_inline u64 nyx_latency_start(void)
{
	if (static_branch_unlikely(&nyx_latency_key))
		return ktime_get_mono_fast_ns();
	return 0;
}

/**
 * nyx_latency_stop() - count an operation
 * @latency: where the domain or unit refers to its counts
 * @op: the operation
 * @start: from nyx_latency_start() before it
 *
 * Context: Any.
 */
static __always_inline void
nyx_latency_stop(struct nyx_latency __percpu *const *latency,
		 enum nyx_latency_op op, u64 start)
{
	if (static_branch_unlikely(&nyx_latency_key))
		nyx_latency_record(latency, op, start);
}

#endif /* NYX_LATENCY_H */
