// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bits of entries in tables of the CPU's format: VT-d, revision 5.10, section 9.7,
 * tables 34 to 40; AMD's specification 48882, figures 14 to 17.
 */
#include <linux/io.h>

#include "fixture.h"

#define RW	(IOMMU_READ | IOMMU_WRITE)

/* An index of each level, from the fifth on. */
static const u64 iova = 1ULL << 48 | 2ULL << 39 | 3ULL << 30 | 5ULL << 21 |
			7ULL << 12;

static u64 entry_at(u64 *table, u64 at, int shift)
{
	return table[(at >> shift) & 511];
}

static u64 *table_below(struct kunit *test, u64 entry)
{
	/* P, R/W, U/S and A; all others are clear, except for bits 52 and 53. */
	KUNIT_ASSERT_EQ(test, 0x27, entry & 0xffc0000000000fffULL);
	return phys_to_virt(entry & 0x000ffffffffff000ULL);
}

/* The table whose entries translate 1 GiB each. */
static u64 *table_of_gigs(struct pt_fixture *fx, u64 at)
{
	u64 *table = fx->pt.root;

	if (fx->pt.cfg.levels == 5)
		table = table_below(fx->test, entry_at(table, at, 48));
	return table_below(fx->test, entry_at(table, at, 39));
}

static u64 *table_of_megs(struct pt_fixture *fx, u64 at)
{
	return table_below(fx->test, entry_at(table_of_gigs(fx, at), at, 30));
}

static u64 *table_of_pages(struct pt_fixture *fx, u64 at)
{
	return table_below(fx->test, entry_at(table_of_megs(fx, at), at, 21));
}

static u64 first_iova(const struct pt_fixture *fx)
{
	return iova & fx->pt.last_iova;
}

static void map(struct pt_fixture *fx, u64 at, u64 paddr, u64 len, int prot)
{
	KUNIT_ASSERT_EQ(fx->test, 0, nyx_pt_map(&fx->pt, at, paddr, len, prot,
						GFP_KERNEL));
}

/*
 * Leaves of each size: P 1h, R/W 2h, U/S 4h, A 20h, D 40h, PS 80h. A leaf that
 * allows writes allows reads as well.
 */
static void x86_bits(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 at = first_iova(fx), *table;
	struct pt_hw_leaf leaf;

	map(fx, at, 0x2345678000, SZ_4K, IOMMU_READ);
	map(fx, at + SZ_4K, 0x2345678000, SZ_4K, IOMMU_WRITE);
	map(fx, at + 2 * SZ_4K, 0x2345678000, SZ_4K,
	    RW | IOMMU_CACHE | IOMMU_NOEXEC | IOMMU_PRIV | IOMMU_MMIO);
	table = table_of_pages(fx, at);
	KUNIT_EXPECT_EQ(test, table[6], 0);
	KUNIT_EXPECT_EQ(test, table[7], 0x2345678065ULL);
	KUNIT_EXPECT_EQ(test, table[8], 0x2345678067ULL);
	KUNIT_EXPECT_EQ(test, table[9], 0x2345678067ULL);
	KUNIT_EXPECT_EQ(test, table[10], 0);

	KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, at, &leaf));
	KUNIT_EXPECT_TRUE(test, leaf.read && !leaf.write);
	KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, at + SZ_4K, &leaf));
	KUNIT_EXPECT_TRUE(test, leaf.read && leaf.write);
	KUNIT_EXPECT_EQ(test, -ENOENT, pt_hw_walk(&fx->hw, 0, &leaf));

	at &= -(u64)SZ_1G;
	map(fx, at, 0x2345600000, SZ_2M, RW | IOMMU_CACHE);
	KUNIT_EXPECT_EQ(test, table_of_megs(fx, at)[0], 0x23456000e7ULL);
	if (!(kind->pgsizes & SZ_1G))
		return;
	map(fx, at + SZ_1G, 0x2340000000, SZ_1G, IOMMU_READ);
	KUNIT_EXPECT_EQ(test, table_of_gigs(fx, at)[4], 0x23400000e5ULL);
	/* The parts of a large leaf have its rights. */
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, at + SZ_1G, SZ_4K));
	KUNIT_EXPECT_EQ(test, table_of_megs(fx, at + SZ_1G)[511],
			0x237fe000e5ULL);
	KUNIT_EXPECT_EQ(test, table_of_pages(fx, at + SZ_1G)[1],
			0x2340001065ULL);
}

/* Where writes are recorded, D is clear at first. */
static void x86_dirty_bits(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx;
	u64 at;

	if (!kind->coherent)
		kunit_skip(test, "needs a walker that snoops");
	fx = pt_fixture_new_dirty(test, kind);
	at = first_iova(fx);
	map(fx, at, 0x2345678000, SZ_8K, RW);
	map(fx, at + SZ_1G, 0x2345678000, SZ_4K, IOMMU_READ);
	KUNIT_EXPECT_EQ(test, table_of_pages(fx, at)[7], 0x2345678027ULL);
	KUNIT_EXPECT_EQ(test, table_of_pages(fx, at + SZ_1G)[7],
			0x2345678025ULL);
	KUNIT_ASSERT_EQ(test, 0, pt_hw_write(&fx->hw, at + SZ_4K));
	KUNIT_EXPECT_EQ(test, table_of_pages(fx, at)[8], 0x2345679067ULL);
	KUNIT_EXPECT_EQ(test, -EACCES, pt_hw_write(&fx->hw, at + SZ_1G));
	at &= -(u64)SZ_1G;
	map(fx, at, 0x2345600000, SZ_2M, RW);
	KUNIT_EXPECT_EQ(test, table_of_megs(fx, at)[0], 0x23456000a7ULL);
}

/* The halves of the address space that are not canonical cannot be mapped. */
static void x86_canonical(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	u64 end = fx->pt.cfg.levels == 5 ? 1ULL << 56 : 1ULL << 47;

	KUNIT_EXPECT_EQ(test, 0, pt_map(fx, end - SZ_4K, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, -ERANGE, pt_map(fx, end, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			pt_map(fx, -(u64)SZ_4K, PT_FAR, SZ_4K));
	KUNIT_EXPECT_EQ(test, end - 1,
			fx->pt.iommu.domain.geometry.aperture_end);
}

static struct kunit_case pt_x86_cases[] = {
	KUNIT_CASE_PARAM(x86_bits, pt_x86_gen_params),
	KUNIT_CASE_PARAM(x86_dirty_bits, pt_x86_gen_params),
	KUNIT_CASE_PARAM(x86_canonical, pt_x86_gen_params),
	{ }
};

static struct kunit_suite pt_x86_suite = {
	.name = "nyx_pt_x86",
	.test_cases = pt_x86_cases,
};

kunit_test_suite(pt_x86_suite);
