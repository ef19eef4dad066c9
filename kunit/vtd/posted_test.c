// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that are posted to virtual CPUs, on a model of the unit with its caches:
 * everything that changes an entry meets one in posted format.
 */
#include <linux/cleanup.h>
#include <linux/kthread.h>
#include <linux/string.h>
#include <nyx/device.h>
#include <nyx/intr.h>

#include "../cx16.h"
#include "posted_fixture.h"
#include "vtd/irte.h"

static const struct nyx_intr_target here = { 3, 0x41, false };
static const struct nyx_intr_target there = { 4, 0x42, false };

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

static struct nyx_intr_run *give_active(struct vtd_model *model)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, SID);
	struct nyx_intr_run *run = give(model->test, ndev, 1);

	KUNIT_ASSERT_EQ(model->test, nyx_intr_set(&run->intr[0], &here), 0);
	return run;
}

static void must_post(struct kunit *test, struct nyx_intr *intr,
		      unsigned int nr)
{
	KUNIT_ASSERT_EQ(test, nyx_intr_post(intr, &postings[nr]), 0);
}

/* An IEC for the entry, and a wait, before the call returns. */
static void expect_invalidation(struct vtd_model *model)
{
	KUNIT_ASSERT_EQ(model->test, model->nr_events, 2);
	KUNIT_EXPECT_EQ(model->test, model->events[0].a, 0x14);
	KUNIT_EXPECT_EQ(model->test, model->events[1].a & 0xf, 5);
}

/* After each change the unit uses the new entry, and no other. */
static void follows_changes(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct vtd_model *model = posting_model(test, kind->cap, kind->ecap);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, model->vu->unit.intr.posts);
	expect_remapped(model, intr, &here);
	for (i = 0; i < 10; i++) {
		vtd_model_clear_events(model);
		must_post(test, intr, 0);
		expect_invalidation(model);
		KUNIT_EXPECT_TRUE(test, intr->posted);
		expect_posted(model, intr, 0, 10);

		vtd_model_clear_events(model);
		must_post(test, intr, 1);
		expect_invalidation(model);
		expect_posted(model, intr, 1, 11);

		vtd_model_clear_events(model);
		KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
		expect_invalidation(model);
		KUNIT_EXPECT_FALSE(test, intr->posted);
		expect_remapped(model, intr, &here);
	}
	KUNIT_EXPECT_EQ(test, intr->updates, 30);
	/* Not posted: nothing happens. */
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	take(run);
}

/* The guest moves: only its descriptor changes. */
static void guest_moves(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	struct vtd_delivery d;
	unsigned int cpu;

	must_post(test, intr, 0);
	vtd_model_clear_events(model);
	for (cpu = 0; cpu < 256; cpu++) {
		/* While it does not run, requests are recorded silently. */
		run_on(model, 0, cpu, false);
		d = raise(model, SID, intr);
		KUNIT_EXPECT_TRUE(test, d.posted);
		KUNIT_EXPECT_FALSE(test, d.notified);
		KUNIT_EXPECT_EQ(test, recorded(model, 0), 1);
		run_on(model, 0, cpu, true);
		expect_posted(model, intr, 0, cpu);
	}
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	take(run);
}

/* A request that moves the interrupt on the host does not end the posting. */
static void host_moves(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];

	must_post(test, intr, 0);
	KUNIT_EXPECT_EQ(test, intr->updates, 1);
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &there), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	KUNIT_EXPECT_EQ(test, intr->updates, 1);
	expect_posted(model, intr, 0, 10);
	/* It is remembered for the time afterwards. */
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
	expect_remapped(model, intr, &there);
	take(run);
}

/* A destination that does not fit shows only when posting ends: nothing is posted. */
static void target_does_not_fit(struct kunit *test)
{
	const struct nyx_intr_target wide = { 256, 0x41, false };
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];

	must_post(test, intr, 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &wide), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), -EINVAL);
	KUNIT_EXPECT_FALSE(test, intr->posted);
	expect_blocked(model, intr);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &there), 0);
	expect_remapped(model, intr, &there);
	take(run);
}

