// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requester IDs that a device's DMA may carry, on a made-up PCI hierarchy.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "pci/pci.h"

/* PCI Express device types as in the capability register, bits 7:4. */
#define ENDPOINT	(0x0 << 4)
#define ROOT_PORT	(0x4 << 4)
#define TO_PCI_BRIDGE	(0x7 << 4)
#define FROM_PCI_BRIDGE	(0x8 << 4)

/* Not a PCI Express device. */
#define CONVENTIONAL	0xffff

static bool firmware_has_alias;
static u16 firmware_alias;

static bool alias(struct device *dev, u16 *rid)
{
	*rid = firmware_alias;
	return firmware_has_alias;
}

static const struct nyx_vendor vendor = { .alias = alias };

static int alias_init(struct kunit *test)
{
	firmware_has_alias = false;
	nyx_vendor = &vendor;
	return 0;
}

static struct pci_dev *new_dev(struct kunit *test, struct pci_bus *bus, u8 devfn,
			       u16 pcie)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->dev.bus = &pci_bus_type;
	pdev->bus = bus;
	pdev->devfn = devfn;
	if (pcie != CONVENTIONAL) {
		pdev->pcie_cap = 0x40;
		pdev->pcie_flags_reg = pcie;
	}
	return pdev;
}

/* Returns the bus below a bridge, or the root bus if @bridge is NULL. */
static struct pci_bus *new_bus(struct kunit *test, struct pci_dev *bridge,
			       u8 number)
{
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus->number = number;
	if (bridge) {
		bus->self = bridge;
		bus->parent = bridge->bus;
		bridge->subordinate = bus;
	}
	return bus;
}

static struct nyx_device *collect(struct kunit *test, struct pci_dev *pdev)
{
	struct nyx_device *ndev = kunit_kzalloc(test, sizeof(*ndev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	ndev->dev = &pdev->dev;
	ndev->rid = pci_dev_id(pdev);
	/* A second call changes nothing. */
	nyx_alias_collect(ndev);
	nyx_alias_collect(ndev);
	return ndev;
}

static void expect_rids(struct kunit *test, struct pci_dev *pdev,
			const u16 *rids, unsigned int nr)
{
	const struct nyx_device *ndev = collect(test, pdev);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ndev->nr_rids, nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, ndev->rids[i], rids[i]);
}

/* PCI Express ports do not change requester IDs; other bridges do. */
static void bridges(struct kunit *test)
{
	static const u16 rids[] = { 0x0318, 0x0310, 0x0300, 0x0200, 0x0008 };
	static const u16 added[] = {
		0x0318, 0x0100, 0x0310, 0x0300, 0x0200, 0x0008,
	};
	struct pci_bus *root = new_bus(test, NULL, 0);
	struct pci_dev *port = new_dev(test, root, 0x08, ROOT_PORT);
	struct pci_bus *bus = new_bus(test, port, 1);
	struct pci_dev *bridge = new_dev(test, bus, 0x00, TO_PCI_BRIDGE);
	struct pci_bus *behind = new_bus(test, bridge, 2);
	struct pci_dev *conv = new_dev(test, behind, 0x20, CONVENTIONAL);
	struct pci_dev *pdev = new_dev(test, new_bus(test, conv, 3), 0x18,
				       CONVENTIONAL);

	expect_rids(test, new_dev(test, bus, 0x00, ENDPOINT),
		    (u16 []) { 0x0100 }, 1);
	KUNIT_EXPECT_PTR_EQ(test, nyx_alias_top(bridge), bridge);
	/* A PCIe-to-PCI bridge uses the ID of function 0 on the bus below. */
	expect_rids(test, pdev, (u16 []) { 0x0318, 0x0220, 0x0200 }, 3);
	KUNIT_EXPECT_PTR_EQ(test, nyx_alias_top(pdev), bridge);
	/* A PCIe-to-PCI bridge with a quirk that keeps the IDs. */
	bridge->dev_flags = PCI_DEV_FLAGS_PCI_BRIDGE_NO_ALIAS;
	expect_rids(test, pdev, (u16 []) { 0x0318, 0x0220 }, 2);
	KUNIT_EXPECT_PTR_EQ(test, nyx_alias_top(pdev), conv);
	bridge->dev_flags = 0;
	/* A quirk: this conventional bridge acts as a PCIe-to-PCI bridge. */
	conv->dev_flags = PCI_DEV_FLAG_PCIE_BRIDGE_ALIAS;
	expect_rids(test, pdev, (u16 []) { 0x0318, 0x0300, 0x0200 }, 3);
	/* A quirk: requests are translated at this bridge. */
	bridge->dev_flags = PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT;
	expect_rids(test, pdev, (u16 []) { 0x0318, 0x0300 }, 2);
	bridge->dev_flags = 0;
	/*
	 * A PCI-to-PCIe bridge uses its own ID; quirks and firmware add more.
	 */
	port->pcie_flags_reg = FROM_PCI_BRIDGE;
	pdev->dma_alias_mask = kunit_kzalloc(test, 32, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pdev->dma_alias_mask);
	__set_bit(0x10, pdev->dma_alias_mask);
	__set_bit(0x18, pdev->dma_alias_mask);
	expect_rids(test, pdev, rids, ARRAY_SIZE(rids));
	firmware_has_alias = true;
	firmware_alias = 0x0310;
	expect_rids(test, pdev, rids, ARRAY_SIZE(rids));
	firmware_alias = 0x0100;
	expect_rids(test, pdev, added, ARRAY_SIZE(added));
}

/* The maximum: the quirk of some NTBs, below a bridge on every other bus. */
static void maximum_number_of_ids(struct kunit *test)
{
	unsigned long *seen = kunit_kzalloc(test, 65536 / 8, GFP_KERNEL);
	struct pci_bus *bus = new_bus(test, NULL, 0);
	const struct nyx_device *ndev;
	unsigned int i, wrong = 0;
	struct pci_dev *pdev;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (i = 1; i < 256; i++)
		bus = new_bus(test, new_dev(test, bus, 0x10, CONVENTIONAL), i);
	pdev = new_dev(test, bus, 0x28, CONVENTIONAL);
	pdev->dma_alias_mask = kunit_kzalloc(test, 32, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pdev->dma_alias_mask);
	bitmap_fill(pdev->dma_alias_mask, 256);
	firmware_has_alias = true;
	firmware_alias = 0x00ff;

	ndev = collect(test, pdev);
	KUNIT_EXPECT_EQ(test, ndev->nr_rids, 256 + 1 + 255);
	KUNIT_EXPECT_EQ(test, ndev->rids[0], 0xff28);
	for (i = 0; i < ndev->nr_rids; i++)
		wrong += __test_and_set_bit(ndev->rids[i], seen);
	wrong += !test_bit(0x00ff, seen);
	for (i = 0; i < 256; i++)
		wrong += !test_bit(0xff00 + i, seen);
	for (i = 0; i < 255; i++)
		wrong += !test_bit(i << 8 | 0x10, seen);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static struct kunit_case alias_cases[] = {
	KUNIT_CASE(bridges),
	KUNIT_CASE(maximum_number_of_ids),
	{ }
};

static struct kunit_suite alias_suite = {
	.name = "nyx_pci_alias",
	.init = alias_init,
	.test_cases = alias_cases,
};

kunit_test_suite(alias_suite);
