// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are released and removed: their entries, and what a device
 * finds that comes back.
 */
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "../domain/fake_unit.h"
#include "../unit_core.h"
#include "domain/domain.h"
#include "lifecycle/lifecycle.h"

/**
 * struct fake - a unit and a PCI function
 * @unit: the unit
 * @bus: the bus of the function
 * @pdev: the function, which all records refer to
 * @unplugged: its configuration space reads as all ones
 * @updates: calls of nyx_intr_ops.update_unowned
 * @updated_with: entry of requester ID 1 during the last one
 */
struct fake {
	struct fake_unit unit;
	struct pci_bus bus;
	struct pci_dev pdev;
	bool unplugged;
	unsigned int updates;
	enum nyx_entry_kind updated_with;
};

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	struct fake *fake = bus->sysdata;

	*val = fake->unplugged ? ~0u : 0x12348086;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops config_ops = {
	.read = read_config,
};

static void count_update(struct nyx_unit *unit, struct nyx_device *ndev)
{
	struct fake *fake = kunit_get_current_test()->priv;

	fake->updates++;
	fake->updated_with = fake->unit.entries[1].kind;
}

static int release_test_init(struct kunit *test)
{
	static const struct nyx_intr_ops intr = {
		.update_unowned = count_update,
	};
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	test->priv = fake;
	unit_core_reset();
	fake_unit_init(test, &fake->unit, "release0");
	fake->unit.unit.identity_id = 7;
	fake->unit.unit.intr.ops = &intr;
	fake->bus.ops = &config_ops;
	fake->bus.sysdata = fake;
	device_initialize(&fake->pdev.dev);
	fake->pdev.dev.init_name = "function";
	fake->pdev.dev.bus = &pci_bus_type;
	fake->pdev.bus = &fake->bus;
	return 0;
}

/* A record with the requester IDs @rid and, unless it is 0, @alias. */
static struct nyx_device *new_device(struct kunit *test, bool direct, u16 rid,
				     u16 alias)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = kzalloc_obj(*ndev);

	KUNIT_ASSERT_NOT_NULL(test, ndev);
	kref_init(&ndev->refs);
	mutex_init(&ndev->entry_lock);
	INIT_LIST_HEAD(&ndev->ats_node);
	xa_init(&ndev->pasids);
	ndev->dev = get_device(&fake->pdev.dev);
	ndev->unit = &fake->unit.unit;
	ndev->direct = direct;
	ndev->rid = rid;
	ndev->rids[ndev->nr_rids++] = rid;
	if (alias)
		ndev->rids[ndev->nr_rids++] = alias;
	scoped_guard(mutex, &nyx_devices_lock) {
		nyx_device_take_over(ndev);
		list_add_tail_rcu(&ndev->node, &nyx_devices);
	}
	return ndev;
}

/* Gives the device a table, as its driver's domain does. */
static void use(struct kunit *test, struct nyx_device *ndev)
{
	struct nyx_entry entry = unit_core_table(test, 2, false);

	guard(mutex)(&ndev->entry_lock);
	KUNIT_ASSERT_EQ(test, nyx_entry_set(ndev->unit, ndev, &entry), 0);
	ndev->entry = entry;
}

static void release(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_device_release(ndev);
}

static void remove(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_device_remove(ndev);
}

static void expect_entry(struct kunit *test, u16 rid, enum nyx_entry_kind kind)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, fake->unit.entries[rid].kind, kind);
	if (kind == NYX_ENTRY_IDENTITY)
		KUNIT_EXPECT_EQ(test, fake->unit.entries[rid].domain_id, 7);
}

static void without_reserved_memory(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, false, 1, 0);

	use(test, ndev);
	release(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, ndev->state, NYX_DEVICE_UNKNOWN);
	remove(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
}

/* Units decide about interrupts when DMA does not pass any more. */
static void blocks_interrupts_last(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, false, 1, 0);
	struct fake *fake = test->priv;

	scoped_guard(mutex, &nyx_devices_lock) {
		nyx_device_set_state(ndev, NYX_DEVICE_WAITING);
		KUNIT_ASSERT_EQ(test, nyx_device_set_identity(ndev), 0);
	}
	KUNIT_EXPECT_EQ(test, fake->updates, 1);
	remove(ndev);
	KUNIT_EXPECT_EQ(test, fake->updates, 2);
	KUNIT_EXPECT_EQ(test, fake->updated_with, NYX_ENTRY_BLOCKED);
}

