// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs of the MADT that the IVRS table does not name.
 * The VT-d suites test reading the MADT.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "amd/ivrs.h"
#include "amd/madt.h"

/* I/O APICs 2 and 9. */
static const u8 table[44 + 12 + 12] = {
	[44] = 1, 12, 2,
	[56] = 1, 12, 9,
};

static void unnamed(struct kunit *test)
{
	/* Variety 1 is an I/O APIC, 2 an HPET. */
	struct amd_ivrs_special special[] = {
		{ .unit = 0, .source = 0x00a0, .handle = 9, .variety = 1 },
		{ .unit = 1, .source = 0x00a0, .handle = 2, .variety = 2 },
	};
	const struct amd_ivrs ivrs = { .special = special, .nr_special = 2 };
	const struct amd_ivrs none = { };

	KUNIT_EXPECT_EQ(test, amd_madt_unnamed(table, sizeof(table), &none), 2);
	KUNIT_EXPECT_EQ(test, amd_madt_unnamed(table, sizeof(table), &ivrs), 2);
	special[1].variety = 1;
	KUNIT_EXPECT_EQ(test, amd_madt_unnamed(table, sizeof(table), &ivrs),
			-ENOENT);
	special[0].handle = 8;
	KUNIT_EXPECT_EQ(test, amd_madt_unnamed(table, sizeof(table), &ivrs), 9);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(unnamed),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_madt",
	.test_cases = cases,
};

kunit_test_suite(suite);
