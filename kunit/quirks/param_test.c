// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that the user names because they need special treatment.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "../param_set.h"
#include "quirks/quirks.h"

static u32 flags_of(struct kunit *test, u8 number, u8 devfn)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus->number = number;
	pdev->bus = bus;
	pdev->devfn = devfn;
	KUNIT_EXPECT_EQ(test, nyx_quirk_named(pdev), nyx_quirk_flags(pdev));
	/* The user's will counts for an untrusted function, too. */
	pdev->untrusted = true;
	return nyx_quirk_flags(pdev);
}

static int set(const char *val)
{
	return set_param("nyx_iommu.intr_any_source", val);
}

static void named(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, flags_of(test, 0, 0x86), 0);
	KUNIT_EXPECT_EQ(test, set("0000:00:10.6, 1f:1f.7"), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, 0, 0x86), NYX_QUIRK_ANY_SOURCE);
	KUNIT_EXPECT_EQ(test, flags_of(test, 0x1f, 0xff), NYX_QUIRK_ANY_SOURCE);
	KUNIT_EXPECT_EQ(test, flags_of(test, 0, 0x87), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, 1, 0x86), 0);
	/* A function in another segment. */
	KUNIT_EXPECT_EQ(test, set("0001:00:10.6"), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, 0, 0x86), 0);
	KUNIT_EXPECT_EQ(test, set(""), 0);
}

static void invalid(struct kunit *test)
{
	static const char * const vals[] = {
		"all", "00:10", "00:10.8", "00:20.0", "100:00.0", "00:10.6x",
		"10000:00:10.6", "00:10.6,0", "0000:00:10.6.1",
		"0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0,0:1.0",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vals); i++)
		KUNIT_EXPECT_EQ_MSG(test, set(vals[i]), -EINVAL, "%s", vals[i]);
	KUNIT_EXPECT_EQ(test, flags_of(test, 0, 0x86), 0);
}

static struct kunit_case nyx_quirks_param_cases[] = {
	KUNIT_CASE(named),
	KUNIT_CASE(invalid),
	{}
};

static struct kunit_suite nyx_quirks_param_suite = {
	.name = "nyx_quirks_param",
	.test_cases = nyx_quirks_param_cases,
};

kunit_test_suite(nyx_quirks_param_suite);
