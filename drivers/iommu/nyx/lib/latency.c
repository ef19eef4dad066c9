// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency histograms. Each CPU has its own counts, so an operation takes no lock
 * and shares no cache line.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>

#include "latency.h"

DEFINE_STATIC_KEY_FALSE(nyx_latency_key);

/**
 * nyx_latency_alloc() - allocate counts, unless they exist
 * @latency: where the domain or unit refers to them; free_percpu() frees them.
 *	Operations may be in progress
 *
 * Context: May sleep; the caller serializes calls.
 * Return: 0 or -ENOMEM.
 */
int nyx_latency_alloc(struct nyx_latency __percpu **latency)
{
	struct nyx_latency __percpu *new;

	if (*latency)
		return 0;
	new = alloc_percpu(struct nyx_latency);
	if (!new)
		return -ENOMEM;
	/*
	 * The counts are zeroed before a CPU can find them; pairs with the
	 * address dependency in nyx_latency_record().
	 */
	smp_store_release(latency, new);
	return 0;
}

/**
 * nyx_latency_record() - nyx_latency_stop() while durations are measured
 * @latency: where the domain or unit refers to its counts; NULL there if they
 *	could not be allocated
 * @op: the operation
 * @start: when it began; 0 if that was before durations were measured
 *
 * Context: Any.
 */
void nyx_latency_record(struct nyx_latency __percpu *const *latency,
			enum nyx_latency_op op, u64 start)
{
	struct nyx_latency __percpu *counts = READ_ONCE(*latency);
	u64 now;

	if (!start || !counts)
		return;
	/* The clock may be a little behind on another CPU. */
	now = max(ktime_get_mono_fast_ns(), start);
	this_cpu_inc(counts->n[op][nyx_latency_bucket(now - start)]);
}

/**
 * nyx_latency_clear() - set all counts to 0
 * @latency: the counts, or NULL
 *
 * Operations that end meanwhile may or may not be counted.
 *
 * Context: Any.
 */
void nyx_latency_clear(struct nyx_latency __percpu *latency)
{
	unsigned int op, i;
	int cpu;

	if (!latency)
		return;
	for_each_possible_cpu(cpu)
		for (op = 0; op < NYX_LATENCY_OPS; op++)
			for (i = 0; i < NYX_LATENCY_BUCKETS; i++)
				WRITE_ONCE(per_cpu_ptr(latency, cpu)->n[op][i],
					   0);
}

/**
 * nyx_latency_bucket() - find the bucket of a duration
 * @ns: the duration in nanoseconds
 *
 * Context: Any.
 * Return: the bucket.
 */
unsigned int nyx_latency_bucket(u64 ns)
{
	return min_t(unsigned int, fls64(ns), NYX_LATENCY_BUCKETS - 1);
}

/**
 * nyx_latency_least() - shortest duration in a bucket
 * @bucket: the bucket
 *
 * Context: Any.
 * Return: nanoseconds.
 */
u64 nyx_latency_least(unsigned int bucket)
{
	return bucket ? 1ULL << (bucket - 1) : 0;
}

/**
 * nyx_latency_most() - longest duration in a bucket
 * @bucket: the bucket
 *
 * Context: Any.
 * Return: nanoseconds; U64_MAX for the last bucket.
 */
u64 nyx_latency_most(unsigned int bucket)
{
	return bucket == NYX_LATENCY_BUCKETS - 1 ? U64_MAX :
						   (1ULL << bucket) - 1;
}

/**
 * nyx_latency_add_up() - add up the counts of all CPUs
 * @latency: the counts, or NULL
 * @op: the operation
 * @sum: filled in; not a consistent snapshot if operations are in progress
 *
 * Context: Any.
 */
void nyx_latency_add_up(struct nyx_latency __percpu *latency,
			enum nyx_latency_op op, struct nyx_latency_sum *sum)
{
	unsigned int i;
	u64 n;
	int cpu;

	*sum = (struct nyx_latency_sum) { };
	if (!latency)
		return;
	for_each_possible_cpu(cpu) {
		for (i = 0; i < NYX_LATENCY_BUCKETS; i++) {
			n = READ_ONCE(per_cpu_ptr(latency, cpu)->n[op][i]);
			sum->n[i] += n;
			sum->count += n;
		}
	}
}

/**
 * nyx_latency_percentile() - find the bucket below which a share of durations is
 * @sum: the counts, of which at least one is not 0
 * @percent: the share, 0 to 100
 *
 * Context: Any.
 * Return: the first bucket such that it and all before it have at least this
 *	share of all operations, and at least one.
 */
unsigned int nyx_latency_percentile(const struct nyx_latency_sum *sum,
				    unsigned int percent)
{
	/* Rounded up, in two parts that do not overflow. */
	u64 want = div_u64(sum->count, 100) * percent +
		   div_u64(sum->count % 100 * percent + 99, 100);
	unsigned int i;
	u64 seen = 0;

	want = max(want, 1);
	for (i = 0; i < NYX_LATENCY_BUCKETS - 1; i++) {
		seen += sum->n[i];
		if (seen >= want)
			break;
	}
	return i;
}
