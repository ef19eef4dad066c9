// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that move while devices raise them, and while other devices join
 * the table.
 */
#include <linux/kthread.h>
#include <nyx/intr.h>

#include "intr_fixture.h"

/* Two devices behind one bridge, whose DeviceID their requests may carry. */
#define OWN 0x0608
#define OTHER 0x0610
#define ALIAS 0x0600

static const struct nyx_intr_target old_target = { 1, 0x51, false };
static const struct nyx_intr_target new_target = { 2, 0x52, false };

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
	bridge->model = remapping_model(test, EFR);
	bridge->own = amd_model_add(bridge->model, OWN);
	bridge->other = amd_model_add(bridge->model, OTHER);
	amd_model_alias(bridge->model, bridge->own, ALIAS);
	bridge->other->rids[bridge->other->nr_rids++] = ALIAS;
	KUNIT_ASSERT_TRUE(test, block_unmapped(bridge->own));
	KUNIT_ASSERT_TRUE(test, block_unmapped(bridge->other));
	bridge->run = give(test, bridge->own, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&bridge->run->intr[0], &old_target),
			0);
	return bridge;
}

/*
 * The unit uses the new entry of the other device, but the driver still waits
 * for the invalidation. Then the interrupt moves.
 */
static void move_once(struct amd_model *model, bool done)
{
	struct bridge *bridge = model->test->priv;
	struct nyx_intr *intr = &bridge->run->intr[0];
	struct kunit *test = model->test;

	if (!done)
		return;
	model->on_status = NULL;
	expect_delivery(test, raise(model, OTHER, intr), 1, 0x51);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &new_target), 0);
	expect_delivery(test, raise(model, OTHER, intr), 2, 0x52);
}

/* A move is effective for a device that is joining the table, too. */
static void move_during_join(struct kunit *test)
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

/*
 * A CPU that moves one interrupt, and checks that each move is effective at
 * once.
 */
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

struct requester {
	struct amd_model *model;
	const struct nyx_intr *intr[2];
	unsigned long requests;
	unsigned long lost;
	unsigned long mixed;
};

/* Devices that raise their interrupts continuously. */
static int requester_run(void *data)
{
	struct requester *requester = data;
	struct amd_delivery d;
	bool lost;

	while (!kthread_should_stop()) {
		d = raise(requester->model, ALIAS,
			  requester->intr[requester->requests % 2]);
		lost = d.fate != AMD_FATE_REMAPPED;
		requester->lost += lost;
		/* Vector and destination must be of the same move. */
		requester->mixed += !lost && d.vector != 0x20 + d.dest % 200;
		WRITE_ONCE(requester->requests, requester->requests + 1);
		cond_resched();
	}
	return 0;
}

/*
 * A device joins the table and leaves it. An assertion would end the test while
 * threads use its memory, so this only expects.
 */
static bool join_and_leave(struct kunit *test, struct bridge *bridge)
{
	struct nyx_intr_run *joins = nyx_intr_alloc(bridge->other, 200, 1);

	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, joins);
	if (IS_ERR_OR_NULL(joins))
		return false;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&joins->intr[0], &old_target), 0);
	expect_delivery(test, raise(bridge->model, OTHER, &joins->intr[0]), 1,
			0x51);
	take(joins);
	allow_unmapped(bridge->other);
	return block_unmapped(bridge->other);
}

/* Two CPUs move interrupts of one table, while a device joins and leaves it. */
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
	struct requester requester = {
		.model = model,
		.intr = { movers[0].intr, movers[1].intr },
	};
	struct task_struct *tasks[3];
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, nyx_intr_set(movers[i].intr, &first), 0);
	tasks[0] = kthread_run(mover_run, &movers[0], "mover");
	tasks[1] = kthread_run(mover_run, &movers[1], "mover");
	tasks[2] = kthread_run(requester_run, &requester, "requester");
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[i]);
	for (i = 0; i < 500 || READ_ONCE(movers[0].moves) < 2000 ||
	     READ_ONCE(movers[1].moves) < 2000 ||
	     READ_ONCE(requester.requests) < 2000; i++) {
		if (!join_and_leave(test, bridge))
			break;
		cond_resched();
	}
	for (i = 0; i < 3; i++)
		kthread_stop(tasks[i]);
	KUNIT_EXPECT_EQ(test, movers[0].wrong, 0);
	KUNIT_EXPECT_EQ(test, movers[1].wrong, 0);
	KUNIT_EXPECT_EQ(test, requester.lost, 0);
	KUNIT_EXPECT_EQ(test, requester.mixed, 0);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
	take(second);
	take(bridge->run);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(move_during_join),
	KUNIT_CASE_SLOW(moves_under_load),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_race",
	.test_cases = cases,
};

kunit_test_suite(suite);
