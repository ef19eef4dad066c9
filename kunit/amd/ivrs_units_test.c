// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: several blocks for one unit, and several units for one
 * device.
 */
#include <kunit/test.h>

#include "ivrs_result.h"

/* The block of the highest type counts, for each unit and in any order. */
static void ivrs_any_order(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
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
 * The four units of a real server. The last unit has an alias range for the
 * last bus, which the range of the first unit includes as well. The unit on the
 * root bus above a device serves it.
 */
static void ivrs_contested(struct kunit *test)
{
	static const u16 first[] = { 0xc008, 0x8008, 0x4008, 0x0008 };
	static const u16 last[] = { 0xfffe, 0xbffe, 0x7ffe, 0x3ffe };
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;
	u16 alias;
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
		       "are also another unit's, their root bus decides");
	KUNIT_EXPECT_EQ(test, i->r.last.value, 0xff00);

	for (n = 0; n < 4; n++)
		ivrs_expect_device(test, i, 0, first[n], n, first[n]);
	ivrs_expect_device(test, i, 0, 0xfeff, 0, 0xfeff);
	for (n = 0xff00; n < 0xffff; n++) {
		ivrs_expect_below(test, i, 0xc0, n, 0, n);
		ivrs_expect_below(test, i, 0x00, n, 3, 0x00a4);
		/* No unit that claims it is on its root bus. */
		ivrs_expect_below(test, i, 0x80, n, -ENOTUNIQ, 0);
		ivrs_expect_below(test, i, 0xff, n, -ENOTUNIQ, 0);
		KUNIT_EXPECT_TRUE(test, amd_ivrs_names(&i->ivrs, 0, n, &alias));
		KUNIT_EXPECT_EQ(test, alias, n);
		KUNIT_EXPECT_FALSE(test, amd_ivrs_names(&i->ivrs, 1, n, &alias));
		KUNIT_EXPECT_TRUE(test, amd_ivrs_names(&i->ivrs, 3, n, &alias));
		KUNIT_EXPECT_EQ(test, alias, 0x00a4);
	}
	/* Only contested devices depend on their root bus. */
	ivrs_expect_below(test, i, 0xc0, 0x0008, 3, 0x0008);
	ivrs_expect_device(test, i, 0, 0xffff, 3, 0x00a4);
}

/*
 * Two units on one bus, and a unit with all others on the root bus: neither
 * decides.
 */
static void ivrs_undecided(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;
	u16 alias;

	ivrs_table_ivhd(t, 0x11, 0x2002, 0xfd300000, 0);
	ivrs_table_alias(t, 0x42, 0x2110, 0, 0x2118);
	ivrs_table_dev(t, 0x03, 0x2110, 0);
	ivrs_table_dev(t, 0x04, 0x2111, 0);
	ivrs_table_ivhd(t, 0x11, 0x2003, 0xfd400000, 0);
	ivrs_table_dev(t, 0x02, 0x2110, 0);
	ivrs_table_ivhd(t, 0x11, 0x0002, 0xfd500000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	ivrs_expect_below(test, i, 0x20, 0x2110, -ENOTUNIQ, 0);
	ivrs_expect_below(test, i, 0x00, 0x2110, -ENOTUNIQ, 0);
	ivrs_expect_below(test, i, 0x20, 0x2118, 2, 0x2118);
	/* Of the entries of a unit, the one with the fewest devices applies. */
	KUNIT_EXPECT_TRUE(test, amd_ivrs_names(&i->ivrs, 0, 0x2110, &alias));
	KUNIT_EXPECT_EQ(test, alias, 0x2118);
	KUNIT_EXPECT_FALSE(test, amd_ivrs_names(&i->ivrs, 2, 0x2110, &alias));
}

/* DeviceIDs that a unit names are not those of the unit with all others. */
static void ivrs_all_others(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
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
	ivrs_expect_device(test, i, 0, 0x0010, 0, 0x0010);
	ivrs_expect_device(test, i, 0, 0x0018, 2, 0x0018);
	ivrs_expect_device(test, i, 0, 0x0020, 1, 0x0020);
}

/* Without EFRSup, the IVHD has no image of the EFR. */
static void ivrs_no_efr(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;

	fw_bytes_put(t, 36, 4, 0x00203040);
	ivrs_table_ivhd(t, 0x40, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	KUNIT_EXPECT_FALSE(test, i->ivrs.unit[0].has_efr);
}

/*
 * DeviceIDs of a unit without registers belong to no other unit. A table
 * without a usable unit is refused.
 */
static void ivrs_unusable(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct amd_ivrs_device found;
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivhd(t, 0x10, 0x4002, 0, 0);
	ivrs_table_dev(t, 0x02, 0x4010, 0);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_STREQ(test, i->r.left, "1/2 2 0 0 0");
	ivrs_expect_device(test, i, 0, 0x4018, 0, 0x4018);
	KUNIT_EXPECT_EQ(test, amd_ivrs_find(&i->ivrs, 0, 0x4010, 0x40,
					    &found),
			-ENXIO);

	fw_bytes_put(t, 48 + 8, 8, ~0ull);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_EXPECT_EQ(test, i->r.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, i->r.notes, 3);
	fw_expect_note(test, &i->r, NYX_FW_REFUSED, 0, "usable units");
}

/* Of entries that cover equally many devices, the last one counts. */
static void ivrs_repeated_device(struct kunit *test)
{
	struct fw_bytes *t = ivrs_table_new(test, ivrs_table_empty);
	struct ivrs_result *i;

	ivrs_table_ivhd(t, 0x10, 0x0002, 0xfd300000, 0);
	ivrs_table_alias(t, 0x42, 0x0010, 0x01, 0x0018);
	ivrs_table_alias(t, 0x42, 0x0010, 0x40, 0x0020);
	ivrs_table_dev(t, 0x01, 0, 0x02);
	fw_bytes_end(t);
	i = ivrs_result(test, t);
	KUNIT_ASSERT_EQ(test, i->r.ret, 0);
	ivrs_expect_device(test, i, 0, 0x0010, 0, 0x0020);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0010), 0x41);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0018), 0x01);
	KUNIT_EXPECT_EQ(test, amd_ivrs_dte(&i->ivrs, 0, 0x0028), 0x02);
}

static struct kunit_case ivrs_units_cases[] = {
	KUNIT_CASE(ivrs_any_order),
	KUNIT_CASE(ivrs_contested),
	KUNIT_CASE(ivrs_undecided),
	KUNIT_CASE(ivrs_all_others),
	KUNIT_CASE(ivrs_no_efr),
	KUNIT_CASE(ivrs_unusable),
	KUNIT_CASE(ivrs_repeated_device),
	{}
};

static struct kunit_suite ivrs_units_suite = {
	.name = "nyx_amd_ivrs_units",
	.test_cases = ivrs_units_cases,
};

kunit_test_suite(ivrs_units_suite);