/* DMA of firmware works without a gap until the kernel has the device again. */
static void with_reserved_memory(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, true, 1, 2);
	struct fake *fake = test->priv;
	unsigned int changes;

	use(test, ndev);
	release(ndev);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
	expect_entry(test, 2, NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, ndev->state, NYX_DEVICE_KEPT);
	changes = fake->unit.changes;
	remove(ndev);
	ndev = new_device(test, true, 1, 2);
	KUNIT_EXPECT_EQ(test, fake->unit.changes, changes);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
	/* The record knows the entry, so its old contents are invalidated. */
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, ndev->entry.domain_id, 7);
	use(test, ndev);
	expect_entry(test, 1, NYX_ENTRY_TABLE);
	fake->unplugged = true;
	remove(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	expect_entry(test, 2, NYX_ENTRY_BLOCKED);
}

static void never_identity(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, true, 1, 0);
	struct fake *fake = test->priv;

	use(test, ndev);
	ndev->untrusted = true;
	release(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	ndev->untrusted = false;
	use(test, ndev);
	fake->unplugged = true;
	release(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	fake->unplugged = false;
	use(test, ndev);
	/* In a capture kernel, DMA may be that of the kernel that crashed. */
	KUNIT_ASSERT_EQ(test, nyx_unit_foreign_init(&fake->unit.unit), 0);
	release(ndev);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	remove(ndev);
}

/* The entry of a removed device is not for any other one. */
static void another_device(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, true, 1, 2);
	struct fake *fake = test->priv;
	unsigned int updates;

	use(test, ndev);
	remove(ndev);
	ndev = new_device(test, true, 3, 0);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	remove(ndev);

	updates = fake->updates;
	ndev = new_device(test, true, 2, 0);	/* without the alias */
	/* Its interrupts are blocked as well. */
	KUNIT_EXPECT_EQ(test, fake->updates, updates + 1);
	KUNIT_EXPECT_EQ(test, fake->updated_with, NYX_ENTRY_BLOCKED);
	expect_entry(test, 1, NYX_ENTRY_BLOCKED);
	expect_entry(test, 2, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	use(test, ndev);
	remove(ndev);
	expect_entry(test, 2, NYX_ENTRY_IDENTITY);

	ndev = new_device(test, false, 2, 0);	/* that firmware does not use */
	expect_entry(test, 2, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, ndev->entry.kind, NYX_ENTRY_BLOCKED);
	remove(ndev);
}

/* A requester ID that another device has too keeps that device's entry. */
static void shared_requester(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, true, 1, 2);
	struct nyx_device *other = new_device(test, false, 3, 2);

	use(test, ndev);
	use(test, other);
	remove(ndev);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
	expect_entry(test, 2, NYX_ENTRY_TABLE);
	remove(other);
	expect_entry(test, 2, NYX_ENTRY_BLOCKED);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
}

/* A unit that translates after a detach must not block what is found again. */
static void left_on(struct kunit *test)
{
	struct nyx_device *ndev = new_device(test, false, 1, 0);
	struct fake *fake = test->priv;

	scoped_guard(mutex, &nyx_devices_lock)
		KUNIT_ASSERT_EQ(test, nyx_device_set_identity(ndev), 0);
	fake->unit.unit.left_on = true;
	remove(ndev);
	expect_entry(test, 1, NYX_ENTRY_IDENTITY);
}

static void release_test_exit(struct kunit *test)
{
	scoped_guard(mutex, &nyx_devices_lock)
		nyx_device_free_left();
	unit_core_reset();
}

static struct kunit_case release_cases[] = {
	KUNIT_CASE(without_reserved_memory),
	KUNIT_CASE(blocks_interrupts_last),
	KUNIT_CASE(with_reserved_memory),
	KUNIT_CASE(never_identity),
	KUNIT_CASE(another_device),
	KUNIT_CASE(shared_requester),
	KUNIT_CASE(left_on),
	{ }
};

static struct kunit_suite release_suite = {
	.name = "nyx_lifecycle_release",
	.init = release_test_init,
	.exit = release_test_exit,
	.test_cases = release_cases,
};

kunit_test_suite(release_suite);
