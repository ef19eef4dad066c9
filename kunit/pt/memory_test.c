// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's tables: when they are removed and freed, and the results of
 * calls that cannot allocate tables.
 */
#include <linux/io.h>

#include "fixture.h"

/* Not aligned like the IOVA, so that it is mapped with 4 KiB leaves. */
#define ODD	(PT_FAR + SZ_4K)

static unsigned long tables(struct pt_fixture *fx)
{
	pt_hw_each(&fx->hw, NULL, NULL);
	return fx->hw.tables;
}

static int freelist_len(struct iommu_iotlb_gather *gather)
{
	return list_count_nodes(&nyx_gather_freelist(gather)->pages);
}

/* Tables that an unmap removes are freed when the gather is flushed. */
static void pt_freelist(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	u64 iova = SZ_1G - SZ_2M, len = 4 * SZ_2M, at;
	struct iommu_iotlb_gather gather;
	struct pt_hw_leaf leaf;
	unsigned long before;

	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 0, ODD, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova + len, ODD, SZ_4K));
	before = tables(fx);
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova, ODD, len));
	KUNIT_ASSERT_EQ(test, before + 4, tables(fx));
	for (at = 0; at < len; at += SZ_2M)
		KUNIT_ASSERT_EQ(test, 0,
				pt_hw_access(&fx->hw, iova + at, &leaf));

	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, len - SZ_4K,
			nyx_pt_unmap(&fx->pt, iova, len - SZ_4K, &gather));
	/* The table in which a page is still mapped stays. */
	KUNIT_EXPECT_EQ(test, before + 1, tables(fx));
	KUNIT_EXPECT_EQ(test, 3, freelist_len(&gather));
	KUNIT_EXPECT_EQ(test, iova, gather.start);
	KUNIT_EXPECT_EQ(test, iova + len - SZ_4K - 1, gather.end);
	/* The walker has cached links to them, and may still read them. */
	for (at = 0; at < len; at += SZ_2M)
		pt_hw_access(&fx->hw, iova + at + SZ_4K, &leaf);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fx->synced_frees));

	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&fx->synced_frees));
	for (at = 0; at < len - SZ_4K; at += SZ_4K)
		KUNIT_ASSERT_EQ(test, -ENOENT,
				pt_hw_access(&fx->hw, iova + at, &leaf));
	KUNIT_EXPECT_EQ(test, 0, pt_hw_access(&fx->hw, iova + at, &leaf));

	/* A table is removed only if the range covers all of it. */
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, iova + len - SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, before + 1, tables(fx));
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, iova + len, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

/* Without a gather, tables stay and are reused. */
static void pt_no_gather(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	unsigned long before;

	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, 3 * SZ_2M));
	before = tables(fx);
	KUNIT_EXPECT_EQ(test, 3 * SZ_2M,
			nyx_pt_unmap(&fx->pt, SZ_1G, 3 * SZ_2M, NULL));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
	KUNIT_EXPECT_EQ(test, before, tables(fx));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, 3 * SZ_2M));
	KUNIT_EXPECT_EQ(test, before, tables(fx));
}