/* A unit or a CPU that cannot post; the interrupt is not touched. */
static void cannot_post(struct kunit *test)
{
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_FALSE(test, model->vu->unit.intr.posts);
		vtd_model_clear_events(model);
		KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &postings[0]),
				-EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
		KUNIT_EXPECT_EQ(test, model->nr_events, 0);
		KUNIT_EXPECT_FALSE(test, intr->posted);
		expect_remapped(model, intr, &here);
		take(run);
		if (i)
			break;
		vtd_model_free(model);
		without_cx16(test);
		model = posting_model(test, MODEL_CAP, MODEL_ECAP);
		run = give_active(model);
		intr = &run->intr[0];
	}
}

static void invalid_requests(struct kunit *test)
{
	struct nyx_intr_posting bad = postings[0];
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	unsigned int bit;

	for (bit = 0; bit < 6; bit++) {
		bad.descriptor = postings[0].descriptor | BIT(bit);
		KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &bad), -EINVAL);
	}
	expect_remapped(model, intr, &here);
	/* An interrupt that the kernel has not activated. */
	KUNIT_EXPECT_EQ(test, nyx_intr_block(intr), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &postings[0]), -EINVAL);
	expect_blocked(model, intr);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &there), 0);
	expect_remapped(model, intr, &there);
	take(run);
}

/* When the kernel deactivates an interrupt, its posting ends for good. */
static void deactivated(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];

	must_post(test, intr, 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_block(intr), 0);
	KUNIT_EXPECT_FALSE(test, intr->posted);
	expect_blocked(model, intr);
	nyx_intr_refresh(run->ndev);
	expect_blocked(model, intr);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &here), 0);
	expect_remapped(model, intr, &here);
	take(run);
}

/* An entry is free only after nothing can be posted through it. */
static void freed(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr copy = run->intr[0];
	struct nyx_intr_run shape = *run;

	copy.run = &shape;
	must_post(test, &run->intr[0], 0);
	expect_posted(model, &copy, 0, 10);
	take(run);
	expect_blocked(model, &copy);
	run = give_active(model);
	KUNIT_EXPECT_EQ(test, run->index, shape.index);
	KUNIT_EXPECT_FALSE(test, run->intr[0].posted);
	expect_remapped(model, &run->intr[0], &here);
	take(run);
}

static u64 entry_lo(const struct vtd_model *model, const struct nyx_intr *intr)
{
	return model->vu->irt.base[intr->run->index + intr->offset].lo;
}

/* A device that is cut off posts nothing; then its entry is as it should be. */
static void cut_off(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	struct nyx_device *ndev = run->ndev;

	must_post(test, intr, 0);
	expect_posted(model, intr, 0, 10);
	ndev->intr_cut_off = true;
	nyx_intr_refresh(ndev);
	expect_blocked(model, intr);
	/* FPD: it does not fill the log. */
	KUNIT_EXPECT_EQ(test, entry_lo(model, intr), 0x2);
	/* Neither a move nor a change of the virtual CPU lets it pass. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &there), 0);
	expect_blocked(model, intr);
	must_post(test, intr, 1);
	expect_blocked(model, intr);
	ndev->intr_cut_off = false;
	nyx_intr_refresh(ndev);
	expect_posted(model, intr, 1, 11);

	/* Posting ends meanwhile. */
	ndev->intr_cut_off = true;
	nyx_intr_refresh(ndev);
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
	expect_blocked(model, intr);
	ndev->intr_cut_off = false;
	nyx_intr_refresh(ndev);
	expect_remapped(model, intr, &there);

	/* It begins meanwhile. */
	ndev->intr_cut_off = true;
	nyx_intr_refresh(ndev);
	must_post(test, intr, 0);
	expect_blocked(model, intr);
	ndev->intr_cut_off = false;
	nyx_intr_refresh(ndev);
	expect_posted(model, intr, 0, 10);
	take(run);
}

/*
 * Over a sleep the table stays in memory. The next kernel has a table of its own, and the
 * unit uses nothing that it has cached.
 */
