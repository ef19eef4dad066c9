// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deterministic races between CPUs. During a call, a second call on a range of
 * its own is made at one of the points where calls can affect each other. The
 * test is repeated for each point.
 */
#include "fixture.h"

/* Not aligned like the IOVA, so that it is mapped with 4 KiB leaves. */
#define ODD	(PT_FAR + SZ_4K)

enum {
	MANY = 1000,
};

/* The ranges of the two calls, which share all tables. */
static const u64 mine = SZ_1G + 3 * SZ_4K;
static const u64 theirs = SZ_1G + 9 * SZ_4K;

static void map_theirs(struct pt_fixture *fx)
{
	struct pt_hw_leaf leaf;

	KUNIT_EXPECT_EQ(fx->test, 0, nyx_pt_map(&fx->pt, theirs, ODD, SZ_4K,
						IOMMU_READ, GFP_ATOMIC));
	/* When the call has returned, the hardware must find the page. */
	KUNIT_EXPECT_EQ(fx->test, 0, pt_hw_walk(&fx->hw, theirs, &leaf));
	KUNIT_EXPECT_EQ(fx->test, ODD, leaf.paddr);
}

/* Both calls need the same tables. At most one is allocated in vain. */
static void pt_race_map(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_hw_leaf leaf;
	int n, flush;

	for (flush = 0; flush < 2; flush++) {
		for (n = 1; n < MANY; n++) {
			struct pt_fixture *fx = pt_fixture_new(test, kind);
			bool over;

			fx->interrupt = map_theirs;
			*(flush ? &fx->flushes_left : &fx->allocs_left) = n;
			KUNIT_EXPECT_EQ(test, 0, pt_map(fx, mine, ODD, SZ_4K));
			over = fx->flushes_left || fx->allocs_left;
			if (!over) {
				KUNIT_EXPECT_EQ(test, 2, pt_count(fx, 0));
				KUNIT_EXPECT_EQ(test, 0,
						pt_hw_walk(&fx->hw, mine,
							   &leaf));
				KUNIT_EXPECT_EQ(test, kind->levels,
						fx->hw.tables);
				if (!flush)
					KUNIT_EXPECT_EQ(test, 1,
							atomic_read(&fx->direct_frees));
				atomic_set(&fx->direct_frees, 0);
			}
			pt_fixture_free(fx);
			if (over)
				break;
		}
		/* Before each allocation; or each flush of a table or link. */
		KUNIT_EXPECT_EQ(test, n - 1,
				!flush ? kind->levels - 1 :
				kind->coherent ? 0 : 2 * (kind->levels - 1) + 1);
	}
}

static void unmap_theirs(struct pt_fixture *fx)
{
	struct pt_hw_leaf leaf;

	KUNIT_EXPECT_EQ(fx->test, SZ_4K, pt_unmap(fx, theirs, SZ_4K));
	KUNIT_EXPECT_EQ(fx->test, -ENOENT, pt_hw_walk(&fx->hw, theirs, &leaf));
	/* The hardware's cached copy of the large leaf is invalidated too. */
	KUNIT_EXPECT_EQ(fx->test, -ENOENT,
			pt_hw_access(&fx->hw, theirs, &leaf));
}

/* Both calls unmap a part of the same large leaf. */
static void pt_race_split(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	int levels = kind->pgsizes & SZ_1G ? 2 : 1;
	u64 size = levels == 2 ? SZ_1G : SZ_2M;
	struct pt_hw_leaf leaf;
	int n, flush;

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	for (flush = 0; flush < 2; flush++) {
		for (n = 1; n < MANY; n++) {
			struct pt_fixture *fx = pt_fixture_new(test, kind);
			bool over;

			KUNIT_ASSERT_EQ(test, 0,
					pt_map(fx, SZ_1G, PT_FAR, size));
			pt_hw_access(&fx->hw, mine, &leaf);
			pt_hw_access(&fx->hw, theirs, &leaf);
			fx->interrupt = unmap_theirs;
			*(flush ? &fx->flushes_left : &fx->allocs_left) = n;
			KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, mine, SZ_4K));
			KUNIT_EXPECT_EQ(test, -ENOENT,
					pt_hw_access(&fx->hw, mine, &leaf));
			over = fx->flushes_left || fx->allocs_left;
			if (!over) {
				KUNIT_EXPECT_EQ(test, 510,
						pt_count(fx, SZ_4K));
				KUNIT_EXPECT_EQ(test, levels == 2 ? 511 : 0,
						pt_count(fx, SZ_2M));
				if (!flush)
					KUNIT_EXPECT_EQ(test, 1,
							atomic_read(&fx->direct_frees));
				atomic_set(&fx->direct_frees, 0);
			}
			pt_fixture_free(fx);
			if (over)
				break;
		}
		/*
		 * Before each allocation; before the flushes of each table when
		 * zeroed, when filled, and of its link, and of the page's
		 * entry.
		 */
		KUNIT_EXPECT_EQ(test, n - 1,
				!flush ? levels :
				kind->coherent ? 0 : 3 * levels + 1);
	}
}

