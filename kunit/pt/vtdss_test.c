// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bits of entries in VT-d second-stage tables.
 */
#include <linux/io.h>

#include "fixture.h"

#define RW	(IOMMU_READ | IOMMU_WRITE)

static u64 entry_at(u64 *table, u64 iova, int shift)
{
	return table[(iova >> shift) & 511];
}

static u64 *table_below(struct kunit *test, u64 entry)
{
	/* R and W; other bits are clear unless ignored (tables 41 to 46). */
	KUNIT_ASSERT_EQ(test, 3, entry & 0x600ffe0000000fffULL & ~(1ULL << 52));
	return phys_to_virt(entry & 0x000ffffffffff000ULL);
}

/* Entries, compared with the bits in tables 41 to 47. */
static void pt_bits(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 snoop = kind->snoop ? 0x800 : 0;
	u64 iova = (3ULL << 30) | (5ULL << 21) | (7ULL << 12);
	u64 *table = fx->pt.root;
	struct pt_hw_leaf leaf;

	if (kind->levels >= 4)
		iova |= 1ULL << 39;
	if (kind->levels >= 5)
		iova |= 2ULL << 48;
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, iova, 0x2345678000, SZ_4K,
					    IOMMU_READ, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, iova + SZ_4K, 0x2345678000,
					    SZ_4K, IOMMU_WRITE, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, iova + 2 * SZ_4K,
					    0x2345678000, SZ_4K,
					    RW | IOMMU_CACHE | IOMMU_NOEXEC,
					    GFP_KERNEL));
	if (kind->levels == 5)
		table = table_below(test, entry_at(table, iova, 48));
	if (kind->levels >= 4)
		table = table_below(test, entry_at(table, iova, 39));
	table = table_below(test, entry_at(table, iova, 30));
	table = table_below(test, entry_at(table, iova, 21));
	KUNIT_EXPECT_EQ(test, table[6], 0);
	KUNIT_EXPECT_EQ(test, table[7], 0x2345678001ULL | snoop);
	KUNIT_EXPECT_EQ(test, table[8], 0x2345678002ULL | snoop);
	KUNIT_EXPECT_EQ(test, table[9], 0x2345678003ULL | snoop);
	KUNIT_EXPECT_EQ(test, table[10], 0);

	KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, iova, &leaf));
	KUNIT_EXPECT_TRUE(test, leaf.read && !leaf.write);
	KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, iova + SZ_4K, &leaf));
	KUNIT_EXPECT_TRUE(test, !leaf.read && leaf.write);
	KUNIT_EXPECT_EQ(test, -ENOENT, pt_hw_walk(&fx->hw, 0, &leaf));

	if (kind->pgsizes & SZ_2M) {
		iova &= -(u64)SZ_1G;
		KUNIT_ASSERT_EQ(test, 0,
				nyx_pt_map(&fx->pt, iova, 0x2345600000, SZ_2M,
					   RW | IOMMU_CACHE, GFP_KERNEL));
		table = fx->pt.root;
		if (kind->levels == 5)
			table = table_below(test, entry_at(table, iova, 48));
		if (kind->levels >= 4)
			table = table_below(test, entry_at(table, iova, 39));
		table = table_below(test, entry_at(table, iova, 30));
		KUNIT_EXPECT_EQ(test, table[0], 0x2345600083ULL | snoop);
	}
	if (kind->pgsizes & SZ_1G) {
		KUNIT_ASSERT_EQ(test, 0,
				nyx_pt_map(&fx->pt, iova + SZ_1G, 0x2340000000,
					   SZ_1G, IOMMU_READ, GFP_KERNEL));
		table = fx->pt.root;
		if (kind->levels == 5)
			table = table_below(test, entry_at(table, iova, 48));
		if (kind->levels >= 4)
			table = table_below(test, entry_at(table, iova, 39));
		KUNIT_EXPECT_EQ(test, table[4], 0x2340000081ULL | snoop);
	}
}

static struct kunit_case pt_vtdss_cases[] = {
	KUNIT_CASE_PARAM(pt_bits, pt_vtdss_gen_params),
	{ }
};

static struct kunit_suite pt_vtdss_suite = {
	.name = "nyx_pt_vtdss",
	.test_cases = pt_vtdss_cases,
};

kunit_test_suite(pt_vtdss_suite);
