// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices below VT-d units that get identity by default.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include <nyx/device.h>

#include "../param_set.h"
#include "quirks/quirks.h"
#include "vtd/identity.h"

#define GRAPHICS NYX_QUIRK_GRAPHICS
#define BROKEN (NYX_QUIRK_GRAPHICS | NYX_QUIRK_NO_GRAPHICS)

/**
 * struct choice - a choice of the user on a machine
 * @igfx: the parameter
 * @machine: flags of the machine
 * @identity: whether the integrated graphics get identity
 */
struct choice {
	const char *igfx;
	u32 machine;
	bool identity;
};

static bool needs(u32 quirks)
{
	const struct nyx_device ndev = { .quirks = quirks };

	return vtd_identity_needed(&ndev);
}

/* This kernel is configured without CONFIG_INTEL_IOMMU_DEFAULT_ON. */
static void integrated_graphics(struct kunit *test)
{
	static const struct choice choices[] = {
		{ "kernel", GRAPHICS, true },
		{ "identity", GRAPHICS, true },
		{ "translated", GRAPHICS, false },
		/* The user cannot make it work where it does not. */
		{ "kernel", BROKEN, true },
		{ "translated", BROKEN, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		KUNIT_ASSERT_EQ(test, set_param("nyx_iommu.igfx",
						choices[i].igfx), 0);
		vtd_identity_init(choices[i].machine);
		KUNIT_EXPECT_EQ_MSG(test, needs(GRAPHICS),
				    choices[i].identity, "case %u", i);
		/* Other devices are translated. */
		KUNIT_EXPECT_FALSE(test, needs(0));
		KUNIT_EXPECT_FALSE(test, needs(NYX_QUIRK_ISOCH_AUDIO));
	}
	KUNIT_EXPECT_EQ(test, set_param("nyx_iommu.igfx", "on"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_param("nyx_iommu.igfx", "kernel"), 0);
}

static u32 isochctrl;

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	*val = where == 0x188 && size == 4 ? isochctrl : 0;
	return PCIBIOS_SUCCESSFUL;
}

/*
 * VTISOCHCTRL: bit 0 clear: audio uses the unit for isochronous requests; bits
 * 4:2: its number of TLB entries, 16 recommended.
 */
static void isochronous_audio(struct kunit *test)
{
	struct pci_ops ops = { .read = read_config };
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	static const struct {
		u32 ctrl;
		bool broken;
	} cases[] = {
		{ 0x00, true }, { 0xffffffe2, true }, { 0x10, false },
		{ 0x08, false }, { 0x01, false }, { 0x11, false },
		{ 0xffffffff, false },
	};
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus->ops = &ops;
	pdev->bus = bus;
	pdev->dev.init_name = "isoch";
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		isochctrl = cases[i].ctrl;
		KUNIT_EXPECT_EQ_MSG(test, vtd_isoch_without_tlb(pdev),
				    cases[i].broken, "case %u", i);
	}
}

static struct kunit_case nyx_vtd_identity_cases[] = {
	KUNIT_CASE(integrated_graphics),
	KUNIT_CASE(isochronous_audio),
	{}
};

static struct kunit_suite nyx_vtd_identity_suite = {
	.name = "nyx_vtd_identity",
	.test_cases = nyx_vtd_identity_cases,
};

kunit_test_suite(nyx_vtd_identity_suite);