/* Tables of upper levels are removed too, if the range covers them. */
static void pt_upper_tables(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 span = 512ULL * SZ_1G;

	if (!(kind->pgsizes & SZ_1G) || kind->levels < 4)
		kunit_skip(test, "needs 1 GiB leaves and 4 levels");
	/* One table each of 1 GiB, 2 MiB and 4 KiB leaves below the root. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, span, PT_FAR, span - SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 2 * span - SZ_2M, ODD, SZ_2M));
	KUNIT_EXPECT_EQ(test, 511, pt_count(fx, SZ_1G));
	KUNIT_EXPECT_EQ(test, 511, pt_count(fx, SZ_2M));
	KUNIT_EXPECT_EQ(test, 512, pt_count(fx, SZ_4K));
	KUNIT_EXPECT_EQ(test, kind->levels, tables(fx));
	KUNIT_EXPECT_EQ(test, span, pt_unmap(fx, span, span));
	KUNIT_EXPECT_EQ(test, kind->levels - 3, tables(fx));
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&fx->synced_frees));

	/* Neither of these two ranges covers the whole table. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, span, PT_FAR, span));
	KUNIT_EXPECT_EQ(test, SZ_1G, pt_unmap(fx, span, SZ_1G));
	KUNIT_EXPECT_EQ(test, span - SZ_1G,
			pt_unmap(fx, span + SZ_1G, span));
	KUNIT_EXPECT_EQ(test, kind->levels - 2, tables(fx));
}

/* A large leaf replaces tables that small unmaps left empty. */
static void pt_reclaim(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 size = kind->pgsizes & SZ_1G ? SZ_1G : SZ_2M, at;
	struct pt_hw_leaf leaf;
	int freed, syncs;

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	/* Keeps an entry of each level in use. */
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 0, ODD, SZ_4K));
	for (at = size; at < 2 * size; at += size / 8) {
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, at, ODD, SZ_8K));
		KUNIT_ASSERT_EQ(test, 0, pt_hw_access(&fx->hw, at, &leaf));
		KUNIT_ASSERT_EQ(test, SZ_4K, pt_unmap(fx, at, SZ_4K));
	}
	/* Fails while pages are mapped, and does not change them. */
	KUNIT_EXPECT_EQ(test, -EEXIST, pt_map(fx, size, PT_FAR, size));
	KUNIT_EXPECT_EQ(test, 9, pt_count(fx, 0));
	for (at = size; at < 2 * size; at += size / 8)
		KUNIT_ASSERT_EQ(test, SZ_4K, pt_unmap(fx, at + SZ_4K, SZ_4K));

	freed = atomic_read(&fx->synced_frees);
	syncs = atomic_read(&fx->syncs);
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, size, PT_FAR, 3 * size));
	KUNIT_EXPECT_EQ(test, 3, pt_count(fx, size));
	KUNIT_EXPECT_EQ(test, size == SZ_1G ? 9 : 1,
			atomic_read(&fx->synced_frees) - freed);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&fx->syncs) - syncs);
	for (at = size; at < 2 * size; at += size / 8) {
		KUNIT_ASSERT_EQ(test, 0, pt_hw_access(&fx->hw, at, &leaf));
		KUNIT_ASSERT_EQ(test, size, leaf.size);
	}
}

struct visitor {
	struct pt_fixture *fx;
	int leaves;
	u64 next;
};

/* Unmaps everything and maps more during a walk. */
static int unmap_under_walk(const struct nyx_pt_span *leaf, void *arg)
{
	struct visitor *v = arg;
	struct pt_fixture *fx = v->fx;
	struct iommu_iotlb_gather gather;

	if (v->leaves++)
		return 0;
	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(fx->test, 2 * SZ_2M,
			nyx_pt_unmap(&fx->pt, SZ_1G, 2 * SZ_2M, &gather));
	KUNIT_EXPECT_EQ(fx->test, 0, freelist_len(&gather));
	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	/* The empty table is filled, not replaced. */
	KUNIT_EXPECT_EQ(fx->test, 0, pt_map(fx, SZ_1G, PT_FAR, 3 * SZ_2M));
	KUNIT_EXPECT_EQ(fx->test, 1024, pt_count(fx, SZ_4K));
	return 0;
}

/* No table is removed during a walk. */
static void pt_walk_holds_tables(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct visitor v = { .fx = fx };

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, ODD, 2 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, 0, U64_MAX,
					     unmap_under_walk, &v));
	/*
	 * The walk visits the first page of the old mapping; the rest of the
	 * new one, in leaves of 1 MiB if there are any; and the new large leaf.
	 */
	KUNIT_EXPECT_EQ(test, kind->pgsizes & SZ_1M ? 1 + 4 + 1 : 1 + 1023 + 1,
			v.leaves);
	/* After the walk, tables can be removed again. */
	KUNIT_EXPECT_EQ(test, 3 * SZ_2M, pt_unmap(fx, SZ_1G, 3 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&fx->synced_frees));
}

/* Creates mappings that must not change: pages, a large leaf, empty tables. */
static struct pt_fixture *furnished(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	int i;

	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 3 * (u64)SZ_1G, PT_FAR, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G + 5 * SZ_2M, ODD, SZ_4K));
	for (i = 1; i <= 4; i += 3) {
		u64 iova = SZ_1G + i * SZ_2M;

		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova, ODD, SZ_4K));
		KUNIT_ASSERT_EQ(test, SZ_4K, pt_unmap(fx, iova, SZ_4K));
	}
	return fx;
}

