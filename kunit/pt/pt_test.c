// SPDX-License-Identifier: GPL-2.0-only
/*
 * Basic tests of the page-table engine: leaf sizes, errors, overlaps, and the
 * number of flushed cache lines.
 */
#include <linux/io.h>

#include "fixture.h"

#define RW	(IOMMU_READ | IOMMU_WRITE)

struct expect {
	struct kunit *test;
	const struct pt_kind *kind;
	u64 iova;
	u64 paddr;
	u64 end;
};

/* Each leaf starts at the end of the previous one and is as large as fits. */
static void expect_leaf(const struct pt_hw_leaf *leaf, void *arg)
{
	struct expect *e = arg;
	u64 size = 1ULL << 38;

	if (e->iova == e->end) {
		KUNIT_FAIL(e->test, "%llx+%llx beyond the end", leaf->iova,
			   leaf->size);
		return;
	}
	while (!(e->kind->pgsizes & size) || e->end - e->iova < size ||
	       e->iova % size || e->paddr % size)
		size >>= 1;
	/* One KUnit assertion for each of many leaves would take too long. */
	if (leaf->iova != e->iova || leaf->paddr != e->paddr ||
	    leaf->size != size || !leaf->read || !leaf->write)
		KUNIT_FAIL(e->test, "%llx+%llx to %llx: want %llx+%llx to %llx",
			   leaf->iova, leaf->size, leaf->paddr, e->iova, size,
			   e->paddr);
	e->iova += size;
	e->paddr += size;
}

/* Ranges with various starts and lengths, mapped in one call each. */
static void pt_sizes(struct kunit *test)
{
	static const u64 starts[] = {
		0, SZ_4K, SZ_2M - SZ_4K, SZ_2M, SZ_1G - SZ_2M,
		SZ_1G - SZ_2M - SZ_4K, SZ_1G, SZ_1G - SZ_4K,
		512ULL * SZ_1G - SZ_2M - SZ_4K,
	};
	static const u64 lens[] = {
		SZ_4K, 2 * SZ_4K, 9 * SZ_4K, SZ_2M - SZ_4K, SZ_2M,
		SZ_2M + SZ_4K, 2 * SZ_2M + 5 * SZ_4K, SZ_1G, SZ_1G + SZ_2M,
		SZ_1G + SZ_2M + SZ_4K,
	};
	static const u64 offsets[] = { 0, SZ_4K, SZ_2M };
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	int i, j, k;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		for (j = 0; j < ARRAY_SIZE(lens); j++) {
			for (k = 0; k < ARRAY_SIZE(offsets); k++) {
				u64 iova = starts[i], len = lens[j];
				struct expect e = {
					.test = test,
					.kind = kind,
					.iova = iova,
					.paddr = PT_FAR + iova % SZ_1G +
						 offsets[k],
					.end = iova + len,
				};

				/* Limits the number of long runs of pages. */
				if (e.end - 1 > pt_kind_last(kind) ||
				    (len >= SZ_1G && iova > SZ_4K &&
				     (offsets[k] == SZ_4K ||
				      kind->pgsizes == SZ_4K)))
					continue;
				KUNIT_ASSERT_EQ(test, 0,
						pt_map(fx, iova, e.paddr, len));
				KUNIT_ASSERT_EQ(test, 0,
						pt_hw_each(&fx->hw, expect_leaf,
							   &e));
				KUNIT_ASSERT_EQ(test, e.iova, e.end);
				KUNIT_ASSERT_EQ(test, len,
						pt_unmap(fx, iova, len));
				KUNIT_ASSERT_EQ(test, 0, pt_count(fx, 0));
			}
		}
	}
}

