// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of the queue when a device with a TLB of its own does not answer,
 * and the unit takes longer to notice than anybody can wait, on a model of the
 * unit.
 */
#include <linux/rculist.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "core.h"
#include "model.h"
#include "vtd/dsc.h"
#include "vtd/flush.h"
#include "vtd/vtd.h"

#define OWN 0x0300
#define OTHER 0x0400
#define ALIAS 0x0301
#define ECAP (MODEL_ECAP | MODEL_ECAP_DT)
/* More often than anybody asks. */
#define FOR_EVER 1000000

struct mute_pair {
	struct vtd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
	struct list_head list;
};

/* Two devices in a domain, of which one falls silent. */
static struct mute_pair *pair_new(struct kunit *test, enum model_silence silence)
{
	struct mute_pair *pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);
	struct vtd_model *model;

	KUNIT_ASSERT_NOT_NULL(test, pair);
	model = vtd_model_running(test, MODEL_CAP, ECAP);
	pair->model = model;
	pair->own = vtd_core_device(test, model, OWN);
	pair->other = vtd_core_device(test, model, OTHER);
	vtd_core_alias(model, pair->own, ALIAS);
	pair->entry = unit_core_table(test, 7, true);
	INIT_LIST_HEAD(&pair->list);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, pair->own, &pair->entry), 0);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, pair->other, &pair->entry),
			0);
	list_add_tail_rcu(&pair->own->ats_node, &pair->list);
	list_add_tail_rcu(&pair->other->ats_node, &pair->list);
	vtd_model_forget_events(model);
	model->mute = OWN;
	model->mute_times = FOR_EVER;
	model->silence = silence;
	model->vu->qi.timeout_ns = 1000000;
	return pair;
}

static int flush(struct mute_pair *pair)
{
	struct nyx_unit *unit = &pair->model->vu->unit;
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = &pair->list,
	};

	return unit->ops->flush(unit, &flush);
}

/* Device-TLB invalidations that were sent to a device. */
static unsigned int sent_to(const struct vtd_model *model, u16 sid)
{
	unsigned int i, n = 0;

	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == EVENT_DSC &&
		     (model->events[i].a & 0xf) == 3 &&
		     (u16)(model->events[i].a >> 32) == sid;
	return n;
}

/* The mute one is blocked, with its alias; the other and the unit are well. */
static void expect_isolated(struct mute_pair *pair)
{
	struct vtd_model *model = pair->model;
	struct kunit *test = model->test;
	u64 lo, hi;

	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, OWN, &lo, &hi));
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, ALIAS, &lo, &hi));
	KUNIT_EXPECT_TRUE(test, pair->own->ats_lost);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, pair->own->isolated);
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, OTHER, &lo, &hi));
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&pair->entry, 1));
	KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
	KUNIT_EXPECT_FALSE(test, pair->other->isolated);
	/* Nothing that the unit cached of either is older than memory. */
	vtd_walk_check(model);
}

/* The unit never raises ITE. The other device is told to forget all the same. */
static void ite_never_comes(struct kunit *test)
{
	static const enum model_silence silences[] = {
		SILENCE_STAND, SILENCE_FETCH,
	};
	struct mute_pair *pair;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(silences); i++) {
		pair = pair_new(test, silences[i]);
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		expect_isolated(pair);
		KUNIT_EXPECT_GE(test, sent_to(pair->model, OTHER), 1);
		/* Once; once more if it is not clear whom the unit waits for. */
		KUNIT_EXPECT_EQ(test, sent_to(pair->model, OWN), 1 + i);
		/* From then on, as if nothing had been. */
		vtd_model_forget_events(pair->model);
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		KUNIT_EXPECT_EQ(test, sent_to(pair->model, OWN), 0);
		KUNIT_EXPECT_EQ(test, sent_to(pair->model, OTHER), 1);
		/* Attached anew it is as others, but for ATS. */
		KUNIT_EXPECT_EQ(test, vtd_core_set(pair->model, pair->own,
						   &pair->entry), 0);
		KUNIT_EXPECT_FALSE(test, pair->own->isolated);
		KUNIT_EXPECT_FALSE(test, pair->own->ats_enabled);
		vtd_model_free(pair->model);
	}
}

