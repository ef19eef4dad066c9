// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapped interrupts with DeviceIDs of no device, which any device below the
 * same bus can forge.
 */
#include <nyx/intr.h>

#include "../unit_core.h"
#include "amd/ivrs.h"
#include "intr_fixture.h"

/* DeviceIDs: of no device, of a southbridge's I/O APIC, of the IOMMU. */
#define NOBODY 0x0218
#define SOUTHBRIDGE 0x00a0
#define IOMMU 0x0002

static void set_state(struct nyx_device *ndev, enum nyx_device_state state)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_device_set_state(ndev, state);
}

static void block_unowned(struct amd_model *model)
{
	struct nyx_unit *unit = &model->au->unit;

	guard(mutex)(&nyx_devices_lock);
	unit->intr.ops->block_unowned(unit);
}

static bool block(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	return block_unmapped(ndev);
}

static void allow(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	allow_unmapped(ndev);
}

static void expect_fate(struct amd_model *model, u16 rid, enum amd_fate fate)
{
	KUNIT_EXPECT_EQ_MSG(model->test, raise_unmapped(model, rid), fate,
			    "DeviceID %04x", rid);
}

static void nobody(struct kunit *test)
{
	static struct amd_ivrs_unit unit = { .device_id = IOMMU };
	struct amd_model *model = stopped_model(test, EFR);
	struct amd_ivrs *ivrs = (struct amd_ivrs *)model->au->ivrs;
	const struct nyx_entry identity = unit_core_identity(1);
	struct nyx_device *waiting, *managed, *contested;
	int i;

	ivrs->unit = &unit;
	ivrs->nr_unit = 1;
	/* NMIPass */
	((struct amd_ivrs_range *)ivrs->range)->dte = 0x04;
	amd_model_start(model);
	waiting = amd_model_add(model, 0x0108);
	amd_model_alias(model, waiting, 0x0100);
	set_state(waiting, NYX_DEVICE_WAITING);
	managed = amd_model_add(model, 0x0110);
	set_state(managed, NYX_DEVICE_MANAGED);
	/* The driver lets its requests pass, and has no record of it. */
	contested = amd_model_add(model, 0x0118);
	KUNIT_ASSERT_EQ(test, amd_model_set(contested, &identity), 0);
	list_del_rcu(&contested->node);

	/* Before the call nothing is blocked, and the unit caches entries. */
	expect_fate(model, NOBODY, AMD_FATE_UNMAPPED);
	expect_fate(model, 0xffff, AMD_FATE_UNMAPPED);
	block_unowned(model);
	for (i = 0; i < 2; i++) {
		expect_fate(model, NOBODY, AMD_FATE_ABORTED);
		expect_fate(model, 0x0000, AMD_FATE_ABORTED);
		expect_fate(model, 0xffff, AMD_FATE_ABORTED);
		/* An NMI, message type 4 */
		KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, NOBODY, 0x400),
				AMD_FATE_ABORTED);
		/* The driver of this one was bound before. */
		expect_fate(model, 0x0108, AMD_FATE_UNMAPPED);
		expect_fate(model, 0x0100, AMD_FATE_UNMAPPED);
		/* This one does not get its interrupts from the unit. */
		expect_fate(model, 0x0110, AMD_FATE_UNMAPPED);
		expect_fate(model, 0x0118, AMD_FATE_UNMAPPED);
		expect_fate(model, IOAPIC, AMD_FATE_UNMAPPED);
		expect_fate(model, SOUTHBRIDGE, AMD_FATE_UNMAPPED);
		expect_fate(model, IOMMU, AMD_FATE_UNMAPPED);
		block_unowned(model);
	}
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

/*
 * The unit of an I/O APIC may be guessed, and firmware may list all of them with
 * one unit. So those of other units of the segment are not blocked.
 */
static void listed_with_another_unit(struct kunit *test)
{
	static struct amd_ivrs_unit units[] = { { }, { }, { .segment = 1 } };
	struct amd_model *model = stopped_model(test, EFR);
	struct amd_ivrs *ivrs = (struct amd_ivrs *)model->au->ivrs;

	ivrs->unit = units;
	amd_model_start(model);
	((struct amd_ivrs_special *)ivrs->special)->unit = 1;
	block_unowned(model);
	expect_fate(model, NOBODY, AMD_FATE_ABORTED);
	expect_fate(model, IOAPIC, AMD_FATE_UNMAPPED);
	((struct amd_ivrs_special *)ivrs->special)->unit = 2;
	block_unowned(model);
	expect_fate(model, IOAPIC, AMD_FATE_ABORTED);
}

/*
 * A device that works for a crashed kernel sends interrupts of that kernel. One
 * that has a driver sends those of this kernel.
 */
