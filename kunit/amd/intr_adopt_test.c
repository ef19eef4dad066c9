// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that are in use while a device changes to remapped interrupts and back.
 */
#include <linux/err.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "intr_fixture.h"

#define RID 0x0108

/* Where the message in the format of an unmapped interrupt leads to. */
static const struct nyx_intr_target TARGET = { 7, UNMAPPED_DATA, false };

static int prepare_block(struct nyx_device *ndev)
{
	return ndev->unit->intr.ops->prepare_block(ndev->unit, ndev);
}

static int unblock(struct nyx_device *ndev)
{
	int ret;

	mutex_lock(&nyx_devices_lock);
	ret = ndev->unit->intr.ops->unblock(ndev->unit, ndev);
	mutex_unlock(&nyx_devices_lock);
	return ret;
}

static struct amd_delivery raise_direct(struct amd_model *model, u16 rid)
{
	return amd_intr_request(model, rid, UNMAPPED_ADDRESS, UNMAPPED_DATA);
}

static struct nyx_intr_run *adopt(struct kunit *test, struct nyx_device *ndev)
{
	struct nyx_intr_run *run;

	KUNIT_ASSERT_EQ(test, prepare_block(ndev), 0);
	run = nyx_intr_alloc_at(ndev, 100, UNMAPPED_DATA);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, run);
	KUNIT_EXPECT_EQ(test, run->index, UNMAPPED_DATA);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &TARGET), 0);
	return run;
}

/*
 * The same message raises the interrupt all the time: first because it passes, then
 * because its data is the index of the entry.
 */
static void same_message(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, RID);
	struct nyx_intr_run *run = adopt(test, ndev);
	const u64 *dte = amd_model_entry(model, RID);
	u64 pass = dte[2];

	KUNIT_EXPECT_EQ(test, raise_direct(model, RID).fate,
			AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_NE(test, dte[2], pass);
	expect_delivery(test, raise_direct(model, RID), TARGET.dest,
			TARGET.vector);
	expect_delivery(test, raise(model, RID, &run->intr[0]), TARGET.dest,
			TARGET.vector);
	/* Other messages no longer pass. */
	KUNIT_EXPECT_EQ(test, raise_unmapped_data(model, RID, 0x42),
			AMD_FATE_FAULT);
	KUNIT_EXPECT_EQ(test, unblock(ndev), 0);
	KUNIT_EXPECT_EQ(test, dte[2], pass);
	KUNIT_EXPECT_EQ(test, raise_direct(model, RID).fate,
			AMD_FATE_UNMAPPED);
	take(run);
	allow_unmapped(ndev);
	KUNIT_EXPECT_EQ(test, raise_direct(model, RID).fate,
			AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

/* The unit invalidates its cache in both directions. */
static void blocked_again(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, RID);
	struct nyx_intr_run *run = adopt(test, ndev);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
		expect_delivery(test, raise_direct(model, RID), TARGET.dest,
				TARGET.vector);
		KUNIT_EXPECT_EQ(test, unblock(ndev), 0);
		KUNIT_EXPECT_EQ(test, raise_direct(model, RID).fate,
				AMD_FATE_UNMAPPED);
	}
	take(run);
	allow_unmapped(ndev);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

static void refused(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, RID);
	struct nyx_intr_run *run;

	KUNIT_EXPECT_EQ(test, prepare_block(amd_model_add(model, IOAPIC)),
			-EPERM);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc_at(ndev, 100, UNMAPPED_DATA),
			    ERR_PTR(-ENXIO));
	run = adopt(test, ndev);
	KUNIT_EXPECT_EQ(test, prepare_block(ndev), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc_at(ndev, 101, UNMAPPED_DATA),
			    ERR_PTR(-ENOSPC));
	KUNIT_EXPECT_PTR_EQ(test,
			    nyx_intr_alloc_at(ndev, 101,
					      model->au->unit.intr.entries),
			    ERR_PTR(-ENOSPC));
	take(run);
	allow_unmapped(ndev);
	model->au->unit.intr.entries = 128;
	KUNIT_EXPECT_EQ(test, prepare_block(ndev), -ENOSPC);
}

/* A unit that fails does not get to use the table. */
static void unit_fails(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = amd_model_add(model, RID);
	struct nyx_intr_run *run = adopt(test, ndev);

	model->stalled = true;
	model->on_status = amd_model_fail_once;
	KUNIT_EXPECT_FALSE(test, block_unmapped(ndev));
	KUNIT_EXPECT_TRUE(test, model->au->unit.dead);
	KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc_at(ndev, 101, 0x42),
			    ERR_PTR(-EIO));
	take(run);
	allow_unmapped(ndev);
}

/*
 * A unit that fails at the switch leaves the entry of a device that passes DMA as it is,
 * and so the device's interrupts have to go through the table.
 */
static void unit_fails_at_the_switch(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	const struct nyx_entry identity = unit_core_identity(1);
	struct nyx_device *ndev = amd_model_add(model, RID);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_intr_run *run;

	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &identity), 0);
	run = adopt(test, ndev);
	model->stalled = true;
	model->on_status = amd_model_fail_once;
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	expect_delivery(test, raise_direct(model, RID), TARGET.dest,
			TARGET.vector);
	/* It was out of service before, so nothing changes. */
	KUNIT_EXPECT_EQ(test, unblock(ndev), -EIO);
	expect_delivery(test, raise_direct(model, RID), TARGET.dest,
			TARGET.vector);
	take(run);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(same_message),
	KUNIT_CASE(blocked_again),
	KUNIT_CASE(refused),
	KUNIT_CASE(unit_fails),
	KUNIT_CASE(unit_fails_at_the_switch),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_adopt",
	.test_cases = cases,
};

kunit_test_suite(suite);
