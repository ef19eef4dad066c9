// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a device that does not forget what its TLB holds, on a model
 * of the unit.
 */
#include <linux/kthread.h>
#include <linux/rculist.h>
#include <nyx/ats.h>
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0300
#define OTHER 0x0400
#define ECAP (MODEL_ECAP | MODEL_ECAP_DT)
/* More often than anybody asks. */
#define FOR_EVER 1000000

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

static unsigned int count_device_tlb(const struct vtd_model *model)
{
	unsigned int i, n = 0;

	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == EVENT_DSC &&
		     (model->events[i].a & 0xf) == 3;
	return n;
}

static int flush(struct vtd_model *model, struct list_head *ats)
{
	struct nyx_unit *unit = &model->vu->unit;
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = ats,
	};

	return unit->ops->flush(unit, &flush);
}

struct ats_pair {
	struct vtd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
	struct list_head list;
};

/* Two devices in a domain, both with ATS on. */
static struct ats_pair *pair_new(struct kunit *test)
{
	struct ats_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->model = vtd_model_running(test, MODEL_CAP, ECAP);
	pair->own = vtd_core_device(test, pair->model, OWN);
	pair->other = vtd_core_device(test, pair->model, OTHER);
	pair->entry = unit_core_table(test, 7, true);
	INIT_LIST_HEAD(&pair->list);
	KUNIT_EXPECT_EQ(test, vtd_core_set(pair->model, pair->own,
					   &pair->entry), 0);
	KUNIT_EXPECT_EQ(test, vtd_core_set(pair->model, pair->other,
					   &pair->entry), 0);
	list_add_tail_rcu(&pair->own->ats_node, &pair->list);
	list_add_tail_rcu(&pair->other->ats_node, &pair->list);
	vtd_model_forget_events(pair->model);
	return pair;
}

/* A device may miss one, and gets a second chance. */
static void slow_device(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);
	unsigned int times;

	pair->model->mute = OWN;
	for (times = 1; times <= 2; times++) {
		pair->model->mute_times = times;
		flush(pair->model, &pair->list);
		KUNIT_EXPECT_EQ(test, pair->model->mute_times, 0);
		KUNIT_EXPECT_FALSE(test, pair->own->ats_lost);
		KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
		KUNIT_EXPECT_FALSE(test, pair->model->vu->unit.dead);
	}
	pair->model->mute = 0;
	vtd_walk_check(pair->model);
}

/* One that never answers is blocked before the flush is over; nobody else is. */
static void mute_device(struct kunit *test)
{
	struct ats_pair *pair;
	struct vtd_model *model;
	u64 lo, hi;
	int told;

	for (told = 0; told < 2; told++) {
		pair = pair_new(test);
		model = pair->model;
		model->mute = OWN;
		model->mute_told = told;
		model->mute_times = FOR_EVER;
		flush(model, &pair->list);
		vtd_walk_check(model);
		KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, OWN, &lo, &hi));
		KUNIT_EXPECT_FALSE(test, model->walk.cc[0].valid);
		KUNIT_EXPECT_TRUE(test, pair->own->ats_lost);
		KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
		vtd_walk_entry(model, OTHER, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&pair->entry, 1));
		KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);

		/* From then on flushes leave it out. */
		vtd_model_forget_events(model);
		flush(model, &pair->list);
		KUNIT_EXPECT_EQ(test, count_device_tlb(model), 1);
		/* It comes back, but never with ATS. */
		vtd_model_forget_events(model);
		KUNIT_EXPECT_EQ(test, vtd_core_set(model, pair->own,
						   &pair->entry), 0);
		vtd_walk_entry(model, OWN, &lo, &hi);
		KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&pair->entry, 0));
		KUNIT_EXPECT_FALSE(test, pair->own->ats_enabled);
		KUNIT_EXPECT_FALSE(test, model->walk.ats[0]);
		KUNIT_EXPECT_EQ(test, count_device_tlb(model), 0);
		/* And is not blocked once more for what was. */
		KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&model->vu->unit, OWN), 0);
		KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, OWN, &lo, &hi));
		vtd_model_free(model);
	}
}

/* It does not even answer when it is told to forget for good. */
static void mute_at_the_end(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);
	struct nyx_entry next = unit_core_table(test, 8, true);
	struct vtd_model *model = pair->model;
	u64 lo, hi;

	model->mute = OWN;
	model->mute_times = FOR_EVER;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, pair->own, &next), 0);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&next, 0));
	KUNIT_EXPECT_FALSE(test, model->walk.ats[0]);
}

/* Aborted for what another device did: that is not this one's fault. */
static void innocent_device(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);
	struct vtd_model *model = pair->model;

	model->mute = OTHER;
	model->blame = OWN;
	model->mute_times = 6;
	flush(model, &pair->list);
	KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
	KUNIT_EXPECT_EQ(test, model->mute_times, 0);

	/* It never is known to have forgotten: that has an end, too. */
	model->mute_times = FOR_EVER;
	flush(model, &pair->list);
	KUNIT_EXPECT_TRUE(test, pair->other->ats_refused);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* Nobody knows the device any more: its entry goes all the same. */
static void unknown_device(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);
	u64 lo, hi;

	unit_core.nr_devices = 0;
	KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&pair->model->vu->unit, OWN), 0);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(pair->model, OWN, &lo, &hi));
	/* Nor has it ever had an entry. */
	KUNIT_EXPECT_EQ(test, nyx_ats_isolate(&pair->model->vu->unit, 0xff00),
			0);
	vtd_walk_check(pair->model);
}

