// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of faults, and the limit on log lines.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>

#include "fault/limit.h"
#include "fault/ring.h"

#define SECOND 1000000000ULL

static void push(struct nyx_fault_ring *ring, u64 stamp)
{
	struct nyx_fault_record rec = {
		.seq = 12345,
		.time_ns = stamp,
		.segment = stamp,
		.domain = stamp,
		.fault = { .rid = stamp, .iova = stamp, .code = stamp },
	};

	nyx_fault_ring_push(ring, &rec);
}

static bool whole(const struct nyx_fault_record *rec)
{
	u64 stamp = rec->time_ns;

	return rec->segment == (u16)stamp && rec->domain == (u32)stamp &&
	       rec->fault.rid == (u16)stamp && rec->fault.iova == stamp &&
	       rec->fault.code == (u16)stamp;
}

static void destroy_ring(void *ring)
{
	nyx_fault_ring_destroy(ring);
}

static struct nyx_fault_ring *make_ring(struct kunit *test, unsigned int size)
{
	struct nyx_fault_ring *ring;

	ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_EQ(test, nyx_fault_ring_init(ring, size), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_ring,
							ring), 0);
	return ring;
}

static void ring_refuses_size_zero(struct kunit *test)
{
	struct nyx_fault_ring ring;

	KUNIT_EXPECT_EQ(test, nyx_fault_ring_init(&ring, 0), -EINVAL);
}

static void ring_starts_empty(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 4);
	struct nyx_fault_record rec;
	u64 lost = 77;

	KUNIT_EXPECT_FALSE(test, nyx_fault_ring_read(ring, 0, &rec));
	KUNIT_EXPECT_FALSE(test, nyx_fault_ring_read(ring, 1, &rec));
	KUNIT_EXPECT_EQ(test, nyx_fault_ring_count(ring, &lost), 0);
	KUNIT_EXPECT_EQ(test, lost, 0);
}

static void ring_numbers_from_one(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 4);
	struct nyx_fault_record rec = {};
	u64 lost;

	KUNIT_EXPECT_EQ(test, nyx_fault_ring_push(ring, &rec), 1);
	KUNIT_EXPECT_EQ(test, nyx_fault_ring_push(ring, &rec), 2);
	KUNIT_EXPECT_TRUE(test, nyx_fault_ring_read(ring, 2, &rec));
	KUNIT_EXPECT_EQ(test, rec.seq, 2);
	KUNIT_EXPECT_FALSE(test, nyx_fault_ring_read(ring, 3, &rec));
	KUNIT_EXPECT_EQ(test, nyx_fault_ring_count(ring, &lost), 2);
	KUNIT_EXPECT_EQ(test, lost, 0);
}

/* Every size, a power of two or not, at every fill up to three rounds. */
static void ring_keeps_the_last(struct kunit *test)
{
	unsigned int size, pushed;

	for (size = 1; size <= 9; size++) {
		struct nyx_fault_ring *ring = make_ring(test, size);

		for (pushed = 1; pushed <= 3 * size; pushed++) {
			u64 seq = pushed > size ? pushed - size + 1 : 1;
			struct nyx_fault_record rec;
			u64 lost, expect_lost = seq - 1;

			push(ring, 1000 + pushed);
			/* 0 and what was overwritten lead to the oldest. */
			KUNIT_ASSERT_TRUE(test,
					  nyx_fault_ring_read(ring, 0, &rec));
			KUNIT_EXPECT_EQ(test, rec.seq, seq);
			for (; seq <= pushed; seq++) {
				KUNIT_ASSERT_TRUE(test,
						  nyx_fault_ring_read(ring, seq,
								      &rec));
				KUNIT_EXPECT_EQ(test, rec.seq, seq);
				KUNIT_EXPECT_EQ(test, rec.time_ns, 1000 + seq);
				KUNIT_EXPECT_TRUE(test, whole(&rec));
			}
			KUNIT_EXPECT_FALSE(test,
					   nyx_fault_ring_read(ring, seq,
							       &rec));
			KUNIT_EXPECT_EQ(test, nyx_fault_ring_count(ring, &lost),
					pushed);
			KUNIT_EXPECT_EQ(test, lost, expect_lost);
		}
	}
}