static void unit_restarts(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr *intr = &run->intr[0];
	u64 table;

	must_post(test, intr, 0);
	expect_posted(model, intr, 0, 10);
	unit->ops->disable(unit);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	expect_posted(model, intr, 0, 10);
	table = model->intr.table;

	unit->ops->disable(unit);
	model->vu->irt.base[run->index].lo = 0;
	vtd_intr_flushed(model, &model->vu->irt.base[run->index], 16);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->intr.table, table);
	expect_blocked(model, intr);
	nyx_intr_refresh(run->ndev);
	expect_posted(model, intr, 0, 10);
	take(run);
}

/*
 * The entry comes back for a moment while the unit does not respond. The model would
 * take that for an error.
 */
static void excuse(struct vtd_model *model)
{
	guard(raw_spinlock_irqsave)(&model->lock);
	vtd_intr_invalidate(model, 4);
}

/* Containment blocks posted interrupts as well, and none is posted afterwards. */
static void out_of_service(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP |
						MODEL_CAP_ESIRTPS |
						MODEL_CAP_ESRTPS, MODEL_ECAP);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr *intr = &run->intr[0];

	must_post(test, intr, 0);
	expect_posted(model, intr, 0, 10);
	model->halted = true;
	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	expect_blocked(model, intr);
	nyx_intr_refresh(run->ndev);
	expect_blocked(model, intr);
	excuse(model);
	KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &postings[1]), -EIO);
	expect_blocked(model, intr);
	excuse(model);
	/* The descriptor may be freed: it never gets into an entry again. */
	KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), -EIO);
	KUNIT_EXPECT_FALSE(test, intr->posted);
	expect_blocked(model, intr);
	excuse(model);
	KUNIT_EXPECT_EQ(test, nyx_intr_post(intr, &postings[1]), -EIO);
	KUNIT_EXPECT_FALSE(test, intr->posted);
	model->halted = false;
	take(run);
}

/**
 * struct racer - a device that raises an interrupt, and those who get it
 * @model: the unit
 * @intr: the interrupt
 * @posted: number of requests recorded for a virtual CPU
 * @remapped: number of requests delivered to a CPU of the host
 * @wrong: number of requests that were not handled exactly once, or in parts by several
 */
struct racer {
	struct vtd_model *model;
	const struct nyx_intr *intr;
	unsigned long posted;
	unsigned long remapped;
	unsigned long wrong;
};

/* Of all who can get the interrupt, one must have got it after each request. */
static int raise_repeatedly(void *data)
{
	struct racer *racer = data;
	struct vtd_delivery d;
	int found[INTR_PIDS];
	bool remapped;

	while (!kthread_should_stop()) {
		d = raise(racer->model, SID, racer->intr);
		remapped = !d.reason && !d.posted;
		found[0] = recorded(racer->model, 0);
		found[1] = recorded(racer->model, 1);
		if (found[0] < 0 || found[1] < 0 ||
		    found[0] + found[1] + remapped != 1 ||
		    (remapped && d.vector != 0x20 + d.dest % 200))
			racer->wrong++;
		WRITE_ONCE(racer->posted, racer->posted + d.posted);
		WRITE_ONCE(racer->remapped, racer->remapped + remapped);
		cond_resched();
	}
	return 0;
}

/* The interrupt changes between the host and virtual CPUs, all of which move. */
static void change(struct racer *racer, struct nyx_intr *intr, unsigned int i)
{
	struct kunit *test = racer->model->test;
	struct nyx_intr_target target = {
		.dest = i % 256,
		.vector = 0x20 + i % 256 % 200,
	};

	run_on(racer->model, i % 2, i, i % 3);
	switch (i % 5) {
	case 0:
		KUNIT_EXPECT_EQ(test, nyx_intr_unpost(intr), 0);
		break;
	case 1:
	case 3:
		KUNIT_EXPECT_EQ(test, nyx_intr_set(intr, &target), 0);
		break;
	case 2:
	case 4:
		must_post(test, intr, (i / 5 + i) % INTR_PIDS);
		break;
	}
}

static bool has_seen_enough(const struct racer *racer)
{
	return READ_ONCE(racer->posted) >= 1000 &&
	       READ_ONCE(racer->remapped) >= 1000;
}

