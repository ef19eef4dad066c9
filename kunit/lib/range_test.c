// SPDX-License-Identifier: GPL-2.0-only
/*
 * Aligned ranges around ranges, and covering them.
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/random.h>

#include "../seed.h"
#include "lib/range.h"

static void around(struct kunit *test)
{
	static const struct {
		u64 start;
		u64 last;
		struct nyx_range range;
	} cases[] = {
		{ 0x1000, 0x1fff, { 0x1000, 0 } },
		{ 0x1000, 0x1000, { 0x1000, 0 } },
		{ 0x1000, 0x2fff, { 0, 2 } },
		{ 0x2000, 0x3fff, { 0x2000, 1 } },
		{ 0x200000, 0x3fffff, { 0x200000, 9 } },
		{ 0x1ff000, 0x200fff, { 0, 10 } },
		{ 0, U64_MAX, { 0, 52 } },
		{ 0x7fffffffffffffff, 0x8000000000000000, { 0, 52 } },
		{ 0x8000000000000000, U64_MAX, { 0x8000000000000000, 51 } },
	};
	struct nyx_range range;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		range = nyx_range_around(cases[i].start, cases[i].last);
		KUNIT_EXPECT_EQ(test, range.addr, cases[i].range.addr);
		KUNIT_EXPECT_EQ(test, range.order, cases[i].range.order);
	}
}

static void expect_ranges(struct kunit *test, u64 start, u64 last, u8 max,
			  const struct nyx_range *want, unsigned int nr)
{
	struct nyx_range ranges[NYX_RANGES];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, nyx_ranges(start, last, max, ranges), nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, ranges[i].addr, want[i].addr);
		KUNIT_EXPECT_EQ(test, ranges[i].order, want[i].order);
	}
}

static void some_ranges(struct kunit *test)
{
	static const struct nyx_range page[] = { { 0x5000, 0 } };
	static const struct nyx_range two[] = { { 0x1000, 0 }, { 0x2000, 0 } };
	static const struct nyx_range three[] = {
		{ 0x1000, 0 }, { 0x2000, 1 }, { 0x4000, 0 },
	};
	static const struct nyx_range most[] = { { 0, 4 } };
	static const struct nyx_range cover[] = { { 0, 9 } };
	static const struct nyx_range all[] = { { 0, 52 } };

	expect_ranges(test, 0x5000, 0x5fff, 18, page, 1);
	/* The aligned range around two pages has four: not more than twice. */
	expect_ranges(test, 0x1000, 0x2fff, 18, (struct nyx_range[]) { { 0, 2 } },
		      1);
	/* It is not used if the unit supports only single pages. */
	expect_ranges(test, 0x1000, 0x2fff, 0, two, 2);
	expect_ranges(test, 0x1000, 0x4fff, 1, three, 3);
	expect_ranges(test, 0x1000, 0xdfff, 4, most, 1);
	/* Six aligned ranges would be too many, so one covers all. */
	expect_ranges(test, 0xf9000, 0x106fff, 9, cover, 1);
	expect_ranges(test, 0xf9000, 0x106fff, 8, NULL, 0);
	expect_ranges(test, 0, U64_MAX, 52, all, 1);
	/* A large page must not be split. */
	expect_ranges(test, 0, 0x1fffff, 8, NULL, 0);
	expect_ranges(test, 0, U64_MAX, 40, NULL, 0);
}

struct want {
	u64 start;
	u64 last;
	u8 max_order;
	unsigned int nr;
	struct nyx_range ranges[NYX_RANGES];
};

static void more_ranges(struct kunit *test)
{
	static const struct want wants[] = {
		{ 0x5000, 0x5fff, 18, 1, { { 0x5000, 0 } } },
		{ 0x5abc, 0x5abd, 0, 1, { { 0x5000, 0 } } },
		{ 0x4000, 0x7fff, 18, 1, { { 0x4000, 2 } } },
		/* Most of an aligned range is covered by it. */
		{ 0x4000, 0x6fff, 18, 1, { { 0x4000, 2 } } },
		/* The one around them is too large: several are used. */
		{ 0x3000, 0x4fff, 18, 2, { { 0x3000, 0 }, { 0x4000, 0 } } },
		{ 0x7000, 0xafff, 18, 3,
		  { { 0x7000, 0 }, { 0x8000, 1 }, { 0xa000, 0 } } },
		{ 0x3f000, 0x43fff, 18, 2, { { 0x3f000, 0 }, { 0x40000, 2 } } },
		/* Several would be too many: the one around them is used. */
		{ 0x39000, 0x42fff, 18, 1, { { 0, 7 } } },
		{ 0x200000, 0x3fffff, 9, 1, { { 0x200000, 9 } } },
		/* A large page is never invalidated in parts. */
		{ 0x200000, 0x3fffff, 8, 0 },
		{ 0x39000, 0x42fff, 6, 0 },
		/* Single pages are used as long as they are few. */
		{ 0x3000, 0x4fff, 0, 2, { { 0x3000, 0 }, { 0x4000, 0 } } },
		{ 0x4000, 0x5fff, 0, 0 },
		{ 0, U64_MAX, 18, 0 },
		{ 0, U64_MAX, 52, 1, { { 0, 52 } } },
		{ U64_MAX, U64_MAX, 0, 1, { { 0xfffffffffffff000, 0 } } },
	};
	struct nyx_range got[NYX_RANGES];
	unsigned int n, i;
	size_t w;

	for (w = 0; w < ARRAY_SIZE(wants); w++) {
		n = nyx_ranges(wants[w].start, wants[w].last,
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

/* Aligned ranges for a random range are aligned, ascending, and cover it. */
static void random_ranges(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i, j, nr;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < 100000; i++) {
		struct nyx_range ranges[NYX_RANGES];
		u32 bits = prandom_u32_state(&rnd);
		u64 start = ((u64)prandom_u32_state(&rnd) << 32 |
			     prandom_u32_state(&rnd)) >> (bits & 31);
		u64 len = ((u64)prandom_u32_state(&rnd) << 32 |
			   prandom_u32_state(&rnd)) >> (bits >> 5 & 63);
		u64 last = start + len < start ? U64_MAX : start + len;
		u8 max = (bits >> 11) % 53;
		u64 next = start & ~0xfffULL;

		nr = nyx_ranges(start, last, max, ranges);
		KUNIT_ASSERT_LE(test, nr, NYX_RANGES);
		for (j = 0; j < nr; j++) {
			u64 addr = ranges[j].addr;
			u8 order = ranges[j].order;
			u64 mask = order < 52 ? (1ULL << (order + 12)) - 1 :
						U64_MAX;

			KUNIT_ASSERT_LE(test, order, max);
			KUNIT_ASSERT_EQ(test, addr & mask, 0);
			KUNIT_ASSERT_LE(test, addr, next);
			KUNIT_ASSERT_GE(test, addr | mask, next);
			next = (addr | mask) + 1;
		}
		if (nr)
			KUNIT_ASSERT_GE(test, next - 1, last);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(around),
	KUNIT_CASE(some_ranges),
	KUNIT_CASE(more_ranges),
	KUNIT_CASE(random_ranges),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_lib_range",
	.test_cases = cases,
};

kunit_test_suite(suite);
