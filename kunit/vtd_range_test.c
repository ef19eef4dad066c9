// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which blocks a range of addresses is forgotten by (6.5.2.3).
 */
#include <kunit/test.h>
#include <linux/minmax.h>

#include "../drivers/iommu/nyx/vtd/flush.h"
#include "seed.h"

#define ALL (~0ULL)

static void orders(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0, 0xfff), 0);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0x5000, 0x5000), 0);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0, 0x1000), 1);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0x1fff, 0x2000), 2);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0x200000, 0x3fffff), 9);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0x1ff000, 0x200fff), 10);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0x7fffffff, 0x80000000), 20);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0, 0xffffffffffff), 36);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(0, ALL), 52);
	KUNIT_EXPECT_EQ(test, vtd_flush_order(ALL, ALL), 0);
}

struct want {
	u64 start;
	u64 last;
	u8 max_order;
	unsigned int nr;
	struct vtd_range ranges[VTD_FLUSH_RANGES];
};

static void ranges(struct kunit *test)
{
	static const struct want wants[] = {
		{ 0x5000, 0x5fff, 18, 1, { { 0x5000, 0 } } },
		{ 0x5abc, 0x5abd, 0, 1, { { 0x5000, 0 } } },
		{ 0x4000, 0x7fff, 18, 1, { { 0x4000, 2 } } },
		/* Not quite all of a block: the block. */
		{ 0x4000, 0x6fff, 18, 1, { { 0x4000, 2 } } },
		/* Half of it would be too much: as many as it takes. */
		{ 0x3000, 0x4fff, 18, 2, { { 0x3000, 0 }, { 0x4000, 0 } } },
		{ 0x7000, 0xafff, 18, 3,
		  { { 0x7000, 0 }, { 0x8000, 1 }, { 0xa000, 0 } } },
		{ 0x3f000, 0x43fff, 18, 2, { { 0x3f000, 0 }, { 0x40000, 2 } } },
		/* Too many: the block after all. */
		{ 0x39000, 0x42fff, 18, 1, { { 0, 7 } } },
		{ 0x200000, 0x3fffff, 9, 1, { { 0x200000, 9 } } },
		/* A large page is forgotten whole, or not at all. */
		{ 0x200000, 0x3fffff, 8, 0 },
		{ 0x39000, 0x42fff, 6, 0 },
		/* MAMV = 0: pages one by one, as long as they are few. */
		{ 0x3000, 0x4fff, 0, 2, { { 0x3000, 0 }, { 0x4000, 0 } } },
		{ 0x4000, 0x5fff, 0, 0 },
		{ 0, ALL, 18, 0 },
		{ 0, ALL, 52, 1, { { 0, 52 } } },
		{ ALL, ALL, 0, 1, { { 0xfffffffffffff000, 0 } } },
	};
	struct vtd_range got[VTD_FLUSH_RANGES];
	unsigned int n, i;
	size_t w;

	for (w = 0; w < ARRAY_SIZE(wants); w++) {
		n = vtd_flush_ranges(wants[w].start, wants[w].last,
				     wants[w].max_order, got);
		KUNIT_EXPECT_EQ_MSG(test, n, wants[w].nr, "%zu", w);
		for (i = 0; i < min(n, wants[w].nr); i++) {
			KUNIT_EXPECT_EQ_MSG(test, got[i].addr,
					    wants[w].ranges[i].addr, "%zu", w);
			KUNIT_EXPECT_EQ_MSG(test, got[i].order,
					    wants[w].ranges[i].order, "%zu", w);
		}
	}
}

/* Whatever the range: all of it, in blocks that the unit takes, in order. */
static void random_ranges(struct kunit *test)
{
	struct vtd_range got[VTD_FLUSH_RANGES];
	struct rnd_state rnd;
	u64 start, last, next, size;
	unsigned int nr, i, n;
	u8 max_order;

	nyx_kunit_seed(test, &rnd);
	for (n = 0; n < 200000; n++) {
		start = (u64)prandom_u32_state(&rnd) << 16;
		start >>= prandom_u32_state(&rnd) % 40;
		last = start + (prandom_u32_state(&rnd) >>
				(prandom_u32_state(&rnd) % 32));
		max_order = prandom_u32_state(&rnd) % 24;
		nr = vtd_flush_ranges(start, last, max_order, got);
		KUNIT_ASSERT_LE(test, nr, 4);
		/* The smallest page can always be taken. */
		if (start >> 12 == last >> 12)
			KUNIT_ASSERT_EQ(test, nr, 1);
		if (!nr)
			continue;
		next = start;
		for (i = 0; i < nr; i++) {
			KUNIT_ASSERT_LE(test, got[i].order, max_order);
			size = 0x1000ULL << got[i].order;
			KUNIT_ASSERT_EQ(test, got[i].addr % size, 0);
			KUNIT_ASSERT_LE(test, got[i].addr, next);
			next = got[i].addr + size;
			KUNIT_ASSERT_GT(test, next, start);
		}
		KUNIT_ASSERT_GT(test, next, last);
	}
}

static struct kunit_case nyx_vtd_range_cases[] = {
	KUNIT_CASE(orders),
	KUNIT_CASE(ranges),
	KUNIT_CASE(random_ranges),
	{}
};

static struct kunit_suite nyx_vtd_range_suite = {
	.name = "nyx_vtd_range",
	.test_cases = nyx_vtd_range_cases,
};

kunit_test_suite(nyx_vtd_range_suite);
