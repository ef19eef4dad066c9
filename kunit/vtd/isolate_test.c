// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation of devices that do not respond to invalidations of their TLB, on a
 * model of the unit.
 */
#include <linux/kthread.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "ats_fixture.h"

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

/* A device that does not respond to one or two invalidations stays attached. */
static void slow_device(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	unsigned int times;

	ats->model->unresponsive = OWN;
	for (times = 1; times <= 2; times++) {
		ats->model->ignore_count = times;
		flush(ats);
		KUNIT_EXPECT_EQ(test, ats->model->ignore_count, 0);
		KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
		KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
		KUNIT_EXPECT_FALSE(test, ats->model->vu->unit.dead);
	}
	ats->model->unresponsive = 0;
	vtd_walk_check(ats->model);
}

/* Only a device that never responds is blocked, before the flush returns. */
static void unresponsive_device(struct kunit *test)
{
	struct ats_fixture *ats;
	struct vtd_model *model;
	u64 lo, hi;
	int named;

	for (named = 0; named < 2; named++) {
		ats = ats_two_devices(test, 0);
		model = ats->model;
		model->unresponsive = OWN;
		model->names_device = named;
		model->ignore_count = ALWAYS;
		flush(ats);
		vtd_walk_check(model);
		KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, OWN, &lo, &hi));
		KUNIT_EXPECT_FALSE(test, model->walk.cc[0].valid);
		KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
		KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
		vtd_walk_entry(model, OTHER, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&ats->entry, 1));
		KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);

		/* Later flushes do not invalidate its TLB. */
		vtd_model_clear_events(model);
		flush(ats);
		KUNIT_EXPECT_EQ(test, count_device_tlb(model), 1);
		/* It can be attached again, but without ATS. */
		vtd_model_clear_events(model);
		KUNIT_EXPECT_EQ(test, vtd_core_set(model, ats->own,
						   &ats->entry), 0);
		vtd_walk_entry(model, OWN, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&ats->entry, 0));
		KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
		KUNIT_EXPECT_FALSE(test, model->walk.ats[0]);
		KUNIT_EXPECT_EQ(test, count_device_tlb(model), 0);
		/* A late report of the same timeout does not block it again. */
		KUNIT_EXPECT_EQ(test, nyx_isolate_device(&model->vu->unit, OWN), 0);
		KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, OWN, &lo, &hi));
		vtd_model_free(model);
	}
}

/* An unpowered device would not respond, and its device TLB is empty. */
static void without_power(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct nyx_unit *unit = &ats->model->vu->unit;
	u64 lo, hi;

	unit_core.off = OWN;
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, nyx_isolate_block(unit, OWN));
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(ats->model, OWN, &lo, &hi));
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	unit_core.off = 0;
	scoped_guard(rcu)
		KUNIT_EXPECT_PTR_EQ(test, nyx_isolate_block(unit, OWN), ats->own);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(ats->model, OWN, &lo, &hi));
	KUNIT_EXPECT_TRUE(test, ats->own->isolated);
}

/* A device that does not respond while it leaves the domain, or afterwards. */
static void unresponsive_while_leaving(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct nyx_entry next = unit_core_table(test, 8, true);
	struct vtd_model *model = ats->model;
	u64 lo, hi;

	model->unresponsive = OWN;
	model->ignore_count = ALWAYS;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ats->own, &blocked), 0);
	KUNIT_EXPECT_GE(test, count_tlb_of(model, OWN), 1);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ats->own, &next), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&next, 0));
	KUNIT_EXPECT_FALSE(test, model->walk.ats[0]);
}

/* An invalidation that was aborted because of another device is repeated. */
static void innocent_device(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct vtd_model *model = ats->model;

	model->unresponsive = OTHER;
	model->wrong_sid = OWN;
	model->ignore_count = 6;
	flush(ats);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
	KUNIT_EXPECT_EQ(test, model->ignore_count, 0);

	/* The number of repetitions is limited. */
	model->ignore_count = ALWAYS;
	flush(ats);
	KUNIT_EXPECT_TRUE(test, ats->other->ats_refused);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* The entry of a requester ID without a device is cleared as well. */
static void unknown_device(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	u64 lo, hi;

	list_del_rcu(&ats->own->node);
	synchronize_rcu();
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->vu->unit, OWN), 0);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(ats->model, OWN, &lo, &hi));
	/* This requester ID never had an entry. */
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->vu->unit, 0xff00),
			0);
	vtd_walk_check(ats->model);
}

/*
 * Another CPU flushes after a device was found unresponsive, and before it is
 * blocked.
 */
static struct ats_fixture *flushed_ats;

static void flush_before_blocked(struct vtd_model *model)
{
	struct ats_fixture *ats = flushed_ats;

	if (!ats || !ats->own->ats_lost)
		return;
	flushed_ats = NULL;
	KUNIT_EXPECT_FALSE(model->test, ats->own->ats_refused);
	flush(ats);
	/* The device can no longer use stale translations: P or TT is 0. */
	KUNIT_EXPECT_FALSE(model->test, model->walk.cc[0].valid &&
			   (model->walk.cc[0].lo & 0xd) == 0x5);
}