/* Maps ranges that need several tables, while each allocation in turn fails. */
static void pt_map_fails(struct kunit *test)
{
	static const struct {
		u64 iova, paddr, len;
	} maps[] = {
		{ 0, PT_FAR, SZ_4K },
		{ SZ_1G - SZ_4K, PT_FAR - SZ_4K, SZ_8K },
		{ SZ_1G - SZ_2M - SZ_4K, ODD, 2 * SZ_2M + SZ_8K },
		{ SZ_1G - SZ_2M - SZ_4K, PT_FAR - SZ_2M - SZ_4K,
		  6 * SZ_2M + SZ_4K },
		{ 511ULL * SZ_1G - 3 * SZ_2M, ODD, 6 * SZ_2M },
	};
	u64 needed, sum;
	int i, n, ret;

	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		struct pt_fixture *fx = furnished(test);
		struct nyx_pt_stats before, after;

		nyx_pt_stats_read(&fx->pt, &before);
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, maps[i].iova, maps[i].paddr,
						maps[i].len));
		nyx_pt_stats_read(&fx->pt, &after);
		needed = after.tables_allocated - before.tables_allocated;
		KUNIT_EXPECT_GT(test, needed, 0);
		pt_fixture_free(fx);

		for (n = 1; n <= needed + 1; n++) {
			fx = furnished(test);
			sum = pt_fixture_sum(fx);
			atomic_set(&fx->fail_in, n);
			ret = pt_map(fx, maps[i].iova, maps[i].paddr,
				     maps[i].len);
			KUNIT_EXPECT_EQ(test, n <= needed ? -ENOMEM : 0, ret);
			KUNIT_EXPECT_EQ(test, n <= needed,
					sum == pt_fixture_sum(fx));
			/* With memory, it succeeds. */
			atomic_set(&fx->fail_in, 0);
			if (ret)
				ret = pt_map(fx, maps[i].iova, maps[i].paddr,
					     maps[i].len);
			KUNIT_EXPECT_EQ(test, 0, ret);
			KUNIT_EXPECT_EQ(test, maps[i].len,
					pt_unmap(fx, maps[i].iova,
						 maps[i].len));
			KUNIT_EXPECT_EQ(test, sum, pt_fixture_sum(fx));
			pt_fixture_free(fx);
		}
	}
}

/* Without memory to split a leaf, unmapping stops there. */
static void pt_split_fails(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 from = SZ_1G - SZ_4K, len = SZ_2M + SZ_8K, sum;

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G - SZ_2M, PT_FAR, 3 * SZ_2M));
	sum = pt_fixture_sum(fx);
	/* At the start of the range. */
	atomic_set(&fx->fail_in, 1);
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, from, len));
	KUNIT_EXPECT_EQ(test, sum, pt_fixture_sum(fx));
	/* At its end. */
	atomic_set(&fx->fail_in, 2);
	KUNIT_EXPECT_EQ(test, len - SZ_4K, pt_unmap(fx, from, len));
	KUNIT_EXPECT_EQ(test, 511, pt_count(fx, SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, pt_count(fx, SZ_2M));
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, SZ_1G + SZ_2M, SZ_4K));
	KUNIT_EXPECT_EQ(test, 511 * SZ_4K, pt_unmap(fx, SZ_1G - SZ_2M, SZ_2M));
	KUNIT_EXPECT_EQ(test, 511 * SZ_4K,
			pt_unmap(fx, SZ_1G + SZ_2M + SZ_4K, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

static struct kunit_case pt_memory_cases[] = {
	KUNIT_CASE_PARAM(pt_freelist, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_no_gather, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_upper_tables, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_reclaim, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_walk_holds_tables, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_map_fails, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_split_fails, pt_kind_gen_params),
	{ }
};

static struct kunit_suite pt_memory_suite = {
	.name = "nyx_pt_memory",
	.test_cases = pt_memory_cases,
};

kunit_test_suite(pt_memory_suite);
