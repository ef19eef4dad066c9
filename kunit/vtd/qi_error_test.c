// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of the invalidation queue (6.5.2.11), on a model of the unit.
 */
#include <linux/slab.h>

#include "core.h"
#include "model.h"
#include "vtd/flush.h"
#include "vtd/qi.h"
#include "vtd/vtd.h"

#define ECAP_ATS (MODEL_ECAP | MODEL_ECAP_DT)

static int submit(struct vtd_model *model, const struct nyx_cmd *dscs,
		  unsigned int nr, u16 *sid)
{
	return nyx_queue_submit(&model->vu->qi, dscs, nr, sid);
}

static int submit_domain(struct vtd_model *model, u16 did)
{
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(did, 0);
	u16 sid;

	return submit(model, &dsc, 1, &sid);
}

/* Refuses invalidations of domain 66, once or for ever, as told. */
static int refuse_left;
static int refuse_with;

static int refuse_66(struct vtd_model *model, u64 lo, u64 hi)
{
	if ((lo & 0xffff000f) != 0x420002 || !refuse_left)
		return -1;
	refuse_left--;
	return refuse_with;
}

static int refuse_waits(struct vtd_model *model, u64 lo, u64 hi)
{
	if ((lo & 0xf) != 5 || !refuse_left)
		return -1;
	refuse_left--;
	return refuse_with;
}

static struct vtd_model *refusing(struct kunit *test, int times, int iqei,
				  int (*refuse)(struct vtd_model *, u64, u64))
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	refuse_left = times;
	refuse_with = iqei;
	model->refuse = refuse;
	return model;
}

/* Whichever of a submission's descriptors it is: that one fails, others not. */
static void refused_descriptor(struct kunit *test)
{
	/* IQEI: not told, invalid type, reserved field (11.4.9.9). */
	static const int told[] = { 0, 3, 4 };
	struct nyx_cmd dscs[4];
	struct vtd_model *model;
	unsigned int at, i;
	size_t t;
	u16 sid;

	for (t = 0; t < ARRAY_SIZE(told); t++) {
		model = refusing(test, 0, told[t], refuse_66);
		for (at = 0; at < ARRAY_SIZE(dscs); at++) {
			for (i = 0; i < ARRAY_SIZE(dscs); i++)
				dscs[i] = vtd_dsc_iotlb_domain(i == at ? 66 : 1,
							       0);
			refuse_left = 1000;
			KUNIT_EXPECT_EQ(test, submit(model, dscs, 4, &sid),
					-EINVAL);
			KUNIT_EXPECT_EQ(test, sid, 0);
			KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
			KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
		}
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		vtd_model_free(model);
	}
}

/* Two refused ones in one submission, side by side too. */
static void refused_twice(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1000, 4, refuse_66);
	struct nyx_cmd dscs[] = {
		vtd_dsc_iotlb_domain(66, 0),
		vtd_dsc_iotlb_domain(66, 0),
		vtd_dsc_iotlb_domain(1, 0),
		vtd_dsc_iotlb_domain(66, 0),
	};
	u16 sid;

	KUNIT_EXPECT_EQ(test, submit(model, dscs, 4, &sid), -EINVAL);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* While one waits whose descriptor is refused, another's goes through. */
static int within_ret;

static void submit_within(struct vtd_model *model)
{
	model->on_fsts = NULL;
	model->held = false;
	within_ret = submit_domain(model, 7);
}

static void refused_alone(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1, 4, refuse_66);

	model->held = true;
	model->on_fsts = submit_within;
	within_ret = -1;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 66), -EINVAL);
	KUNIT_EXPECT_EQ(test, within_ret, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* A wait descriptor cannot be left out: once is bad luck, twice is the end. */
static void refused_wait(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1, 4, refuse_waits);

	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EINVAL);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	refuse_left = 1000;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	/* It tried once more, and did not go on for ever. */
	KUNIT_EXPECT_EQ(test, refuse_left, 998);
}

/* The queue itself cannot be read: nothing can be mended (11.4.9.9). */
static void refused_queue(struct kunit *test)
{
	static const int told[] = { 1, 2, 5, 6, 7, 15 };
	struct vtd_model *model;
	size_t t;

	for (t = 0; t < ARRAY_SIZE(told); t++) {
		model = refusing(test, 1000, told[t], refuse_66);
		KUNIT_EXPECT_EQ(test, submit_domain(model, 66), -EIO);
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		KUNIT_EXPECT_EQ(test, refuse_left, 999);
		vtd_model_free(model);
	}
}

