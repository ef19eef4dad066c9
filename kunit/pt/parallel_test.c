// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several CPUs map and unmap their own ranges at the same time, in shared
 * tables. After each call, they check the translations of their range by the
 * hardware.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/wait.h>

#include "../seed.h"
#include "fixture.h"

enum {
	WORKERS = 4,
	CALLS = 3000,
	ROUNDS = 8,
	LEAVES = 16,
};

struct worker {
	struct pt_fixture *fx;
	struct rnd_state rnd;
	int id;
	int bad;
	struct completion done;
};

static u32 rnd(struct worker *w, u32 n)
{
	return prandom_u32_state(&w->rnd) % n;
}

/* Checks how the hardware translates the first and the last page. */
static void expect_mapped(struct worker *w, u64 iova, u64 paddr, u64 len)
{
	struct pt_hw_leaf leaf;
	u64 at[] = { 0, len - SZ_4K };
	int i;

	for (i = 0; i < 2; i++)
		if (pt_hw_walk(&w->fx->hw, iova + at[i], &leaf) ||
		    leaf.paddr + iova + at[i] - leaf.iova != paddr + at[i])
			w->bad++;
}

static void expect_unmapped(struct worker *w, u64 iova, u64 len)
{
	struct pt_hw_leaf leaf;

	if (pt_hw_walk(&w->fx->hw, iova, &leaf) != -ENOENT ||
	    pt_hw_walk(&w->fx->hw, iova + len - SZ_4K, &leaf) != -ENOENT)
		w->bad++;
}

/*
 * Picks a range of one of three kinds, between the ranges of other workers: a
 * few pages of a 2 MiB region, a 2 MiB region, or a 1 GiB region.
 */
static void pick(struct worker *w, u64 *iova, u64 *len)
{
	u32 turn = rnd(w, 8) * WORKERS + w->id;

	switch (rnd(w, 8)) {
	case 0:
		*iova = 4 * (u64)SZ_1G + turn * (u64)SZ_2M;
		*len = SZ_2M;
		break;
	case 1:
		*iova = (8 + turn) * (u64)SZ_1G;
		*len = w->fx->pt.cfg.pgsizes & SZ_2M ? SZ_1G : 3 * SZ_2M;
		break;
	default:
		*iova = SZ_1G - SZ_2M + turn * 24 * SZ_4K;
		*len = (1 + rnd(w, 24)) * SZ_4K;
	}
}

static int work(void *data)
{
	struct worker *w = data;
	struct pt_fixture *fx = w->fx;
	int i;

	for (i = 0; i < CALLS && !w->bad; i++) {
		/* For the largest leaves, for pages, or for 2 MiB leaves. */
		u64 offset[] = { 0, SZ_4K, SZ_2M };
		u64 iova, len, paddr;

		pick(w, &iova, &len);
		paddr = PT_FAR + rnd(w, 64) * (u64)SZ_1G;
		if (len == SZ_1G)
			paddr += rnd(w, 2) ? SZ_2M : 0;
		else
			paddr += offset[rnd(w, 3)];
		if (pt_map(fx, iova, paddr, len))
			w->bad++;
		expect_mapped(w, iova, paddr, len);
		if (pt_unmap(fx, iova, len) != len)
			w->bad++;
		expect_unmapped(w, iova, len);
		if (!(i & 15))
			cond_resched();
	}
	complete(&w->done);
	return 0;
}

static int count_leaf(const struct nyx_pt_span *leaf, void *arg)
{
	(*(unsigned long *)arg)++;
	return 0;
}

enum reader {
	NO_READER,
	WALK,
	PEEK,
};

/* Reads the page table once. */
static void read_table(struct kunit *test, struct worker *w, enum reader reader)
{
	struct nyx_pt *pt = &w->fx->pt;
	unsigned long leaves = 0;
	struct nyx_pt_span leaf;
	u64 iova;
	int ret;

	if (reader == WALK) {
		nyx_pt_walk(pt, 0, U64_MAX, count_leaf, &leaves);
		return;
	}
	for (iova = 4 * (u64)SZ_1G; iova < 5 * (u64)SZ_1G; iova += SZ_2M) {
		ret = nyx_pt_peek(pt, iova, &leaf);
		if (!ret)
			KUNIT_EXPECT_GE(test, leaf.paddr, PT_FAR);
		else if (ret != -EBUSY)
			KUNIT_EXPECT_EQ(test, -ENOENT, ret);
	}
	cond_resched();
}