/* Invalid ranges are refused and change nothing. */
static void pt_errors(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 end = pt_kind_last(kind) + 1, oa_end = 1ULL << kind->oa_bits;
	struct nyx_pt_stats stats;
	size_t mapped = 77;

	KUNIT_EXPECT_EQ(test, -EINVAL, pt_map(fx, 0, PT_FAR, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, pt_map(fx, 1, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EINVAL, pt_map(fx, 0, PT_FAR + 512, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EINVAL, pt_map(fx, 0, PT_FAR, SZ_4K + 8));
	KUNIT_EXPECT_EQ(test, -EINVAL, nyx_pt_map(&fx->pt, 0, PT_FAR, SZ_4K, 0,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL, nyx_pt_map(&fx->pt, 0, PT_FAR, SZ_4K,
						  IOMMU_CACHE | IOMMU_NOEXEC,
						  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, end - SZ_4K, PT_FAR, SZ_8K));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, -(u64)SZ_4K, PT_FAR, SZ_8K));
	/* With 64 bits, no IOVA is too large. */
	if (end) {
		KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, end, PT_FAR, SZ_4K));
		KUNIT_EXPECT_EQ(test, -ERANGE,
				pt_map(fx, -(u64)SZ_4K, PT_FAR, SZ_4K));
		KUNIT_EXPECT_EQ(test, -ERANGE,
				pt_map(fx, 0, PT_FAR, end + SZ_4K));
		KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, end, SZ_4K));
		KUNIT_EXPECT_EQ(test, 0, nyx_pt_iova_to_phys(&fx->pt, end));
	}
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, SZ_4K, PT_FAR, -(u64)SZ_4K));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, 0, oa_end, SZ_4K));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, 0, oa_end - SZ_4K, SZ_8K));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, 0, -(u64)SZ_4K, SZ_8K));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			fx->pt.iommu.ops->map_range(&fx->pt.iommu, 0, PT_FAR, 0,
						    RW, GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, 77, mapped);

	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, 0, 100));
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, -(u64)SZ_4K, SZ_8K));
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_iova_to_phys(&fx->pt, ~0ULL));
	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ(test, 1, stats.tables_allocated);
	KUNIT_EXPECT_EQ(test, 0, stats.map_calls + stats.unmap_calls);

	/* The first and the last page can be mapped. */
	KUNIT_EXPECT_EQ(test, 0, pt_map(fx, end - SZ_4K, oa_end - SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, pt_map(fx, 0, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, oa_end - 1, nyx_pt_iova_to_phys(&fx->pt, end - 1));
	KUNIT_EXPECT_EQ(test, PT_FAR + 5, nyx_pt_iova_to_phys(&fx->pt, 5));
	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ(test, 2, stats.map_calls);
	KUNIT_EXPECT_EQ(test, 2 * SZ_4K, stats.map_bytes);
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, end - SZ_4K, SZ_4K));
	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ(test, 1, stats.unmap_calls);
	KUNIT_EXPECT_EQ(test, SZ_4K, stats.unmap_bytes);
}

