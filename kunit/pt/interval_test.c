// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapped intervals of page tables.
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include <nyx/pt.h>

#include "pt/interval.h"

/* A page table made of a list of leaves. Walks report whole leaves. */
struct fake {
	struct nyx_pt pt;
	const struct nyx_pt_span *leaves;
	size_t nr_leaves;
	unsigned int walks;
};

static int fake_walk(struct nyx_pt *pt, u64 iova, u64 last, nyx_pt_visit visit,
		     void *arg)
{
	struct fake *fake = container_of(pt, struct fake, pt);
	size_t i;
	int ret;

	fake->walks++;
	for (i = 0; i < fake->nr_leaves; i++) {
		const struct nyx_pt_span *leaf = &fake->leaves[i];

		if (leaf->iova + leaf->len - 1 < iova || leaf->iova > last)
			continue;
		ret = visit(leaf, arg);
		if (ret)
			return ret;
	}
	return 0;
}

static const struct nyx_pt_format fake_format = {
	.name = "fake",
	.walk = fake_walk,
};

#define RW (IOMMU_READ | IOMMU_WRITE)

static struct fake fake_pt(const struct nyx_pt_span *leaves, size_t n)
{
	return (struct fake) {
		.pt = { .fmt = &fake_format, .cfg.va_bits = 48 },
		.leaves = leaves,
		.nr_leaves = n,
	};
}

static void expect_interval(struct kunit *test, const struct nyx_interval *iv,
			    const struct nyx_interval *expect)
{
	KUNIT_EXPECT_EQ(test, iv->first, expect->first);
	KUNIT_EXPECT_EQ(test, iv->last, expect->last);
	KUNIT_EXPECT_EQ(test, iv->paddr, expect->paddr);
	KUNIT_EXPECT_EQ(test, iv->prot, expect->prot);
	KUNIT_EXPECT_EQ(test, iv->leaves, expect->leaves);
}

/* Reads all intervals in batches of each size up to @n + 1. */
static void expect_intervals(struct kunit *test, struct fake *fake,
			     const struct nyx_interval *expect, size_t n)
{
	struct nyx_interval ivs[16];
	size_t i, seen, got, max;
	u64 from;

	KUNIT_ASSERT_LT(test, n, ARRAY_SIZE(ivs));
	for (max = 1; max <= n + 1; max++) {
		from = 0;
		seen = 0;
		do {
			fake->walks = 0;
			got = nyx_intervals(&fake->pt, from, ivs, max);
			KUNIT_EXPECT_EQ(test, fake->walks, 1);
			KUNIT_ASSERT_LE(test, got, min(max, n - seen));
			for (i = 0; i < got; i++)
				expect_interval(test, &ivs[i], &expect[seen++]);
			if (got)
				from = ivs[got - 1].last + 1;
		} while (got == max);
		KUNIT_EXPECT_EQ(test, seen, n);
	}
}

static void interval_of_nothing(struct kunit *test)
{
	struct fake fake = fake_pt(NULL, 0);

	expect_intervals(test, &fake, NULL, 0);
}

static void interval_merges_neighbours(struct kunit *test)
{
	static const struct nyx_pt_span leaves[] = {
		{ 0x1ff000, 0x8ff000, SZ_4K, RW, SZ_4K },
		{ 0x200000, 0x900000, SZ_2M, RW, SZ_2M },
		{ 0x400000, 0xb00000, SZ_4K, RW, SZ_4K },
	};
	static const struct nyx_interval expect[] = {
		{ 0x1ff000, 0x400fff, 0x8ff000, RW, SZ_4K | SZ_2M },
	};
	struct fake fake = fake_pt(leaves, ARRAY_SIZE(leaves));

	expect_intervals(test, &fake, expect, ARRAY_SIZE(expect));
}

static void interval_ends_where_something_differs(struct kunit *test)
{
	static const struct nyx_pt_span leaves[] = {
		{ 0x1000, 0x11000, SZ_4K, RW, SZ_4K },
		/* rights */
		{ 0x2000, 0x12000, SZ_4K, IOMMU_READ, SZ_4K },
		{ 0x3000, 0x13000, SZ_4K, IOMMU_READ | IOMMU_CACHE, SZ_4K },
		/* physical address: skips forward, goes back, repeats */
		{ 0x4000, 0x15000, SZ_4K, RW, SZ_4K },
		{ 0x5000, 0x14000, SZ_4K, RW, SZ_4K },
		{ 0x6000, 0x14000, SZ_4K, RW, SZ_4K },
		/* a gap between IOVAs; the physical address continues */
		{ 0x8000, 0x15000, SZ_4K, RW, SZ_4K },
		/* a gap in both */
		{ 0xa000, 0x17000, SZ_4K, RW, SZ_4K },
	};
	struct nyx_interval expect[ARRAY_SIZE(leaves)];
	struct fake fake = fake_pt(leaves, ARRAY_SIZE(leaves));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		expect[i] = (struct nyx_interval) {
			leaves[i].iova, leaves[i].iova + 0xfff, leaves[i].paddr,
			leaves[i].prot, SZ_4K,
		};
	expect_intervals(test, &fake, expect, ARRAY_SIZE(expect));
}