/* Runs the workers until they finish, while the table is read. */
static void run_workers(struct kunit *test, struct worker *w,
			int (*fn)(void *), enum reader reader)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		struct task_struct *task;

		w[i].id = i;
		init_completion(&w[i].done);
		task = kthread_run(fn, &w[i], "nyx_pt_%d", i);
		if (IS_ERR(task)) {
			w[i].bad++;
			complete(&w[i].done);
		}
	}
	for (i = 0; i < WORKERS; i++) {
		while (reader && !try_wait_for_completion(&w[i].done))
			read_table(test, &w[i], reader);
		if (!reader)
			wait_for_completion(&w[i].done);
		KUNIT_EXPECT_EQ_MSG(test, 0, w[i].bad, "worker %d", i);
	}
}

static void pt_parallel(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	struct worker *w = kunit_kcalloc(test, WORKERS, sizeof(*w), GFP_KERNEL);
	struct rnd_state seeds;
	enum reader reader;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	nyx_kunit_seed(test, &seeds);
	fx->parallel = true;
	for (reader = NO_READER; reader <= PEEK; reader++) {
		for (i = 0; i < WORKERS; i++) {
			w[i].fx = fx;
			prandom_seed_state(&w[i].rnd,
					   prandom_u32_state(&seeds));
		}
		run_workers(test, w, work, reader);
		KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
		pt_fixture_check(fx);
	}
	kunit_info(test, "%d tables lost a race, %d freed after a flush\n",
		   atomic_read(&fx->direct_frees),
		   atomic_read(&fx->synced_frees));
}

static u64 large_leaf(const struct pt_fixture *fx)
{
	return fx->pt.cfg.pgsizes & SZ_1G ? SZ_1G : SZ_2M;
}

/* Unmaps a quarter of each large leaf, with borders inside smaller leaves. */
static int take_quarters(void *data)
{
	struct worker *w = data;
	u64 size = large_leaf(w->fx), iova;
	u64 from = w->id * (size / WORKERS) - (w->id ? SZ_4K : 0);
	u64 to = (w->id + 1) * (size / WORKERS) -
		 (w->id < WORKERS - 1 ? SZ_4K : 0);

	for (iova = size; iova <= size * LEAVES; iova += size) {
		if (pt_unmap(w->fx, iova + from, to - from) != to - from)
			w->bad++;
		expect_unmapped(w, iova + from, to - from);
	}
	complete(&w->done);
	return 0;
}

/*
 * All workers split the same leaves at the same time. In every second round,
 * the alignment allows larger leaves, if there are any, of which these are
 * parts.
 */
static void pt_parallel_split(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct worker *w = kunit_kcalloc(test, WORKERS, sizeof(*w), GFP_KERNEL);
	u64 size = large_leaf(fx);
	int i, round;

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	KUNIT_ASSERT_NOT_NULL(test, w);
	fx->parallel = true;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < WORKERS; i++)
			w[i].fx = fx;
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, size, PT_FAR +
						(round & 1 ? size : 0),
						size * LEAVES));
		KUNIT_ASSERT_EQ(test, LEAVES, pt_count(fx, size));
		run_workers(test, w, take_quarters, NO_READER);
		KUNIT_ASSERT_EQ(test, 0, pt_count(fx, 0));
	}
	pt_fixture_check(fx);
	kunit_info(test, "%d tables lost a race\n",
		   atomic_read(&fx->direct_frees));
}

static struct kunit_case pt_parallel_cases[] = {
	KUNIT_CASE_PARAM_ATTR(pt_parallel, pt_kind_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE_PARAM_ATTR(pt_parallel_split, pt_kind_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{ }
};

static struct kunit_suite pt_parallel_suite = {
	.name = "nyx_pt_parallel",
	.test_cases = pt_parallel_cases,
};

kunit_test_suite(pt_parallel_suite);
