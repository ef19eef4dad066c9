// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs in the MADT that no scope of a unit names. Tables are written byte
 * by byte.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vtd/dmar.h"
#include "vtd/target.h"

enum { LENGTH = 44 + 8 + 12 + 12 + 10 };

/* A local APIC, I/O APICs 2 and 9, an interrupt source override. */
static u8 *new_table(struct kunit *test)
{
	u8 *table = kunit_kzalloc(test, LENGTH, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	memset(table, 0xff, 44);
	table[44] = 0;
	table[45] = 8;
	table[52] = 1;
	table[53] = 12;
	table[54] = 2;
	table[64] = 1;
	table[65] = 12;
	table[66] = 9;
	table[76] = 2;
	table[77] = 10;
	return table;
}

static void finds_unnamed(struct kunit *test)
{
	struct vtd_scope scope[] = {
		{ .type = VTD_SCOPE_IOAPIC, .id = 9 },
		{ .type = VTD_SCOPE_HPET, .id = 2 },
	};
	struct vtd_drhd drhd[] = {
		{ .scopes = { scope, 1 } },
		{ .scopes = { scope + 1, 1 } },
	};
	const struct vtd_dmar dmar = { .drhd = drhd, .nr_drhd = 2 };
	u8 *table = new_table(test);

	/* A unit names number 9. The HPET with number 2 does not count. */
	KUNIT_EXPECT_EQ(test, vtd_madt_unnamed(table, LENGTH, &dmar), 2);
	scope[1].type = VTD_SCOPE_IOAPIC;
	KUNIT_EXPECT_EQ(test, vtd_madt_unnamed(table, LENGTH, &dmar), -ENOENT);
	scope[0].id = 8;
	KUNIT_EXPECT_EQ(test, vtd_madt_unnamed(table, LENGTH, &dmar), 9);
}

/* A table that is cut short anywhere. KASAN detects reads after its end. */
static void cut_short(struct kunit *test)
{
	const struct vtd_dmar none = { };
	const u8 *table = new_table(test);
	u8 *copy;
	size_t len;
	int ret;

	for (len = 1; len <= LENGTH; len++) {
		copy = kmemdup(table, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, copy);
		ret = vtd_madt_unnamed(copy, len, &none);
		KUNIT_EXPECT_EQ(test, ret, len < 64 ? -ENOENT : 2);
		kfree(copy);
	}
	/* A structure of length 0 ends the search. */
	copy = new_table(test);
	copy[45] = 0;
	KUNIT_EXPECT_EQ(test, vtd_madt_unnamed(copy, LENGTH, &none), -ENOENT);
}

static struct kunit_case nyx_vtd_madt_cases[] = {
	KUNIT_CASE(finds_unnamed),
	KUNIT_CASE(cut_short),
	{}
};

static struct kunit_suite nyx_vtd_madt_suite = {
	.name = "nyx_vtd_madt",
	.test_cases = nyx_vtd_madt_cases,
};

kunit_test_suite(nyx_vtd_madt_suite);