static void changes_under_load(struct kunit *test)
{
	const struct nyx_intr_target first = { 0, 0x20, false };
	struct vtd_model *model = posting_model(test, MODEL_CAP,
						MODEL_ECAP | MODEL_ECAP_C);
	struct nyx_intr_run *run = give_active(model);
	struct racer racer = { .model = model, .intr = &run->intr[0] };
	struct task_struct *task;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &first), 0);
	task = kthread_run(raise_repeatedly, &racer, "racer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	/* On a busy machine the device begins late. */
	for (i = 0; i < 20000 || (i < 200000 && !has_seen_enough(&racer)); i++) {
		change(&racer, &run->intr[0], i);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_TRUE(test, has_seen_enough(&racer));
	KUNIT_EXPECT_EQ(test, racer.wrong, 0);
	take(run);
}

/**
 * struct reader - reads an entry again and again, at once as the unit does
 * @entry: the entry
 * @seen: how often each of the values was read
 * @torn: how often another value was read
 */
struct reader {
	u128 *entry;
	unsigned long seen[3];
	unsigned long torn;
};

/* The values for "here", and for both virtual CPUs (9.10, 9.11). */
static const struct vtd_irte values[] = {
	{ 0x0000030000410001, 0x40108 },
	{ 0x2100004000318001, 0x0000004300040108 },
	{ 0xfedcbfc000928001, 0x0000002300040108 },
};

static int read_repeatedly(void *arg)
{
	struct reader *r = arg;
	unsigned long n = 0;
	unsigned int i;
	u128 val;

	while (!kthread_should_stop()) {
		/* An atomic read: this never changes the value. */
		val = cmpxchg128(r->entry, 0, 0);
		for (i = 0; i < ARRAY_SIZE(values); i++)
			if ((u64)val == values[i].lo && val >> 64 == values[i].hi)
				break;
		if (i < ARRAY_SIZE(values))
			WRITE_ONCE(r->seen[i], r->seen[i] + 1);
		else
			r->torn++;
		if (!(++n % 1024))
			cond_resched();
	}
	return 0;
}

static bool has_seen_all(const struct reader *r)
{
	return READ_ONCE(r->seen[0]) && READ_ONCE(r->seen[1]) &&
	       READ_ONCE(r->seen[2]);
}

/* Between all formats and virtual CPUs, memory never has parts of two entries. */
static void never_torn(struct kunit *test)
{
	struct vtd_model *model = posting_model(test, MODEL_CAP,
						MODEL_ECAP | MODEL_ECAP_C);
	struct nyx_intr_run *run = give_active(model);
	struct nyx_intr *intr = &run->intr[0];
	struct reader reader = {
		.entry = (u128 *)&model->vu->irt.base[run->index],
	};
	struct task_struct *task;
	unsigned int i;

	task = kthread_run(read_repeatedly, &reader, "nyx_reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	/* On a busy machine the reader begins late. */
	for (i = 0; i < 20000 || (i < 200000 && !has_seen_all(&reader)); i++) {
		if (i % 4 == 3)
			nyx_intr_unpost(intr);
		else
			must_post(test, intr, i % 2);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_TRUE(test, has_seen_all(&reader));
	KUNIT_EXPECT_EQ(test, reader.torn, 0);
	take(run);
}

static struct kunit_case nyx_vtd_posted_cases[] = {
	KUNIT_CASE_PARAM(follows_changes, kinds_gen_params),
	KUNIT_CASE(guest_moves),
	KUNIT_CASE(host_moves),
	KUNIT_CASE(target_does_not_fit),
	KUNIT_CASE(cannot_post),
	KUNIT_CASE(invalid_requests),
	KUNIT_CASE(deactivated),
	KUNIT_CASE(freed),
	KUNIT_CASE(cut_off),
	KUNIT_CASE(unit_restarts),
	KUNIT_CASE(out_of_service),
	KUNIT_CASE_SLOW(changes_under_load),
	KUNIT_CASE_SLOW(never_torn),
	{}
};

static struct kunit_suite nyx_vtd_posted_suite = {
	.name = "nyx_vtd_posted",
	.test_cases = nyx_vtd_posted_cases,
};

kunit_test_suite(nyx_vtd_posted_suite);
