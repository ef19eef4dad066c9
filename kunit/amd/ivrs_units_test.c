// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: several blocks for one unit, several units for one device.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "ivrs_result.h"

static struct fw_bytes *new_table(struct kunit *test)
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	ivrs_table_start(t, 2, 0x00203041);
	return t;
}

/* The highest type counts wherever it stands, for each unit by itself. */
static void ivrs_any_order(struct kunit *test)
{
	struct fw_bytes *t = new_table(test);
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x02, 0x0040, 0);
	ivrs_table_ivhd(t, 0x10, 0x4002, 0xfd400000, 0);
	ivrs_table_dev(t, 0x02, 0x4010, 0);
	ivrs_table_ivhd(t, 0x11, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x02, 0x0011, 0);
	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x02, 0x0010, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_EXPECT_EQ(test, i->r.notes, 0);
	KUNIT_ASSERT_STREQ(test, i->r.left, "2/2 2 0 0 0");
	KUNIT_EXPECT_EQ(test, i->ivrs.unit[0].type, 0x40);
	KUNIT_EXPECT_TRUE(test, i->ivrs.unit[0].has_efr);
	KUNIT_EXPECT_EQ(test, i->ivrs.range[0].first, 0x0040);
	KUNIT_EXPECT_EQ(test, i->ivrs.unit[1].type, 0x10);
	KUNIT_EXPECT_FALSE(test, i->ivrs.unit[1].has_efr);
	KUNIT_EXPECT_EQ(test, i->ivrs.range[1].first, 0x4010);
}

/*
 * A server's four units, as the kernel's dump of a real table has them: the last
 * bus is the last unit's, and of an alias range that the first one still has.
 */
static void ivrs_contested(struct kunit *test)
{
	static const u16 first[] = { 0xc008, 0x8008, 0x4008, 0x0008 };
	static const u16 last[] = { 0xfffe, 0xbffe, 0x7ffe, 0x3ffe };
	struct fw_bytes *t = new_table(test);
	struct amd_ivrs_device found;
	struct ivrs_result *i;
	u32 n;

	for (n = 0; n < 4; n++) {
		ivrs_table_ivhd(t, 0x11, (first[n] & 0xff00) | 2,
				0xb4800000 + n * 0x100000, 0);
		ivrs_table_dev(t, 0x03, first[n], 0);
		ivrs_table_dev(t, 0x04, last[n], 0);
	}
	ivrs_table_alias(t, 0x43, 0xff00, 0, 0x00a4);
	ivrs_table_dev(t, 0x04, 0xffff, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_STREQ(test, i->r.left, "4/4 5 0 0 0");
	KUNIT_EXPECT_EQ(test, i->r.notes, 1);
	fw_expect_note(test, &i->r, NYX_FW_SKIPPED, 48 + 3 * 48,
		       "overlap another unit's");
	KUNIT_EXPECT_EQ(test, i->r.last.value, 0xff00);

	for (n = 0; n < 4; n++) {
		KUNIT_ASSERT_EQ(test, amd_ivrs_find(&i->ivrs, 0, first[n],
						    &found), 0);
		KUNIT_EXPECT_EQ(test, found.unit, n);
	}
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0xfeff, &found), 0);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0xff00, &found),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0xfffe, &found),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0xffff, &found), 0);
	KUNIT_EXPECT_EQ(test, found.unit, 3);
	KUNIT_EXPECT_EQ(test, found.alias, 0x00a4);
}

/* What a unit names is not contested by one that has all the rest. */
static void ivrs_rest(struct kunit *test)
{
	struct fw_bytes *t = new_table(test);
	struct amd_ivrs_device found;
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x11, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x02, 0x0010, 0);
	ivrs_table_ivhd(t, 0x11, 0x4002, 0xfd400000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivhd(t, 0x11, 0x8002, 0xfd500000, 0);
	ivrs_table_dev(t, 0x02, 0x0018, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_EXPECT_EQ(test, i->r.notes, 0);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x0010, &found), 0);
	KUNIT_EXPECT_EQ(test, found.unit, 0);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x0018, &found), 0);
	KUNIT_EXPECT_EQ(test, found.unit, 2);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x0020, &found), 0);
	KUNIT_EXPECT_EQ(test, found.unit, 1);
}

/* Without EFRSup the image of the register is none. */
static void ivrs_no_efr(struct kunit *test)
{
	struct fw_bytes *t = new_table(test);
	struct ivrs_result *i;

	fw_bytes_put(t, 36, 4, 0x00203040);
	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_EXPECT_FALSE(test, i->ivrs.unit[0].has_efr);
}

/* A unit without registers keeps its devices; a table needs one with. */
static void ivrs_unusable(struct kunit *test)
{
	struct fw_bytes *t = new_table(test);
	struct amd_ivrs_device found;
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivhd(t, 0x10, 0x4002, 0, 0);
	ivrs_table_dev(t, 0x02, 0x4010, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_STREQ(test, i->r.left, "1/2 2 0 0 0");
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x4018, &found), 0);
	KUNIT_EXPECT_EQ(test, found.unit, 0);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x4010, &found),
			-ENODEV);

	fw_bytes_put(t, 48 + 8, 8, ~0ull);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_EXPECT_EQ(test, i->r.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, i->r.notes, 3);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 0, "usable units");
}

/* Of entries for as many devices, the last one counts. */
static void ivrs_same_twice(struct kunit *test)
{
	struct fw_bytes *t = new_table(test);
	struct amd_ivrs_device found;
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_alias(t, 0x42, 0x0010, 0x01, 0x0018);
	ivrs_table_alias(t, 0x42, 0x0010, 0x40, 0x0020);
	ivrs_table_dev(t, 0x01, 0, 0x02);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_ASSERT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x0010, &found), 0);
	KUNIT_EXPECT_EQ(test, found.alias, 0x0020);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0010), 0x41);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0018), 0x01);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0028), 0x02);
}

static struct kunit_case ivrs_units_cases[] = {
	KUNIT_CASE(ivrs_any_order),
	KUNIT_CASE(ivrs_contested),
	KUNIT_CASE(ivrs_rest),
	KUNIT_CASE(ivrs_no_efr),
	KUNIT_CASE(ivrs_unusable),
	KUNIT_CASE(ivrs_same_twice),
	{}
};

static struct kunit_suite ivrs_units_suite = {
	.name = "nyx_ivrs_units",
	.test_cases = ivrs_units_cases,
};

kunit_test_suite(ivrs_units_suite);
