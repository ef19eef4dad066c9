// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of the invalidation queue (6.5.2.11), on a model of the unit.
 */
#include <linux/slab.h>

#include "core.h"
#include "mode.h"
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

/* Refuses @refuse_left invalidations of domain 66, with IQEI @refuse_with. */
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
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));

	refuse_left = times;
	refuse_with = iqei;
	model->refuse = refuse;
	return model;
}

/* Each descriptor of a submission is refused once; other submissions work. */
static void refused_descriptor(struct kunit *test)
{
	/* No information, invalid type, reserved field (11.4.9.9). */
	static const int iqei[] = { 0, 3, 4 };
	struct nyx_cmd dscs[4];
	struct vtd_model *model;
	unsigned int at, i;
	size_t t;
	u16 sid;

	for (t = 0; t < ARRAY_SIZE(iqei); t++) {
		model = refusing(test, 0, iqei[t], refuse_66);
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

/* A submission with several refused descriptors, two of them adjacent. */
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

/* A submission completes while an earlier one is refused. */
static int nested_ret;

static void submit_nested(struct vtd_model *model)
{
	model->on_fsts = NULL;
	model->halted = false;
	nested_ret = submit_domain(model, 7);
}

static void refused_alone(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1, 4, refuse_66);

	model->halted = true;
	model->on_fsts = submit_nested;
	nested_ret = -1;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 66), -EINVAL);
	KUNIT_EXPECT_EQ(test, nested_ret, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* A wait descriptor cannot be replaced: a second refusal is fatal. */
static void refused_wait(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1, 4, refuse_waits);

	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EINVAL);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	refuse_left = 1000;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	/* There was one retry. */
	KUNIT_EXPECT_EQ(test, refuse_left, 998);
}

/* Errors of the queue itself are fatal (11.4.9.9). */
static void queue_unreadable(struct kunit *test)
{
	static const int iqei[] = { 1, 2, 5, 6, 7, 15 };
	struct vtd_model *model;
	size_t t;

	for (t = 0; t < ARRAY_SIZE(iqei); t++) {
		model = refusing(test, 1000, iqei[t], refuse_66);
		KUNIT_EXPECT_EQ(test, submit_domain(model, 66), -EIO);
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		KUNIT_EXPECT_EQ(test, refuse_left, 999);
		vtd_model_free(model);
	}
}

/* An error while the queue is empty, or with an invalid head. */
static void error_without_descriptor(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));

	vtd_model_qi_event(model, 0x10);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);

	model = vtd_model_running(test, MODEL_CAP,
				  ECAP_ATS | mode_ecap(test));
	model->head = 0x7fff;
	vtd_model_qi_event(model, 0x10);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* A refused descriptor is replaced by a global invalidation. */
static void invalidates_globally(struct kunit *test)
{
	struct vtd_model *model = refusing(test, 1000, 4, refuse_66);
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(66, 0);

	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_ASSERT_GE(test, model->nr_events, 3);
	/* Context-cache and IOTLB; the last descriptor is the wait. */
	KUNIT_EXPECT_EQ(test, model->events[model->nr_events - 3].a, 0x11);
	KUNIT_EXPECT_EQ(test, model->events[model->nr_events - 2].a, 0xd2);
}

static struct vtd_model *new_unresponsive(struct kunit *test, u16 sid,
					  unsigned int times,
					  unsigned int prefetched)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));

	model->unresponsive = sid;
	model->ignore_count = times;
	model->prefetched = prefetched;
	return model;
}

/* Aborted, regardless of whether the unit had fetched the wait descriptor. */
static void device_times_out(struct kunit *test)
{
	struct nyx_cmd dscs[] = {
		vtd_dsc_iotlb_domain(1, 0),
		vtd_dsc_dev_tlb(0x0300, 0, 0, 0, 52),
		vtd_dsc_iotlb_domain(2, 0),
	};
	struct vtd_model *model;
	unsigned int prefetched;
	u16 sid;

	for (prefetched = 0; prefetched < 4; prefetched++) {
		model = new_unresponsive(test, 0x0300, 1, prefetched);
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, sid, 0x0300);
		KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), 0);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		vtd_model_free(model);

		model = new_unresponsive(test, 0x0300, 1, prefetched);
		model->names_device = false;
		KUNIT_EXPECT_EQ(test, submit(model, dscs, 3, &sid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, sid, 0);
		vtd_model_free(model);
	}
}

/* A submission for the unresponsive device, queued after another one. */
static void submit_for_device(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_dev_tlb(0x0300, 0, 0, 0, 52);
	u16 sid;

	model->on_fsts = NULL;
	model->halted = false;
	nested_ret = submit(model, &dsc, 1, &sid);
}

static void device_times_out_after_others(struct kunit *test)
{
	struct vtd_model *model;
	unsigned int prefetched;

	for (prefetched = 0; prefetched < 3; prefetched++) {
		model = new_unresponsive(test, 0x0300, 1, prefetched);
		model->halted = true;
		model->on_fsts = submit_for_device;
		/* This one was executed, but may be reported as aborted. */
		KUNIT_EXPECT_TRUE(test, submit_domain(model, 1) != -EIO);
		KUNIT_EXPECT_EQ(test, nested_ret, -EAGAIN);
		KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		vtd_model_free(model);
	}
}

/* After more errors than the driver records, a submission counts as aborted. */
static void more_errors_than_recorded(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));

	model->halted = true;
	model->on_fsts = vtd_model_many_timeouts;
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
}

/* An unexpected completion is logged and otherwise ignored. */
static void invalid_completion(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));

	model->iqercd = 0x0300ULL << 48;
	vtd_model_qi_event(model, 0x20);
	vtd_qi_check_errors(model->vu);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
	KUNIT_EXPECT_EQ(test, submit_domain(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* All three errors at once. */
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

/* With register-based invalidation, errors of the queue are ignored. */
static void ignored_without_queue(struct kunit *test)
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
	KUNIT_CASE_PARAM(refused_descriptor, modes_gen_params),
	KUNIT_CASE_PARAM(refused_twice, modes_gen_params),
	KUNIT_CASE_PARAM(refused_alone, modes_gen_params),
	KUNIT_CASE_PARAM(refused_wait, modes_gen_params),
	KUNIT_CASE(queue_unreadable),
	KUNIT_CASE(error_without_descriptor),
	KUNIT_CASE(invalidates_globally),
	KUNIT_CASE_PARAM(device_times_out, modes_gen_params),
	KUNIT_CASE_PARAM(device_times_out_after_others, modes_gen_params),
	KUNIT_CASE(more_errors_than_recorded),
	KUNIT_CASE(invalid_completion),
	KUNIT_CASE(errors_together),
	KUNIT_CASE(ignored_without_queue),
	{}
};

static struct kunit_suite nyx_vtd_qi_error_suite = {
	.name = "nyx_vtd_qi_error",
	.test_cases = nyx_vtd_qi_error_cases,
};

kunit_test_suite(nyx_vtd_qi_error_suite);
