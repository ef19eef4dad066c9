// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency histograms: bounds of buckets, percentiles, and that nothing is counted
 * while they are off.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/percpu.h>

#include "lib/latency.h"

static void bounds_of_buckets(struct kunit *test)
{
	static const struct {
		u64 ns;
		unsigned int bucket;
		u64 least;
		u64 most;
	} cases[] = {
		{ 0, 0, 0, 0 },
		{ 1, 1, 1, 1 },
		{ 2, 2, 2, 3 },
		{ 3, 2, 2, 3 },
		{ 4, 3, 4, 7 },
		{ 1023, 10, 512, 1023 },
		{ 1024, 11, 1024, 2047 },
		{ 274877906943, 38, 137438953472, 274877906943 },
		{ 274877906944, 39, 274877906944, U64_MAX },
		{ 549755813888, 39, 274877906944, U64_MAX },
		{ U64_MAX, 39, 274877906944, U64_MAX },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ(test, nyx_latency_bucket(cases[i].ns),
				cases[i].bucket);
		KUNIT_EXPECT_EQ(test, nyx_latency_least(cases[i].bucket),
				cases[i].least);
		KUNIT_EXPECT_EQ(test, nyx_latency_most(cases[i].bucket),
				cases[i].most);
	}
}

/* Of 200 durations, 100 are in bucket 3, 98 in bucket 5, and 2 in bucket 39. */
static void percentiles(struct kunit *test)
{
	static const struct {
		unsigned int percent;
		unsigned int bucket;
	} cases[] = {
		{ 0, 3 }, { 1, 3 }, { 50, 3 }, { 51, 5 }, { 99, 5 },
		{ 100, 39 },
	};
	struct nyx_latency_sum sum = { .count = 200 };
	size_t i;

	sum.n[3] = 100;
	sum.n[5] = 98;
	sum.n[39] = 2;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].bucket,
				    nyx_latency_percentile(&sum, cases[i].percent),
				    "%u%%", cases[i].percent);
}

/* The only duration is minimum, median and maximum. */
static void percentiles_of_one(struct kunit *test)
{
	struct nyx_latency_sum sum = { .count = 1 };
	unsigned int percent;

	sum.n[7] = 1;
	for (percent = 0; percent <= 100; percent++)
		KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, percent), 7);
}

/* A share is rounded up: of 101, 50% are 51, and 99% are 100. */
static void percentiles_round_up(struct kunit *test)
{
	struct nyx_latency_sum sum = { .count = 101 };

	sum.n[1] = 50;
	sum.n[2] = 49;
	sum.n[3] = 1;
	sum.n[4] = 1;
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 49), 1);
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 50), 2);
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 98), 2);
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 99), 3);
}

/* Counts near the limit of 64 bits do not overflow. */
static void percentiles_of_many(struct kunit *test)
{
	struct nyx_latency_sum sum = { .count = U64_MAX };

	sum.n[1] = U64_MAX / 2;
	sum.n[2] = U64_MAX - U64_MAX / 2;
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 49), 1);
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 51), 2);
	KUNIT_EXPECT_EQ(test, nyx_latency_percentile(&sum, 100), 2);
}

static void free_counts(void *latency)
{
	struct nyx_latency __percpu **counts = latency;

	static_branch_disable(&nyx_latency_key);
	free_percpu(*counts);
}

static struct nyx_latency __percpu **counts_new(struct kunit *test)
{
	struct nyx_latency __percpu **latency =
		kunit_kzalloc(test, sizeof(*latency), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, latency);
	KUNIT_ASSERT_EQ(test, nyx_latency_alloc(latency), 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_counts, latency));
	return latency;
}

static u64 count(struct nyx_latency __percpu **latency, enum nyx_latency_op op)
{
	struct nyx_latency_sum sum;

	nyx_latency_add_up(*latency, op, &sum);
	return sum.count;
}

static void operate(struct nyx_latency __percpu **latency, enum nyx_latency_op op)
{
	u64 start = nyx_latency_start();

	nyx_latency_stop(latency, op, start);
}

