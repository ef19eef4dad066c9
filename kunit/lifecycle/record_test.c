// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new record of a PCI function contains.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../unit_core.h"
#include "lifecycle/lifecycle.h"
#include "quarantine/quarantine.h"

/**
 * struct fake - a unit and a PCI function
 * @unit: the unit
 * @bus: the bus of the function, a root bus
 * @pdev: the function
 */
struct fake {
	struct fake_unit unit;
	struct pci_bus bus;
	struct pci_dev pdev;
};

static bool allowed;

static bool ats_allowed(struct device *dev, struct nyx_unit *unit)
{
	return allowed;
}

static void no_regions(struct device *dev, struct list_head *head)
{
}

static int record_test_init(struct kunit *test)
{
	static const struct nyx_vendor vendor = {
		.ats_allowed = ats_allowed,
		.get_resv_regions = no_regions,
	};
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	test->priv = fake;
	nyx_vendor = &vendor;
	unit_core_reset();
	fake_unit_init(test, &fake->unit, "record0");
	fake->pdev.dev.init_name = "function";
	fake->pdev.dev.bus = &pci_bus_type;
	device_initialize(&fake->pdev.dev);
	fake->pdev.bus = &fake->bus;
	fake->pdev.devfn = 3;
	unit_core.offers_ats = true;
	allowed = true;
	return 0;
}

static void record_test_exit(struct kunit *test)
{
	nyx_vendor = NULL;
	unit_core_reset();
}

/* Creates the record of the function, and removes it from the list again. */
static struct nyx_device *create(struct kunit *test, u32 id)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev;

	fake->pdev.vendor = id >> 16;
	fake->pdev.device = id;
	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_device_create(&fake->pdev.dev, &fake->unit.unit, 3);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ndev);
	KUNIT_EXPECT_PTR_EQ(test, nyx_device_lookup(&fake->pdev.dev), ndev);
	list_del_rcu(&ndev->node);
	return ndev;
}

/* QAT (4940 to 4943) gets invalidations of its device TLB twice. */
static void twice(struct kunit *test)
{
	struct nyx_device *ndev = create(test, 0x80864940);

	KUNIT_EXPECT_TRUE(test, ndev->ats_supported);
	KUNIT_EXPECT_TRUE(test, ndev->ats_twice);
	KUNIT_EXPECT_EQ(test, nyx_device_tlb_times(ndev), 2);
	KUNIT_EXPECT_NE(test, ndev->quirks, 0);
	nyx_device_drop(ndev);
	ndev = create(test, 0x80864944);
	KUNIT_EXPECT_TRUE(test, ndev->ats_supported);
	KUNIT_EXPECT_EQ(test, nyx_device_tlb_times(ndev), 1);
	KUNIT_EXPECT_EQ(test, ndev->quirks, 0);
	nyx_device_drop(ndev);
}

static void pasid(struct kunit *test)
{
	struct nyx_device *ndev = create(test, 0);

	KUNIT_EXPECT_FALSE(test, ndev->pasid);
	nyx_device_drop(ndev);
	unit_core.has_pasid = true;
	ndev = create(test, 0);
	KUNIT_EXPECT_TRUE(test, ndev->pasid);
	nyx_device_drop(ndev);
}

/* ATS needs the consent of the function, the unit and the firmware. */
static void without_ats(struct kunit *test)
{
	struct nyx_device *ndev;

	allowed = false;
	ndev = create(test, 0x80864940);
	KUNIT_EXPECT_FALSE(test, ndev->ats_supported);
	nyx_device_drop(ndev);
	allowed = true;
	unit_core.offers_ats = false;
	ndev = create(test, 0x80864940);
	KUNIT_EXPECT_FALSE(test, ndev->ats_supported);
	nyx_device_drop(ndev);
}

/*
 * The crashed kernel's entry stays in use. What that kernel left in the device TLB
 * does not.
 */
static void foreign(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_unit *unit = &fake->unit.unit;
	struct nyx_device *ndev = create(test, 0);

	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_FALSE(test, ndev->ats_stale);
	nyx_device_drop(ndev);
	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(unit), 0);
	ndev = create(test, 0);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_TRUE(test, ndev->ats_stale);
	nyx_device_drop(ndev);
	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_add(unit, 3, 1), 0);
	ndev = create(test, 0);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_FOREIGN);
	nyx_device_drop(ndev);
	nyx_unit_foreign_drop(unit, 3);
	ndev = create(test, 0);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	nyx_device_drop(ndev);
}

/* The entry that it shares with a device that is cut off must stay blocked. */
static void shares_with_cut_off(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *other = kunit_kzalloc(test, sizeof(*other),
						 GFP_KERNEL);
	struct nyx_device *ndev;

	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_ASSERT_EQ(test, nyx_cut_off_init(), 0);
	other->unit = &fake->unit.unit;
	other->rids[0] = 2;
	other->rids[1] = 3;
	other->nr_rids = 2;
	nyx_quarantine_init(other);
	other->cut_off = NYX_DISABLED;
	other->quarantine.episodes = 3;
	list_add_rcu(&other->node, &nyx_devices);
	ndev = create(test, 0);
	KUNIT_EXPECT_EQ(test, ndev->cut_off, NYX_DISABLED);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[3].quiet);
	nyx_cut_off_wait();
	KUNIT_EXPECT_EQ(test, ndev->quarantine.episodes, 3);
	nyx_device_drop(ndev);
	list_del_rcu(&other->node);
	nyx_cut_off_exit();
}

static void untrusted(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = create(test, 0);

	KUNIT_EXPECT_FALSE(test, ndev->untrusted);
	nyx_device_drop(ndev);
	fake->pdev.untrusted = 1;
	ndev = create(test, 0);
	KUNIT_EXPECT_TRUE(test, ndev->untrusted);
	nyx_device_drop(ndev);
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(twice),
	KUNIT_CASE(pasid),
	KUNIT_CASE(without_ats),
	KUNIT_CASE(foreign),
	KUNIT_CASE(shares_with_cut_off),
	KUNIT_CASE(untrusted),
	{ }
};

static struct kunit_suite record_suite = {
	.name = "nyx_lifecycle_record",
	.init = record_test_init,
	.exit = record_test_exit,
	.test_cases = record_cases,
};

kunit_test_suite(record_suite);
