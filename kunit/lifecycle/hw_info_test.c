// SPDX-License-Identifier: GPL-2.0-only
/*
 * iommu_ops.capable and iommu_ops.hw_info.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/unit.h>

#include "lifecycle/lifecycle.h"

static bool no_memory;

static void *describe(const struct nyx_unit *unit, u32 *length,
		      enum iommu_hw_info_type *type)
{
	*length = 4;
	*type = IOMMU_HW_INFO_TYPE_INTEL_VTD;
	return no_memory ? NULL : kmemdup("unit", 4, GFP_KERNEL);
}

static const struct nyx_vendor vendor = {
	.hw_info = describe,
};

/* One device below one unit. */
struct fake {
	struct nyx_unit unit;
	struct nyx_device ndev;
	struct dev_iommu iommu;
	struct device dev;
};

static int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->ndev.unit = &fake->unit;
	fake->iommu.priv = &fake->ndev;
	fake->dev.iommu = &fake->iommu;
	test->priv = fake;
	no_memory = false;
	nyx_vendor = &vendor;
	return 0;
}

static void fake_exit(struct kunit *test)
{
	nyx_vendor = NULL;
}

static void hw_info(struct kunit *test)
{
	struct fake *fake = test->priv;
	enum iommu_hw_info_type type = IOMMU_HW_INFO_TYPE_DEFAULT;
	u32 length = 0;
	void *info;
	int i;

	/* Of any type, and of the type that it has. */
	for (i = 0; i < 2; i++) {
		info = nyx_ops.hw_info(&fake->dev, &length, &type);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, info);
		KUNIT_EXPECT_EQ(test, length, 4);
		KUNIT_EXPECT_EQ(test, type, IOMMU_HW_INFO_TYPE_INTEL_VTD);
		KUNIT_EXPECT_MEMEQ(test, info, "unit", 4);
		kfree(info);
	}
	type++;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_ops.hw_info(&fake->dev, &length, &type)));
	no_memory = true;
	type = IOMMU_HW_INFO_TYPE_DEFAULT;
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			PTR_ERR(nyx_ops.hw_info(&fake->dev, &length, &type)));
}

static void capabilities(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_FALSE(test, nyx_ops.capable(&fake->dev,
						 IOMMU_CAP_DIRTY_TRACKING));
	fake->unit.caps.dirty = true;
	KUNIT_EXPECT_TRUE(test, nyx_ops.capable(&fake->dev,
						IOMMU_CAP_DIRTY_TRACKING));
#ifdef NYX_HAVE_CAP_ATS
	KUNIT_EXPECT_FALSE(test, nyx_ops.capable(&fake->dev,
						 IOMMU_CAP_PCI_ATS_SUPPORTED));
	fake->ndev.ats_supported = true;
	KUNIT_EXPECT_TRUE(test, nyx_ops.capable(&fake->dev,
						IOMMU_CAP_PCI_ATS_SUPPORTED));
#endif
}

static struct kunit_case cases[] = {
	KUNIT_CASE(hw_info),
	KUNIT_CASE(capabilities),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_lifecycle_hw_info",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