static void interval_is_cut_at_its_start(struct kunit *test)
{
	static const struct nyx_pt_span leaves[] = {
		{ 0x200000, 0x40000000, SZ_2M, RW, SZ_2M },
	};
	static const struct nyx_interval expect = {
		0x2ff000, 0x3fffff, 0x400ff000, RW, SZ_2M,
	};
	struct fake fake = fake_pt(leaves, ARRAY_SIZE(leaves));
	struct nyx_interval iv;

	KUNIT_ASSERT_EQ(test, nyx_intervals(&fake.pt, 0x2ff000, &iv, 1), 1);
	expect_interval(test, &iv, &expect);
}

/* A large leaf replaces smaller ones, the first of which was reported. */
static void interval_of_a_leaf_that_came_meanwhile(struct kunit *test)
{
	static const struct nyx_pt_span leaves[] = {
		{ 0x4000, 0x10000, SZ_4K, RW, SZ_4K },
		{ 0x4000, 0x20000, SZ_16K, RW, SZ_16K },
		{ 0x8000, 0x24000, SZ_4K, RW, SZ_4K },
	};
	static const struct nyx_interval expect[] = {
		{ 0x4000, 0x4fff, 0x10000, RW, SZ_4K },
		{ 0x5000, 0x8fff, 0x21000, RW, SZ_4K | SZ_16K },
	};
	struct fake fake = fake_pt(leaves, ARRAY_SIZE(leaves));
	struct nyx_interval ivs[3];
	size_t i;

	KUNIT_ASSERT_EQ(test, nyx_intervals(&fake.pt, 0, ivs, 3), 2);
	for (i = 0; i < 2; i++)
		expect_interval(test, &ivs[i], &expect[i]);
}

static void interval_reaches_the_end(struct kunit *test)
{
	static const struct nyx_pt_span leaves[] = {
		{ 0xfffffffff000ULL, 0x5000, SZ_4K, IOMMU_WRITE, SZ_4K },
	};
	static const struct nyx_interval expect[] = {
		{ 0xfffffffff000ULL, 0xffffffffffffULL, 0x5000, IOMMU_WRITE,
		  SZ_4K },
	};
	struct fake fake = fake_pt(leaves, ARRAY_SIZE(leaves));

	expect_intervals(test, &fake, expect, ARRAY_SIZE(expect));
}

/* The same for a real page table: 3 MiB, starting 1 MiB below 2 MiB. */
static void interval_of_a_real_table(struct kunit *test)
{
	static const struct nyx_pt_cfg cfg = {
		.levels = 4,
		.va_bits = 48,
		.oa_bits = 46,
		.pgsizes = SZ_4K | SZ_2M | SZ_1G,
		.coherent = true,
		.nid = NUMA_NO_NODE,
	};
	static const struct nyx_interval expect[] = {
		{ 0x100000, 0x3fffff, 0x40100000, RW, SZ_4K | SZ_2M },
		{ 0x400000, 0x400fff, 0x40400000, IOMMU_READ, SZ_4K },
	};
	struct nyx_interval ivs[3];
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	KUNIT_ASSERT_EQ(test, nyx_pt_init(pt, &nyx_pt_vtdss, &cfg, GFP_KERNEL),
			0);
	KUNIT_EXPECT_EQ(test, nyx_pt_map(pt, 0x100000, 0x40100000, 0x300000, RW,
					 GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, nyx_pt_map(pt, 0x400000, 0x40400000, 0x1000,
					 IOMMU_READ, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, nyx_intervals(pt, 0, ivs, 3), 2);
	for (i = 0; i < 2; i++)
		expect_interval(test, &ivs[i], &expect[i]);
	/* There is nothing beyond the last IOVA, and no error. */
	KUNIT_EXPECT_EQ(test, nyx_intervals(pt, 1ULL << 48, ivs, 3), 0);
	nyx_pt_destroy(pt);
}

static struct kunit_case pt_interval_cases[] = {
	KUNIT_CASE(interval_of_nothing),
	KUNIT_CASE(interval_merges_neighbours),
	KUNIT_CASE(interval_ends_where_something_differs),
	KUNIT_CASE(interval_is_cut_at_its_start),
	KUNIT_CASE(interval_of_a_leaf_that_came_meanwhile),
	KUNIT_CASE(interval_reaches_the_end),
	KUNIT_CASE(interval_of_a_real_table),
	{ }
};

static struct kunit_suite pt_interval_suite = {
	.name = "nyx_pt_interval",
	.test_cases = pt_interval_cases,
};

kunit_test_suite(pt_interval_suite);
