// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matching of devices to units and scopes, and their permission to use ATS, on
 * a PCI hierarchy of structures in memory.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "dmar_result.h"
#include "vtd/target.h"

/* Port types of the PCI Express Capabilities Register, bits 7:4. */
#define ENDPOINT	(0x0 << 4)
#define ROOT_PORT	(0x4 << 4)
#define UPSTREAM_PORT	(0x5 << 4)
#define DOWNSTREAM_PORT	(0x6 << 4)
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
	struct dmar_result *r = dmar_result(test, dmar_new_server(test));

	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	return r;
}

/* An endpoint scope matches one device; INCLUDE_PCI_ALL matches the rest. */
static void endpoint_scope(struct kunit *test)
{
	struct dmar_result *r = server(test);
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *bridge = new_dev(test, root, 2, 0, ROOT_PORT);
	struct pci_bus *below = new_bus(test, bridge, 0x05);

	KUNIT_EXPECT_EQ(test, find(r, bridge, 0), 0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 1, 0), 0), 2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 3, 0, 0), 0), 2);
	/* devices below it do not match */
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, below, 2, 0, 0), 0), 2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, below, 0, 0, 0), 0), 2);
	/* nor does the same device number on another root bus or segment */
	root = new_bus(test, NULL, 0x80);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0), 2);
	root = new_bus(test, NULL, 0x00);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0x10000),
			-ENODEV);
}

/*
 * A scope of segment 1 with the path 0x80:01.0 / 02.3 / 1f.7 matches devices
 * below it for all bus numbers.
 */
static void scope_with_path(struct kunit *test)
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

	/* directly below, and below two further bridges */
	bus = new_bus(test, third, 0xa1);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0, 0, 0), 1), 1);
	bus = new_bus(test, new_dev(test, bus, 4, 0, 0), 0xa2);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 9, 1, 0), 1), 1);

	/* the same end of a path, below another device or bus */
	bus = new_bus(test, new_dev(test, second_bus, 2, 2, 0), 0xb0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0x1f, 7, 0), 1),
			-ENODEV);
	bus = new_bus(test, NULL, 0x81);
	bus = new_bus(test, new_dev(test, bus, 1, 0, 0), 0x82);
	bus = new_bus(test, new_dev(test, bus, 2, 3, 0), 0x83);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, bus, 0x1f, 7, 0), 1),
			-ENODEV);
}

/* Devices of an unusable unit have no unit. */
static void unusable_unit(struct kunit *test)
{
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *listed = new_dev(test, root, 2, 0, 0);
	struct pci_dev *other = new_dev(test, root, 3, 0, 0);
	struct dmar_result *r = server(test);

	r->dmar.drhd[0].usable = false;
	KUNIT_EXPECT_EQ(test, find(r, listed, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, find(r, other, 0), 2);
	r->dmar.drhd[0].usable = true;
	r->dmar.drhd[2].usable = false;
	KUNIT_EXPECT_EQ(test, find(r, listed, 0), 0);
	KUNIT_EXPECT_EQ(test, find(r, other, 0), -ENXIO);
}

/*
 * Two structures describe one unit: all its devices belong to the first, and no
 * device that either lists is left to the INCLUDE_PCI_ALL unit.
 */
static void duplicate_unit(struct kunit *test)
{
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *first = new_dev(test, root, 2, 0, 0);
	struct pci_dev *second = new_dev(test, root, 3, 0, 0);
	struct pci_dev *other = new_dev(test, root, 4, 0, 0);
	struct dmar_result *r;
	struct fw_bytes *t;
	int all;

	for (all = 0; all < 2; all++) {
		t = dmar_new_table(test);
		dmar_table_start(t, 46, 1);
		dmar_table_drhd(t, 0, 0, 0xfed91000);
		dmar_table_drhd(t, all, 0, 0xfed90000);
		dmar_table_scope(t, 1, 0, 0x00, 0x02, 0);
		dmar_table_drhd(t, 1, 0, 0xfed90000 + (all ? 0 : 0x2000));
		dmar_table_drhd(t, 0, 0, 0xfed90000);
		dmar_table_scope(t, 1, 0, 0x00, 0x03, 0);
		fw_bytes_end(t);
		r = dmar_result(test, t);
		KUNIT_ASSERT_EQ(test, r->r.ret, 0);
		KUNIT_EXPECT_EQ(test, find(r, first, 0), 1);
		KUNIT_EXPECT_EQ(test, find(r, second, 0), 1);
		KUNIT_EXPECT_EQ(test, find(r, other, 0), all ? 1 : 2);
		r->dmar.drhd[1].usable = false;
		KUNIT_EXPECT_EQ(test, find(r, second, 0), -ENXIO);
	}
}

/* The order of units does not matter. */
static void order_of_units(struct kunit *test)
{
	struct fw_bytes *t = dmar_new_table(test);
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct dmar_result *r;

	dmar_table_qemu_all(t);
	dmar_table_drhd(t, 0x00, 0, 0xfed91000);
	dmar_table_scope(t, 1, 0, 0, 2, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 2, 0, 0), 0), 1);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 3, 0, 0), 0), 0);
	/* the source-id of the I/O APIC matches no PCI device */
	root = new_bus(test, NULL, 0xff);
	KUNIT_EXPECT_EQ(test, find(r, new_dev(test, root, 0, 0, 0), 1), -ENODEV);
}

static void acpi_device(struct kunit *test)
{
	struct vtd_target target = { .andd = 1 };
	const struct vtd_scope *scope;
	struct dmar_result *r = server(test);

	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope), 2);
	KUNIT_ASSERT_NOT_NULL(test, scope);
	KUNIT_EXPECT_EQ(test, scope->path[0], 0xa9);
	/* 8 is the ID of an I/O APIC, and 0 the number of an HPET */
	target.andd = 8;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
	target.andd = 0;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
	/* a device without an ANDD */
	target.andd = -1;
	KUNIT_EXPECT_EQ(test, vtd_target_unit(&target, &r->dmar, &scope),
			-ENODEV);
}

