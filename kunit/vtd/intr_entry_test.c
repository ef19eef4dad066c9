// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocating, changing and freeing interrupt remapping entries, and interrupt
 * requests that use them, on a model of the unit with its caches.
 */
#include <linux/kthread.h>
#include <linux/string.h>
#include <nyx/intr.h>

#include "intr_fixture.h"

struct kind {
	const char *name;
	u64 cap;
	u64 ecap;
};

static const struct kind kinds[] = {
	{ "not coherent", MODEL_CAP, MODEL_ECAP },
	{ "coherent", MODEL_CAP, MODEL_ECAP | MODEL_ECAP_C },
	{ "caching mode", MODEL_CAP | MODEL_CAP_CM, MODEL_ECAP },
};

KUNIT_ARRAY_PARAM_DESC(kinds, kinds, name);

/* After each change the unit uses the new entry. */
static void follows_changes(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct vtd_model *model = remapping_model(test, kind->cap, kind->ecap);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);
	struct nyx_intr *intr = &run->intr[0];
	struct nyx_intr_target target = { };
	u32 i;

	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, intr).reason, 0x22);
	for (i = 0; i < 256; i++) {
		target.dest = 255 - i;
		target.vector = i;
		KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
		expect_delivery(test, raise(model, 0x0108, intr), 255 - i, i);
	}
	KUNIT_EXPECT_EQ(test, intr->updates, 255);
	KUNIT_EXPECT_EQ(test, nyx_intr_block(intr), 0);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, intr).reason, 0x22);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
	expect_delivery(test, raise(model, 0x0108, intr), 0, 255);
	/* An APIC ID of more than 8 bits does not fit in xAPIC mode. */
	target.dest = 256;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), -EINVAL);
	expect_delivery(test, raise(model, 0x0108, intr), 0, 255);
	take(run);
}

/* One message for several interrupts, which differ in the data. */
static void one_message(struct kunit *test)
{
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *other = give(test, ndev, 1);
	struct nyx_intr_run *run = give(test, ndev, 5);
	struct nyx_intr_message msg;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, run->index, 8);
	for (i = 0; i < 5; i++) {
		const struct nyx_intr_target target = { i, 0x40 + i, false };

		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[i], &target), 0);
	}
	nyx_intr_message(&run->intr[0], &msg);
	for (i = 0; i < 5; i++)
		expect_delivery(test, vtd_intr_request(model, 0x0108,
						       msg.address,
						       msg.data + i),
				i, 0x40 + i);
	for (; i < 9; i++)
		KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0108,
						       msg.address,
						       msg.data + i).reason,
				0x22);
	take(run);
	take(other);
}

/* Only requester IDs of a device can raise its interrupts. */
static void verifies_source_id(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *own = vtd_core_device(test, model, 0x0108);
	struct nyx_device *bridged = vtd_core_device(test, model, 0x0508);
	struct nyx_device *owned = vtd_core_device(test, model, 0x0608);
	struct nyx_intr_run *run = give(test, own, 1);
	struct nyx_intr_run *bridged_run = give(test, bridged, 1);
	struct nyx_intr_run *owned_run = give(test, owned, 1);
	u32 sid;

	/* Two bridges, of which the upper one keeps requester IDs. */
	vtd_core_alias(model, bridged, 0x0310);
	vtd_core_alias(model, bridged, 0x0300);
	bridged->mixed_rids = true;
	/* A bridge that sends all requests with its own requester ID. */
	vtd_core_alias(model, owned, 0x0500);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&bridged_run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&owned_run->intr[0], &target), 0);
	for (sid = 0; sid < 0x10000; sid += sid < 0x800 ? 1 : 0x101) {
		KUNIT_EXPECT_EQ(test, raise(model, sid, &run->intr[0]).reason,
				sid == 0x0108 ? 0 : 0x26);
		KUNIT_EXPECT_EQ(test, raise(model, sid,
					    &bridged_run->intr[0]).reason,
				sid >= 0x0300 && sid < 0x0600 ? 0 : 0x26);
		KUNIT_EXPECT_EQ(test, raise(model, sid,
					    &owned_run->intr[0]).reason,
				sid == 0x0500 ? 0 : 0x26);
	}
	/* The fault record has the requester ID and the index. */
	model->frcd[0].hi = 0;
	model->fsts = 0;
	raise(model, 0x0666, &run->intr[0]);
	KUNIT_EXPECT_EQ(test, model->frcd[0].hi, 0x8000002600000666);
	KUNIT_EXPECT_EQ(test, model->frcd[0].lo, (u64)run->index << 48);
	take(run);
	take(bridged_run);
	take(owned_run);
}

