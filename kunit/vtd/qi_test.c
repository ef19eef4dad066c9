// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue, on a model of the unit.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "mode.h"
#include "model.h"
#include "vtd/flush.h"
#include "vtd/qi.h"
#include "vtd/vtd.h"

/* 2^(2 + 8) descriptors (11.4.9.3). */
#define ENTRIES 1024

static int submit(struct vtd_model *model, unsigned int nr)
{
	struct nyx_cmd dscs[32];
	unsigned int i;
	u16 sid;

	for (i = 0; i < nr; i++)
		dscs[i] = vtd_dsc_iotlb_domain(i + 1, 0);
	return nyx_queue_submit(&model->vu->qi, dscs, nr, &sid);
}

/* Start sets the address and QS in IQA, and completes a submission. */
static void start_sets_iqa(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	/* In scalable mode DW, and 2^(3 + 7) descriptors of 256 bits. */
	KUNIT_EXPECT_EQ(test, model->iqa & 0xfff,
			mode_is_scalable(test) ? 0x803 : 2);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x04000000, 0x04000000);
	/*
	 * A global invalidation: two descriptors, in scalable mode one more for the
	 * PASID-cache, and a wait descriptor.
	 */
	KUNIT_EXPECT_EQ(test, model->tail, 3 + mode_is_scalable(test));
	KUNIT_EXPECT_EQ(test, model->head, 3 + mode_is_scalable(test));
}

/* Errors of an earlier kernel would stop the queue. */
static void start_clears_errors(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);

	model->fsts = 0x70;
	vtd_model_probe(model);
	vtd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* Descriptors are in order, followed by a wait descriptor with SW. */
static void submits_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	unsigned int i;

	KUNIT_EXPECT_EQ(test, submit(model, 32), 0);
	KUNIT_ASSERT_EQ(test, model->nr_events, 33);
	for (i = 0; i < 32; i++)
		vtd_model_expect_event(model, i, EVENT_DSC,
				       0x22 + ((i + 1ULL) << 16));
	KUNIT_EXPECT_EQ(test, model->events[32].a & 0x7f, 0x25);
	KUNIT_EXPECT_EQ(test, submit(model, 0), 0);
	KUNIT_ASSERT_EQ(test, model->nr_events, 34);
	KUNIT_EXPECT_EQ(test, model->events[33].a & 0x7f, 0x25);
	/* Each wait descriptor has its own status address and data. */
	KUNIT_EXPECT_NE(test, model->events[32].b, model->events[33].b);
	KUNIT_EXPECT_NE(test, model->events[32].a >> 32,
			model->events[33].a >> 32);
}

/* The queue wraps many times, with submissions of all sizes. */
static void wraps_around(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	u32 expect = model->tail;
	unsigned int i, nr;

	for (i = 0; i < 1000; i++) {
		nr = i % 33;
		vtd_model_clear_events(model);
		KUNIT_ASSERT_EQ(test, submit(model, nr), 0);
		KUNIT_ASSERT_EQ(test, model->nr_events, nr + 1);
		expect = (expect + nr + 1) % ENTRIES;
		KUNIT_ASSERT_EQ(test, model->tail, expect);
		KUNIT_ASSERT_EQ(test, model->head, expect);
	}
}

/* Positions have 32 bits, and wrap to 0. */
static void positions_wrap(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	struct nyx_queue *qi = &model->vu->qi;
	unsigned int i;

	/* As after almost 2^32 completed descriptors. */
	qi->head = -ENTRIES + model->tail;
	qi->tail = qi->head;
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, submit(model, 32), 0);
	KUNIT_EXPECT_LT(test, qi->tail, 200 * 33);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

struct waiter {
	struct vtd_model *model;
	unsigned int nr;
	int ret;
	struct completion done;
};

