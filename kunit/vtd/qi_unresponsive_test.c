// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device does not respond to an invalidation of its TLB, and the unit takes
 * 60 to 90 seconds to report this (ITE), on a model of the unit.
 */
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <nyx/invalidate.h>

#include "ats_fixture.h"
#include "vtd/dsc.h"
#include "vtd/flush.h"

#define ALIAS (OWN + 1)

/* The unit gives the device up a while after the driver noticed. */
static void ite_when_stalled(struct vtd_model *model)
{
	if (model->stalled && READ_ONCE(model->vu->qi.stalled))
		vtd_model_ite(model);
}

/* Two devices in a domain, of which OWN does not respond. */
static struct ats_fixture *new_unresponsive(struct kunit *test,
					    enum model_timeout timeout)
{
	struct ats_fixture *ats = ats_two_devices(test, 1);

	ats->model->unresponsive = OWN;
	ats->model->ignore_count = ALWAYS;
	ats->model->timeout = timeout;
	ats->model->vu->qi.timeout_ns = 1000000;
	/* As long as a test may take. */
	ats->model->vu->ite_ns = 600000000000ULL;
	ats->model->on_fsts = ite_when_stalled;
	return ats;
}

/* OWN is blocked, with its alias; OTHER and the unit keep working. */
static void expect_isolated(struct ats_fixture *ats)
{
	struct vtd_model *model = ats->model;
	struct kunit *test = model->test;
	u64 lo, hi;

	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, OWN, &lo, &hi));
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, ALIAS, &lo, &hi));
	KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, ats->own->isolated);
	KUNIT_EXPECT_TRUE(test, vtd_walk_entry(model, OTHER, &lo, &hi));
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&ats->entry, 1));
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->other->isolated);
	/* No cache is older than memory. */
	vtd_walk_check(model);
}

/*
 * OWN gets one invalidation, or two if nothing identifies it after the first.
 * The TLB of OTHER is still invalidated, and the queue stays on.
 */
static void waits_for_ite(struct kunit *test)
{
	struct vtd_model *model;
	struct ats_fixture *ats;
	int at_wait, named;

	for (at_wait = 0; at_wait < 2; at_wait++) {
		for (named = 0; named < 2; named++) {
			ats = new_unresponsive(test, at_wait ?
					       TIMEOUT_STALL_AT_WAIT :
					       TIMEOUT_STALL);
			model = ats->model;
			model->names_device = named;
			KUNIT_EXPECT_EQ(test, flush(ats), 0);
			expect_isolated(ats);
			KUNIT_EXPECT_GE(test, count_tlb_of(model, OTHER), 1);
			KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN),
					at_wait && !named ? 2 : 1);
			KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_GCMD,
							      0, 0), 0);
			KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
			/* Later flushes leave OWN out. */
			vtd_model_clear_events(model);
			KUNIT_EXPECT_EQ(test, flush(ats), 0);
			KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 0);
			KUNIT_EXPECT_EQ(test, count_tlb_of(model, OTHER), 1);
			/* When it is attached again, it works without ATS. */
			KUNIT_EXPECT_EQ(test, vtd_core_set(model, ats->own,
							   &ats->entry), 0);
			KUNIT_EXPECT_FALSE(test, ats->own->isolated);
			KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
			vtd_model_free(model);
		}
	}
}

/* The device is blocked before the unit raises ITE. */
static void blocked_when_ite_comes(struct vtd_model *model)
{
	u64 lo, hi;

	if (!model->stalled || !READ_ONCE(model->vu->qi.stalled))
		return;
	KUNIT_EXPECT_FALSE(model->test, vtd_walk_entry(model, OWN, &lo, &hi));
	vtd_model_ite(model);
}

static void blocked_before_ite(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	ats->model->on_fsts = blocked_when_ite_comes;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_isolated(ats);
}

/* Longer than the driver waits for a queue without such devices. */
#define SECOND_NS 200000000ULL

/* When ITE for the first device comes, the unit already waits for another one. */
static void ite_for_two_devices(struct vtd_model *model)
{
	u64 *first = model->test->priv;

	if (!model->stalled || !READ_ONCE(model->vu->qi.stalled))
		return;
	if (!*first) {
		*first = ktime_get_mono_fast_ns();
		vtd_model_ite(model);
		model->stalled = true;
	} else if (ktime_get_mono_fast_ns() - *first > SECOND_NS) {
		vtd_model_ite(model);
	}
}

/*
 * The unit has fetched past the wait descriptor, so that ITE leaves nothing in
 * the queue from which the driver could see that there is a second device.
 */
