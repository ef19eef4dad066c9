// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sums of the counters that units keep for each CPU.
 */
#include <kunit/test.h>
#include <linux/percpu.h>

#include <nyx/unit.h>

static void stat_adds_up_all_cpus(struct kunit *test)
{
	struct nyx_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	u64 expect = 0;
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, unit);
	unit->stats = alloc_percpu(struct nyx_unit_stats);
	/* KUNIT_ASSERT_NOT_NULL() does not support per-CPU pointers. */
	KUNIT_ASSERT_TRUE(test, !!unit->stats);
	for_each_possible_cpu(cpu) {
		struct nyx_unit_stats *stats = per_cpu_ptr(unit->stats, cpu);

		stats->n[NYX_STAT_WAIT] = 0x100000000ULL << cpu;
		expect += 0x100000000ULL << cpu;
		stats->n[NYX_STAT_FLUSH_ERROR] = 7;
	}
	nyx_stat_inc(unit, NYX_STAT_WAIT);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_WAIT), expect + 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FAULT_OVERFLOW), 0);
	free_percpu(unit->stats);
}

static struct kunit_case core_stats_cases[] = {
	KUNIT_CASE(stat_adds_up_all_cpus),
	{ }
};

static struct kunit_suite core_stats_suite = {
	.name = "nyx_core_stats",
	.test_cases = core_stats_cases,
};

kunit_test_suite(core_stats_suite);
