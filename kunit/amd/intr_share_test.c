// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices that share DeviceIDs, on a model of the unit that caches
 * what it may.
 */
#include <nyx/intr.h>

#include "../log_text.h"
#include "intr_fixture.h"

/* Of a bridge, for all that is behind it. */
#define ALIAS 0x0600

/* Who shares a DeviceID shares the table, from whichever side it comes. */
static void aliases(struct kunit *test)
{
	const struct nyx_intr_target one = { 1, 0x51, false };
	const struct nyx_intr_target two = { 2, 0x52, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *a = amd_model_add(model, 0x0608);
	struct nyx_device *b = amd_model_add(model, 0x0610);
	struct nyx_intr_run *ra, *rb;

	amd_model_alias(model, a, ALIAS);
	b->rids[b->nr_rids++] = ALIAS;
	KUNIT_EXPECT_TRUE(test, block(a));
	KUNIT_EXPECT_TRUE(test, block(b));
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_ABORTED);
	ra = give(test, a, 1);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0610), AMD_FATE_ABORTED);
	rb = give(test, b, 1);
	KUNIT_EXPECT_NE(test, ra->index, rb->index);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&ra->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&rb->intr[0], &two), 0);
	expect_delivery(test, raise(model, 0x0608, &ra->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, ALIAS, &ra->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, ALIAS, &rb->intr[0]), 2, 0x52);
	expect_delivery(test, raise(model, 0x0610, &rb->intr[0]), 2, 0x52);
	/* A change is seen by whatever ID it comes. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&ra->intr[0], &two), 0);
	expect_delivery(test, raise(model, 0x0608, &ra->intr[0]), 2, 0x52);
	expect_delivery(test, raise(model, ALIAS, &ra->intr[0]), 2, 0x52);
	/* One goes; what they share stays the other's. */
	take(ra);
	allow(a);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0608), AMD_FATE_PLAIN);
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_FAULT);
	expect_delivery(test, raise(model, ALIAS, &rb->intr[0]), 2, 0x52);
	take(rb);
	allow(b);
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_PLAIN);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0610), AMD_FATE_PLAIN);
}

/* Two tables cannot become one. */
static void between_two_tables(struct kunit *test)
{
	static const char *const line =
		"shares DeviceIDs with devices that use different interrupt remapping tables";
	unsigned int lines = log_text_count(test, line);
	struct amd_model *model = remapping(test);
	struct nyx_device *a = new_device(model, 0x0608);
	struct nyx_device *b = new_device(model, 0x0610);
	struct nyx_intr_run *ra = give(test, a, 1), *rb = give(test, b, 1);
	struct nyx_device *c = amd_model_add(model, 0x0618);
	int i;

	c->rids[c->nr_rids++] = 0x0608;
	c->rids[c->nr_rids++] = 0x0610;
	KUNIT_EXPECT_TRUE(test, block(c));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(c, 1, 1),
				    ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	take(rb);
	allow(b);
	take(give(test, c, 1));
	take(ra);
}

/* One more function behind a bridge. */
static void move_to(struct nyx_device *ndev, u16 rid)
{
	ndev->rid = rid;
	ndev->rids[0] = rid;
	ndev->rids[1] = ALIAS;
	ndev->nr_rids = 2;
}

/* Who comes and goes behind a bridge leaves room for others. */
static void bus_after_bus(struct kunit *test)
{
	const struct nyx_intr_target one = { 1, 0x51, false };
	const struct nyx_intr_target two = { 2, 0x52, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *stays = amd_model_add(model, 0x0608);
	struct nyx_device *comes = amd_model_add(model, 0x0700);
	struct nyx_intr_run *run, *other;
	u16 rid;

	amd_model_alias(model, stays, ALIAS);
	KUNIT_ASSERT_TRUE(test, block(stays));
	run = give(test, stays, 1);
	for (rid = 0x0700; rid < 0x0800; rid++) {
		move_to(comes, rid);
		KUNIT_ASSERT_TRUE(test, block(comes));
		other = give(test, comes, 1);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&other->intr[0], &one), 0);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
		expect_delivery(test, raise(model, rid, &other->intr[0]), 1,
				0x51);
		/* All that may lead to an entry hear of a change. */
		expect_delivery(test, raise(model, rid, &run->intr[0]), 1, 0x51);
		expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1,
				0x51);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &two), 0);
		expect_delivery(test, raise(model, rid, &run->intr[0]), 2, 0x52);
		expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 2,
				0x52);
		take(other);
		allow(comes);
		KUNIT_EXPECT_EQ(test, forge(model, rid), AMD_FATE_PLAIN);
	}
	/* Of those that went nobody hears. */
	model->intr.forgotten = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
	KUNIT_EXPECT_EQ(test, model->intr.forgotten, 2);
	expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1, 0x51);
	take(run);
}

/* One whose requests may carry any ID of its bus, and a bridge's. */
static struct nyx_device *whole_bus(struct amd_model *model, u16 bus)
{
	struct nyx_device *ndev = amd_model_add(model, bus);
	unsigned int i;

	for (i = 1; i < 256; i++)
		ndev->rids[ndev->nr_rids++] = bus + i;
	ndev->rids[ndev->nr_rids++] = ALIAS;
	return ndev;
}

