// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which unit, scope and ATS answer a device gets, on a PCI hierarchy of paper.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "dmar_result.h"
#include "vtd/target.h"

/* A PCI Express port type as the capability register has it, bits 7:4. */
#define ENDPOINT	(0x0 << 4)
#define ROOT_PORT	(0x4 << 4)
#define TO_PCI_BRIDGE	(0x7 << 4)

static struct pci_bus *new_bus(struct kunit *test, struct pci_dev *bridge,
			       u8 number)
{
	struct pci_bus *bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bus);
	bus->self = bridge;
	bus->number = number;
	return bus;
}

static struct pci_dev *new_dev(struct kunit *test, struct pci_bus *bus,
			       u8 device, u8 function, u16 pcie)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->bus = bus;
	pdev->devfn = device << 3 | function;
	pdev->pcie_cap = 0x40;
	pdev->pcie_flags_reg = pcie;
	return pdev;
}

static int find(const struct dmar_result *r, const struct pci_dev *pdev,
		int segment)
{
	const struct vtd_target target = {
		.pdev = pdev,
		.segment = segment,
		.andd = -1,
	};
	const struct vtd_scope *scope;

	return vtd_target_unit(&target, &r->dmar, &scope);
}

static bool ats(const struct dmar_result *r, const struct pci_dev *pdev,
		int segment)
{
	const struct vtd_target target = {
		.pdev = pdev,
		.segment = segment,
		.andd = -1,
	};

	return vtd_target_ats(&target, &r->dmar);
}

static struct dmar_result *server(struct kunit *test)
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct dmar_result *r;

	KUNIT_ASSERT_NOT_NULL(test, t);
	dmar_table_server(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	return r;
}

/* An endpoint is that device alone; the rest goes to INCLUDE_PCI_ALL. */
static void target_endpoint(struct kunit *test)
{
	struct dmar_result *r = server(test);
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *bridge = new_dev(test, root, 2, 0, ROOT_PORT);
	struct pci_bus *below = new_bus(test, bridge, 0x05);

	KUNIT_EXPECT_EQ(test, find(r, bridge, 0), 0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 1, 0), 0), 2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 3, 0, 0), 0), 2);
	/* below it, with the same number or another, is somewhere else */
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, below, 2, 0, 0), 0), 2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, below, 0, 0, 0), 0), 2);
	/* the same place on another root bus, and in other segments */
	root = new_bus(test, NULL, 0x80);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0), 2);
	root = new_bus(test, NULL, 0x00);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0x10000),
			-ENODEV);
}

/* Segment 1: 0x80:01.0 / 02.3 / 1f.7 and what is below, whatever the numbers. */
static void target_path(struct kunit *test)
{
	struct dmar_result *r = server(test);
	struct pci_dev *first, *second, *third;
	struct pci_bus *bus, *second_bus;

	bus = new_bus(test, NULL, 0x80);
	first = new_dev(test, bus, 0x01, 0, ROOT_PORT);
	second_bus = new_bus(test, first, 0x95);
	second = new_dev(test, second_bus, 0x02, 3, 0);
	bus = new_bus(test, second, 0xa0);
	third = new_dev(test, bus, 0x1f, 7, 0);
	KUNIT_EXPECT_EQ(test, find(r, first, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, find(r, second, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, find(r, third, 1), 1);
	KUNIT_EXPECT_EQ(test, find(r, third, 0), 2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0x1f, 6, 0), 1),
			-ENODEV);

	/* below, at once and two bridges on */
	bus = new_bus(test, third, 0xa1);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0, 0, 0), 1), 1);
	bus = new_bus(test, new_dev(test, bus, 4, 0, 0), 0xa2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 9, 1, 0), 1), 1);

	/* the same tail at another place */
	bus = new_bus(test, new_dev(test, second_bus, 2, 2, 0), 0xb0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0x1f, 7, 0), 1),
			-ENODEV);
	bus = new_bus(test, NULL, 0x81);
	bus = new_bus(test, new_dev(test, bus, 1, 0, 0), 0x82);
	bus = new_bus(test, new_dev(test, bus, 2, 3, 0), 0x83);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0x1f, 7, 0), 1),
			-ENODEV);
}

/* What an unusable unit serves is nobody's. */
static void target_unusable(struct kunit *test)
{
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *listed = new_dev(test, root, 2, 0, 0);
	struct pci_dev *other = new_dev(test, root, 3, 0, 0);
	struct dmar_result *r = server(test);

	r->dmar.drhd[0].usable = false;
	KUNIT_EXPECT_EQ(test, find(r, listed, 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, find(r, other, 0), 2);
	r->dmar.drhd[0].usable = true;
	r->dmar.drhd[2].usable = false;
	KUNIT_EXPECT_EQ(test, find(r, listed, 0), 0);
	KUNIT_EXPECT_EQ(test, find(r, other, 0), -ENODEV);
}

/* The order of units does not matter. */
static void target_order(struct kunit *test)
{
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct dmar_result *r;

	KUNIT_ASSERT_NOT_NULL(test, t);
	dmar_table_qemu_all(t);
	dmar_table_drhd(t, 0x00, 0, 0xfed91000);
	dmar_table_scope(t, 1, 0, 0, 2, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0), 1);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 3, 0, 0), 0), 0);
	/* the I/O APIC's source-id is no PCI device's place */
	root = new_bus(test, NULL, 0xff);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 0, 0, 0), 1), -ENODEV);
}

static void target_acpi(struct kunit *test)
{
	struct vtd_target target = { .andd = 1 };
	const struct vtd_scope *scope;
	struct dmar_result *r = server(test);

	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope), 2);
	KUNIT_ASSERT_NOT_NULL(test, scope);
	KUNIT_EXPECT_EQ(test, scope->path[0], 0xa9);
	/* 8 is an I/O APIC's ID and 0 an HPET's number */
	target.andd = 8;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
	target.andd = 0;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
	/* no number: a device that the table cannot name */
	target.andd = -1;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
}

static void target_ats(struct kunit *test)
{
	struct dmar_result *r = server(test);
	struct pci_bus *root = new_bus(test, NULL, 0x00), *bus;

	/* integrated: in the SATC that requires ATS, and in none */
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, root, 8, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 9, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 8, 0, 0), 1));
	r->dmar.satc[0].atc_required = false;
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 8, 0, 0), 0));

	/* below the root port that the ATSR lists, and below another */
	bus = new_bus(test, new_dev(test, root, 0x1c, 4, ROOT_PORT), 1);
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, bus, 0, 0, 0x5 << 4), 2);
	bus = new_bus(test, new_dev(test, bus, 1, 0, 0x6 << 4), 3);
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, bus, 2, 0, TO_PCI_BRIDGE), 4);
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, root, 0x1c, 5, ROOT_PORT), 5);
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));

	/* segment 1 has ALL_PORTS, segment 2 nothing */
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 1));
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 2));

	/* a bridge that is no PCI Express device */
	bus->self->pcie_cap = 0;
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 1));
}

static struct kunit_case target_cases[] = {
	KUNIT_CASE(target_endpoint),
	KUNIT_CASE(target_path),
	KUNIT_CASE(target_unusable),
	KUNIT_CASE(target_order),
	KUNIT_CASE(target_acpi),
	KUNIT_CASE(target_ats),
	{}
};

static struct kunit_suite target_suite = {
	.name = "nyx_dmar_target",
	.test_cases = target_cases,
};

kunit_test_suite(target_suite);
