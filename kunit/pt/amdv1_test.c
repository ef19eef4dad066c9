// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD's host page tables (48882, section 2.2.3): bits of entries, leaves of all
 * sizes, and unmapping parts of leaves.
 */
#include <linux/io.h>

#include "fixture.h"

#define RW	(IOMMU_READ | IOMMU_WRITE)

static u64 entry_at(u64 *table, u64 iova, int shift)
{
	return table[(iova >> shift) & 511];
}

/*
 * Returns the table of a level that translates an IOVA. Checks the links to it:
 * PR, Next Level, IR and IW are set, and all other bits that hardware does not
 * ignore are clear. It ignores 4:1, 8:7 and 63.
 */
static u64 *table_for(struct pt_fixture *fx, u64 iova, int level)
{
	u64 *table = fx->pt.root;
	int i;

	for (i = fx->pt.cfg.levels; i > level; i--) {
		u64 entry = entry_at(table, iova, 12 + 9 * (i - 1));

		KUNIT_ASSERT_EQ(fx->test, 0x6000000000000001ULL | (i - 1) << 9,
				entry & 0x7ff0000000000e61ULL);
		table = phys_to_virt(entry & 0x000ffffffffff000ULL);
	}
	return table;
}

/* The entry of a leaf of each size that allows reading and writing. */
static void amd_bits(struct kunit *test)
{
	static const struct {
		u64 size, paddr, entry;
		int level;
	} leaves[] = {
		{ 1ULL << 12, 0x2345678000, 0x7000002345678001ULL, 1 },
		{ 1ULL << 13, 0x2345678000, 0x7000002345678e01ULL, 1 },
		{ 1ULL << 14, 0x2345678000, 0x7000002345679e01ULL, 1 },
		{ 1ULL << 15, 0x2345678000, 0x700000234567be01ULL, 1 },
		{ 1ULL << 16, 0x2345670000, 0x7000002345677e01ULL, 1 },
		{ 1ULL << 20, 0x2345600000, 0x700000234567fe01ULL, 1 },
		{ 1ULL << 21, 0x2345600000, 0x7000002345600001ULL, 2 },
		{ 1ULL << 22, 0x2345400000, 0x70000023455ffe01ULL, 2 },
		{ 1ULL << 23, 0x2345000000, 0x70000023453ffe01ULL, 2 },
		{ 1ULL << 29, 0x2340000000, 0x700000234ffffe01ULL, 2 },
		{ 1ULL << 30, 0x2340000000, 0x7000002340000001ULL, 3 },
		{ 1ULL << 31, 0x2380000000, 0x70000023bffffe01ULL, 3 },
		{ 1ULL << 32, 0x2300000000, 0x700000237ffffe01ULL, 3 },
		{ 1ULL << 38, 0x4000000000, 0x7000005ffffffe01ULL, 3 },
	};
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	int i, j;

	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		u64 size = leaves[i].size, iova = size & (SZ_1G - 1) ?: size;
		int shift = 12 + 9 * (leaves[i].level - 1);
		int first = iova >> shift & 511, n = size >> shift;
		u64 *table;

		if (!(kind->pgsizes & size))
			continue;
		KUNIT_ASSERT_EQ(test, 0,
				pt_map(fx, iova, leaves[i].paddr, size));
		table = table_for(fx, iova, leaves[i].level);
		for (j = 0; j < n; j++)
			KUNIT_ASSERT_EQ_MSG(test, leaves[i].entry,
					    table[first + j], "%llx", size);
		KUNIT_EXPECT_EQ(test, n, pt_count(fx, 0));
		KUNIT_EXPECT_EQ(test, 1, pt_leaves(fx, size));
		KUNIT_EXPECT_EQ(test, size, pt_unmap(fx, iova, size));
		KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
	}
}