struct writer {
	struct nyx_fault_ring *ring;
	u64 first;
	u64 torn;
	struct completion done;
};

#define WRITERS 3
#define WRITES 100000

/* Write, and read what stands there now, one's own or another's. */
static int write_and_read(void *arg)
{
	struct nyx_fault_record rec;
	struct writer *w = arg;
	u64 i, seen = 0;

	for (i = 0; i < WRITES; i++) {
		push(w->ring, w->first + i);
		if (!nyx_fault_ring_read(w->ring, 0, &rec) || !whole(&rec) ||
		    rec.seq <= seen)
			w->torn++;
		seen = rec.seq;
		if (!(i % 1024))
			cond_resched();
	}
	complete(&w->done);
	/* kthread_stop() wants a thread that is still there. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* A ring of one slot: whoever reads meets whoever writes. */
static void ring_readers_see_whole_records(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 1);
	struct task_struct *tasks[WRITERS];
	struct writer writers[WRITERS];
	unsigned int n, cpu = -1;
	u64 lost;

	for (n = 0; n < WRITERS; n++) {
		writers[n] = (struct writer){ ring, n * 0x100000001ULL };
		init_completion(&writers[n].done);
		/* Left alone, they might all land on one CPU, one at a time. */
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		tasks[n] = kthread_run_on_cpu(write_and_read, &writers[n], cpu,
					      "nyx-writer/%u");
		if (IS_ERR(tasks[n]))
			break;
	}
	KUNIT_EXPECT_EQ(test, n, WRITERS);
	while (n--) {
		wait_for_completion(&writers[n].done);
		kthread_stop(tasks[n]);
		KUNIT_EXPECT_EQ(test, writers[n].torn, 0);
	}
	KUNIT_EXPECT_EQ(test, nyx_fault_ring_count(ring, &lost),
			WRITERS * WRITES);
	KUNIT_EXPECT_EQ(test, lost, WRITERS * WRITES - 1);
}

static void limit_passes_five_then_counts(struct kunit *test)
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

	/* The next line tells how many, once. */
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 6 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, suppressed, 37);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 6 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, suppressed, 0);
}

static void limit_opens_after_five_seconds(struct kunit *test)
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

/* CPUs' clocks differ a little: time running back must not open the window. */
static void limit_bears_a_step_back(struct kunit *test)
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

/* A million faults in ten seconds are ten lines, and none is lost count of. */
static void limit_holds_a_storm(struct kunit *test)
{
	struct nyx_fault_limit limit;
	u64 suppressed, told = 0;
	unsigned int i, lines = 0;

	nyx_fault_limit_init(&limit);
	for (i = 0; i < 1000000; i++) {
		if (nyx_fault_limit(&limit, 0x18, i * 10000ULL, &suppressed) ==
		    NYX_FAULT_SUPPRESS)
			continue;
		lines++;
		told += suppressed;
	}
	KUNIT_EXPECT_EQ(test, lines, 10);
	KUNIT_EXPECT_EQ(test, nyx_fault_limit(&limit, 0x18, 10 * SECOND,
					      &suppressed), NYX_FAULT_LOG);
	KUNIT_EXPECT_EQ(test, lines + told + suppressed, 1000000);
}

static void limit_bounds_made_up_requesters(struct kunit *test)
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

/* While one device storms, seven of eight others still get their line. */
static void limit_leaves_others_their_line(struct kunit *test)
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

static struct kunit_case nyx_fault_cases[] = {
	KUNIT_CASE(ring_refuses_size_zero),
	KUNIT_CASE(ring_starts_empty),
	KUNIT_CASE(ring_numbers_from_one),
	KUNIT_CASE(ring_keeps_the_last),
	KUNIT_CASE(ring_readers_see_whole_records),
	KUNIT_CASE(limit_passes_five_then_counts),
	KUNIT_CASE(limit_opens_after_five_seconds),
	KUNIT_CASE(limit_bears_a_step_back),
	KUNIT_CASE(limit_holds_a_storm),
	KUNIT_CASE(limit_bounds_made_up_requesters),
	KUNIT_CASE(limit_leaves_others_their_line),
	{}
};

static struct kunit_suite nyx_fault_suite = {
	.name = "nyx_fault",
	.test_cases = nyx_fault_cases,
};

kunit_test_suite(nyx_fault_suite);