/* Mapping a range that is partly mapped fails and changes nothing. */
static void pt_overlaps(struct kunit *test)
{
	static const struct {
		u64 iova, len;
	} tries[] = {
		{ 16 * SZ_4K, SZ_4K },
		{ 15 * SZ_4K, SZ_8K },
		{ 0, 17 * SZ_4K },
		{ 0, SZ_2M },
		{ 0, 4 * (u64)SZ_2M },
		{ 2 * SZ_2M, SZ_4K },
		{ 2 * SZ_2M + 7 * SZ_4K, 3 * SZ_4K },
		{ 2 * SZ_2M, SZ_2M },
		{ SZ_2M, 2 * SZ_2M },
		{ SZ_2M + SZ_4K, SZ_2M },
		{ SZ_4K * 17, 5 * SZ_2M },
		{ 0, SZ_1G },
		{ 4 * SZ_2M, 2 * (u64)SZ_1G },
		{ 0, 4 * (u64)SZ_1G },
		{ 2 * (u64)SZ_1G + SZ_2M, SZ_4K },
		{ 2 * (u64)SZ_1G - SZ_4K, SZ_8K },
	};
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	size_t mapped;
	u64 sum;
	int i;

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 16 * SZ_4K, PT_FAR, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 2 * SZ_2M, PT_FAR, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, 2 * (u64)SZ_1G, PT_FAR, SZ_1G));
	sum = pt_fixture_sum(fx);
	for (i = 0; i < ARRAY_SIZE(tries); i++) {
		int before = atomic_read(&fx->syncs);
		struct pt_hw_leaf leaf;

		mapped = 5;
		pt_hw_access(&fx->hw, tries[i].iova, &leaf);
		KUNIT_EXPECT_EQ_MSG(test, -EEXIST,
				    fx->pt.iommu.ops->map_range(&fx->pt.iommu,
					tries[i].iova, PT_FAR + SZ_1G,
					tries[i].len, RW, GFP_KERNEL, &mapped),
				    "%llx+%llx", tries[i].iova, tries[i].len);
		KUNIT_EXPECT_EQ(test, 5, mapped);
		KUNIT_EXPECT_EQ_MSG(test, sum, pt_fixture_sum(fx), "%llx+%llx",
				    tries[i].iova, tries[i].len);
		pt_fixture_check(fx);
		/* Hardware may have cached what the call undid. */
		KUNIT_EXPECT_LE(test, atomic_read(&fx->syncs) - before, 1);
		if (i == 2)
			KUNIT_EXPECT_EQ(test, 1,
					atomic_read(&fx->syncs) - before);
	}
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, 16 * SZ_4K, SZ_4K));
	KUNIT_EXPECT_EQ(test, SZ_2M, pt_unmap(fx, 2 * SZ_2M, SZ_2M));
	KUNIT_EXPECT_EQ(test, SZ_1G, pt_unmap(fx, 2 * (u64)SZ_1G, SZ_1G));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

/* Unmapping stops at the first hole, whatever its size. */
static void pt_holes(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	u64 base = SZ_1G - 2 * SZ_2M;

	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, base, PT_FAR + SZ_4K, 10 * SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, base + 11 * SZ_4K, PT_FAR, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, base + 2 * SZ_2M, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, 10 * SZ_4K, pt_unmap(fx, base, 4 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, base, 4 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, pt_unmap(fx, base + 10 * SZ_4K, SZ_8K));
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, base + 11 * SZ_4K, SZ_2M));
	KUNIT_EXPECT_EQ(test, 1, pt_count(fx, 0));

	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, base, PT_FAR + SZ_4K,
					2 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 2 * SZ_2M + SZ_4K, pt_unmap(fx, base, 4 * SZ_2M));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

/* Unmapping a part of a large leaf leaves the rest as it was. */
static void pt_partial(struct kunit *test)
{
	static const struct {
		u64 from, len;
		unsigned long pages, megs;
	} parts[] = {
		{ 0, SZ_4K, 511, 511 },
		{ SZ_1G - SZ_4K, SZ_4K, 511, 511 },
		{ 7 * SZ_2M + 9 * SZ_4K, 5 * SZ_4K, 507, 511 },
		{ 0, SZ_2M, 0, 511 },
		{ SZ_2M, 510 * SZ_2M, 0, 2 },
		{ SZ_2M - SZ_4K, SZ_8K, 1022, 510 },
		{ SZ_4K, SZ_1G - SZ_8K, 2, 0 },
	};
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 iova = 4 * (u64)SZ_1G, paddr = PT_FAR + SZ_1G;
	struct pt_hw_leaf leaf;
	u64 at;
	int i;

	if (!(kind->pgsizes & SZ_1G))
		kunit_skip(test, "needs 1 GiB leaves");
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		u64 from = parts[i].from, to = from + parts[i].len;

		KUNIT_ASSERT_EQ(test, 0,
				nyx_pt_map(&fx->pt, iova, paddr, SZ_1G,
					   IOMMU_READ, GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 1, pt_count(fx, SZ_1G));
		/* Fill the hardware's caches. */
		for (at = 0; at < SZ_1G; at += 64 * SZ_1M + SZ_4K)
			pt_hw_access(&fx->hw, iova + at, &leaf);

		KUNIT_EXPECT_EQ(test, to - from,
				pt_unmap(fx, iova + from, to - from));
		KUNIT_EXPECT_EQ(test, parts[i].pages, pt_count(fx, SZ_4K));
		KUNIT_EXPECT_EQ(test, parts[i].megs, pt_count(fx, SZ_2M));
		for (at = 0; at < SZ_1G; at += 37 * SZ_4K) {
			int ret = pt_hw_access(&fx->hw, iova + at, &leaf);

			if (at >= from && at < to) {
				KUNIT_ASSERT_EQ(test, -ENOENT, ret);
				continue;
			}
			KUNIT_ASSERT_EQ(test, 0, ret);
			KUNIT_ASSERT_EQ(test, paddr + at,
					leaf.paddr + iova + at - leaf.iova);
			KUNIT_ASSERT_TRUE(test, leaf.read && !leaf.write);
		}
		if (from)
			KUNIT_EXPECT_EQ(test, from, pt_unmap(fx, iova, from));
		if (to < SZ_1G)
			KUNIT_EXPECT_EQ(test, SZ_1G - to,
					pt_unmap(fx, iova + to, SZ_1G - to));
		KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
		pt_fixture_check(fx);
	}
}