/* FC is set in all leaves, IR and IW depend on the rights. */
static void amd_rights(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	u64 *table, paddr = 0x2345679000;

	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, 0x7000, paddr, SZ_4K,
					    IOMMU_READ, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, 0x8000, paddr, SZ_4K,
					    IOMMU_WRITE, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, 0x9000, paddr, SZ_4K,
					    RW | IOMMU_CACHE | IOMMU_NOEXEC |
					    IOMMU_MMIO, GFP_KERNEL));
	table = table_for(fx, 0x7000, 1);
	KUNIT_EXPECT_EQ(test, table[7], 0x3000002345679001ULL);
	KUNIT_EXPECT_EQ(test, table[8], 0x5000002345679001ULL);
	KUNIT_EXPECT_EQ(test, table[9], 0x7000002345679001ULL);
}

/* Maps a leaf of each size, and translates addresses at its ends and in it. */
static void amd_sizes(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 size;

	for (size = SZ_4K; size <= 1ULL << 38; size <<= 1) {
		u64 iova = size, paddr = (1ULL << 40) + 3 * size;

		if (!(kind->pgsizes & size) || iova + size - 1 > fx->pt.last_iova)
			continue;
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova, paddr, size));
		KUNIT_EXPECT_EQ(test, 1, pt_leaves(fx, size));
		KUNIT_EXPECT_EQ(test, paddr,
				nyx_pt_iova_to_phys(&fx->pt, iova));
		KUNIT_EXPECT_EQ(test, paddr + size / 2 + 7,
				nyx_pt_iova_to_phys(&fx->pt,
						    iova + size / 2 + 7));
		KUNIT_EXPECT_EQ(test, paddr + size - 1,
				nyx_pt_iova_to_phys(&fx->pt, iova + size - 1));
		KUNIT_EXPECT_EQ(test, 0, nyx_pt_iova_to_phys(&fx->pt, iova - 1));
		KUNIT_EXPECT_EQ(test, -EEXIST,
				pt_map(fx, iova + size - SZ_4K, paddr, SZ_4K));
		KUNIT_EXPECT_EQ(test, -EEXIST,
				pt_map(fx, iova - SZ_4K, paddr - SZ_4K, SZ_8K));
		KUNIT_EXPECT_EQ(test, size, pt_unmap(fx, iova, size));

		/* A leaf is not larger than the alignment of both addresses. */
		if (size > SZ_4K) {
			paddr -= size / 2;
			KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova, paddr, size));
			KUNIT_EXPECT_EQ(test, 2, pt_leaves(fx, size / 2));
			KUNIT_EXPECT_EQ(test, size, pt_unmap(fx, iova, size));
		}
		KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
	}
}

