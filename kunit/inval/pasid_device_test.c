// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to the PASID capability of a PCI function.
 *
 * unit_core.c has stand-ins for these functions, so the suite compiles them under names
 * of their own.
 */
#define nyx_pasid_device_enable nyx_kunit_pasid_device_enable
#define nyx_pasid_device_disable nyx_kunit_pasid_device_disable

#include "inval/pasid_device.c"

#include "pci_function.h"

/* PASID Capability: Max PASID Width is in bits 12:8. */
#define WIDTH(n) ((n) << 8)

static void enable(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);
	unsigned int bits;

	for (bits = 1; bits <= 20; bits++) {
		/* Execute and privileged mode are not used. */
		fn->pasid_cap = WIDTH(bits) | 0x6;
		KUNIT_ASSERT_EQ(test, nyx_pasid_device_enable(&fn->ndev), bits);
		KUNIT_EXPECT_EQ(test, fn->pasid_ctrl, 1);
		/* The PCI core restores it after a reset. */
		pci_function_reset(fn);
		KUNIT_EXPECT_EQ(test, fn->pasid_ctrl, 1);
		nyx_pasid_device_disable(&fn->ndev);
		KUNIT_EXPECT_EQ(test, fn->pasid_ctrl, 0);
		pci_function_reset(fn);
		KUNIT_EXPECT_EQ(test, fn->pasid_ctrl, 0);
	}
	KUNIT_EXPECT_NULL_MSG(test, fn->broken, "%s", fn->broken);
}

static void expect_none(struct kunit *test, struct pci_function *fn)
{
	unsigned int writes = fn->writes;
	bool enabled = fn->pdev.pasid_enabled;

	KUNIT_EXPECT_EQ(test, nyx_pasid_device_enable(&fn->ndev), 0);
	KUNIT_EXPECT_EQ(test, fn->writes, writes);
	KUNIT_EXPECT_EQ(test, (bool)fn->pdev.pasid_enabled, enabled);
}

static void refused(struct kunit *test)
{
	struct pci_function *fn = pci_function_new(test);

	/* The capability supports no PASID but 0. */
	expect_none(test, fn);
	fn->pasid_cap = WIDTH(4);
	/* Another function of the device could get the requests. */
	fn->pdev.multifunction = true;
	expect_none(test, fn);
	fn->pdev.multifunction = false;
	/* Another driver has enabled them. */
	fn->pdev.pasid_enabled = true;
	expect_none(test, fn);
	fn->pdev.pasid_enabled = false;
	fn->pdev.pasid_cap = 0;
	expect_none(test, fn);
	/* As a virtual function, which has no control of its own. */
	nyx_pasid_device_disable(&fn->ndev);
	KUNIT_EXPECT_EQ(test, fn->writes, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(enable),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_inval_pasid_device",
	.test_cases = cases,
};

kunit_test_suite(suite);
