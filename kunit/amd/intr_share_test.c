// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices that share DeviceIDs.
 */
#include <nyx/intr.h>

#include "../log_text.h"
#include "intr_fixture.h"

/* DeviceID of a bridge, which requests of all devices behind it may carry. */
#define ALIAS 0x0600

static const struct nyx_intr_target one = { 1, 0x51, false };
static const struct nyx_intr_target two = { 2, 0x52, false };

/* Devices that share a DeviceID share the table. */
static void aliases(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *a = amd_model_add(model, 0x0608);
	struct nyx_device *b = amd_model_add(model, 0x0610);
	struct nyx_intr_run *ra, *rb;

	amd_model_alias(model, a, ALIAS);
	b->rids[b->nr_rids++] = ALIAS;
	KUNIT_EXPECT_TRUE(test, block_unmapped(a));
	KUNIT_EXPECT_TRUE(test, block_unmapped(b));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_ABORTED);
	ra = give(test, a, 1);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0610), AMD_FATE_ABORTED);
	rb = give(test, b, 1);
	KUNIT_EXPECT_NE(test, ra->index, rb->index);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&ra->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&rb->intr[0], &two), 0);
	expect_delivery(test, raise(model, 0x0608, &ra->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, ALIAS, &ra->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, ALIAS, &rb->intr[0]), 2, 0x52);
	expect_delivery(test, raise(model, 0x0610, &rb->intr[0]), 2, 0x52);
	/* A change is effective for all DeviceIDs. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&ra->intr[0], &two), 0);
	expect_delivery(test, raise(model, 0x0608, &ra->intr[0]), 2, 0x52);
	expect_delivery(test, raise(model, ALIAS, &ra->intr[0]), 2, 0x52);
	/*
	 * One device is removed; the shared DeviceID stays with the other one.
	 */
	take(ra);
	allow_unmapped(a);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0608), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_FAULT);
	expect_delivery(test, raise(model, ALIAS, &rb->intr[0]), 2, 0x52);
	take(rb);
	allow_unmapped(b);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0610), AMD_FATE_UNMAPPED);
}

/* A device that shares DeviceIDs with devices of two tables gets none. */
static void between_two_tables(struct kunit *test)
{
	static const char *const line =
		"shares DeviceIDs with devices that use different interrupt remapping tables";
	unsigned int lines = log_text_count(test, line);
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *a = blocked_device(model, 0x0608);
	struct nyx_device *b = blocked_device(model, 0x0610);
	struct nyx_intr_run *ra = give(test, a, 1), *rb = give(test, b, 1);
	struct nyx_device *c = amd_model_add(model, 0x0618);
	int i;

	c->rids[c->nr_rids++] = 0x0608;
	c->rids[c->nr_rids++] = 0x0610;
	KUNIT_EXPECT_TRUE(test, block_unmapped(c));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(c, 1, 1),
				    ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	take(rb);
	allow_unmapped(b);
	take(give(test, c, 1));
	take(ra);
}

/* Turns @ndev into another function behind the bridge. */
static void set_function(struct nyx_device *ndev, u16 rid)
{
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->rids[1] = ALIAS;
	ndev->nr_rids = 2;
}

/*
 * Devices that are added and removed behind a bridge leave no DeviceIDs in the
 * table.
 */
static void added_and_removed(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *fixed = amd_model_add(model, 0x0608);
	struct nyx_device *added = amd_model_add(model, 0x0700);
	struct nyx_intr_run *run, *other;
	u16 rid;

	amd_model_alias(model, fixed, ALIAS);
	KUNIT_ASSERT_TRUE(test, block_unmapped(fixed));
	run = give(test, fixed, 1);
	for (rid = 0x0700; rid < 0x0800; rid++) {
		set_function(added, rid);
		KUNIT_ASSERT_TRUE(test, block_unmapped(added));
		other = give(test, added, 1);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&other->intr[0], &one), 0);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
		expect_delivery(test, raise(model, rid, &other->intr[0]), 1,
				0x51);
		/*
		 * A change is effective for all DeviceIDs that use the table.
		 */
		expect_delivery(test, raise(model, rid, &run->intr[0]), 1,
				0x51);
		expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1,
				0x51);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &two), 0);
		expect_delivery(test, raise(model, rid, &run->intr[0]), 2,
				0x52);
		expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 2,
				0x52);
		take(other);
		allow_unmapped(added);
		KUNIT_EXPECT_EQ(test, raise_unmapped(model, rid),
				AMD_FATE_UNMAPPED);
	}
	/* No command is sent for DeviceIDs of removed devices. */
	model->intr.table_cmds = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table_cmds, 2);
	expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1, 0x51);
	take(run);
}

/*
 * A device whose requests may carry any DeviceID of its bus, and the bridge's.
 */
static struct nyx_device *whole_bus(struct amd_model *model, u16 bus)
{
	struct nyx_device *ndev = amd_model_add(model, bus);
	unsigned int i;

