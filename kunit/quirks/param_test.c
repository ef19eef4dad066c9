// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that the user names because they need special treatment.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "../param_set.h"
#include "quirks/quirks.h"

static u32 flags_of(struct kunit *test, const char *name)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->dev.init_name = name;
	KUNIT_EXPECT_EQ(test, nyx_quirk_named(pdev), nyx_quirk_flags(pdev));
	/* The user's will counts for an untrusted function, too. */
	pdev->untrusted = true;
	return nyx_quirk_flags(pdev);
}

static void named(struct kunit *test)
{
	static const char *const param = "nyx_iommu.intr_any_source";

	KUNIT_EXPECT_EQ(test, flags_of(test, "0000:00:10.6"), 0);
	KUNIT_EXPECT_EQ(test, set_param(param, "00:10.6,0001:1f:1f.7"), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, "0000:00:10.6"),
			NYX_QUIRK_ANY_SOURCE);
	KUNIT_EXPECT_EQ(test, flags_of(test, "0001:1f:1f.7"),
			NYX_QUIRK_ANY_SOURCE);
	KUNIT_EXPECT_EQ(test, flags_of(test, "0000:00:10.7"), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, "0001:00:10.6"), 0);
	KUNIT_EXPECT_EQ(test, set_param(param, "00:10.6 "), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_param(param, ""), 0);
	KUNIT_EXPECT_EQ(test, flags_of(test, "0000:00:10.6"), 0);
}

static struct kunit_case nyx_quirks_param_cases[] = {
	KUNIT_CASE(named),
	{}
};

static struct kunit_suite nyx_quirks_param_suite = {
	.name = "nyx_quirks_param",
	.test_cases = nyx_quirks_param_cases,
};

kunit_test_suite(nyx_quirks_param_suite);
