// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rate limit on fault messages in the kernel log.
 */
#include <kunit/test.h>

#include "fault/limit.h"

#define SECOND 1000000000ULL

static void passes_five_then_counts(struct kunit *test)
{
	struct nyx_fault_limit limit;
	u64 suppressed = 99;
	int i;

	nyx_fault_limit_init(&limit);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, i,
						      &suppressed),
				NYX_FAULT_LOG);
		KUNIT_EXPECT_EQ(test, suppressed, 0);
	}
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 4, &suppressed),
			NYX_FAULT_LOG_LAST);
	for (i = 0; i < 37; i++)
		KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 5,
						      &suppressed),
				NYX_FAULT_SUPPRESS);

	/* The next line reports the count, once. */
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 6 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, suppressed, 37);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 6 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, suppressed, 0);
}

static void opens_after_five_seconds(struct kunit *test)
{
	u64 start = 1234 * SECOND, suppressed;
	struct nyx_fault_limit limit;
	int i;

	nyx_fault_limit_init(&limit);
	for (i = 0; i < 5; i++)
		nyx_fault_limit(&limit, 7, start, &suppressed);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 7,
					      start + 5 * SECOND - 1,
					      &suppressed), NYX_FAULT_SUPPRESS);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 7, start + 5 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, suppressed, 1);
}

/*
 * The clocks of CPUs differ slightly: a step back must not start a new window.
 */
static void ignores_a_step_back(struct kunit *test)
{
	u64 start = 1234 * SECOND, suppressed;
	struct nyx_fault_limit limit;
	int i;

	nyx_fault_limit_init(&limit);
	for (i = 0; i < 5; i++)
		nyx_fault_limit(&limit, 7, start, &suppressed);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 7, start - 1000,
					      &suppressed), NYX_FAULT_SUPPRESS);
}

/*
 * A million faults in ten seconds give ten lines, and every fault is counted.
 */
static void bounds_a_storm(struct kunit *test)
{
	struct nyx_fault_limit limit;
	u64 suppressed, reported = 0;
	unsigned int i, lines = 0;

	nyx_fault_limit_init(&limit);
	for (i = 0; i < 1000000; i++) {
		if (nyx_fault_limit(&limit, 0x18, i * 10000ULL, &suppressed) ==
		    NYX_FAULT_SUPPRESS)
			continue;
		lines++;
		reported += suppressed;
	}
	KUNIT_EXPECT_EQ(test, lines, 10);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 10 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, lines + reported + suppressed, 1000000);
}

/* Requester IDs that a device makes up do not multiply the lines. */
static void bounds_many_requesters(struct kunit *test)
{
	struct nyx_fault_limit limit;
	unsigned int rid, lines = 0;
	u64 suppressed;

	nyx_fault_limit_init(&limit);
	for (rid = 0; rid < 0x10000; rid++)
		lines += nyx_fault_limit(&limit, rid, rid, &suppressed) !=
			 NYX_FAULT_SUPPRESS;
	KUNIT_EXPECT_LE(test, lines, 80);
	KUNIT_EXPECT_GE(test, lines, 5);
}

/*
 * While one device floods the log, at least seven of eight others still get
 * their line.
 */
static void leaves_other_requesters_their_line(struct kunit *test)
{
	struct nyx_fault_limit limit;
	unsigned int devfn, i, hidden = 0;
	u64 suppressed;

	for (devfn = 1; devfn < 256; devfn++) {
		nyx_fault_limit_init(&limit);
		for (i = 0; i < 100; i++)
			nyx_fault_limit(&limit, 0, 1, &suppressed);
		hidden += nyx_fault_limit(&limit, devfn, 1, &suppressed) ==
			  NYX_FAULT_SUPPRESS;
	}
	KUNIT_EXPECT_LE(test, hidden, 32);
}

static struct kunit_case nyx_fault_limit_cases[] = {
	KUNIT_CASE(passes_five_then_counts),
	KUNIT_CASE(opens_after_five_seconds),
	KUNIT_CASE(ignores_a_step_back),
	KUNIT_CASE(bounds_a_storm),
	KUNIT_CASE(bounds_many_requesters),
	KUNIT_CASE(leaves_other_requesters_their_line),
	{}
};

static struct kunit_suite nyx_fault_limit_suite = {
	.name = "nyx_fault_limit",
	.test_cases = nyx_fault_limit_cases,
};

kunit_test_suite(nyx_fault_limit_suite);
