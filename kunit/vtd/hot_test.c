// SPDX-License-Identifier: GPL-2.0-only
/*
 * DRHD structures of a hot-added host bridge, written byte by byte.
 */
#include <kunit/test.h>

#include "vtd/dmar.h"
#include "vtd/target.h"

/* Units with registers at 0xfed90000 and 0x1_0000_2000. */
static struct vtd_drhd drhds[] = {
	{ .base = 0xfed90000 },
	{ .base = 0x100002000 },
};

static const struct vtd_dmar dmar = { .drhd = drhds, .nr_drhd = 2 };

static const u8 first[] = {
	0, 0, 16, 0, 0, 0, 0, 0, 0x00, 0x00, 0xd9, 0xfe, 0, 0, 0, 0,
};

static const u8 second[] = {
	0, 0, 16, 0, 1, 0, 2, 0, 0x00, 0x20, 0, 0, 1, 0, 0, 0,
};

/* With a scope: an endpoint at device 1, function 0 */
static const u8 scoped[] = {
	0, 0, 24, 0, 0, 0, 0, 0, 0x00, 0x00, 0xd9, 0xfe, 0, 0, 0, 0,
	1, 8, 0, 0, 0, 0, 1, 0,
};

/* An RHSA (3), whose register base has another place */
static const u8 rhsa[] = {
	3, 0, 20, 0, 0, 0, 0, 0, 0x00, 0x10, 0xd9, 0xfe, 0, 0, 0, 0,
	0, 0, 0, 0,
};

static const u8 other[] = {
	0, 0, 16, 0, 0, 0, 0, 0, 0x00, 0x10, 0xd9, 0xfe, 0, 0, 0, 0,
};

static const u8 small[] = {
	0, 0, 15, 0, 0, 0, 0, 0, 0x00, 0x00, 0xd9, 0xfe, 0, 0, 0,
};

static const u8 empty[] = { 3, 0, 0, 0 };

/* The result for @bytes between two structures that are known. */
static bool is_new(struct kunit *test, const u8 *bytes, size_t len)
{
	u8 *all = kunit_kmalloc(test, sizeof(first) + len + sizeof(second),
				GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	memcpy(all, first, sizeof(first));
	memcpy(all + sizeof(first), bytes, len);
	memcpy(all + sizeof(first) + len, second, sizeof(second));
	return vtd_hot_is_new(&dmar, all, sizeof(first) + len + sizeof(second));
}

static void known(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, is_new(test, scoped, sizeof(scoped)));
	KUNIT_EXPECT_FALSE(test, is_new(test, rhsa, sizeof(rhsa)));
	KUNIT_EXPECT_FALSE(test, vtd_hot_is_new(&dmar, first, 0));
}

static void new_unit(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, is_new(test, other, sizeof(other)));
}

/* No part of a structure is read that is not there. */
static void malformed(struct kunit *test)
{
	size_t len;
	u8 *bytes;

	KUNIT_EXPECT_TRUE(test, is_new(test, empty, sizeof(empty)));
	KUNIT_EXPECT_TRUE(test, is_new(test, small, sizeof(small)));
	for (len = 1; len < sizeof(scoped); len++) {
		/* KASAN reports reads beyond its end. */
		bytes = kunit_kmalloc(test, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, bytes);
		memcpy(bytes, scoped, len);
		KUNIT_EXPECT_TRUE(test, vtd_hot_is_new(&dmar, bytes, len));
	}
}

static struct kunit_case nyx_vtd_hot_cases[] = {
	KUNIT_CASE(known),
	KUNIT_CASE(new_unit),
	KUNIT_CASE(malformed),
	{}
};

static struct kunit_suite nyx_vtd_hot_suite = {
	.name = "nyx_vtd_hot",
	.test_cases = nyx_vtd_hot_cases,
};

kunit_test_suite(nyx_vtd_hot_suite);
