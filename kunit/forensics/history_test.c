// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of recent operations: numbering, overwriting, what an operation
 * contains, concurrent readers and writers.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include <nyx/domain.h>

#include "forensics/history.h"

static void free_history(void *history)
{
	nyx_history_free(history);
}

static struct nyx_domain *recorded_domain(struct kunit *test, unsigned int size)
{
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	struct nyx_history *history = nyx_history_new(size);

	KUNIT_ASSERT_NOT_NULL(test, domain);
	KUNIT_ASSERT_NOT_NULL(test, history);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_history,
							   history));
	rcu_assign_pointer(domain->history, history);
	return domain;
}

static struct nyx_history *history_of(struct nyx_domain *domain)
{
	return rcu_dereference_protected(domain->history, true);
}

static void records_every_value(struct kunit *test)
{
	struct nyx_domain *domain = recorded_domain(test, 8);
	u64 begin = local_clock();
	struct nyx_op op;

	nyx_history_map(domain, 0x5000, 0x123000, 0x3000,
			IOMMU_WRITE | IOMMU_CACHE);
	nyx_history_unmap(domain, 0x6000, 0x1000);
	KUNIT_EXPECT_EQ(test, 2, nyx_history_mark(domain));
	nyx_history_flush(domain, 0, U64_MAX, 2);

	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 1, &op));
	KUNIT_EXPECT_EQ(test, 1, op.seq);
	KUNIT_EXPECT_EQ(test, NYX_OP_MAP, op.kind);
	KUNIT_EXPECT_EQ(test, 0x5000, op.iova);
	KUNIT_EXPECT_EQ(test, 0x7fff, op.last);
	KUNIT_EXPECT_EQ(test, 0x123000, op.paddr);
	KUNIT_EXPECT_EQ(test, 2, op.prot);
	KUNIT_EXPECT_LT(test, op.cpu, nr_cpu_ids);
	KUNIT_EXPECT_GE(test, op.time_ns, begin);
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 2, &op));
	KUNIT_EXPECT_EQ(test, NYX_OP_UNMAP, op.kind);
	KUNIT_EXPECT_EQ(test, 0x6000, op.iova);
	KUNIT_EXPECT_EQ(test, 0x6fff, op.last);
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 3, &op));
	KUNIT_EXPECT_EQ(test, NYX_OP_FLUSH, op.kind);
	KUNIT_EXPECT_EQ(test, U64_MAX, op.last);
	KUNIT_EXPECT_EQ(test, 2, op.covers);
	KUNIT_EXPECT_FALSE(test, nyx_history_read(domain, 4, &op));
}

static void without_a_ring_nothing_happens(struct kunit *test)
{
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain),
						  GFP_KERNEL);
	struct nyx_op op;

	KUNIT_ASSERT_NOT_NULL(test, domain);
	nyx_history_map(domain, 0x1000, 0x2000, 0x1000, IOMMU_READ);
	nyx_history_unmap(domain, 0x1000, 0x1000);
	KUNIT_EXPECT_EQ(test, 0, nyx_history_mark(domain));
	nyx_history_flush(domain, 0, U64_MAX, 0);
	KUNIT_EXPECT_FALSE(test, nyx_history_read(domain, 0, &op));
}

/**
 * struct visits - the operations that a scan visited
 * @nr: number of them
 * @max: the scan ends after this number
 * @seqs: their numbers
 */
struct visits {
	unsigned int nr;
	unsigned int max;
	u64 seqs[16];
};

static bool visit(const struct nyx_op *op, void *arg)
{
	struct visits *v = arg;

	v->seqs[v->nr++] = op->seq;
	return v->nr < v->max;
}

/* Every size up to 5, at every fill level up to three times around. */
static void keeps_the_last(struct kunit *test)
{
	unsigned int size, n, i;

	for (size = 1; size <= 5; size++) {
		struct nyx_domain *domain = recorded_domain(test, size);

		for (n = 1; n <= 3 * size; n++) {
			struct visits v = { .max = ARRAY_SIZE(v.seqs) };
			unsigned int kept = min(n, size);
			struct nyx_op op;

			nyx_history_unmap(domain, n * 0x1000, 0x1000);
			nyx_history_scan(history_of(domain), visit, &v);
			KUNIT_ASSERT_EQ(test, kept, v.nr);
			for (i = 0; i < kept; i++)
				KUNIT_EXPECT_EQ(test, n - i, v.seqs[i]);
			KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 0,
								 &op));
			KUNIT_EXPECT_EQ(test, n - kept + 1, op.seq);
			KUNIT_EXPECT_EQ(test, op.seq * 0x1000, op.iova);
		}
	}
}