/* An error with nothing in the queue, and a head that is nowhere. */
static void refused_nothing(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	vtd_model_qi_event(model, 0x10);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);

	model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);
	model->head = 0x7fff;
	vtd_model_qi_event(model, 0x10);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* A descriptor that is refused is done without, at last by forgetting all. */
static void invalidate_gets_there(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1000, 4, refuse_66);
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(66, 0);

	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_ASSERT_GE(test, model->nr_events, 3);
	/* Context-cache, IOTLB, wait. */
	KUNIT_EXPECT_EQ(test, model->events[model->nr_events - 3].a, 0x11);
	KUNIT_EXPECT_EQ(test, model->events[model->nr_events - 2].a, 0xd2);
}

static struct vtd_model *mute(struct kunit *test, u16 sid, unsigned int times,
			      unsigned int ahead)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	model->mute = sid;
	model->mute_times = times;
	model->ahead = ahead;
	return model;
}

/* Aborted, whether or not the unit had fetched the wait descriptor. */
static void device_times_out(struct kunit *test)
{
	struct nyx_cmd dscs[] = {
		vtd_dsc_iotlb_domain(1, 0),
		vtd_dsc_dev_tlb(0x0300, 0, 0, 0, 52),
		vtd_dsc_iotlb_domain(2, 0),
	};
	struct vtd_model *model;
	unsigned int ahead;
	u16 sid;

	for (ahead = 0; ahead < 4; ahead++) {
		model = mute(test, 0x0300, 1, ahead);
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, sid, 0x0300);
		KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), 0);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		vtd_model_free(model);

		model = mute(test, 0x0300, 1, ahead);
		model->mute_told = false;
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, sid, 0);
		vtd_model_free(model);
	}
}

/* What was fetched of others is aborted too; what was not goes through. */
static void submit_behind(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_dev_tlb(0x0300, 0, 0, 0, 52);
	u16 sid;

	model->on_fsts = NULL;
	model->held = false;
	within_ret = submit(model, &dsc, 1, &sid);
}

static void device_times_out_for_others(struct kunit *test)
{
	struct vtd_model *model;
	unsigned int ahead;

	for (ahead = 0; ahead < 3; ahead++) {
		model = mute(test, 0x0300, 1, ahead);
		model->held = true;
		model->on_fsts = submit_behind;
		/* This one is in front, and was done, if it knows it. */
		KUNIT_EXPECT_TRUE(test, submit_domain(model, 1) != -EIO);
		KUNIT_EXPECT_EQ(test, within_ret, -EAGAIN);
		KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		vtd_model_free(model);
	}
}

/* More errors than are remembered: then it may have been among them. */
static void many_errors(struct vtd_model *model)
{
	unsigned int i;

	model->on_fsts = NULL;
	for (i = 0; i < 9; i++) {
		vtd_model_qi_event(model, 0x40);
		vtd_qi_check_errors(model->vu);
	}
	vtd_model_run(model);
}

static void remembers_so_many(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	model->held = true;
	model->on_fsts = many_errors;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
}

/* An answer that nobody asked for is logged, and that is all. */
static void invalid_completion(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	model->iqercd = 0x0300ULL << 48;
	vtd_model_qi_event(model, 0x20);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* All three at once. */
static void errors_together(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1, 4, refuse_66);
	int ret;

	vtd_model_qi_event(model, 0x60);
	ret = submit_domain(model, 66);
	KUNIT_EXPECT_TRUE(test, ret == -EINVAL || ret == -EAGAIN);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* With registers for invalidations there is no queue to look at. */
static void none_without_queue(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP &
						    ~MODEL_ECAP_QI);
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(1, 0);

	model->fsts = 0x70;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

static struct kunit_case nyx_vtd_qi_error_cases[] = {
	KUNIT_CASE(refused_descriptor),
	KUNIT_CASE(refused_twice),
	KUNIT_CASE(refused_alone),
	KUNIT_CASE(refused_wait),
	KUNIT_CASE(refused_queue),
	KUNIT_CASE(refused_nothing),
	KUNIT_CASE(invalidate_gets_there),
	KUNIT_CASE(device_times_out),
	KUNIT_CASE(device_times_out_for_others),
	KUNIT_CASE(remembers_so_many),
	KUNIT_CASE(invalid_completion),
	KUNIT_CASE(errors_together),
	KUNIT_CASE(none_without_queue),
	{}
};

static struct kunit_suite nyx_vtd_qi_error_suite = {
	.name = "nyx_vtd_qi_error",
	.test_cases = nyx_vtd_qi_error_cases,
};

kunit_test_suite(nyx_vtd_qi_error_suite);
