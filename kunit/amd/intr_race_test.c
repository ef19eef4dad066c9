// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that move while devices raise them, and while others join the table,
 * on a model of the unit that caches what it may.
 */
#include <linux/kthread.h>
#include <nyx/intr.h>

#include "intr_fixture.h"

/* Behind one bridge. */
#define OWN 0x0608
#define OTHER 0x0610
#define ALIAS 0x0600

static const struct nyx_intr_target there = { 1, 0x51, false };
static const struct nyx_intr_target here = { 2, 0x52, false };

struct bridge {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_intr_run *run;
};

static struct bridge *bridge_new(struct kunit *test)
{
	struct bridge *bridge = kunit_kzalloc(test, sizeof(*bridge),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bridge);
	test->priv = bridge;
	bridge->model = remapping(test);
	bridge->own = amd_model_add(bridge->model, OWN);
	bridge->other = amd_model_add(bridge->model, OTHER);
	amd_model_alias(bridge->model, bridge->own, ALIAS);
	bridge->other->rids[bridge->other->nr_rids++] = ALIAS;
	KUNIT_ASSERT_TRUE(test, block(bridge->own));
	KUNIT_ASSERT_TRUE(test, block(bridge->other));
	bridge->run = give(test, bridge->own, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&bridge->run->intr[0], &there), 0);
	return bridge;
}

/* The unit follows the other's new entry, before anybody knows that it does. */
static void move_once(struct amd_model *model, bool done)
{
	struct bridge *bridge = model->test->priv;
	struct nyx_intr *intr = &bridge->run->intr[0];
	struct kunit *test = model->test;

	if (!done)
		return;
	model->on_status = NULL;
	expect_delivery(test, raise(model, OTHER, intr), 1, 0x51);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &here), 0);
	expect_delivery(test, raise(model, OTHER, intr), 2, 0x52);
}

/* A change is forgotten for a device that is joining, too. */
static void joins_meanwhile(struct kunit *test)
{
	struct bridge *bridge = bridge_new(test);
	struct nyx_intr_run *joins;

	bridge->model->on_status = move_once;
	joins = give(test, bridge->other, 1);
	KUNIT_EXPECT_NULL(test, bridge->model->on_status);
	expect_delivery(test, raise(bridge->model, OTHER,
				    &bridge->run->intr[0]), 2, 0x52);
	take(joins);
	take(bridge->run);
}

struct mover {
	struct amd_model *model;
	struct nyx_intr *intr;
	u16 rid;
	unsigned long moves;
	unsigned long wrong;
};

/* A CPU that moves one interrupt, and sees that each move counts at once. */
static int mover_run(void *data)
{
	struct mover *mover = data;
	struct nyx_intr_target target = { };
	struct amd_delivery d;

	while (!kthread_should_stop()) {
		target.dest = mover->moves % 256;
		target.vector = 0x20 + target.dest % 200;
		mover->wrong += !!nyx_intr_set(mover->intr, &target);
		d = raise(mover->model, mover->moves & 1 ? ALIAS : mover->rid,
			  mover->intr);
		mover->wrong += d.fate != AMD_FATE_REMAPPED ||
				d.dest != target.dest ||
				d.vector != target.vector;
		WRITE_ONCE(mover->moves, mover->moves + 1);
		cond_resched();
	}
	return 0;
}

struct racer {
	struct amd_model *model;
	const struct nyx_intr *intr[2];
	unsigned long requests;
	unsigned long lost;
	unsigned long mixed;
};

/* Devices that raise their interrupts all the time. */
static int racer_run(void *data)
{
	struct racer *racer = data;
	struct amd_delivery d;
	bool lost;

	while (!kthread_should_stop()) {
		d = raise(racer->model, ALIAS,
			  racer->intr[racer->requests % 2]);
		lost = d.fate != AMD_FATE_REMAPPED;
		racer->lost += lost;
		/* Vector and destination are of the same change. */
		racer->mixed += !lost && d.vector != 0x20 + d.dest % 200;
		WRITE_ONCE(racer->requests, racer->requests + 1);
		cond_resched();
	}
	return 0;
}

/* It asserts nothing: others are running. */
static bool come_and_go(struct kunit *test, struct bridge *bridge)
{
	struct nyx_intr_run *joins = nyx_intr_alloc(bridge->other, 200, 1);

	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, joins);
	if (IS_ERR_OR_NULL(joins))
		return false;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&joins->intr[0], &there), 0);
	expect_delivery(test, raise(bridge->model, OTHER, &joins->intr[0]), 1,
			0x51);
	take(joins);
	allow(bridge->other);
	return block(bridge->other);
}

/* Two CPUs move interrupts of one table, a third has a device come and go. */
static void moves_under_load(struct kunit *test)
{
	const struct nyx_intr_target first = { 0, 0x20, false };
	struct bridge *bridge = bridge_new(test);
	struct amd_model *model = bridge->model;
	struct nyx_intr_run *second = give(test, bridge->own, 1);
	struct mover movers[2] = {
		{ .model = model, .intr = &bridge->run->intr[0], .rid = OWN },
		{ .model = model, .intr = &second->intr[0], .rid = OWN },
	};
	struct racer racer = {
		.model = model,
		.intr = { movers[0].intr, movers[1].intr },
	};
	struct task_struct *tasks[3];
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, nyx_intr_set(movers[i].intr, &first), 0);
	tasks[0] = kthread_run(mover_run, &movers[0], "mover");
	tasks[1] = kthread_run(mover_run, &movers[1], "mover");
	tasks[2] = kthread_run(racer_run, &racer, "racer");
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[i]);
	for (i = 0; i < 500 || READ_ONCE(movers[0].moves) < 2000 ||
	     READ_ONCE(movers[1].moves) < 2000 ||
	     READ_ONCE(racer.requests) < 2000; i++) {
		if (!come_and_go(test, bridge))
			break;
		cond_resched();
	}
	for (i = 0; i < 3; i++)
		kthread_stop(tasks[i]);
	KUNIT_EXPECT_EQ(test, movers[0].wrong, 0);
	KUNIT_EXPECT_EQ(test, movers[1].wrong, 0);
	KUNIT_EXPECT_EQ(test, racer.lost, 0);
	KUNIT_EXPECT_EQ(test, racer.mixed, 0);
	KUNIT_EXPECT_NULL(test, model->intr.broken);
	take(second);
	take(bridge->run);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(joins_meanwhile),
	KUNIT_CASE_SLOW(moves_under_load),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_race",
	.test_cases = cases,
};

kunit_test_suite(suite);