static void scan_ends_when_told(struct kunit *test)
{
	struct nyx_domain *domain = recorded_domain(test, 4);
	struct visits v = { .max = 2 };
	int i;

	nyx_history_scan(history_of(domain), visit, &v);
	KUNIT_EXPECT_EQ(test, 0, v.nr);
	for (i = 0; i < 4; i++)
		nyx_history_unmap(domain, 0, 0x1000);
	nyx_history_scan(history_of(domain), visit, &v);
	KUNIT_EXPECT_EQ(test, 2, v.nr);
}

static void knows_whether_it_is_complete(struct kunit *test)
{
	struct nyx_domain *domain = recorded_domain(test, 2);
	struct nyx_history *history = history_of(domain);
	struct nyx_op op;
	u64 begin = nyx_history_begin(history);

	KUNIT_EXPECT_FALSE(test, nyx_history_is_complete(history));
	nyx_history_set_complete(history);
	nyx_history_unmap(domain, 0, 0x1000);
	nyx_history_unmap(domain, 0, 0x1000);
	KUNIT_EXPECT_TRUE(test, nyx_history_is_complete(history));
	KUNIT_EXPECT_EQ(test, begin, nyx_history_begin(history));
	/* The first operation is overwritten. */
	nyx_history_unmap(domain, 0, 0x1000);
	KUNIT_EXPECT_FALSE(test, nyx_history_is_complete(history));
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 0, &op));
	KUNIT_EXPECT_EQ(test, 2, op.seq);
	KUNIT_EXPECT_EQ(test, op.time_ns, nyx_history_begin(history));
}

/*
 * The core's functions are skipped, unless there is nothing else. Names of the
 * other functions stand for those of a driver.
 */
static void finds_the_driver(struct kunit *test)
{
	struct nyx_op op = {
		.callers = { (unsigned long)nyx_history_map + 1,
			     (unsigned long)dma_free_attrs + 1,
			     (unsigned long)kfree + 1,
			     (unsigned long)finds_the_driver + 1, },
	};

	KUNIT_EXPECT_EQ(test, op.callers[2], nyx_op_caller(&op));
	op.callers[2] = 0;
	KUNIT_EXPECT_EQ(test, op.callers[1], nyx_op_caller(&op));
	KUNIT_EXPECT_EQ(test, 0, nyx_op_caller(&(struct nyx_op) { }));
}

enum { WRITERS = 2, WRITES = 3000 };

struct writer {
	struct nyx_domain *domain;
	struct completion done;
};

static int write_many(void *data)
{
	struct writer *w = data;
	u64 i;

	for (i = 1; i <= WRITES; i++)
		nyx_history_map(w->domain, i << 12, i << 13, 0x1000,
				IOMMU_READ);
	complete(&w->done);
	return 0;
}

/* A reader gets whole operations, in order. */
static void reader_gets_whole_operations(struct kunit *test)
{
	struct nyx_domain *domain = recorded_domain(test, 16);
	struct writer writers[WRITERS];
	struct nyx_op op = { };
	unsigned int reads = 0;
	u64 seq = 1;
	int i;

	for (i = 0; i < WRITERS; i++) {
		writers[i].domain = domain;
		init_completion(&writers[i].done);
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(write_many,
							    &writers[i],
							    "writer")));
	}
	while (seq <= WRITERS * WRITES) {
		if (!nyx_history_read(domain, seq, &op)) {
			cond_resched();
			continue;
		}
		reads++;
		KUNIT_EXPECT_GE(test, op.seq, seq);
		KUNIT_EXPECT_EQ(test, op.last, op.iova + 0xfff);
		KUNIT_EXPECT_EQ(test, op.paddr, op.iova * 2);
		seq = op.seq + 1;
	}
	KUNIT_EXPECT_EQ(test, WRITERS * WRITES, op.seq);
	KUNIT_EXPECT_GE(test, reads, 16);
	for (i = 0; i < WRITERS; i++)
		wait_for_completion(&writers[i].done);
}

static struct kunit_case history_cases[] = {
	KUNIT_CASE(records_every_value),
	KUNIT_CASE(without_a_ring_nothing_happens),
	KUNIT_CASE(keeps_the_last),
	KUNIT_CASE(scan_ends_when_told),
	KUNIT_CASE(knows_whether_it_is_complete),
	KUNIT_CASE(finds_the_driver),
	KUNIT_CASE(reader_gets_whole_operations),
	{ }
};

static struct kunit_suite history_suite = {
	.name = "nyx_forensics_history",
	.test_cases = history_cases,
};

kunit_test_suite(history_suite);