/* What becomes of plain requests by each of a device's IDs. */
static void expect_all(struct amd_model *model, const struct nyx_device *ndev,
		       enum amd_fate fate)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < ndev->nr_rids; i++)
		wrong += forge(model, ndev->rids[i]) != fate;
	KUNIT_EXPECT_EQ(model->test, wrong, 0);
}

/* One that has many comes in nowhere short. */
static void all_of_a_bus(struct kunit *test)
{
	const struct nyx_intr_target one = { 1, 0x51, false };
	const struct nyx_intr_target two = { 2, 0x52, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = whole_bus(model, 0x0700);
	struct nyx_intr_run *run;
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, block(ndev));
	expect_all(model, ndev, AMD_FATE_ABORTED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &one), 0);
	for (i = 0; i < ndev->nr_rids; i++)
		expect_delivery(test, raise(model, ndev->rids[i],
					    &run->intr[0]), 1, 0x51);
	/* By now it is cached of each. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &two), 0);
	for (i = 0; i < ndev->nr_rids; i++)
		expect_delivery(test, raise(model, ndev->rids[i],
					    &run->intr[0]), 2, 0x52);
	take(run);
	allow(ndev);
	expect_all(model, ndev, AMD_FATE_PLAIN);
}

/* 512 IDs share a table: the next is refused, and told so once. */
static void too_many(struct kunit *test)
{
	static const char *const line =
		"have 512, the maximum for an interrupt remapping table: unbind some";
	const struct nyx_intr_target target = { 1, 0x51, false };
	unsigned int i, lines = log_text_count(test, line);
	struct amd_model *model = remapping(test);
	struct nyx_device *full[2], *late = amd_model_add(model, 0x0900);
	struct nyx_intr_run *runs[2], *run;

	for (i = 0; i < 2; i++) {
		full[i] = whole_bus(model, 0x0700 + (i << 8));
		/* 257 and 256, one of which they share. */
		full[i]->nr_rids -= i;
		if (i)
			full[i]->rids[255] = ALIAS;
		KUNIT_ASSERT_TRUE(test, block(full[i]));
		runs[i] = give(test, full[i], 1);
	}
	late->rids[1] = 0x0901;
	late->rids[2] = ALIAS;
	late->nr_rids = 3;
	KUNIT_ASSERT_TRUE(test, block(late));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_PTR_EQ(test, nyx_intr_alloc(late, 1, 1),
				    ERR_PTR(-E2BIG));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0900), AMD_FATE_ABORTED);
	model->intr.forgotten = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, model->intr.forgotten, 512);
	take(runs[1]);
	allow(full[1]);
	run = give(test, late, 1);
	expect_delivery(test, raise(model, 0x0901, &runs[0]->intr[0]), 1, 0x51);
	model->intr.forgotten = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&runs[0]->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, model->intr.forgotten, 259);
	take(run);
	take(runs[0]);
}

/*
 * Managed again, with interrupts left from before, and behind another bridge:
 * what counts is what its requests carry now.
 */
static void moved(struct kunit *test)
{
	const struct nyx_intr_target target = { 1, 0x51, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *other = new_device(model, 0x0400);
	struct nyx_device *ndev = amd_model_add(model, 0x0608);
	struct nyx_intr_run *run, *others;

	amd_model_alias(model, ndev, ALIAS);
	KUNIT_ASSERT_TRUE(test, block(ndev));
	ndev->rids[1] = 0x0500;
	KUNIT_ASSERT_TRUE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_PLAIN);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0500), AMD_FATE_ABORTED);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0500, &run->intr[0]), 1, 0x51);

	ndev->rids[1] = ALIAS;
	KUNIT_ASSERT_TRUE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, forge(model, 0x0500), AMD_FATE_PLAIN);
	expect_delivery(test, raise(model, ALIAS, &run->intr[0]), 1, 0x51);
	expect_delivery(test, raise(model, 0x0608, &run->intr[0]), 1, 0x51);
	model->intr.forgotten = 0;
	KUNIT_EXPECT_EQ(test, nyx_intr_block(&run->intr[0]), 0);
	KUNIT_EXPECT_EQ(test, model->intr.forgotten, 2);
	KUNIT_EXPECT_EQ(test, raise(model, ALIAS, &run->intr[0]).fate,
			AMD_FATE_FAULT);
	/* Where others have a table it cannot have both. */
	others = give(test, other, 1);
	ndev->rids[1] = 0x0400;
	KUNIT_EXPECT_FALSE(test, block(ndev));
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_FAULT);
	take(others);
	allow(other);
	KUNIT_EXPECT_TRUE(test, block(ndev));
	take(run);
	allow(ndev);
	KUNIT_EXPECT_EQ(test, forge(model, 0x0400), AMD_FATE_PLAIN);
	KUNIT_EXPECT_EQ(test, forge(model, ALIAS), AMD_FATE_PLAIN);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(aliases),
	KUNIT_CASE(between_two_tables),
	KUNIT_CASE(bus_after_bus),
	KUNIT_CASE(all_of_a_bus),
	KUNIT_CASE(too_many),
	KUNIT_CASE(moved),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_share",
	.test_cases = cases,
};

kunit_test_suite(suite);
