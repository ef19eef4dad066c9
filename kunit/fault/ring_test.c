// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of fault records: numbering, overwriting, concurrent readers and
 * writers.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>

#include "fault/ring.h"

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

static void starts_empty(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 4);
	struct nyx_fault_record rec;
	u64 lost = 77;

	KUNIT_EXPECT_FALSE(test, nyx_fault_ring_read(ring, 0, &rec));
	KUNIT_EXPECT_FALSE(test, nyx_fault_ring_read(ring, 1, &rec));
	KUNIT_EXPECT_EQ(test, nyx_fault_ring_count(ring, &lost), 0);
	KUNIT_EXPECT_EQ(test, lost, 0);
}

static void numbers_from_one(struct kunit *test)
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

/* Every size up to 9, at every fill level up to three times around. */
static void keeps_the_last(struct kunit *test)
{
	unsigned int size, pushed;

	for (size = 1; size <= 9; size++) {
		struct nyx_fault_ring *ring = make_ring(test, size);

		for (pushed = 1; pushed <= 3 * size; pushed++) {
			u64 seq = pushed > size ? pushed - size + 1 : 1;
			struct nyx_fault_record rec;
			u64 lost, expect_lost = seq - 1;

			push(ring, 1000 + pushed);
			/* 0 and overwritten numbers give the oldest. */
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

/* The largest size that the parameter fault_records allows. */
static void holds_the_largest_size(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 65536);
	struct nyx_fault_record rec;
	unsigned int i;

	for (i = 1; i <= 65537; i++)
		push(ring, i);
	KUNIT_ASSERT_TRUE(test, nyx_fault_ring_read(ring, 1, &rec));
	KUNIT_EXPECT_EQ(test, rec.seq, 2);
}

struct writer {
	struct nyx_fault_ring *ring;
	u64 first;
	u64 torn;
	struct completion done;
};

#define WRITERS 3
#define WRITES 100000

/* Writes a record, then reads the newest one, of this writer or another. */
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
	/* kthread_stop() needs a thread that has not exited. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* A ring of one slot, so that readers and writers collide. */
static void readers_see_whole_records(struct kunit *test)
{
	struct nyx_fault_ring *ring = make_ring(test, 1);
	struct task_struct *tasks[WRITERS];
	struct writer writers[WRITERS];
	unsigned int n, cpu = -1;
	u64 lost;

	for (n = 0; n < WRITERS; n++) {
		writers[n] = (struct writer){ ring, n * 0x100000001ULL };
		init_completion(&writers[n].done);
		/* Unbound threads might all run on one CPU, one at a time. */
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

static struct kunit_case nyx_fault_ring_cases[] = {
	KUNIT_CASE(starts_empty),
	KUNIT_CASE(numbers_from_one),
	KUNIT_CASE(keeps_the_last),
	KUNIT_CASE(holds_the_largest_size),
	KUNIT_CASE(readers_see_whole_records),
	{}
};

static struct kunit_suite nyx_fault_ring_suite = {
	.name = "nyx_fault_ring",
	.test_cases = nyx_fault_ring_cases,
};

kunit_test_suite(nyx_fault_ring_suite);