/* The number of lines flushed since the last call. */
static unsigned long new_lines(struct pt_fixture *fx)
{
	unsigned long lines = fx->hw.lines;

	fx->hw.lines = 0;
	return lines;
}

/* Each line is flushed once, not once per entry. */
static void pt_lines(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 base = 3 * (u64)SZ_2M;
	/* Shifted by an odd number of pages, so that each page is a leaf. */
	u64 off = PT_FAR + SZ_4K - base;

	if (kind->coherent)
		kunit_skip(test, "needs a walker that does not snoop");
	/* The root; then, for each level below it, a table and its link. */
	KUNIT_EXPECT_EQ(test, 64, new_lines(fx));
	pt_map(fx, base, off + base, SZ_4K);
	KUNIT_EXPECT_EQ(test, 65 * (kind->levels - 1) + 1, new_lines(fx));
	pt_map(fx, base + SZ_4K, off + base + SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, new_lines(fx));
	pt_map(fx, base + 2 * SZ_4K, off + base + 2 * SZ_4K, 6 * SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, new_lines(fx));
	pt_map(fx, base + 8 * SZ_4K, off + base + 8 * SZ_4K, SZ_2M - 8 * SZ_4K);
	KUNIT_EXPECT_EQ(test, 63, new_lines(fx));
	pt_unmap(fx, base + 7 * SZ_4K, SZ_8K);
	KUNIT_EXPECT_EQ(test, 2, new_lines(fx));
	pt_map(fx, base + 7 * SZ_4K, off + base + 7 * SZ_4K, SZ_8K);
	KUNIT_EXPECT_EQ(test, 2, new_lines(fx));
	/* If a table is removed, only its link is flushed. */
	pt_unmap(fx, base, SZ_2M);
	KUNIT_EXPECT_EQ(test, 1, new_lines(fx));

	if (!(kind->pgsizes & SZ_2M))
		return;
	pt_map(fx, SZ_1G, PT_FAR, SZ_1G - SZ_2M);
	KUNIT_EXPECT_EQ(test, 64 + 1 + 64, new_lines(fx));
	pt_unmap(fx, SZ_1G, SZ_1G - SZ_2M);
	KUNIT_EXPECT_EQ(test, 64, new_lines(fx));
	/* 511 tables of 512 leaves, and the lines of their links. */
	pt_map(fx, SZ_1G, PT_FAR + SZ_4K, SZ_1G - SZ_2M);
	KUNIT_EXPECT_EQ(test, 511 * (64 + 1 + 64), new_lines(fx));
	pt_unmap(fx, SZ_1G, SZ_1G - SZ_2M);
	KUNIT_EXPECT_EQ(test, 64, new_lines(fx));
}

static struct kunit_case pt_cases[] = {
	KUNIT_CASE_PARAM(pt_sizes, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_errors, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_overlaps, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_holes, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_partial, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_lines, pt_kind_gen_params),
	{ }
};

static struct kunit_suite pt_suite = {
	.name = "nyx_pt",
	.test_cases = pt_cases,
};

kunit_test_suite(pt_suite);