/* ITE comes after the device was given up, at every point of what follows. */
static void ite_comes_late(struct kunit *test)
{
	struct mute_pair *pair;
	unsigned int late;

	for (late = 1; late < 12; late++) {
		pair = pair_new(test, SILENCE_STAND);
		pair->model->late_ite = late;
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		expect_isolated(pair);
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		KUNIT_EXPECT_EQ(test, flush(pair), 0);
		expect_isolated(pair);
		KUNIT_EXPECT_EQ(test, pair->model->ite_in, 0);
		KUNIT_EXPECT_EQ(test, pair->model->fsts & 0x70, 0);
		vtd_model_free(pair->model);
	}
}

/* Who asked nothing of the device, but came behind it in the queue. */
static struct mute_pair *behind;
static int behind_ret;

static void invalidate_behind(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(9, 0);
	unsigned int i, n = 0;

	model->on_fsts = NULL;
	behind_ret = nyx_invalidate(&model->vu->unit, &dsc, 1);
	/* Its own, or one of all: done before it was told so. */
	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == EVENT_DSC &&
		     ((model->events[i].a & 0xffff003f) == 0x90022 ||
		      (model->events[i].a & 0x3f) == 0x12);
	KUNIT_EXPECT_GE(model->test, n, 1);
	expect_isolated(behind);
}

static void innocent_behind(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	behind = pair;
	behind_ret = 1;
	pair->model->on_fsts = invalidate_behind;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, behind_ret, 0);
	expect_isolated(pair);
}

/* The same of who moves an interrupt: he blocks the mute one before he goes on. */
static void forget_intr_behind(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_iec_index(3, 0);

	model->on_fsts = NULL;
	behind_ret = nyx_invalidate_intr(&model->vu->unit, &dsc, 1);
	expect_isolated(behind);
}

static void interrupt_behind(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	behind = pair;
	behind_ret = 1;
	pair->model->on_fsts = forget_intr_behind;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, behind_ret, 0);
	expect_isolated(pair);
}

/*
 * Somebody's time is over, but what was the oldest submission then is completed
 * by now: that is no reason to give up the one that is the oldest now.
 */
static void overdue_for_another(struct vtd_model *model)
{
	struct vtd_unit *vu = model->vu;

	model->on_fsts = NULL;
	KUNIT_EXPECT_EQ(model->test, nyx_queue_overdue(&vu->qi, vu->qi.head - 1), 0);
	/* And now the device answers. */
	model->mute_times = 0;
	model->stalled = false;
	vtd_model_run(model);
}

static void answers_in_time(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	pair->model->vu->qi.timeout_ns = 600000000000ULL;
	pair->model->on_fsts = overdue_for_another;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_NULL(test, pair->model->on_fsts);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, pair->model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, sent_to(pair->model, OWN), 1);
}

/* The unit itself does not go on: no device is blamed for that. */
static void unit_stands_still(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	pair->model->held = true;
	KUNIT_EXPECT_EQ(test, flush(pair), -EIO);
	KUNIT_EXPECT_TRUE(test, pair->model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, pair->other->ats_lost);
}

/* The queue does not go off, or what stands in it does not go with it. */
static void restart_fails(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	pair->model->deaf = 0x04000000;
	KUNIT_EXPECT_EQ(test, flush(pair), -EIO);
	KUNIT_EXPECT_TRUE(test, pair->model->vu->unit.dead);
	pair->model->deaf = 0;
	vtd_model_free(pair->model);

	pair = pair_new(test, SILENCE_DEEP);
	KUNIT_EXPECT_EQ(test, flush(pair), -EIO);
	KUNIT_EXPECT_TRUE(test, pair->model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, flush(pair), -EIO);
}

/* A device that was unplugged is not asked. */
static void unplugged(struct kunit *test)
{
	struct mute_pair *pair = pair_new(test, SILENCE_STAND);

	unit_core.disconnected = OWN;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, sent_to(pair->model, OWN), 0);
	KUNIT_EXPECT_EQ(test, sent_to(pair->model, OTHER), 1);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, pair->model->vu->unit.dead);
}

static struct kunit_case nyx_vtd_mute_cases[] = {
	KUNIT_CASE(ite_never_comes),
	KUNIT_CASE(ite_comes_late),
	KUNIT_CASE(innocent_behind),
	KUNIT_CASE(interrupt_behind),
	KUNIT_CASE(answers_in_time),
	KUNIT_CASE(unit_stands_still),
	KUNIT_CASE_SLOW(restart_fails),
	KUNIT_CASE(unplugged),
	{}
};

static struct kunit_suite nyx_vtd_mute_suite = {
	.name = "nyx_vtd_mute",
	.test_cases = nyx_vtd_mute_cases,
};

kunit_test_suite(nyx_vtd_mute_suite);