static void foreign(struct kunit *test)
{
	struct amd_model *model = stopped_model(test, EFR);
	u64 *devtab = kunit_kzalloc(test, 4096 * 3, GFP_KERNEL);
	struct nyx_device *bound, *idle;
	struct device_driver *driver;
	static const u16 rids[] = { 0x0108, 0x0110, NOBODY - 0x100, IOAPIC };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, devtab);
	for (i = 0; i < ARRAY_SIZE(rids); i++)
		devtab[4 * rids[i]] = 3ULL << 61 | 3;
	model->devtab[0] = virt_to_phys(devtab) | 2;
	amd_model_write(model, 0x18, 1);
	model->au->crashed = true;
	bound = amd_model_add(model, 0x0108);
	set_state(bound, NYX_DEVICE_KEPT);
	idle = amd_model_add(model, 0x0110);
	set_state(idle, NYX_DEVICE_KEPT);
	driver = idle->dev->driver;
	idle->dev->driver = NULL;
	KUNIT_ASSERT_NOT_NULL(test, bound->dev->driver);

	amd_model_start(model);
	for (i = 0; i < 2; i++) {
		expect_fate(model, 0x0108, AMD_FATE_UNMAPPED);
		expect_fate(model, 0x0110, AMD_FATE_ABORTED);
		expect_fate(model, NOBODY - 0x100, AMD_FATE_ABORTED);
		expect_fate(model, IOAPIC, AMD_FATE_UNMAPPED);
		block_unowned(model);
	}
	/* A driver is being bound, but the device is not managed. */
	idle->dev->driver = driver;
	set_state(idle, NYX_DEVICE_WAITING);
	expect_fate(model, 0x0110, AMD_FATE_UNMAPPED);
}

/* A device that is plugged in, used, and unplugged. */
static void hotplug(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_intr_run *run;
	struct nyx_device *ndev;

	block_unowned(model);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
	ndev = amd_model_add(model, 0x0108);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
	/* The IOMMU core manages it: at no time unmapped interrupts pass. */
	model->nr_cmds = 0;
	KUNIT_EXPECT_TRUE(test, block(ndev));
	set_state(ndev, NYX_DEVICE_MANAGED);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x51);
	take(run);
	set_state(ndev, NYX_DEVICE_UNKNOWN);
	expect_fate(model, 0x0108, AMD_FATE_FAULT);
	allow(ndev);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
	list_del_rcu(&ndev->node);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
}

/* A new device that cannot be managed: its driver's interrupts must arrive. */
static void not_managed(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *first, *second;

	block_unowned(model);
	first = amd_model_add(model, 0x0608);
	amd_model_alias(model, first, 0x0600);
	second = amd_model_add(model, 0x0610);
	amd_model_alias(model, second, 0x0600);
	expect_fate(model, 0x0608, AMD_FATE_ABORTED);
	set_state(first, NYX_DEVICE_KEPT);
	expect_fate(model, 0x0608, AMD_FATE_UNMAPPED);
	expect_fate(model, 0x0600, AMD_FATE_UNMAPPED);
	expect_fate(model, 0x0610, AMD_FATE_ABORTED);
	set_state(second, NYX_DEVICE_WAITING);
	expect_fate(model, 0x0610, AMD_FATE_UNMAPPED);
	/* One of them is unplugged; the other one uses the alias, too. */
	set_state(first, NYX_DEVICE_UNKNOWN);
	expect_fate(model, 0x0608, AMD_FATE_ABORTED);
	expect_fate(model, 0x0600, AMD_FATE_UNMAPPED);
	set_state(second, NYX_DEVICE_UNKNOWN);
	expect_fate(model, 0x0600, AMD_FATE_ABORTED);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

/* Where interrupts are not remapped, or not so far, all of them pass. */
static void not_remapped(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, 0x0108);

	set_state(ndev, NYX_DEVICE_WAITING);
	expect_fate(model, NOBODY, AMD_FATE_UNMAPPED);
	set_state(ndev, NYX_DEVICE_UNKNOWN);
	expect_fate(model, 0x0108, AMD_FATE_UNMAPPED);
	/* After a detach all pass, without commands to the disabled unit. */
	block_unowned(model);
	expect_fate(model, 0x0108, AMD_FATE_ABORTED);
	model->au->unit.ops->disable(&model->au->unit);
	model->nr_cmds = 0;
	set_state(ndev, NYX_DEVICE_WAITING);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
	expect_fate(model, 0x0108, AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

/* No entry of a unit that is out of service changes: it may be contained. */
static void out_of_service(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	const u64 *q = amd_model_entry(model, NOBODY);
	struct nyx_unit *unit = &model->au->unit;
	const u64 before = q[2];

	unit->dead = true;
	unit->contained = true;
	block_unowned(model);
	KUNIT_EXPECT_EQ(test, q[2], before);
}

/* DeviceIDs that have no entry are left out. */
static void small_table(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, EFR, 0x007f);

	amd_model_ioapic(model, 0x0010);
	amd_model_start(model);
	KUNIT_ASSERT_NULL(test, amd_model_entry(model, NOBODY));
	block_unowned(model);
	expect_fate(model, 0x0008, AMD_FATE_ABORTED);
	expect_fate(model, 0x0010, AMD_FATE_UNMAPPED);
	expect_fate(model, 0x00ff, AMD_FATE_ABORTED);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nobody),
	KUNIT_CASE(listed_with_another_unit),
	KUNIT_CASE(hotplug),
	KUNIT_CASE(not_managed),
	KUNIT_CASE(not_remapped),
	KUNIT_CASE(out_of_service),
	KUNIT_CASE(foreign),
	KUNIT_CASE(small_table),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_unowned",
	.test_cases = cases,
};

kunit_test_suite(suite);
