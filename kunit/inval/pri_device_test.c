// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to the Page Request capability of a PCI function.
 *
 * unit_core.c has stand-ins for these functions, so the suite compiles them under names
 * of their own.
 */
#define nyx_pri_device_probe nyx_kunit_pri_device_probe
#define nyx_pri_device_enable nyx_kunit_pri_device_enable
#define nyx_pri_device_disable nyx_kunit_pri_device_disable

#include "inval/pri_device.c"

#include "pci_function.h"

static void probe(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);

	KUNIT_EXPECT_TRUE(test, nyx_pri_device_probe(&fn->ndev));
	KUNIT_EXPECT_FALSE(test, fn->ndev.response_pasid);
	fn->pdev.pasid_required = true;
	KUNIT_EXPECT_TRUE(test, nyx_pri_device_probe(&fn->ndev));
	KUNIT_EXPECT_TRUE(test, fn->ndev.response_pasid);
	/* The interface of a virtual function is that of the physical function. */
	fn->pdev.is_virtfn = true;
	KUNIT_EXPECT_FALSE(test, nyx_pri_device_probe(&fn->ndev));
	fn->pdev.is_virtfn = false;
	fn->pdev.pri_cap = 0;
	KUNIT_EXPECT_FALSE(test, nyx_pri_device_probe(&fn->ndev));
	KUNIT_EXPECT_EQ(test, fn->writes, 0);
}

static void enable(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);
	unsigned int writes;

	/* What an earlier use has left is forgotten. */
	fn->outstanding = 3;
	KUNIT_ASSERT_EQ(test, nyx_pri_device_enable(&fn->ndev), 0);
	KUNIT_EXPECT_EQ(test, fn->outstanding, 0);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 1);
	KUNIT_EXPECT_EQ(test, fn->allocation, 32);
	KUNIT_EXPECT_TRUE(test, fn->pdev.pri_enabled);

	/* As if another driver had enabled it. */
	writes = fn->writes;
	KUNIT_EXPECT_EQ(test, nyx_pri_device_enable(&fn->ndev), -EBUSY);
	KUNIT_EXPECT_EQ(test, fn->writes, writes);

	nyx_pri_device_disable(&fn->ndev);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 0);
	KUNIT_EXPECT_FALSE(test, fn->pdev.pri_enabled);

	/* The device may support fewer requests. */
	fn->capacity = 8;
	KUNIT_ASSERT_EQ(test, nyx_pri_device_enable(&fn->ndev), 0);
	KUNIT_EXPECT_EQ(test, fn->allocation, 8);
	nyx_pri_device_disable(&fn->ndev);
	KUNIT_EXPECT_NULL_MSG(test, fn->broken, "%s", fn->broken);
}

/* A device whose interface does not stop gets no page requests. */
static void does_not_stop(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);

	fn->outstanding = 1;
	fn->stuck = true;
	KUNIT_EXPECT_EQ(test, nyx_pri_device_enable(&fn->ndev), -EBUSY);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 0);
	KUNIT_EXPECT_FALSE(test, fn->pdev.pri_enabled);
	/* A reset of the function restores nothing. */
	pci_function_reset(fn);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 0);
	fn->stuck = false;
	KUNIT_EXPECT_EQ(test, nyx_pri_device_enable(&fn->ndev), 0);
	nyx_pri_device_disable(&fn->ndev);
	KUNIT_EXPECT_NULL_MSG(test, fn->broken, "%s", fn->broken);
}

/* The PCI core restores after a reset what the driver has set before. */
static void reset(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);

	KUNIT_ASSERT_EQ(test, nyx_pri_device_enable(&fn->ndev), 0);
	pci_function_reset(fn);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 1);
	KUNIT_EXPECT_EQ(test, fn->allocation, 32);
	nyx_pri_device_disable(&fn->ndev);
	pci_function_reset(fn);
	KUNIT_EXPECT_EQ(test, fn->pri_ctrl, 0);
	KUNIT_EXPECT_NULL_MSG(test, fn->broken, "%s", fn->broken);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(probe),
	KUNIT_CASE(enable),
	KUNIT_CASE(does_not_stop),
	KUNIT_CASE(reset),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_inval_pri_device",
	.test_cases = cases,
};

kunit_test_suite(suite);