static void second_device(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL_AT_WAIT);
	u64 first = 0;

	test->priv = &first;
	ats->model->prefetched = 1;
	ats->model->vu->command_ns = SECOND_NS / 10;
	ats->model->on_fsts = ite_for_two_devices;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_NE(test, first, 0);
	KUNIT_EXPECT_GT(test, ktime_get_mono_fast_ns() - first, SECOND_NS);
	expect_isolated(ats);
}

/* Without ITE, the unit is out of service in the end, and contained. */
static void ite_never_raised(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);
	u64 lo, hi;

	ats->model->on_fsts = NULL;
	ats->model->vu->ite_ns = 20000000;
	/* It does not disable a queue that it uses. */
	ats->model->vu->command_ns = 20000000;
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(ats->model, OTHER, &lo, &hi));
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
}

/* The driver waits at least as long as the unit may take. */
static void time_for_ite(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);

	KUNIT_EXPECT_EQ(test, model->vu->qi.timeout_ns, 1000000000ULL);
	KUNIT_EXPECT_GE(test, model->vu->qi.timeout_ns + model->vu->ite_ns,
			90000000000ULL);
}

/* Flushes that were posted before the device was noticed do not prolong it. */
static void more_invalidations_queued(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);
	struct nyx_unit *unit = &ats->model->vu->unit;
	const struct nyx_flush all = {
		.domain_id = 7,
		.last = U64_MAX,
		.ats = &ats->list,
	};
	struct nyx_flush_ticket tickets[8];
	unsigned int i;
	u16 sid;

	for (i = 0; i < ARRAY_SIZE(tickets); i++)
		KUNIT_ASSERT_TRUE(test, unit->ops->flush_post(unit, &all,
							      &tickets[i]));
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_isolated(ats);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1);
	for (i = 0; i < ARRAY_SIZE(tickets); i++) {
		KUNIT_EXPECT_EQ(test, unit->ops->flush_await(unit, &tickets[i],
							     &sid), -ETIME);
		KUNIT_EXPECT_EQ(test, sid, OWN);
	}
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_ERROR), 2);
}

/*
 * A posted flush reports the device, and its repetition isolates it and
 * invalidates the TLB of OTHER.
 */
static void posted_flush(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);
	struct nyx_unit *unit = &ats->model->vu->unit;
	const struct nyx_flush all = {
		.domain_id = 7,
		.last = U64_MAX,
		.ats = &ats->list,
	};
	struct nyx_flush_ticket ticket;
	u16 sid;

	KUNIT_ASSERT_TRUE(test, unit->ops->flush_post(unit, &all, &ticket));
	KUNIT_EXPECT_EQ(test, unit->ops->flush_await(unit, &ticket, &sid),
			-ETIME);
	KUNIT_EXPECT_EQ(test, sid, OWN);
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(unit, sid), 0);
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_isolated(ats);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1);
	KUNIT_EXPECT_GE(test, count_tlb_of(ats->model, OTHER), 1);
}

/* A flush while the unit waits for the device sends it nothing. */
static struct ats_fixture *queued_ats;
static int queued_ret;

static void flush_when_stalled(struct vtd_model *model)
{
	const struct nyx_flush all = {
		.domain_id = 7,
		.last = U64_MAX,
		.ats = &queued_ats->list,
	};
	struct nyx_flush_ticket ticket;
	struct nyx_unit *unit = &model->vu->unit;

	if (!READ_ONCE(model->vu->qi.stalled))
		return;
	model->on_fsts = ite_when_stalled;
	KUNIT_EXPECT_FALSE(model->test,
			   unit->ops->flush_post(unit, &all, &ticket));
	queued_ret = flush(queued_ats);
	expect_isolated(queued_ats);
}

static void flush_during_stall(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	queued_ats = ats;
	queued_ret = 1;
	ats->model->on_fsts = flush_when_stalled;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, queued_ret, 0);
	expect_isolated(ats);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1);
	KUNIT_EXPECT_GE(test, count_tlb_of(ats->model, OTHER), 2);
}

/* Raises ITE when the queue stalls. Runs on a CPU that is not the test's. */
static int raise_ite(void *arg)
{
	struct vtd_model *model = arg;

	/* Without a timer: jiffies may stand still while the test spins. */
	while (!kthread_should_stop()) {
		ite_when_stalled(model);
		cond_resched();
	}
	return 0;
}

