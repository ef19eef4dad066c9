// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of functions that need special treatment, on made-up functions.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "quirks/quirks.h"

/**
 * struct expected - a function, and the flags that it has to get
 * @vendor: vendor ID
 * @device: device ID
 * @class: class code
 * @revision: revision
 * @flags: the flags
 */
struct expected {
	u16 vendor;
	u16 device;
	u32 class;
	u8 revision;
	u32 flags;
};

static void expect(struct kunit *test, const struct expected *expected,
		   unsigned int nr)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	for (i = 0; i < nr; i++) {
		pdev->vendor = expected[i].vendor;
		pdev->device = expected[i].device;
		pdev->class = expected[i].class;
		pdev->revision = expected[i].revision;
		pdev->untrusted = false;
		KUNIT_EXPECT_EQ_MSG(test, nyx_quirk_flags(pdev),
				    expected[i].flags, "%04x:%04x",
				    pdev->vendor, pdev->device);
		pdev->untrusted = true;
		KUNIT_EXPECT_EQ(test, nyx_quirk_flags(pdev), 0);
	}
}

/* Host bridges: IDs from the datasheets of the chipsets. */
static void chipsets(struct kunit *test)
{
	static const struct expected expected[] = {
		{ 0x8086, 0x2a40, 0x060000, 7, NYX_QUIRK_WRITE_BUFFER },
		{ 0x8086, 0x2e20, 0x060000, 3, NYX_QUIRK_WRITE_BUFFER },
		{ 0x8086, 0x2e90, 0x060000, 3, NYX_QUIRK_WRITE_BUFFER },
		{ 0x8086, 0x29c0, 0x060000, 2, 0 },	/* QEMU's q35 */
		{ 0x1022, 0x2a40, 0x060000, 7, 0 },
	};

	expect(test, expected, ARRAY_SIZE(expected));
}

/* A row without flags or source, or with an empty range, is a mistake. */
static void rows_are_complete(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_GT(test, nyx_nr_quirks, 0);
	for (i = 0; i < nyx_nr_quirks; i++) {
		const struct nyx_quirk *quirk = &nyx_quirks[i];

		KUNIT_EXPECT_NE_MSG(test, quirk->vendor, 0, "row %u", i);
		KUNIT_EXPECT_LE_MSG(test, quirk->first, quirk->last, "row %u",
				    i);
		KUNIT_EXPECT_EQ_MSG(test, quirk->class & ~quirk->class_mask, 0,
				    "row %u", i);
		KUNIT_EXPECT_NE_MSG(test, quirk->flags, 0, "row %u", i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, quirk->source, "row %u", i);
		KUNIT_EXPECT_GT_MSG(test, strlen(quirk->source), 10, "row %u",
				    i);
	}
}

static struct kunit_case nyx_quirks_quirk_cases[] = {
	KUNIT_CASE(chipsets),
	KUNIT_CASE(rows_are_complete),
	{}
};

static struct kunit_suite nyx_quirks_quirk_suite = {
	.name = "nyx_quirks_quirk",
	.test_cases = nyx_quirks_quirk_cases,
};

kunit_test_suite(nyx_quirks_quirk_suite);