/* Another CPU flushes while a device is about to be blocked, but is not yet. */
static struct ats_pair *flushed_pair;

static void flush_before_blocked(struct vtd_model *model)
{
	struct ats_pair *pair = flushed_pair;

	if (!pair || !pair->own->ats_lost)
		return;
	flushed_pair = NULL;
	KUNIT_EXPECT_FALSE(model->test, pair->own->ats_refused);
	flush(model, &pair->list);
	/* It is over, so the device uses nothing of it: P or TT is 0. */
	KUNIT_EXPECT_FALSE(model->test, model->walk.cc[0].valid &&
			   (model->walk.cc[0].lo & 0xd) == 0x5);
}

static void flushed_meanwhile(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);

	flushed_pair = pair;
	pair->model->mute = OWN;
	pair->model->mute_times = FOR_EVER;
	pair->model->drowsy = true;
	pair->model->on_fsts = flush_before_blocked;
	flush(pair->model, &pair->list);
	KUNIT_EXPECT_NULL(test, flushed_pair);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	vtd_walk_check(pair->model);
}

/* A device is isolated while its entry is changed, at every point of that. */
static unsigned int moment, moments;
static u16 isolate_rid;

static void isolate_at_moment(struct vtd_model *model)
{
	static bool within;

	if (within)
		return;
	within = true;
	if (++moments == moment)
		KUNIT_EXPECT_EQ(model->test,
				nyx_ats_isolate(&model->vu->unit, isolate_rid), 0);
	within = false;
}

static void isolated_meanwhile(struct kunit *test)
{
	struct nyx_entry to[3];
	struct ats_pair *pair;
	struct vtd_model *model;
	unsigned int i;
	u64 lo, hi;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		for (moment = 1; ; moment++) {
			pair = pair_new(test);
			model = pair->model;
			to[0] = blocked;
			to[1] = unit_core_table(test, 8, true);
			to[2] = unit_core_identity(1);
			model->drowsy = true;
			model->on_fsts = isolate_at_moment;
			isolate_rid = OWN;
			moments = 0;
			KUNIT_EXPECT_EQ(test, vtd_core_set(model, pair->own,
							   &to[i]), 0);
			model->on_fsts = NULL;
			if (moments < moment)
				break;
			KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
			KUNIT_EXPECT_FALSE(test, pair->own->ats_enabled);
			vtd_walk_entry(model, OWN, &lo, &hi);
			/* Not TT = 1, whatever else. */
			KUNIT_EXPECT_NE(test, lo & 0xd, 0x5);
			if (lo & 1)
				KUNIT_EXPECT_EQ(test, hi >> 8,
						to[i].domain_id);
			vtd_model_free(model);
		}
		KUNIT_EXPECT_GE(test, moment, 2);
		vtd_model_free(model);
	}
}

/* The same from another CPU: an entry is never a mixture. */
static int isolate_all_the_time(void *arg)
{
	struct ats_pair *pair = arg;

	while (!kthread_should_stop()) {
		WRITE_ONCE(pair->own->ats_lost, false);
		WRITE_ONCE(pair->own->ats_refused, false);
		nyx_ats_isolate(&pair->model->vu->unit, OWN);
		cond_resched();
	}
	return 0;
}

static void isolated_at_any_time(struct kunit *test)
{
	struct ats_pair *pair = pair_new(test);
	struct vtd_model *model = pair->model;
	struct nyx_entry entries[] = {
		unit_core_table(test, 0x1111, true),
		unit_core_table(test, 0xeeee, true),
		unit_core_identity(0x5555),
		blocked,
	};
	struct task_struct *task;
	unsigned int i;

	/* What the unit may see of both devices. */
	for (i = 0; i < 2; i++) {
		model->walk.values[2 * i].lo = vtd_core_table_lo(&entries[i], 0);
		model->walk.values[2 * i].hi = (i ? 0xeeee02 : 0x111102);
		model->walk.values[2 * i + 1].lo =
			vtd_core_table_lo(&entries[i], 1);
		model->walk.values[2 * i + 1].hi = (i ? 0xeeee02 : 0x111102);
	}
	model->walk.values[4].lo = 0x9;
	model->walk.values[4].hi = 0x555502;
	model->walk.values[5].lo = vtd_core_table_lo(&pair->entry, 1);
	model->walk.values[5].hi = 0x702;
	model->walk.nr_values = 6;
	/* Both run on each other's ground: ATS stays as it is told. */
	model->mute = OWN;

	task = kthread_run(isolate_all_the_time, pair, "nyx_isolate");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 4000 && !model->broken; i++) {
		mutex_lock(&pair->own->entry_lock);
		KUNIT_EXPECT_EQ(test, nyx_entry_set(pair->own->unit, pair->own,
						    &entries[i % 4]), 0);
		mutex_unlock(&pair->own->entry_lock);
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

static struct kunit_case nyx_vtd_isolate_cases[] = {
	KUNIT_CASE(slow_device),
	KUNIT_CASE(mute_device),
	KUNIT_CASE(mute_at_the_end),
	KUNIT_CASE(innocent_device),
	KUNIT_CASE(unknown_device),
	KUNIT_CASE(flushed_meanwhile),
	KUNIT_CASE(isolated_meanwhile),
	KUNIT_CASE(isolated_at_any_time),
	{}
};

static struct kunit_suite nyx_vtd_isolate_suite = {
	.name = "nyx_vtd_isolate",
	.test_cases = nyx_vtd_isolate_cases,
};

kunit_test_suite(nyx_vtd_isolate_suite);