static void interrupts_off(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);
	struct task_struct *task;
	unsigned long flags;
	unsigned int cpu;
	int ret;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU cannot raise ITE while it spins");
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	task = kthread_run_on_cpu(raise_ite, ats->model, cpu, "nyx_ite/%u");
	if (!IS_ERR(task)) {
		local_irq_save(flags);
		ret = flush(ats);
		local_irq_restore(flags);
		kthread_stop(task);
	}
	migrate_enable();
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	KUNIT_EXPECT_EQ(test, ret, 0);
	expect_isolated(ats);
}

/* Submissions that are queued after the invalidation for the device. */
static void submit_invalidation(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(9, 0);
	unsigned int i, n = 0;

	model->on_fsts = ite_when_stalled;
	queued_ret = nyx_invalidate(&model->vu->unit, &dsc, 1);
	/* This invalidation or a global one was executed before the return. */
	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == EVENT_DSC &&
		     ((model->events[i].a & 0xffff003f) == 0x90022 ||
		      (model->events[i].a & 0x3f) == 0x12);
	KUNIT_EXPECT_GE(model->test, n, 1);
	expect_isolated(queued_ats);
}

/* An invalidation of an interrupt entry also isolates the device first. */
static void submit_intr_invalidation(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_iec_index(3, 0);

	model->on_fsts = ite_when_stalled;
	queued_ret = nyx_invalidate_intr(&model->vu->unit, &dsc, 1);
	expect_isolated(queued_ats);
}

/* Flushes, and calls @submit while the flush waits for the device. */
static void submit_after_flush(struct kunit *test,
			       void (*submit)(struct vtd_model *model))
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	queued_ats = ats;
	queued_ret = 1;
	ats->model->on_fsts = submit;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, queued_ret, 0);
	expect_isolated(ats);
}

static void invalidation_after_flush(struct kunit *test)
{
	submit_after_flush(test, submit_invalidation);
}

static void intr_invalidation_after_flush(struct kunit *test)
{
	submit_after_flush(test, submit_intr_invalidation);
}

/*
 * The timeout of a submission that has completed since does not abort the
 * oldest submission that is still pending.
 */
static void timeout_of_completed(struct vtd_model *model)
{
	struct vtd_unit *vu = model->vu;

	model->on_fsts = NULL;
	KUNIT_EXPECT_EQ(model->test,
			nyx_queue_overdue(&vu->qi, vu->qi.head - 1), 0);
	/* The device responds. */
	model->ignore_count = 0;
	model->stalled = false;
	vtd_model_run(model);
}

static void answers_in_time(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	ats->model->vu->qi.timeout_ns = 600000000000ULL;
	ats->model->on_fsts = timeout_of_completed;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_NULL(test, ats->model->on_fsts);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1);
}

/* If the unit itself halts, no device is isolated. */
static void unit_halts(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	ats->model->halted = true;
	ats->model->vu->command_ns = 50000000;
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
}

/* The device responds after it was blocked, and before the unit gives it up. */
static void respond_when_stalled(struct vtd_model *model)
{
	if (!model->stalled || !READ_ONCE(model->vu->qi.stalled))
		return;
	model->ignore_count = 0;
	model->stalled = false;
	vtd_model_run(model);
}

static void answers_late(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	ats->model->on_fsts = respond_when_stalled;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
	/* The next flush confirms that it is blocked. */
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_isolated(ats);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1);
}

/* The TLB of a device that is known to be unplugged is not invalidated. */
static void unplugged(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	unit_core.disconnected = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OTHER), 1);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->model->vu->unit.dead);
}

static struct kunit_case nyx_vtd_qi_unresponsive_cases[] = {
	KUNIT_CASE_PARAM(waits_for_ite, modes_gen_params),
	KUNIT_CASE_PARAM(blocked_before_ite, modes_gen_params),
	KUNIT_CASE_SLOW(second_device),
	KUNIT_CASE(ite_never_raised),
	KUNIT_CASE(time_for_ite),
	KUNIT_CASE_PARAM(more_invalidations_queued, modes_gen_params),
	KUNIT_CASE_PARAM(posted_flush, modes_gen_params),
	KUNIT_CASE(flush_during_stall),
	KUNIT_CASE(interrupts_off),
	KUNIT_CASE(invalidation_after_flush),
	KUNIT_CASE(intr_invalidation_after_flush),
	KUNIT_CASE(answers_in_time),
	KUNIT_CASE(unit_halts),
	KUNIT_CASE(answers_late),
	KUNIT_CASE(unplugged),
	{}
};

static struct kunit_suite nyx_vtd_qi_unresponsive_suite = {
	.name = "nyx_vtd_qi_unresponsive",
	.test_cases = nyx_vtd_qi_unresponsive_cases,
};

kunit_test_suite(nyx_vtd_qi_unresponsive_suite);