/* Checks that a range is still mapped, except from @from to @to. */
static void expect_rest(struct pt_fixture *fx, u64 iova, u64 paddr, u64 size,
			u64 from, u64 to)
{
	u64 at, step = max_t(u64, size / 64, SZ_4K);
	struct pt_hw_leaf leaf;

	for (at = 0; at < size; at += step) {
		int ret = pt_hw_access(&fx->hw, iova + at, &leaf);

		if (at >= from && at < to) {
			KUNIT_ASSERT_EQ_MSG(fx->test, -ENOENT, ret, "%llx+%llx",
					    iova, at);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(fx->test, 0, ret, "%llx+%llx", iova, at);
		KUNIT_ASSERT_EQ(fx->test, paddr + at,
				leaf.paddr + iova + at - leaf.iova);
	}
}

/*
 * Unmaps a part of a leaf, of which the hardware has cached entries.
 * Neighbouring leaves are not affected.
 */
static void amd_partial(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 size;
	int i;

	for (size = SZ_8K; size <= 1ULL << 33; size <<= 1) {
		const u64 parts[][2] = {
			{ 0, SZ_4K }, { size - SZ_4K, size }, { 0, size / 2 },
			{ size / 2, size }, { size / 4, size / 2 + SZ_4K },
		};
		/* Three leaves; the test unmaps a part of the second. */
		u64 base = 4 * size, paddr = (1ULL << 40) + 4 * size;
		u64 iova = base + size;

		for (i = 0; i < ARRAY_SIZE(parts); i++) {
			u64 from = parts[i][0] & -(u64)SZ_4K, to = parts[i][1];

			if (!(kind->pgsizes & size))
				continue;
			KUNIT_ASSERT_EQ(test, 0,
					pt_map(fx, base, paddr, size));
			KUNIT_ASSERT_EQ(test, 0,
					pt_map(fx, iova, paddr + size, size));
			KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova + size,
							paddr + 2 * size, size));
			KUNIT_ASSERT_EQ(test, 3, pt_leaves(fx, size));
			expect_rest(fx, base, paddr, 3 * size, 0, 0);

			KUNIT_EXPECT_EQ(test, to - from,
					pt_unmap(fx, iova + from, to - from));
			expect_rest(fx, iova, paddr + size, size, from, to);
			KUNIT_EXPECT_EQ(test, 2, pt_leaves(fx, size));
			expect_rest(fx, base, paddr, size, 0, 0);
			expect_rest(fx, iova + size, paddr + 2 * size, size, 0,
				    0);
			pt_fixture_check(fx);

			/* The part can be mapped again. */
			KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova + from, PT_FAR,
							to - from));
			KUNIT_EXPECT_EQ(test, 3 * size,
					pt_unmap(fx, base, 3 * size));
			KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
		}
	}
}

