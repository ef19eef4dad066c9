// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O APICs in the MADT, and CPUs that run only in x2APIC mode. Tables are written
 * byte by byte, as in sections 5.2.12.3 and 5.2.12.12 of the ACPI specification.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "firmware/madt.h"

enum { HEADER = 44, CPU = 16 };

struct cpu {
	u8 id[4];
	u8 flags;
};

/* A MADT with a local APIC and the given CPUs. */
static u8 *new_table(struct kunit *test, const struct cpu *cpus, size_t nr,
		     size_t *len)
{
	u8 *table, *at;

	*len = HEADER + 8 + nr * CPU;
	table = kunit_kzalloc(test, *len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, table);
	memset(table, 0xff, HEADER);
	at = table + HEADER;
	at[1] = 8;
	for (at += 8; nr--; at += CPU, cpus++) {
		at[0] = 9;
		at[1] = CPU;
		memcpy(at + 4, cpus->id, 4);
		at[8] = cpus->flags;
	}
	return table;
}

static void counts_wide_cpus(struct kunit *test)
{
	static const struct cpu cpus[] = {
		{ { 0xfe }, 1 },		/* xAPIC mode has this ID */
		{ { 0xff }, 1 },		/* the first that it lacks */
		{ { 0x00, 0x01 }, 2 },		/* online capable */
		{ { 0x00, 0x01 }, 0 },		/* cannot be used */
		{ { 0x00, 0x01 }, 4 },		/* a reserved flag */
		{ { 0, 0, 0, 0x80 }, 3 },
	};
	size_t len;
	u8 *table = new_table(test, cpus, ARRAY_SIZE(cpus), &len);

	KUNIT_EXPECT_EQ(test, nyx_madt_wide_cpus(table, len), 3);
	KUNIT_EXPECT_EQ(test, nyx_madt_wide_cpus(table, len - CPU), 2);
}

/* A table that is cut short anywhere. KASAN detects reads after its end. */
static void cut_short(struct kunit *test)
{
	static const struct cpu cpus[] = { { { 0xff }, 1 }, { { 0xff }, 1 } };
	size_t len, cut;
	u8 *table = new_table(test, cpus, ARRAY_SIZE(cpus), &len), *copy;

	for (cut = 1; cut <= len; cut++) {
		copy = kmemdup(table, cut, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, copy);
		KUNIT_EXPECT_EQ(test, nyx_madt_wide_cpus(copy, cut),
				cut < HEADER + 8 + CPU ? 0 :
				cut < len ? 1 : 2);
		kfree(copy);
	}
	/* A structure that is too short for its fields, and one of length 0. */
	table[HEADER + 8 + 1] = 8;
	KUNIT_EXPECT_EQ(test, nyx_madt_wide_cpus(table, HEADER + 8 + CPU), 0);
	table[HEADER + 1] = 0;
	KUNIT_EXPECT_EQ(test, nyx_madt_wide_cpus(table, len), 0);
}

/* Type 1 with 12 bytes: the ID is byte 2, the first interrupt bytes 8 to 11. */
static void finds_ioapics(struct kunit *test)
{
	static const u8 entries[] = {
		0, 8, 0x11, 0x22, 0, 0, 0, 0,
		1, 12, 0x02, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
		1, 8, 0x77, 0, 0, 0, 0, 0,	/* too short */
		1, 12, 0xff, 0, 0, 0, 0xc1, 0xfe, 0x18, 0, 0, 0x80,
	};
	size_t len = HEADER + sizeof(entries);
	u8 *table = kunit_kzalloc(test, len, GFP_KERNEL);
	u32 gsi = 1;

	KUNIT_ASSERT_NOT_NULL(test, table);
	memcpy(table + HEADER, entries, sizeof(entries));
	KUNIT_EXPECT_EQ(test, nyx_madt_ioapic(table, len, 0, &gsi), 2);
	KUNIT_EXPECT_EQ(test, gsi, 0);
	KUNIT_EXPECT_EQ(test, nyx_madt_ioapic(table, len, 1, &gsi), 0xff);
	KUNIT_EXPECT_EQ(test, gsi, 0x80000018);
	KUNIT_EXPECT_EQ(test, nyx_madt_ioapic(table, len, 2, &gsi), -ENOENT);
	KUNIT_EXPECT_EQ(test, nyx_madt_ioapic(table, len - 1, 1, &gsi),
			-ENOENT);
}

static struct kunit_case nyx_firmware_madt_cases[] = {
	KUNIT_CASE(finds_ioapics),
	KUNIT_CASE(counts_wide_cpus),
	KUNIT_CASE(cut_short),
	{ }
};

static struct kunit_suite nyx_firmware_madt_suite = {
	.name = "nyx_firmware_madt",
	.test_cases = nyx_firmware_madt_cases,
};

kunit_test_suite(nyx_firmware_madt_suite);
