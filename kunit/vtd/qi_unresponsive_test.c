// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery of the invalidation queue after a device did not respond to an
 * invalidation of its TLB, and the unit takes longer to report this than the
 * driver can wait, on a model of the unit.
 */
#include <nyx/invalidate.h>

#include "ats_fixture.h"
#include "vtd/dsc.h"
#include "vtd/flush.h"

#define ALIAS (OWN + 1)

/* Two devices in a domain, of which OWN does not respond. */
static struct ats_fixture *new_unresponsive(struct kunit *test,
					    enum model_timeout timeout)
{
	struct ats_fixture *ats = ats_two_devices(test, 1);

	ats->model->unresponsive = OWN;
	ats->model->ignore_count = ALWAYS;
	ats->model->timeout = timeout;
	ats->model->vu->qi.timeout_ns = 1000000;
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

/* The unit never raises ITE. The TLB of OTHER is still invalidated. */
static void ite_never_raised(struct kunit *test)
{
	static const enum model_timeout timeouts[] = {
		TIMEOUT_STALL, TIMEOUT_STALL_AT_WAIT,
	};
	struct ats_fixture *ats;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		ats = new_unresponsive(test, timeouts[i]);
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		expect_isolated(ats);
		KUNIT_EXPECT_GE(test, count_tlb_of(ats->model, OTHER), 1);
		/* A head at the wait descriptor identifies no device. */
		KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 1 + i);
		/* Later flushes leave OWN out. */
		vtd_model_clear_events(ats->model);
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 0);
		KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OTHER), 1);
		/* After the device is attached again, it works without ATS. */
		KUNIT_EXPECT_EQ(test, vtd_core_set(ats->model, ats->own,
						   &ats->entry), 0);
		KUNIT_EXPECT_FALSE(test, ats->own->isolated);
		KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
		vtd_model_free(ats->model);
	}
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

/* The unit raises ITE at any point after the device was isolated. */
static void ite_raised_late(struct kunit *test)
{
	struct ats_fixture *ats;
	unsigned int late;

	for (late = 1; late < 12; late++) {
		ats = new_unresponsive(test, TIMEOUT_STALL);
		ats->model->ite_delay = late;
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		expect_isolated(ats);
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		expect_isolated(ats);
		KUNIT_EXPECT_EQ(test, ats->model->ite_countdown, 0);
		KUNIT_EXPECT_EQ(test, ats->model->fsts & 0x70, 0);
		vtd_model_free(ats->model);
	}
}

/* Submissions that are queued after the invalidation for the device. */
static struct ats_fixture *queued_ats;
static int queued_ret;

static void submit_invalidation(struct vtd_model *model)
{
	struct nyx_cmd dsc = vtd_dsc_iotlb_domain(9, 0);
	unsigned int i, n = 0;

	model->on_fsts = NULL;
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

	model->on_fsts = NULL;
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
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->vu->unit.dead);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
}

/* The queue cannot be disabled, or the unit is still stalled afterwards. */
static void restart_fails(struct kunit *test)
{
	struct ats_fixture *ats = new_unresponsive(test, TIMEOUT_STALL);

	ats->model->held_cmds = 0x04000000;
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->vu->unit.dead);
	ats->model->held_cmds = 0;
	vtd_model_free(ats->model);

	ats = new_unresponsive(test, TIMEOUT_STALL_FOREVER);
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
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
	KUNIT_CASE(ite_never_raised),
	KUNIT_CASE(posted_flush),
	KUNIT_CASE(ite_raised_late),
	KUNIT_CASE(invalidation_after_flush),
	KUNIT_CASE(intr_invalidation_after_flush),
	KUNIT_CASE(answers_in_time),
	KUNIT_CASE(unit_halts),
	KUNIT_CASE_SLOW(restart_fails),
	KUNIT_CASE(unplugged),
	{}
};

static struct kunit_suite nyx_vtd_qi_unresponsive_suite = {
	.name = "nyx_vtd_qi_unresponsive",
	.test_cases = nyx_vtd_qi_unresponsive_cases,
};

kunit_test_suite(nyx_vtd_qi_unresponsive_suite);