/* Unmaps parts of two leaves and the whole ones between them in one call. */
static void amd_across(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 iova = SZ_1G + SZ_256K, paddr = PT_FAR + SZ_256K;

	if (!(kind->pgsizes & SZ_64K))
		kunit_skip(test, "needs 64 KiB leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, iova, paddr + SZ_64K, SZ_256K));
	KUNIT_ASSERT_EQ(test, 4, pt_leaves(fx, SZ_64K));
	expect_rest(fx, iova, paddr + SZ_64K, SZ_256K, 0, 0);
	KUNIT_EXPECT_EQ(test, SZ_256K - SZ_32K - SZ_16K,
			pt_unmap(fx, iova + SZ_32K, SZ_256K - SZ_32K - SZ_16K));
	expect_rest(fx, iova, paddr + SZ_64K, SZ_256K, SZ_32K,
		    SZ_256K - SZ_16K);
	KUNIT_EXPECT_EQ(test, 12, pt_leaves(fx, SZ_4K));
	KUNIT_EXPECT_EQ(test, 12, pt_count(fx, 0));
	KUNIT_EXPECT_EQ(test, SZ_32K, pt_unmap(fx, iova, SZ_256K));
	KUNIT_EXPECT_EQ(test, SZ_16K,
			pt_unmap(fx, iova + SZ_256K - SZ_16K, SZ_256K));
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

/*
 * Another CPU is breaking up a leaf while the owner of another part unmaps that
 * part. When the call returns, no entry of the leaf may be left, and the gather
 * must cover all of it.
 */
static void amd_half_broken(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct iommu_iotlb_gather gather;
	u64 whole, *table;
	int i;

	if (!(kind->pgsizes & SZ_64K))
		kunit_skip(test, "needs 64 KiB leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, PT_FAR, SZ_64K));
	table = table_for(fx, SZ_1G, 1);
	whole = table[0];
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(fx, SZ_1G, SZ_4K));
	/* As if the other CPU had exchanged the entries up to 4. */
	for (i = 5; i < 16; i++)
		table[i] = whole;

	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, SZ_4K, nyx_pt_unmap(&fx->pt, SZ_1G + 3 * SZ_4K,
						  SZ_4K, &gather));
	KUNIT_EXPECT_EQ(test, SZ_1G, gather.start);
	KUNIT_EXPECT_EQ(test, SZ_1G + SZ_64K - 1, gather.end);
	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ_MSG(test, i == 0 || i == 3 ? 0 :
				    whole - 0x7e00 + i * 0x1000,
				    table[i] & ~0x1eULL, "entry %d", i);
	pt_fixture_check(fx);
	KUNIT_EXPECT_EQ(test, 2 * SZ_4K,
			pt_unmap(fx, SZ_1G + SZ_4K, SZ_64K - SZ_4K));
	KUNIT_EXPECT_EQ(test, 12 * SZ_4K,
			pt_unmap(fx, SZ_1G + SZ_16K, SZ_64K - SZ_16K));
}

/* The same, if the part itself is replaced by a table of smaller leaves. */
static void amd_broken_and_split(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct iommu_iotlb_gather gather;
	struct pt_hw_leaf leaf;
	int i;

	if (!(kind->pgsizes & SZ_8M))
		kunit_skip(test, "needs 8 MiB leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, PT_FAR, SZ_8M));
	KUNIT_ASSERT_EQ(test, 1, pt_leaves(fx, SZ_8M));
	for (i = 0; i < 2; i++) {
		u64 iova = SZ_1G + SZ_2M + (i + 7) * SZ_4K;

		/* Cached before the first call, and used after the second. */
		if (!i)
			pt_hw_access(&fx->hw, iova + SZ_4K, &leaf);
		iommu_iotlb_gather_init(&gather);
		KUNIT_EXPECT_EQ(test, SZ_4K, nyx_pt_unmap(&fx->pt, iova, SZ_4K,
							  &gather));
		KUNIT_EXPECT_EQ(test, SZ_1G, gather.start);
		KUNIT_EXPECT_EQ(test, SZ_1G + SZ_8M - 1, gather.end);
		if (i)
			iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	}
	KUNIT_EXPECT_EQ(test, 510, pt_leaves(fx, SZ_4K));
	KUNIT_EXPECT_EQ(test, 3, pt_leaves(fx, SZ_2M));
	/* FMT_WAS is clear: it is not inherited by the smaller leaves. */
	KUNIT_EXPECT_EQ(test, 0x7000000000000001ULL | (PT_FAR + SZ_2M),
			table_for(fx, SZ_1G + SZ_2M, 1)[0]);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			pt_hw_access(&fx->hw, SZ_1G + SZ_2M + SZ_32K, &leaf));
}

/* A leaf of several entries replaces the empty tables below these entries. */
static void amd_reclaim(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 at;

	if (!(kind->pgsizes & SZ_8M))
		kunit_skip(test, "needs 8 MiB leaves");
	for (at = SZ_1G; at < SZ_1G + SZ_8M; at += SZ_4M) {
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, at, PT_FAR, SZ_8K));
		KUNIT_ASSERT_EQ(test, SZ_4K, pt_unmap(fx, at, SZ_4K));
	}
	KUNIT_EXPECT_EQ(test, -EEXIST, pt_map(fx, SZ_1G, PT_FAR, SZ_8M));
	KUNIT_EXPECT_EQ(test, 2, pt_count(fx, 0));
	for (at = SZ_1G; at < SZ_1G + SZ_8M; at += SZ_4M)
		KUNIT_ASSERT_EQ(test, SZ_4K, pt_unmap(fx, at + SZ_4K, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, pt_map(fx, SZ_1G, PT_FAR, SZ_8M));
	KUNIT_EXPECT_EQ(test, 1, pt_leaves(fx, SZ_8M));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&fx->synced_frees));
}

static struct kunit_case pt_amdv1_cases[] = {
	KUNIT_CASE_PARAM(amd_bits, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_rights, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_sizes, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_partial, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_across, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_half_broken, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_broken_and_split, pt_amdv1_gen_params),
	KUNIT_CASE_PARAM(amd_reclaim, pt_amdv1_gen_params),
	{ }
};

static struct kunit_suite pt_amdv1_suite = {
	.name = "nyx_pt_amdv1",
	.test_cases = pt_amdv1_cases,
};

kunit_test_suite(pt_amdv1_suite);