static void ats_allowed(struct kunit *test)
{
	struct dmar_result *r = server(test);
	struct pci_bus *root = new_bus(test, NULL, 0x00), *bus;

	/* integrated devices: in the SATC that requires ATS, and in no SATC */
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, root, 8, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 9, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 8, 0, 0), 1));
	r->dmar.satc[0].atc_required = false;
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, root, 8, 0, 0), 0));

	/* below the root port that the ATSR lists, and below another */
	bus = new_bus(test, new_dev(test, root, 0x1c, 4, ROOT_PORT), 1);
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, bus, 0, 0, UPSTREAM_PORT), 2);
	bus = new_bus(test, new_dev(test, bus, 1, 0, DOWNSTREAM_PORT), 3);
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, bus, 2, 0, TO_PCI_BRIDGE), 4);
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));
	bus = new_bus(test, new_dev(test, root, 0x1c, 5, ROOT_PORT), 5);
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 0));

	/* segment 1 has ALL_PORTS, segment 2 has no ATSR */
	KUNIT_EXPECT_TRUE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 1));
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 2));

	/* below a bridge that is no PCI Express device */
	bus->self->pcie_cap = 0;
	KUNIT_EXPECT_FALSE(test, ats(r, new_dev(test, bus, 0, 0, ENDPOINT), 1));
}

static u16 ats_capability;

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	/* The header of an ATS capability, the last one. */
	*val = where == 0x100 && size == 4 ? 0x0001000f : 0;
	if (where == 0x104 && size == 2)
		*val = ats_capability;
	return PCIBIOS_SUCCESSFUL;
}

/* Page Aligned Request is bit 5 of the ATS Capability Register. */
static void ats_page_aligned(struct kunit *test)
{
	struct pci_ops ops = { .read = read_config };
	struct pci_bus *bus = new_bus(test, NULL, 0);
	struct pci_dev *pdev = new_dev(test, bus, 1, 0, ENDPOINT);

	bus->ops = &ops;
	/* Without extended configuration space there is no ATS. */
	pdev->cfg_size = 0x100;
	KUNIT_EXPECT_FALSE(test, vtd_ats_page_aligned(pdev));
	pdev->cfg_size = 0x1000;
	ats_capability = 0x20;
	KUNIT_EXPECT_TRUE(test, vtd_ats_page_aligned(pdev));
	ats_capability = 0x5f;
	KUNIT_EXPECT_FALSE(test, vtd_ats_page_aligned(pdev));
	/* The device is gone. */
	ats_capability = 0xffff;
	KUNIT_EXPECT_FALSE(test, vtd_ats_page_aligned(pdev));
}

static bool reserved(const struct dmar_result *r, const struct pci_dev *pdev,
		     int segment, bool is_virtual)
{
	const struct vtd_target target = {
		.pdev = pdev,
		.segment = segment,
		.andd = -1,
		.is_virtual = is_virtual,
	};

	return vtd_target_reserved(&target, &r->dmar.rmrr[0]);
}

/*
 * An RMRR for 00:02.0 and 00:14.0 is not for their virtual functions; one for
 * all devices below the root port 00:1c.0 is.
 */
static void virtual_functions(struct kunit *test)
{
	struct pci_bus *root = new_bus(test, NULL, 0x00);
	struct pci_dev *pdev = new_dev(test, root, 2, 0, 0);
	struct pci_dev *port = new_dev(test, root, 0x1c, 0, ROOT_PORT);
	struct pci_dev *below = new_dev(test, new_bus(test, port, 1), 0, 0, 0);
	struct dmar_result *r = server(test);
	struct fw_bytes *t;

	KUNIT_EXPECT_TRUE(test, reserved(r, pdev, 0, false));
	KUNIT_EXPECT_FALSE(test, reserved(r, pdev, 0, true));
	KUNIT_EXPECT_FALSE(test, reserved(r, below, 0, false));
	KUNIT_EXPECT_FALSE(test, reserved(r, below, 0, true));

	t = dmar_new_table(test);
	dmar_table_qemu_all(t);
	dmar_table_rmrr(t, 0, 0x7d800000, 0x7fffffff);
	dmar_table_scope(t, 2, 0, 0x00, 0x1c, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	KUNIT_EXPECT_TRUE(test, reserved(r, below, 0, false));
	KUNIT_EXPECT_TRUE(test, reserved(r, below, 0, true));
	KUNIT_EXPECT_FALSE(test, reserved(r, below, 1, true));
	KUNIT_EXPECT_FALSE(test, reserved(r, pdev, 0, true));
	/* a scope for a function and all below it, but not virtual functions */
	KUNIT_EXPECT_TRUE(test, reserved(r, port, 0, false));
	KUNIT_EXPECT_FALSE(test, reserved(r, port, 0, true));
}

static struct kunit_case nyx_vtd_target_cases[] = {
	KUNIT_CASE(endpoint_scope),
	KUNIT_CASE(scope_with_path),
	KUNIT_CASE(unusable_unit),
	KUNIT_CASE(duplicate_unit),
	KUNIT_CASE(order_of_units),
	KUNIT_CASE(acpi_device),
	KUNIT_CASE(ats_allowed),
	KUNIT_CASE(ats_page_aligned),
	KUNIT_CASE(virtual_functions),
	{}
};

static struct kunit_suite nyx_vtd_target_suite = {
	.name = "nyx_vtd_target",
	.test_cases = nyx_vtd_target_cases,
};

kunit_test_suite(nyx_vtd_target_suite);
