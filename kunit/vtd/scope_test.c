// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units that serve nothing but graphics, on a PCI bus whose configuration space
 * is made up.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "dmar_result.h"
#include "vtd/target.h"

/* Bus 40h with devices 1 to 3, each with one function. */
#define BUS	0x40
#define DEVICES	4

/* Class codes; 0: there is no such device. */
static u32 classes[DEVICES];

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	u32 class = devfn & 7 || PCI_SLOT(devfn) >= DEVICES ? 0 :
		    classes[PCI_SLOT(devfn)];
	u32 dword = 0;

	if (!class) {
		*val = ~0U;
		return PCIBIOS_SUCCESSFUL;
	}
	if ((where & ~3) == 0)
		dword = 0x00011234;	/* a device without quirks */
	else if ((where & ~3) == 8)
		dword = class << 8;
	*val = dword >> 8 * (where & 3);
	if (size < 4)
		*val &= (1U << 8 * size) - 1;
	return PCIBIOS_SUCCESSFUL;
}

static int write_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 val)
{
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops ops = { .read = read_config, .write = write_config };

/* User-mode Linux has no ACPI. */
int vtd_acpi_number(const struct vtd_dmar *dmar, struct device *dev)
{
	return -1;
}

/* The host bridge of all devices was hot-added, with a unit. */
static bool hot;

bool vtd_acpi_hot(const struct vtd_dmar *dmar, const struct pci_dev *pdev)
{
	return hot;
}

static void remove_bus(void *data)
{
	struct pci_bus *bus = data;

	pci_lock_rescan_remove();
	pci_stop_root_bus(bus);
	pci_remove_root_bus(bus);
	pci_unlock_rescan_remove();
}

/* Whether a unit with device 1, and device 2 if @both, serves only graphics. */
static bool graphics(struct kunit *test, u32 first, u32 second, bool both,
		     u8 flags, u8 scope)
{
	struct dmar_result *r;
	struct pci_bus *bus;
	struct fw_bytes *t;
	LIST_HEAD(windows);
	bool found;

	classes[1] = first;
	classes[2] = second;
	/* In no unit's scope. */
	classes[3] = 0x020000;
	bus = pci_scan_root_bus(NULL, BUS, &ops, NULL, &windows);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_bus, bus),
			0);
	t = dmar_new_table(test);
	dmar_table_start(t, 46, 1);
	dmar_table_drhd(t, 0, 0, 0xfed90000);
	dmar_table_scope(t, 1, 0, BUS, 0x03, 0);
	dmar_table_drhd(t, flags, 0, 0xfed91000);
	dmar_table_scope(t, scope, 0, BUS, 0x01, 0);
	if (both)
		dmar_table_scope(t, 1, 0, BUS, 0x02, 0);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	found = vtd_scope_is_graphics(&r->dmar, 1);
	KUNIT_EXPECT_FALSE(test, vtd_scope_is_graphics(&r->dmar, 0));
	kunit_release_action(test, remove_bus, bus);
	return found;
}

/* Display controllers have class 03h. */
static void is_graphics(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, graphics(test, 0x030000, 0, false, 0, 1));
	KUNIT_EXPECT_TRUE(test, graphics(test, 0x038000, 0x030000, true, 0, 1));
	/* One of two devices is not present. */
	KUNIT_EXPECT_TRUE(test, graphics(test, 0x030000, 0, true, 0, 1));
	/* Devices of other units do not count. */
	KUNIT_EXPECT_TRUE(test, graphics(test, 0x030000, 0x020000, false, 0, 1));
}

static void is_not_graphics(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, graphics(test, 0x020000, 0, false, 0, 1));
	KUNIT_EXPECT_FALSE(test, graphics(test, 0x030000, 0x040300, true, 0, 1));
	KUNIT_EXPECT_FALSE(test, graphics(test, 0x040300, 0x030000, true, 0, 1));
	/* No device is present. */
	KUNIT_EXPECT_FALSE(test, graphics(test, 0, 0, true, 0, 1));
	/* INCLUDE_PCI_ALL; a scope for a bridge and all below it */
	KUNIT_EXPECT_FALSE(test, graphics(test, 0x030000, 0, false, 1, 1));
	KUNIT_EXPECT_FALSE(test, graphics(test, 0x030000, 0, false, 0, 2));
}

/*
 * INCLUDE_PCI_ALL does not include devices of a hot-added host bridge with a unit,
 * unless the table names them.
 */
static void hot_added(struct kunit *test)
{
	LIST_HEAD(windows);
	struct pci_dev *pdev;
	struct dmar_result *r;
	struct pci_bus *bus;
	struct fw_bytes *t;
	int i;
	u16 rid;

	for (i = 1; i < DEVICES; i++)
		classes[i] = 0x020000;
	bus = pci_scan_root_bus(NULL, BUS, &ops, NULL, &windows);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_bus, bus),
			0);
	t = dmar_new_table(test);
	dmar_table_start(t, 46, 1);
	dmar_table_drhd(t, 0, 0, 0xfed90000);
	dmar_table_scope(t, 1, 0, BUS, 0x01, 0);
	dmar_table_drhd(t, 1, 0, 0xfed91000);
	fw_bytes_end(t);
	r = dmar_result(test, t);
	KUNIT_ASSERT_EQ(test, r->r.ret, 0);
	for (i = 0; i < 2; i++) {
		hot = i;
		pdev = pci_get_slot(bus, PCI_DEVFN(1, 0));
		KUNIT_EXPECT_EQ(test, vtd_scope_find(&r->dmar, &pdev->dev, &rid),
				0);
		pci_dev_put(pdev);
		pdev = pci_get_slot(bus, PCI_DEVFN(2, 0));
		KUNIT_EXPECT_EQ(test, vtd_scope_find(&r->dmar, &pdev->dev, &rid),
				hot ? -ENODEV : 1);
		pci_dev_put(pdev);
	}
	hot = false;
}

static struct kunit_case nyx_vtd_scope_cases[] = {
	KUNIT_CASE(hot_added),
	KUNIT_CASE(is_graphics),
	KUNIT_CASE(is_not_graphics),
	{}
};

static struct kunit_suite nyx_vtd_scope_suite = {
	.name = "nyx_vtd_scope",
	.test_cases = nyx_vtd_scope_cases,
};

kunit_test_suite(nyx_vtd_scope_suite);