/* Both calls unmap a part of the same leaf of several entries. */
static void pt_race_break(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_hw_leaf leaf;
	int n;

	if (!(kind->pgsizes & SZ_64K))
		kunit_skip(test, "needs 64 KiB leaves");
	for (n = 1; n < MANY; n++) {
		struct pt_fixture *fx = pt_fixture_new(test, kind);
		bool over;

		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, PT_FAR, SZ_64K));
		KUNIT_ASSERT_EQ(test, 1, pt_leaves(fx, SZ_64K));
		pt_hw_access(&fx->hw, mine, &leaf);
		pt_hw_access(&fx->hw, theirs, &leaf);
		fx->interrupt = unmap_theirs;
		fx->exchanges_left = n;
		KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, mine, SZ_4K));
		KUNIT_EXPECT_EQ(test, -ENOENT,
				pt_hw_access(&fx->hw, mine, &leaf));
		over = fx->exchanges_left;
		if (!over) {
			KUNIT_EXPECT_EQ(test, 14, pt_leaves(fx, SZ_4K));
			KUNIT_EXPECT_EQ(test, -ENOENT,
					pt_hw_walk(&fx->hw, theirs, &leaf));
		}
		pt_fixture_free(fx);
		if (over)
			break;
	}
	/* Before the exchange of each entry. */
	KUNIT_EXPECT_EQ(test, n - 1, 16);
}

static void peek_during_removal(struct pt_fixture *fx)
{
	struct nyx_pt_span leaf;

	KUNIT_EXPECT_EQ(fx->test, -EBUSY, nyx_pt_peek(&fx->pt, mine, &leaf));
}

static bool unmap_during_peek(const struct nyx_pt *pt, u64 iova,
			      struct nyx_pt_span *leaf)
{
	struct pt_fixture *fx = container_of(pt, struct pt_fixture, pt);

	KUNIT_EXPECT_EQ(fx->test, SZ_2M, pt_unmap(fx, iova, SZ_2M));
	return false;
}

/* A look at one address, and an unmap that could remove a table. */
static void pt_race_peek(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	const struct nyx_pt_format *fmt = fx->pt.fmt;
	struct nyx_pt_format hooked = *fmt;
	struct nyx_pt_stats before, after;
	struct nyx_pt_span leaf;

	/* The reader comes second and gives up. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, SZ_2M));
	if (!kind->coherent) {
		fx->interrupt = peek_during_removal;
		fx->flushes_left = 1;
	}
	KUNIT_EXPECT_EQ(test, SZ_2M, pt_unmap(fx, SZ_1G, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, fx->flushes_left);

	/* The reader comes first, and the table stays. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, SZ_2M));
	hooked.leaf = unmap_during_peek;
	fx->pt.fmt = &hooked;
	nyx_pt_stats_read(&fx->pt, &before);
	KUNIT_EXPECT_EQ(test, -ENOENT, nyx_pt_peek(&fx->pt, SZ_1G, &leaf));
	nyx_pt_stats_read(&fx->pt, &after);
	KUNIT_EXPECT_EQ(test, before.tables_freed, after.tables_freed);
	fx->pt.fmt = fmt;

	/* Without a reader it is removed. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, SZ_2M));
	KUNIT_EXPECT_EQ(test, SZ_2M, pt_unmap(fx, SZ_1G, SZ_2M));
	nyx_pt_stats_read(&fx->pt, &after);
	KUNIT_EXPECT_LT(test, before.tables_freed, after.tables_freed);
	pt_fixture_free(fx);
}

static struct kunit_case pt_race_cases[] = {
	KUNIT_CASE_PARAM(pt_race_map, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_race_split, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_race_break, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_race_peek, pt_kind_gen_params),
	{ }
};

static struct kunit_suite pt_race_suite = {
	.name = "nyx_pt_race",
	.test_cases = pt_race_cases,
};

kunit_test_suite(pt_race_suite);
