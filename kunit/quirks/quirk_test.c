// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of functions that need special treatment, on made-up functions.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/pci.h>

#include "quirks/quirks.h"

/**
 * struct expected - a function, and the flags that it has to get
 * @vendor: vendor ID
 * @device: device ID
 * @class: class code
 * @revision: revision
 * @flags: the flags
 * @pcie: PCI Express type
 * @below_port: the function is not on a root bus
 * @single: the function is the only one of its device
 */
struct expected {
	u16 vendor;
	u16 device;
	u32 class;
	u8 revision;
	u32 flags;
	u16 pcie;
	bool below_port;
	bool single;
};

/* PCI Express device types as in the capability register, bits 7:4. */
#define ENDPOINT	(0x0 << 4)
#define ROOT_PORT	(0x4 << 4)
#define DOWNSTREAM	(0x6 << 4)
#define INTEGRATED	(0x9 << 4)
/* Not a PCI Express device. */
#define CONVENTIONAL	0xffff

static void expect(struct kunit *test, const struct expected *expected,
		   unsigned int nr)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	pdev->bus = bus;
	pdev->dev.init_name = "0000:00:00.0";
	for (i = 0; i < nr; i++) {
		bus->parent = expected[i].below_port ? bus : NULL;
		pdev->multifunction = !expected[i].single;
		pdev->pcie_cap = expected[i].pcie == CONVENTIONAL ? 0 : 0x40;
		pdev->pcie_flags_reg = expected[i].pcie;
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

#define BUFFER_NO_GRAPHICS (NYX_QUIRK_WRITE_BUFFER | NYX_QUIRK_NO_GRAPHICS)
#define INTEL_GRAPHICS NYX_QUIRK_GRAPHICS

/* Host bridges and graphics: IDs from the datasheets of the chipsets. */
static void chipsets(struct kunit *test)
{
	static const struct expected expected[] = {
		{ 0x8086, 0x2a40, 0x060000, 7, BUFFER_NO_GRAPHICS },
		{ 0x8086, 0x2e20, 0x060000, 3, BUFFER_NO_GRAPHICS },
		{ 0x8086, 0x2e90, 0x060000, 3, BUFFER_NO_GRAPHICS },
		{ 0x8086, 0x29c0, 0x060000, 2, 0 },	/* QEMU's q35 */
		{ 0x1023, 0x2a40, 0x060000, 7, 0 },
		/* 5500, 5520, X58: B-3 is revision 13h, C-2 22h. */
		{ 0x8086, 0x3403, 0x060000, 0x13, NYX_QUIRK_NO_INTR },
		{ 0x8086, 0x3403, 0x060000, 0x14, 0 },
		{ 0x8086, 0x3403, 0x060000, 0x22, 0 },
		{ 0x8086, 0x3405, 0x060000, 0x00, NYX_QUIRK_NO_INTR },
		{ 0x8086, 0x3405, 0x060000, 0x12, NYX_QUIRK_NO_INTR },
		{ 0x8086, 0x3405, 0x060000, 0x21, 0 },
		{ 0x8086, 0x3405, 0x060000, 0x22, NYX_QUIRK_NO_INTR },
		{ 0x8086, 0x3405, 0x060000, 0x23, 0 },
		{ 0x8086, 0x3405, 0x060400, 0x13, 0 },
		{ 0x8086, 0x3406, 0x060000, 0x13, NYX_QUIRK_NO_INTR },
		{ 0x8086, 0x3407, 0x060000, 0x13, 0 },
		/* Ironlake: the host bridges, and the graphics of one. */
		{ 0x8086, 0x0044, 0x060000, 2, NYX_QUIRK_NO_GRAPHICS },
		{ 0x8086, 0x0040, 0x060000, 2, NYX_QUIRK_NO_GRAPHICS },
		{ 0x8086, 0x0046, 0x030000, 2, INTEL_GRAPHICS, CONVENTIONAL },
		/* Broadwell graphics, and its host bridge. */
		{ 0x8086, 0x1616, 0x030000, 9,
		  INTEL_GRAPHICS | NYX_QUIRK_NO_GRAPHICS, CONVENTIONAL },
		{ 0x8086, 0x1604, 0x060000, 9, 0 },
		/* Graphics of Alder Lake; a card, which is below a port. */
		{ 0x8086, 0x46a6, 0x030000, 0xc,
		  INTEL_GRAPHICS | NYX_QUIRK_GRAPHICS_ON | NYX_QUIRK_ISOLATED,
		  INTEGRATED },
		{ 0x8086, 0x46d1, 0x038000, 0,
		  INTEL_GRAPHICS | NYX_QUIRK_GRAPHICS_ON, CONVENTIONAL },
		{ 0x8086, 0x56a0, 0x030000, 8, 0, ENDPOINT, true },
		{ 0x8086, 0x3a3e, 0x040300, 0, NYX_QUIRK_ISOCH_AUDIO,
		  CONVENTIONAL },
		{ 0x8086, 0x342e, 0x080000, 0, NYX_QUIRK_ISOCH_CONTROL,
		  CONVENTIONAL },
	};

	expect(test, expected, ARRAY_SIZE(expected));
}

/* Graphics from Ice Lake to Meteor Lake: by the upper half of the device ID. */
static void graphics_stay_on(struct kunit *test)
{
	static const u8 with[] = {
		0x45, 0x46, 0x4c, 0x4e, 0x7d, 0x8a, 0x98, 0x9a, 0xa7,
	};
	static const u8 without[] = {
		0x44, 0x47, 0x4b, 0x4d, 0x4f, 0x7c, 0x7e, 0x89, 0x8b, 0x99, 0x9b,
		0xa6, 0xa8, 0x3e, 0x64, 0x00, 0xff,
	};
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	unsigned int i, low;

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	pdev->bus = bus;
	pdev->dev.init_name = "0000:00:02.0";
	pdev->vendor = 0x8086;
	for (low = 0; low < 0x100; low += 0xff) {
		for (i = 0; i < ARRAY_SIZE(with); i++) {
			pdev->device = with[i] << 8 | low;
			pdev->class = 0x030000;
			KUNIT_EXPECT_TRUE_MSG(test, nyx_quirk_flags(pdev) &
					      NYX_QUIRK_GRAPHICS_ON,
					      "%04x", pdev->device);
			pdev->class = 0x040300;
			KUNIT_EXPECT_FALSE_MSG(test, nyx_quirk_flags(pdev) &
					       NYX_QUIRK_GRAPHICS_ON,
					       "%04x", pdev->device);
		}
		pdev->class = 0x030000;
		for (i = 0; i < ARRAY_SIZE(without); i++) {
			pdev->device = without[i] << 8 | low;
			KUNIT_EXPECT_FALSE_MSG(test, nyx_quirk_flags(pdev) &
					       NYX_QUIRK_GRAPHICS_ON,
					       "%04x", pdev->device);
		}
	}
}

/* Functions that need another treatment than their siblings. */
static void functions(struct kunit *test)
{
	static const struct expected expected[] = {
		/* Stoney Ridge's graphics, and Carrizo's */
		{ 0x1002, 0x98e4, 0x030000, 0xea,
		  NYX_QUIRK_NO_UNITS | NYX_QUIRK_PASID, ENDPOINT, true },
		{ 0x1002, 0x9874, 0x030000, 0xc5, NYX_QUIRK_PASID, ENDPOINT,
		  true },
		/* Units of RD890 and of its predecessor */
		{ 0x1002, 0x5a23, 0x080600, 0,
		  NYX_QUIRK_LOSES_CONFIG | NYX_QUIRK_PASID, CONVENTIONAL, true },
		{ 0x1002, 0x5a22, 0x080600, 0, NYX_QUIRK_PASID, CONVENTIONAL,
		  true },
		/* Raven's graphics and its audio; a USB controller */
		{ 0x1002, 0x15d8, 0x030000, 0xc1, NYX_QUIRK_PASID, ENDPOINT,
		  true },
		{ 0x1022, 0x15e0, 0x0c0330, 0, NYX_QUIRK_PASID, ENDPOINT, true },
		/* QAT 4xxx and 401xx with their virtual functions */
		{ 0x8086, 0x493f, 0x0b4000, 0, 0, ENDPOINT, true },
		{ 0x8086, 0x4940, 0x0b4000, 0, NYX_QUIRK_FLUSH_TWICE, ENDPOINT,
		  true },
		{ 0x8086, 0x4943, 0x0b4000, 0, NYX_QUIRK_FLUSH_TWICE, ENDPOINT,
		  true },
		{ 0x8086, 0x4944, 0x0b4000, 0, 0, ENDPOINT, true },
		/* Touch controllers: only with the class of a digitizer. */
		{ 0x8086, 0xa0d0, 0x090100, 0, NYX_QUIRK_ANY_SOURCE,
		  CONVENTIONAL },
		{ 0x8086, 0xa0d0, 0x0c8000, 0, 0, CONVENTIONAL },
		{ 0x8086, 0x98d1, 0x090100, 0, NYX_QUIRK_ANY_SOURCE,
		  CONVENTIONAL },
	};

	expect(test, expected, ARRAY_SIZE(expected));
}

/* Functions that isolate without an ACS capability, or with a broken one. */
static void isolation(struct kunit *test)
{
	static const struct expected expected[] = {
		/* 82599, I350 and BCM57508: functions of a card */
		{ 0x8086, 0x10fb, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x8086, 0x1521, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x8086, 0x1520, 0x020000, 1, 0, ENDPOINT, true },
		{ 0x14e4, 0x1750, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x14e4, 0x1753, 0x020000, 1, 0, ENDPOINT, true },
		{ 0x1924, 0x0a03, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x19a2, 0x0710, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x10df, 0x0720, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x8088, 0x0107, 0x020000, 1, NYX_QUIRK_ISOLATED, ENDPOINT,
		  true },
		{ 0x8088, 0x0110, 0x020000, 1, 0, ENDPOINT, true },
		/* Integrated endpoints, of one vendor only */
		{ 0x8086, 0xa0c8, 0x040380, 1, NYX_QUIRK_ISOLATED, INTEGRATED },
		{ 0x8087, 0xa0c8, 0x040380, 1, 0, INTEGRATED },
		/* A southbridge: on the root bus, one of several functions */
		{ 0x1002, 0x4385, 0x0c0500, 0x3d,
		  NYX_QUIRK_ISOLATED | NYX_QUIRK_PASID, CONVENTIONAL },
		{ 0x1002, 0x4385, 0x0c0500, 0x3d, NYX_QUIRK_PASID,
		  CONVENTIONAL, true },
		{ 0x1002, 0x4385, 0x0c0500, 0x3d, NYX_QUIRK_PASID,
		  CONVENTIONAL, false, true },
		/* Ports */
		{ 0x1d17, 0x0710, 0x060400, 0, NYX_QUIRK_ISOLATED, ROOT_PORT },
		{ 0x1d17, 0x0752, 0x060400, 0, NYX_QUIRK_ISOLATED, DOWNSTREAM,
		  true },
		{ 0x1d17, 0x0710, 0x060400, 0, 0, ENDPOINT },
		{ 0x1d17, 0x071f, 0x060400, 0, 0, ROOT_PORT },
		{ 0x8086, 0x1c10, 0x060400, 0, NYX_QUIRK_ACS_CHIPSET,
		  ROOT_PORT },
		{ 0x8086, 0x9c9b, 0x060400, 0, NYX_QUIRK_ACS_CHIPSET,
		  ROOT_PORT },
		{ 0x8086, 0x1d11, 0x060400, 0, 0, ROOT_PORT },
		{ 0x8086, 0x1c10, 0x060400, 0, 0, ENDPOINT },
		{ 0x8086, 0xa10f, 0x060400, 0, 0, ROOT_PORT },
		{ 0x8086, 0xa110, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0xa11f, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0xa167, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0xa16b, 0x060400, 0, 0, ROOT_PORT },
		{ 0x8086, 0xa29f, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0xa2ee, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0x9d1b, 0x060400, 0, NYX_QUIRK_ACS_DWORD, ROOT_PORT },
		{ 0x8086, 0x9d1c, 0x060400, 0, 0, ROOT_PORT },
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

/* Drivers that copy messages, by the names that Linux gives them. */
static void drivers(struct kunit *test)
{
	struct device_driver driver = { .name = "ath11k_pci" };
	struct device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_EXPECT_FALSE(test, nyx_quirk_copies_messages(dev));
	dev->driver = &driver;
	KUNIT_EXPECT_TRUE(test, nyx_quirk_copies_messages(dev));
	driver.name = "nvme";
	KUNIT_EXPECT_FALSE(test, nyx_quirk_copies_messages(dev));
	KUNIT_EXPECT_GT(test, nyx_nr_quirk_drivers, 0);
	for (i = 0; i < nyx_nr_quirk_drivers; i++) {
		KUNIT_ASSERT_NOT_NULL_MSG(test, nyx_quirk_drivers[i].name,
					  "row %u", i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, nyx_quirk_drivers[i].source,
					  "row %u", i);
	}
}

static struct kunit_case nyx_quirks_quirk_cases[] = {
	KUNIT_CASE(chipsets),
	KUNIT_CASE(graphics_stay_on),
	KUNIT_CASE(functions),
	KUNIT_CASE(isolation),
	KUNIT_CASE(rows_are_complete),
	KUNIT_CASE(drivers),
	{}
};

static struct kunit_suite nyx_quirks_quirk_suite = {
	.name = "nyx_quirks_quirk",
	.test_cases = nyx_quirks_quirk_cases,
};

kunit_test_suite(nyx_quirks_quirk_suite);
