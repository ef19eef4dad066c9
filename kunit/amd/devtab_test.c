// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device table: size, segments, and entries that block.
 */
#include <kunit/test.h>
#include <linux/io.h>

#include "amd/devtab.h"

/*
 * The DTE settings of a DeviceID. Every third one has INITPass, and every fifth
 * one is an I/O APIC or HPET. All have SysMgt, which counts for the latter
 * only.
 */
static struct amd_dte_setting setting(const void *arg, u16 device_id)
{
	return (struct amd_dte_setting) {
		.all = device_id % 3 ? 0x20 : 0x21,
		.special = device_id % 5 ? 0 : 0x30,
	};
}

static void destroy(void *tab)
{
	amd_devtab_destroy(tab);
}

static struct amd_devtab *new_table(struct kunit *test, unsigned int segments,
				    u16 last)
{
	struct amd_devtab *tab = kunit_kzalloc(test, sizeof(*tab), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tab);
	KUNIT_ASSERT_EQ(test, 0, amd_devtab_init(tab, segments, last,
						 NUMA_NO_NODE, setting, NULL));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, destroy, tab));
	return tab;
}

/* Each entry of the segment blocks: V, TV, one level, no permission. */
static void expect_blocks(struct kunit *test, const struct amd_devtab *tab,
			  unsigned int segment, u32 first)
{
	u64 base = amd_devtab_base(tab, segment);
	const u64 *entry = phys_to_virt(base & ~0xfffULL);
	u64 nowhere = virt_to_phys(tab->nowhere);
	unsigned int n = ((base & 0x1ff) + 1) * 4096 / 32;
	unsigned int i;

	for (i = 0; i < n; i++, entry += 4) {
		KUNIT_ASSERT_EQ(test, entry[0], 0x203 | nowhere);
		/* SysMgt, bits 105:104 */
		KUNIT_ASSERT_EQ(test, entry[1],
				(first + i) % 5 ? 0 : 0x0000030000000000);
		KUNIT_ASSERT_EQ(test, entry[2],
				(first + i) % 3 ? 0 : 0x0100000000000000);
		KUNIT_ASSERT_EQ(test, entry[3], 0);
		KUNIT_ASSERT_PTR_EQ(test, entry,
				    (u64 *)amd_devtab_lookup(tab, first + i));
	}
}

static void expect_nowhere(struct kunit *test, const struct amd_devtab *tab)
{
	const u64 *entry = tab->nowhere;
	int i;

	for (i = 0; i < 512; i++)
		KUNIT_ASSERT_EQ(test, entry[i], 0);
}

/* Size is the number of pages minus one; a page has 128 entries of 32 bytes. */
static void one_segment(struct kunit *test)
{
	static const struct {
		u16 last;
		u32 size;
	} cases[] = {
		{ 0, 0 }, { 0x7f, 0 }, { 0x80, 1 }, { 0xff, 1 },
		{ 0x1ff, 3 }, { 0x200, 7 }, { 0x7fff, 255 }, { 0x8000, 511 },
		{ 0xffff, 511 },
	};
	struct amd_devtab *tab;
	u16 beyond;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tab = new_table(test, 1, cases[i].last);
		beyond = (cases[i].size + 1) * 128;
		KUNIT_EXPECT_EQ(test, amd_devtab_base(tab, 0) & 0xfff,
				cases[i].size);
		expect_blocks(test, tab, 0, 0);
		expect_nowhere(test, tab);
		KUNIT_EXPECT_NOT_NULL(test,
				      amd_devtab_lookup(tab, cases[i].last));
		if (beyond)
			KUNIT_EXPECT_NULL(test,
					  amd_devtab_lookup(tab, beyond));
	}
}

/* Bits 15:13, 15:14 or 15 of a DeviceID select the segment (DevTblSegEn). */
static void segments(struct kunit *test)
{
	static const unsigned int counts[] = { 2, 4, 8 };
	struct amd_devtab *tab;
	unsigned int i, s, share;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		tab = new_table(test, counts[i], 0xffff);
		share = 0x10000 / counts[i];
		for (s = 0; s < counts[i]; s++) {
			KUNIT_EXPECT_EQ(test,
					amd_devtab_base(tab, s) & 0xfff,
					share / 128 - 1);
			expect_blocks(test, tab, s, s * share);
		}
	}
}

/* Segments above the last DeviceID exist, but have one page. */
static void few_devices_in_segments(struct kunit *test)
{
	static const u32 sizes[8] = { 63, 63, 3, 0, 0, 0, 0, 0 };
	struct amd_devtab *tab = new_table(test, 8, 0x4123);
	unsigned int s;

	for (s = 0; s < 8; s++) {
		KUNIT_EXPECT_EQ(test, amd_devtab_base(tab, s) & 0xfff,
				sizes[s]);
		expect_blocks(test, tab, s, s * 0x2000);
	}
	KUNIT_EXPECT_NOT_NULL(test, amd_devtab_lookup(tab, 0x41ff));
	KUNIT_EXPECT_NULL(test, amd_devtab_lookup(tab, 0x4200));
	KUNIT_EXPECT_NULL(test, amd_devtab_lookup(tab, 0x5fff));
	KUNIT_EXPECT_NOT_NULL(test, amd_devtab_lookup(tab, 0x607f));
	KUNIT_EXPECT_NULL(test, amd_devtab_lookup(tab, 0x6080));
	KUNIT_EXPECT_NULL(test, amd_devtab_lookup(tab, 0xffff));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_segment),
	KUNIT_CASE(segments),
	KUNIT_CASE(few_devices_in_segments),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_devtab",
	.test_cases = cases,
};

kunit_test_suite(suite);
