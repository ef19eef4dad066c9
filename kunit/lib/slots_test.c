// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocating and freeing aligned runs of slots.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/errno.h>

#include "../seed.h"
#include "lib/slots.h"

#define SLOTS 64

static struct nyx_slots slots;

static int create(struct kunit *test)
{
	return nyx_slots_init(&slots, SLOTS);
}

static void destroy(struct kunit *test)
{
	nyx_slots_destroy(&slots);
}

/* A run is aligned to its size and fills the lowest gap that it fits in. */
static void runs(struct kunit *test)
{
	static const struct {
		unsigned int nr;
		int first;
	} cases[] = {
		{ 1, 0 }, { 4, 4 }, { 32, 32 }, { 32, -ENOSPC }, { 2, 2 },
		{ 16, 16 }, { 8, 8 }, { 2, -ENOSPC }, { 1, 1 }, { 1, -ENOSPC },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, cases[i].nr),
				cases[i].first);
}

/* Freed slots are allocated again, and no others. */
static void reuse(struct kunit *test)
{
	int i;

	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, SLOTS), 0);
	nyx_slots_put(&slots, 32, 16);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 32), -ENOSPC);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 1), 32 + i);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 1), -ENOSPC);
	nyx_slots_put(&slots, 63, 1);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 1), 63);
}

/* A certain slot is given only once, and only if the set has it. */
static void certain_slot(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nyx_slots_get_at(&slots, 1), 1);
	KUNIT_EXPECT_EQ(test, nyx_slots_get_at(&slots, 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, nyx_slots_get_at(&slots, SLOTS - 1), SLOTS - 1);
	KUNIT_EXPECT_EQ(test, nyx_slots_get_at(&slots, SLOTS), -ENOSPC);
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 2), 2);
	nyx_slots_put(&slots, 1, 1);
	KUNIT_EXPECT_EQ(test, nyx_slots_get_at(&slots, 1), 1);
}

/* A run larger than the set never fits, and the set stays empty. */
static void too_large(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, 2 * SLOTS), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(slots.used, SLOTS));
	KUNIT_EXPECT_EQ(test, nyx_slots_get(&slots, SLOTS), 0);
}

/* The lowest free aligned run of 2^@order slots in @used, or -ENOSPC. */
static int lowest(u64 used, unsigned int order)
{
	u64 run = order == 6 ? U64_MAX : (1ULL << (1U << order)) - 1;
	int first;

	for (first = 0; first < SLOTS; first += 1 << order)
		if (!(used & run << first))
			return first;
	return -ENOSPC;
}

static void random_runs(struct kunit *test)
{
	struct rnd_state rnd;
	u8 size[SLOTS] = { };
	u64 used = 0, now;
	int i, first;
	u32 order;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < 10000; i++) {
		order = prandom_u32_state(&rnd) % 7;
		first = prandom_u32_state(&rnd) % SLOTS;
		if (size[first]) {
			nyx_slots_put(&slots, first, size[first]);
			used &= ~(GENMASK_ULL(size[first] - 1, 0) << first);
			size[first] = 0;
		} else {
			first = nyx_slots_get(&slots, 1 << order);
			KUNIT_ASSERT_EQ(test, first, lowest(used, order));
			if (first < 0)
				continue;
			size[first] = 1 << order;
			used |= GENMASK_ULL(size[first] - 1, 0) << first;
		}
		bitmap_to_arr64(&now, slots.used, SLOTS);
		KUNIT_ASSERT_EQ(test, now, used);
	}
}

/* Destroying a set twice frees its memory once. */
static void twice(struct kunit *test)
{
	nyx_slots_destroy(&slots);
	KUNIT_EXPECT_NULL(test, slots.used);
	nyx_slots_destroy(&slots);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(runs),
	KUNIT_CASE(reuse),
	KUNIT_CASE(certain_slot),
	KUNIT_CASE(too_large),
	KUNIT_CASE(random_runs),
	KUNIT_CASE(twice),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_lib_slots",
	.init = create,
	.exit = destroy,
	.test_cases = cases,
};

kunit_test_suite(suite);