static void flush_during_isolation(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);

	flushed_ats = ats;
	ats->model->unresponsive = OWN;
	ats->model->ignore_count = ALWAYS;
	ats->model->run_on_poll = true;
	ats->model->on_fsts = flush_before_blocked;
	flush(ats);
	KUNIT_EXPECT_NULL(test, flushed_ats);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	vtd_walk_check(ats->model);
}

/* A device is isolated at every point of a change of its entry. */
static unsigned int isolate_at, nr_polls;
static u16 isolate_rid;

static void isolate_at_poll(struct vtd_model *model)
{
	static bool within;

	if (within)
		return;
	within = true;
	if (++nr_polls == isolate_at) {
		KUNIT_EXPECT_EQ(model->test,
				nyx_isolate_device(&model->vu->unit, isolate_rid), 0);
		/* Its TLB no longer matters: see vtd_walk_check(). */
		model->unresponsive = isolate_rid;
	}
	within = false;
}

static void isolation_during_change(struct kunit *test)
{
	struct nyx_entry to[3];
	struct ats_fixture *ats;
	struct vtd_model *model;
	unsigned int i;
	u64 lo, hi;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		for (isolate_at = 1; ; isolate_at++) {
			ats = ats_two_devices(test, 0);
			model = ats->model;
			to[0] = blocked;
			to[1] = unit_core_table(test, 8, true);
			to[2] = unit_core_identity(1);
			model->run_on_poll = true;
			model->on_fsts = isolate_at_poll;
			isolate_rid = OWN;
			nr_polls = 0;
			KUNIT_EXPECT_EQ(test, vtd_core_set(model, ats->own,
							   &to[i]), 0);
			model->on_fsts = NULL;
			if (nr_polls < isolate_at)
				break;
			KUNIT_EXPECT_EQ(test, ats->own->ats_refused,
					ats->own->ats_lost);
			/* A device that was blamed without ATS gets it again. */
			KUNIT_EXPECT_EQ(test, ats->own->ats_enabled,
					!ats->own->ats_lost && to[i].ats);
			vtd_walk_entry(model, OWN, &lo, &hi);
			/* TT is 1 in a present entry only if ATS is enabled. */
			KUNIT_EXPECT_EQ(test, (lo & 0xd) == 0x5,
					ats->own->ats_enabled);
			if (lo & 1)
				KUNIT_EXPECT_EQ(test, hi >> 8,
						to[i].domain_id);
			vtd_model_free(model);
		}
		KUNIT_EXPECT_GE(test, isolate_at, 2);
		vtd_model_free(model);
	}
}

/* The same, from another CPU: an entry is never torn. */
static int isolate_repeatedly(void *arg)
{
	struct ats_fixture *ats = arg;

	while (!kthread_should_stop()) {
		WRITE_ONCE(ats->own->ats_lost, false);
		WRITE_ONCE(ats->own->ats_stale, false);
		WRITE_ONCE(ats->own->ats_refused, false);
		nyx_isolate_device(&ats->model->vu->unit, OWN);
		cond_resched();
	}
	return 0;
}

static void isolation_from_another_cpu(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct vtd_model *model = ats->model;
	struct nyx_entry entries[] = {
		unit_core_table(test, 0x1111, true),
		unit_core_table(test, 0xeeee, true),
		unit_core_identity(0x5555),
		blocked,
	};
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>
	struct task_struct *task;
	unsigned int i;

	/* Values that the entries of both devices may have. */
	for (i = 0; i < 2; i++) {
		model->walk.values[2 * i].lo = vtd_core_table_lo(&entries[i], 0);
		model->walk.values[2 * i].hi = (i ? 0xeeee02 : 0x111102);
		model->walk.values[2 * i + 1].lo =
			vtd_core_table_lo(&entries[i], 1);
		model->walk.values[2 * i + 1].hi = (i ? 0xeeee02 : 0x111102);
	}
	model->walk.values[4].lo = 0x9;
	model->walk.values[4].hi = 0x555502;
	model->walk.values[5].lo = vtd_core_table_lo(&ats->entry, 1);
	model->walk.values[5].hi = 0x702;
	model->walk.nr_values = 6;
	/* Isolation races with enabling ATS: do not check the TLB of OWN. */
	model->unresponsive = OWN;

	task = kthread_run(isolate_repeatedly, ats, "nyx_isolate");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 4000 && !model->broken; i++) {
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

static struct kunit_case nyx_vtd_isolate_cases[] = {
	KUNIT_CASE_PARAM(slow_device, modes_gen_params),
	KUNIT_CASE_PARAM(unresponsive_device, modes_gen_params),
	KUNIT_CASE_PARAM(without_power, modes_gen_params),
	KUNIT_CASE_PARAM(unresponsive_while_leaving, modes_gen_params),
	KUNIT_CASE_PARAM(innocent_device, modes_gen_params),
	KUNIT_CASE_PARAM(unknown_device, modes_gen_params),
	KUNIT_CASE_PARAM(flush_during_isolation, modes_gen_params),
	KUNIT_CASE_PARAM(isolation_during_change, modes_gen_params),
	KUNIT_CASE_PARAM(isolation_from_another_cpu, modes_gen_params),
	{}
};

static struct kunit_suite nyx_vtd_isolate_suite = {
	.name = "nyx_vtd_isolate",
	.test_cases = nyx_vtd_isolate_cases,
};

kunit_test_suite(nyx_vtd_isolate_suite);
