// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate for adoption: no probe runs during a removal, and one probe serves
 * all requests that were postponed.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include "lifecycle/adopt_gate.h"

static unsigned int probes;

static void count_probe(void)
{
	probes++;
}

static struct nyx_adopt_gate gate;

/* Only their addresses matter. */
static struct device a, b, stranger;

static int gate_test_init(struct kunit *test)
{
	probes = 0;
	nyx_adopt_gate_init(&gate, count_probe);
	return 0;
}

static void gate_test_exit(struct kunit *test)
{
	nyx_adopt_gate_clear(&gate);
}

static void probes_at_once(struct kunit *test)
{
	nyx_adopt_gate_kick(&gate);
	KUNIT_EXPECT_EQ(test, probes, 1);
	nyx_adopt_gate_begin_removal(&gate, &a);
	nyx_adopt_gate_end_removal(&gate, &a);
	KUNIT_EXPECT_EQ(test, probes, 1);
	nyx_adopt_gate_kick(&gate);
	KUNIT_EXPECT_EQ(test, probes, 2);
}

static void waits_for_the_last_removal(struct kunit *test)
{
	nyx_adopt_gate_begin_removal(&gate, &a);
	nyx_adopt_gate_kick(&gate);
	nyx_adopt_gate_begin_removal(&gate, &b);
	nyx_adopt_gate_kick(&gate);
	KUNIT_EXPECT_EQ(test, probes, 0);
	nyx_adopt_gate_end_removal(&gate, &a);
	KUNIT_EXPECT_EQ(test, probes, 0);
	nyx_adopt_gate_end_removal(&gate, &b);
	KUNIT_EXPECT_EQ(test, probes, 1);

	/* No probe is pending any more. */
	nyx_adopt_gate_begin_removal(&gate, &a);
	nyx_adopt_gate_end_removal(&gate, &a);
	KUNIT_EXPECT_EQ(test, probes, 1);
}

/* The removal began before the gate was set up. */
static void end_of_an_unknown_removal(struct kunit *test)
{
	nyx_adopt_gate_end_removal(&gate, &stranger);
	nyx_adopt_gate_begin_removal(&gate, &a);
	nyx_adopt_gate_kick(&gate);
	nyx_adopt_gate_end_removal(&gate, &stranger);
	KUNIT_EXPECT_EQ(test, probes, 0);
	nyx_adopt_gate_end_removal(&gate, &a);
	KUNIT_EXPECT_EQ(test, probes, 1);
}

/* A removal without a recorded end does not affect later ones. */
static void cleared(struct kunit *test)
{
	nyx_adopt_gate_begin_removal(&gate, &a);
	nyx_adopt_gate_kick(&gate);
	nyx_adopt_gate_clear(&gate);
	KUNIT_EXPECT_EQ(test, probes, 0);
	nyx_adopt_gate_begin_removal(&gate, &b);
	nyx_adopt_gate_end_removal(&gate, &b);
	KUNIT_EXPECT_EQ(test, probes, 0);
	nyx_adopt_gate_kick(&gate);
	KUNIT_EXPECT_EQ(test, probes, 1);
}

static bool removal_began, began_too_early;
static struct task_struct *remover;

static void slow_probe(void)
{
	wake_up_process(remover);
	/* Enough time for a removal that does not wait. */
	msleep(50);
	began_too_early = READ_ONCE(removal_began);
}

static int remove_a(void *unused)
{
	nyx_adopt_gate_begin_removal(&gate, &a);
	WRITE_ONCE(removal_began, true);
	return 0;
}

static void removal_waits_for_a_probe(struct kunit *test)
{
	remover = kthread_create(remove_a, NULL, "nyx-remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, remover);
	get_task_struct(remover);
	removal_began = false;
	nyx_adopt_gate_init(&gate, slow_probe);
	nyx_adopt_gate_kick(&gate);
	kthread_stop(remover);
	put_task_struct(remover);
	KUNIT_EXPECT_FALSE(test, began_too_early);
	KUNIT_EXPECT_TRUE(test, removal_began);
	nyx_adopt_gate_end_removal(&gate, &a);
}

/* The gate closes only without removals, and blocks removals while closed. */
static void closed(struct kunit *test)
{
	nyx_adopt_gate_begin_removal(&gate, &a);
	KUNIT_EXPECT_FALSE(test, nyx_adopt_gate_close(&gate));
	nyx_adopt_gate_end_removal(&gate, &a);
	remover = kthread_create(remove_a, NULL, "nyx-remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, remover);
	get_task_struct(remover);
	removal_began = false;
	KUNIT_ASSERT_TRUE(test, nyx_adopt_gate_close(&gate));
	slow_probe();
	nyx_adopt_gate_open(&gate);
	kthread_stop(remover);
	put_task_struct(remover);
	KUNIT_EXPECT_FALSE(test, began_too_early);
	KUNIT_EXPECT_TRUE(test, removal_began);
	nyx_adopt_gate_end_removal(&gate, &a);
}

static struct kunit_case gate_cases[] = {
	KUNIT_CASE(probes_at_once),
	KUNIT_CASE(waits_for_the_last_removal),
	KUNIT_CASE(end_of_an_unknown_removal),
	KUNIT_CASE(cleared),
	KUNIT_CASE(removal_waits_for_a_probe),
	KUNIT_CASE(closed),
	{ }
};

static struct kunit_suite gate_suite = {
	.name = "nyx_lifecycle_adopt_gate",
	.init = gate_test_init,
	.exit = gate_test_exit,
	.test_cases = gate_cases,
};

kunit_test_suite(gate_suite);