/* Requests with forged indexes are blocked. */
static void blocks_forged_index(struct kunit *test)
{
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);

	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, 0xfee00078, 0).reason,
			0x22);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, 0xfeeffffc, 0).reason,
			0x22);
	/* Index FFFFh plus 1. */
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, 0xfeeffffc, 1).reason,
			0x21);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, 0xfee00018,
					       0x10000).reason, 0x20);
}

/* An entry is reused only after the unit has invalidated it. */
static void reuses_entry(struct kunit *test)
{
	const struct nyx_intr_target there = { 3, 0x41, false };
	const struct nyx_intr_target here = { 4, 0x42, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *old = vtd_core_device(test, model, 0x0108);
	struct nyx_device *new = vtd_core_device(test, model, 0x0200);
	struct nyx_intr_run *run;
	int i;

	for (i = 0; i < 100; i++) {
		run = give(test, old, 1);
		KUNIT_EXPECT_EQ(test, run->index, 0);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
		expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3,
				0x41);
		vtd_model_clear_events(model);
		take(run);
		/* An IEC for the index, and a wait, before the call returns. */
		KUNIT_ASSERT_EQ(test, model->nr_events, 2);
		KUNIT_EXPECT_EQ(test, model->events[0].a, 0x14);
		KUNIT_EXPECT_EQ(test, model->events[1].a & 0xf, 5);
		KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0108,
						       0xfee00018, 0).reason,
				0x22);

		run = give(test, new, 1);
		KUNIT_EXPECT_EQ(test, run->index, 0);
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &here), 0);
		expect_delivery(test, raise(model, 0x0200, &run->intr[0]), 4,
				0x42);
		KUNIT_EXPECT_EQ(test, raise(model, 0x0108,
					    &run->intr[0]).reason, 0x26);
		take(run);
	}
}

/* An aborted invalidation is repeated, so the old target is not used. */
static void repeats_aborted(struct kunit *test)
{
	const struct nyx_intr_target there = { 3, 0x41, false };
	const struct nyx_intr_target here = { 4, 0x42, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);
	struct nyx_unit *unit = &model->vu->unit;

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x41);
	model->halted = true;
	model->on_fsts = vtd_model_many_timeouts;
	/* nyx_intr_set() would disable interrupts, and the hook needs them. */
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set(unit, ndev, run->index,
						  &here), 0);
	KUNIT_EXPECT_NULL(test, model->on_fsts);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 4, 0x42);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	take(run);
}

/**
 * struct racer - a device that raises an interrupt
 * @model: the unit
 * @intr: the interrupt
 * @requests: number of requests
 * @lost: number of requests that were blocked
 * @mixed: number of requests delivered to parts of two targets
 */
struct racer {
	struct vtd_model *model;
	const struct nyx_intr *intr;
	unsigned long requests;
	unsigned long lost;
	unsigned long mixed;
};

/* A device that raises its interrupt repeatedly. */
static int raise_repeatedly(void *data)
{
	struct racer *racer = data;
	struct vtd_delivery d;

	while (!kthread_should_stop()) {
		d = raise(racer->model, 0x0108, racer->intr);
		racer->requests++;
		racer->lost += d.reason;
		/* Vector and destination belong to the same change. */
		racer->mixed += !d.reason && d.vector != 0x20 + d.dest % 200;
		cond_resched();
	}
	return 0;
}

/* During a change, each request is delivered to the old or the new target. */
static void changes_under_load(struct kunit *test)
{
	struct vtd_model *model = remapping_model(test, MODEL_CAP,
						  MODEL_ECAP | MODEL_ECAP_C);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);
	struct nyx_intr_target target = { 0, 0x20, false };
	struct racer racer = { .model = model, .intr = &run->intr[0] };
	struct task_struct *task;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	task = kthread_run(raise_repeatedly, &racer, "racer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 20000 || READ_ONCE(racer.requests) < 2000; i++) {
		target.dest = i % 256;
		target.vector = 0x20 + target.dest % 200;
		KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, racer.lost, 0);
	KUNIT_EXPECT_EQ(test, racer.mixed, 0);
	take(run);
}

static struct kunit_case nyx_vtd_intr_entry_cases[] = {
	KUNIT_CASE_PARAM(follows_changes, kinds_gen_params),
	KUNIT_CASE(one_message),
	KUNIT_CASE(verifies_source_id),
	KUNIT_CASE(blocks_forged_index),
	KUNIT_CASE(reuses_entry),
	KUNIT_CASE(repeats_aborted),
	KUNIT_CASE_SLOW(changes_under_load),
	{}
};

static struct kunit_suite nyx_vtd_intr_entry_suite = {
	.name = "nyx_vtd_intr_entry",
	.test_cases = nyx_vtd_intr_entry_cases,
};

kunit_test_suite(nyx_vtd_intr_entry_suite);