	for (i = 1; i < 256; i++)
		ndev->rids[ndev->nr_rids++] = bus + i;
	ndev->rids[ndev->nr_rids++] = ALIAS;
	return ndev;
}

/*
 * Expects a fate for unmapped interrupts with each of the device's DeviceIDs.
 */
static void expect_unmapped(struct amd_model *model,
			    const struct nyx_device *ndev, enum amd_fate fate)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < ndev->nr_rids; i++)
		wrong += raise_unmapped(model, ndev->rids[i]) != fate;
	KUNIT_EXPECT_EQ(model->test, wrong, 0);
}

/* Interrupts of a device with many DeviceIDs are handled for each of them. */
static void all_of_a_bus(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *ndev = whole_bus(model, 0x0700);
	struct nyx_intr_run *run;
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, block_unmapped(ndev));
	expect_unmapped(model, ndev, AMD_FATE_ABORTED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
	for (i = 0; i < ndev->nr_rids; i++)
		expect_delivery(test, raise(model, ndev->rids[i],
					    &run->intr[0]), 1, 0x51);
	/* The unit has cached the entry for each DeviceID. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &two), 0);
	for (i = 0; i < ndev->nr_rids; i++)
		expect_delivery(test, raise(model, ndev->rids[i],
					    &run->intr[0]), 2, 0x52);
	take(run);
	allow_unmapped(ndev);
	expect_unmapped(model, ndev, AMD_FATE_UNMAPPED);
}

/* 512 DeviceIDs may share a table. More are refused, which is logged once. */
static void too_many_device_ids(struct kunit *test)
{
	static const char *const line =
		"have 512, the maximum for an interrupt remapping table: unbind some";
	unsigned int i, lines = log_text_count(test, line);
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *full[2], *late = amd_model_add(model, 0x0900);
	struct nyx_intr_run *runs[2], *run;

	for (i = 0; i < 2; i++) {
		full[i] = whole_bus(model, 0x0700 + (i << 8));
		/* 257 and 256 DeviceIDs, one of which they share. */
		full[i]->nr_rids -= i;
		if (i)
			full[i]->rids[255] = ALIAS;
		KUNIT_ASSERT_TRUE(test, block_unmapped(full[i]));
		runs[i] = give(test, full[i], 1);
	}
	late->rids[1] = 0x0901;
	late->rids[2] = ALIAS;
	late->nr_rids = 3;
	KUNIT_ASSERT_TRUE(test, block_unmapped(late));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(late, 1, 1),
				    ERR_PTR(-E2BIG));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0900), AMD_FATE_ABORTED);
	model->intr.table_cmds = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table_cmds, 512);
	take(runs[1]);
	allow_unmapped(full[1]);
	run = give(test, late, 1);
	expect_delivery(test, raise(model, 0x0901, &runs[0]->intr[0]), 1, 0x51);
	model->intr.table_cmds = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table_cmds, 259);
	take(run);
	take(runs[0]);
}

/*
 * A device that becomes managed again behind another bridge, and still has
 * interrupts: the DeviceIDs that its requests carry now count.
 */
static void behind_another_bridge(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, EFR);
	struct nyx_device *other = blocked_device(model, 0x0400);
	struct nyx_device *ndev = amd_model_add(model, 0x0608);
	struct nyx_intr_run *run, *others;

	amd_model_alias(model, ndev, ALIAS);
	KUNIT_ASSERT_TRUE(test, block_unmapped(ndev));
	ndev->rids[1] = 0x0500;
	KUNIT_ASSERT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0500), AMD_FATE_ABORTED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
	expect_delivery(test, raise(model, 0x0500, &run->intr[0]), 1, 0x51);

	ndev->rids[1] = ALIAS;
	KUNIT_ASSERT_TRUE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0500), AMD_FATE_UNMAPPED);
	expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, 0x0608, &run->intr[0]), 1, 0x51);
	model->intr.table_cmds = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[0]), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table_cmds, 2);
	KUNIT_EXPECT_EQ(test, raise(model, ALIAS, &run->intr[0]).fate,
			AMD_FATE_FAULT);
	/* It cannot share a second table with another device. */
	others = give(test, other, 1);
	ndev->rids[1] = 0x0400;
	KUNIT_EXPECT_FALSE(test, block_unmapped(ndev));
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_FAULT);
	take(others);
	allow_unmapped(other);
	KUNIT_EXPECT_TRUE(test, block_unmapped(ndev));
	take(run);
	allow_unmapped(ndev);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, 0x0400), AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, ALIAS), AMD_FATE_UNMAPPED);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(aliases),
	KUNIT_CASE(between_two_tables),
	KUNIT_CASE(added_and_removed),
	KUNIT_CASE(all_of_a_bus),
	KUNIT_CASE(too_many_device_ids),
	KUNIT_CASE(behind_another_bridge),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_share",
	.test_cases = cases,
};

kunit_test_suite(suite);