/* Durations count only while the switch is on, and only for their operation. */
static void counts_while_on(struct kunit *test)
{
	struct nyx_latency __percpu **latency = counts_new(test);
	u64 start;

	operate(latency, NYX_LATENCY_MAP);
	KUNIT_EXPECT_EQ(test, nyx_latency_start(), 0);
	start = nyx_latency_start();
	static_branch_enable(&nyx_latency_key);
	/* It began while the switch was off. */
	nyx_latency_stop(latency, NYX_LATENCY_MAP, start);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_MAP), 0);
	operate(latency, NYX_LATENCY_MAP);
	operate(latency, NYX_LATENCY_MAP);
	operate(latency, NYX_LATENCY_WAIT);
	start = nyx_latency_start();
	static_branch_disable(&nyx_latency_key);
	nyx_latency_stop(latency, NYX_LATENCY_MAP, start);
	operate(latency, NYX_LATENCY_MAP);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_MAP), 2);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_UNMAP), 0);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_FLUSH), 0);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_WAIT), 1);
	nyx_latency_clear(*latency);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_MAP), 0);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_WAIT), 0);
}

/* A start 2^20 ns ago is at least in the bucket that begins there. */
static void measures_time(struct kunit *test)
{
	struct nyx_latency __percpu **latency = counts_new(test);
	struct nyx_latency_sum sum;
	unsigned int i;

	static_branch_enable(&nyx_latency_key);
	nyx_latency_stop(latency, NYX_LATENCY_FLUSH,
			 nyx_latency_start() - (1 << 20));
	/* From another CPU, whose clock is ahead. */
	nyx_latency_stop(latency, NYX_LATENCY_FLUSH,
			 nyx_latency_start() + NSEC_PER_SEC);
	nyx_latency_add_up(*latency, NYX_LATENCY_FLUSH, &sum);
	KUNIT_EXPECT_EQ(test, sum.count, 2);
	KUNIT_EXPECT_EQ(test, sum.n[0], 1);
	for (i = 1; i < 21; i++)
		KUNIT_EXPECT_EQ(test, sum.n[i], 0);
}

/* The counts of all CPUs add up. */
static void adds_up_all_cpus(struct kunit *test)
{
	struct nyx_latency __percpu **latency = counts_new(test);
	struct nyx_latency_sum sum;
	u64 expect = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu_ptr(*latency, cpu)->n[NYX_LATENCY_WAIT][4] = 1ULL << cpu;
		per_cpu_ptr(*latency, cpu)->n[NYX_LATENCY_WAIT][39] = 1;
		expect += 1ULL << cpu;
	}
	nyx_latency_add_up(*latency, NYX_LATENCY_WAIT, &sum);
	KUNIT_EXPECT_EQ(test, sum.n[4], expect);
	KUNIT_EXPECT_EQ(test, sum.n[39], num_possible_cpus());
	KUNIT_EXPECT_EQ(test, sum.count, expect + num_possible_cpus());
}

/* Without memory for counts nothing happens; allocated counts stay. */
static void without_counts(struct kunit *test)
{
	struct nyx_latency __percpu *none = NULL, **latency = counts_new(test);
	struct nyx_latency __percpu *before = *latency;

	static_branch_enable(&nyx_latency_key);
	operate(&none, NYX_LATENCY_MAP);
	KUNIT_EXPECT_EQ(test, count(&none, NYX_LATENCY_MAP), 0);
	nyx_latency_clear(none);
	operate(latency, NYX_LATENCY_MAP);
	KUNIT_EXPECT_EQ(test, nyx_latency_alloc(latency), 0);
	KUNIT_EXPECT_TRUE(test, *latency == before);
	KUNIT_EXPECT_EQ(test, count(latency, NYX_LATENCY_MAP), 1);
}

static struct kunit_case nyx_lib_latency_cases[] = {
	KUNIT_CASE(bounds_of_buckets),
	KUNIT_CASE(percentiles),
	KUNIT_CASE(percentiles_of_one),
	KUNIT_CASE(percentiles_round_up),
	KUNIT_CASE(percentiles_of_many),
	KUNIT_CASE(counts_while_on),
	KUNIT_CASE(measures_time),
	KUNIT_CASE(adds_up_all_cpus),
	KUNIT_CASE(without_counts),
	{}
};

static struct kunit_suite nyx_lib_latency_suite = {
	.name = "nyx_lib_latency",
	.test_cases = nyx_lib_latency_cases,
};

kunit_test_suite(nyx_lib_latency_suite);