static int wait_in_thread(void *arg)
{
	struct waiter *w = arg;

	w->ret = submit(w->model, w->nr);
	complete(&w->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/*
 * @nr threads submit @size descriptors each. The unit starts after @min_waits
 * of their wait descriptors are queued.
 */
static void submit_in_threads(struct vtd_model *model, unsigned int nr,
			      unsigned int size, unsigned int min_waits)
{
	struct kunit *test = model->test;
	struct task_struct **tasks = kunit_kcalloc(test, nr, sizeof(*tasks),
						   GFP_KERNEL);
	struct waiter *waiters = kunit_kcalloc(test, nr, sizeof(*waiters),
					       GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, tasks);
	KUNIT_ASSERT_NOT_NULL(test, waiters);
	model->poll_sleeps = true;
	model->min_waits = min_waits;
	model->vu->qi.timeout_ns = 600000000000ULL;
	for (i = 0; i < nr; i++) {
		waiters[i].model = model;
		waiters[i].nr = size;
		init_completion(&waiters[i].done);
		tasks[i] = kthread_run(wait_in_thread, &waiters[i], "nyx%u", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[i]);
	}
	for (i = 0; i < nr; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, 0);
		kthread_stop(tasks[i]);
	}
	model->poll_sleeps = false;
	KUNIT_EXPECT_EQ_MSG(test, model->min_waits, 0,
			    "too few wait descriptors were queued");
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

static void several_threads(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	submit_in_threads(model, 12, 3, 12);
	KUNIT_EXPECT_EQ(test, model->nr_events, 12 * 4);
}

/* Wait descriptors may complete in any order (6.5.2.12). */
static void waits_complete_out_of_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	model->reverse_waits = true;
	submit_in_threads(model, 12, 3, 12);
	KUNIT_EXPECT_EQ(test, model->nr_events, 12 * 4);
}

/* 31 submissions of 33 descriptors fill the queue: others wait for room. */
static void waits_for_room(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	submit_in_threads(model, 36, 32, 31);
	KUNIT_EXPECT_EQ(test, submit(model, 32), 0);
}

/* An interrupt handler submits while the interrupted code waits. */
static void submit_nested(struct vtd_model *model)
{
	static unsigned int depth;

	/* The unit continues at the third level. */
	if (depth == 3) {
		vtd_model_run(model);
		return;
	}
	depth++;
	KUNIT_EXPECT_EQ(model->test, submit(model, depth), 0);
	depth--;
}

static void nested_submissions(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	model->halted = true;
	model->on_fsts = submit_nested;
	KUNIT_EXPECT_EQ(test, submit(model, 4), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 5 + 2 + 3 + 4);
	model->on_fsts = NULL;
}

/* The queue wraps before a waiter reads its status again. */
static void wrap_queue(struct vtd_model *model)
{
	unsigned int i;

	model->on_fsts = NULL;
	vtd_model_run(model);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(model->test, submit(model, 31), 0);
}

static void wrap_during_wait(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	model->halted = true;
	model->on_fsts = wrap_queue;
	KUNIT_EXPECT_EQ(test, submit(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* The queue is disabled and enabled during a wait, and restarts at 0. */
static void restart_queue(struct vtd_model *model)
{
	struct nyx_unit *unit = &model->vu->unit;

	model->on_fsts = NULL;
	vtd_model_run(model);
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(model->test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(model->test, submit(model, 32), 0);
}

static void restart_during_wait(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	unsigned int i;

	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, submit(model, 32), 0);
	/* Its status is in the third entry, which the restart reuses. */
	while (model->tail != 1)
		KUNIT_ASSERT_EQ(test, submit(model, 0), 0);
	model->halted = true;
	model->on_fsts = restart_queue;
	KUNIT_EXPECT_EQ(test, submit(model, 1), 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0x84000000);
}

/* Stopping completes pending submissions; later ones are refused. */
static void stop_refuses_submissions(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	unsigned long accesses;

	KUNIT_EXPECT_EQ(test, vtd_qi_stop(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x04000000, 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 2);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, submit(model, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, vtd_qi_stop(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
}

/* The unit halts: the wait is bounded and not repeated. */
static void wait_times_out(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));
	unsigned long accesses;

	model->halted = true;
	model->vu->qi.timeout_ns = 1000000;
	model->vu->command_ns = 50000000;
	KUNIT_EXPECT_EQ(test, submit(model, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.contained);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, submit(model, 1), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
	/* The first invalidation that is not confirmed contains it, once. */
	KUNIT_EXPECT_EQ(test, nyx_invalidate_global(&model->vu->unit), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.contained);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, nyx_invalidate_global(&model->vu->unit), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
}

/* All waits end after one of them has timed out. */
static void time_out_nested(struct vtd_model *model)
{
	model->on_fsts = NULL;
	model->vu->qi.timeout_ns = 1000000;
	model->vu->command_ns = 50000000;
	KUNIT_EXPECT_EQ(model->test, submit(model, 1), -EIO);
	model->vu->qi.timeout_ns = 600000000000ULL;
}

static void all_waits_end(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP | mode_ecap(test));

	model->halted = true;
	model->vu->qi.timeout_ns = 600000000000ULL;
	model->on_fsts = time_out_nested;
	KUNIT_EXPECT_EQ(test, submit(model, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* The unit vanishes at every access of a submission. */
static void vanishes(struct kunit *test)
{
	struct vtd_model *model;
	unsigned long accesses;
	unsigned int at;

	for (at = 1; at < 4; at++) {
		model = vtd_model_running(test, MODEL_CAP,
					  MODEL_ECAP | mode_ecap(test));
		model->halted = true;
		model->gone_after = at;
		KUNIT_EXPECT_EQ(test, submit(model, 1), -EIO);
		KUNIT_EXPECT_TRUE(test, model->gone);
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		accesses = model->accesses;
		KUNIT_EXPECT_EQ(test, submit(model, 1), -EIO);
		KUNIT_EXPECT_EQ(test, model->accesses, accesses);
		vtd_model_free(model);
	}
}

static struct kunit_case nyx_vtd_qi_cases[] = {
	KUNIT_CASE_PARAM(start_sets_iqa, modes_gen_params),
	KUNIT_CASE(start_clears_errors),
	KUNIT_CASE_PARAM(submits_in_order, modes_gen_params),
	KUNIT_CASE_PARAM(wraps_around, modes_gen_params),
	KUNIT_CASE_PARAM(positions_wrap, modes_gen_params),
	KUNIT_CASE_PARAM(several_threads, modes_gen_params),
	KUNIT_CASE(waits_complete_out_of_order),
	KUNIT_CASE(waits_for_room),
	KUNIT_CASE(nested_submissions),
	KUNIT_CASE_PARAM(wrap_during_wait, modes_gen_params),
	KUNIT_CASE_PARAM(restart_during_wait, modes_gen_params),
	KUNIT_CASE(stop_refuses_submissions),
	KUNIT_CASE(wait_times_out),
	KUNIT_CASE(all_waits_end),
	KUNIT_CASE(vanishes),
	{}
};

static struct kunit_suite nyx_vtd_qi_suite = {
	.name = "nyx_vtd_qi",
	.test_cases = nyx_vtd_qi_cases,
};

kunit_test_suite(nyx_vtd_qi_suite);
