// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that get lost, among which may be that a device did not answer, on a
 * model of the unit. Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/rculist.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "amd/timeout.h"
#include "model.h"

#define OWN 0x0300
/* EventOverflow, EventLogRun */
#define OVERFLOW 1
#define RUN 8

struct alone {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_entry entry;
	struct list_head list;
};

/* A device with ATS on. */
static struct alone *alone_new(struct kunit *test)
{
	struct alone *alone = kunit_kzalloc(test, sizeof(*alone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, alone);
	alone->model = amd_model_running(test);
	alone->own = amd_model_add(alone->model, OWN);
	alone->entry = amd_model_table(alone->model, 7);
	INIT_LIST_HEAD(&alone->list);
	KUNIT_EXPECT_EQ(test, amd_model_set(alone->own, &alone->entry), 0);
	list_add_tail_rcu(&alone->own->ats_node, &alone->list);
	alone->model->globals = 0;
	return alone;
}

static int flush(struct alone *alone)
{
	const struct nyx_flush flush = {
		.domain_id = 7,
		.start = 0x1000,
		.last = 0x1fff,
		.ats = &alone->list,
	};

	return alone->own->unit->ops->flush(alone->own->unit, &flush);
}

static unsigned int asked(struct alone *alone)
{
	return amd_model_find(alone->model, OWN)->asked;
}

/* Nothing was lost: it is asked once, and nothing else is forgotten. */
static void no_loss(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_EQ(test, asked(alone), 1);
	KUNIT_EXPECT_EQ(test, alone->model->globals, 0);
	/* What was lost before it asked does not matter. */
	alone->model->au->event.losses++;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_EQ(test, asked(alone), 2);
	KUNIT_EXPECT_EQ(test, alone->model->globals, 0);
}

/* The log is full when the device does not answer. */
static void overflow(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->mute = OWN;
	alone->model->status |= OVERFLOW;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_EQ(test, alone->model->dropped, 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, asked(alone), 2);
	KUNIT_EXPECT_TRUE(test, alone->own->ats_refused);
}

/* The interrupt's thread clears that up before the flush looks. */
static void serve(struct amd_model *model, bool done)
{
	if (!done || !model->dropped)
		return;
	model->on_status = NULL;
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(model->test, model->status & OVERFLOW, 0);
	KUNIT_EXPECT_EQ(model->test, model->status & RUN, RUN);
}

static void overflow_of_another(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->mute = OWN;
	alone->model->status |= OVERFLOW;
	alone->model->on_status = serve;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_PTR_EQ(test, alone->model->on_status, NULL);
	KUNIT_EXPECT_EQ(test, alone->model->dropped, 1);
	KUNIT_EXPECT_TRUE(test, alone->own->ats_refused);
}

/* The tail tells of an event that never comes. */
static void late(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->mute = OWN;
	alone->model->late = 1;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_EQ(test, asked(alone), 2);
	KUNIT_EXPECT_TRUE(test, alone->own->ats_refused);
}

/* It overflows whenever it is asked: that has an end, for the device. */
static void storm(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->storm = true;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_LE(test, asked(alone), 8);
	KUNIT_EXPECT_GT(test, unit_core.overflows, 0);
	KUNIT_EXPECT_TRUE(test, alone->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, alone->model->au->unit.dead);
}

/* It answers when there is peace again: nothing happens to it. */
static void end_storm(struct amd_model *model, bool done)
{
	model->storm = amd_model_find(model, OWN)->asked < 2;
}

static void short_storm(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->storm = true;
	alone->model->on_status = end_storm;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_GE(test, asked(alone), 2);
	KUNIT_EXPECT_FALSE(test, alone->own->ats_lost);
}

/* Another device faults as fast as it can: that is not this one's fault. */
static void flood(struct kunit *test)
{
	struct alone *alone = alone_new(test);
	unsigned int i;

	alone->model->flood = 3000;
	for (i = 1; i <= 10; i++) {
		KUNIT_EXPECT_EQ(test, flush(alone), 0);
		KUNIT_EXPECT_EQ(test, asked(alone), i);
	}
	KUNIT_EXPECT_EQ(test, alone->model->dropped, 0);
	KUNIT_EXPECT_FALSE(test, alone->own->ats_lost);
	/* Nor can it hide behind that. */
	alone->model->mute = OWN;
	KUNIT_EXPECT_EQ(test, flush(alone), 0);
	KUNIT_EXPECT_TRUE(test, alone->own->ats_refused);
	KUNIT_EXPECT_EQ(test, asked(alone), i + 1);
}

/* EventLen 15 where memory has room for that in one piece, else less. */
static void log_size(struct kunit *test)
{
	struct alone *alone = alone_new(test);
	struct amd_log log = { };

	KUNIT_EXPECT_EQ(test, alone->model->log_base >> 56, 15);
	KUNIT_EXPECT_EQ(test, amd_log_entries(&alone->model->au->event), 32768);
	/* No allocator gives 256 MiB in one piece. */
	KUNIT_ASSERT_EQ(test, amd_log_init(&log, &amd_event_regs, 24,
					   NUMA_NO_NODE), 0);
	KUNIT_EXPECT_LT(test, log.len, 24);
	KUNIT_EXPECT_GE(test, log.len, 8);
	memset(log.ring, 1, 16UL << log.len);
	amd_log_destroy(&log);
	KUNIT_EXPECT_PTR_EQ(test, log.ring, NULL);
}

/* A log that does not stop, and one that does not start again. */
static void stuck(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->status |= OVERFLOW;
	alone->model->deaf = RUN;
	KUNIT_EXPECT_EQ(test, flush(alone), -EIO);
	KUNIT_EXPECT_TRUE(test, alone->model->au->unit.dead);
	/* EventLogEn */
	KUNIT_EXPECT_EQ(test, alone->model->control & 4, 4);
}

static void stuck_unserved(struct kunit *test)
{
	struct alone *alone = alone_new(test);

	alone->model->status &= ~RUN;
	alone->model->status |= OVERFLOW;
	alone->model->deaf = RUN;
	amd_event_service(alone->model->au);
	KUNIT_EXPECT_TRUE(test, alone->model->au->unit.dead);
	KUNIT_EXPECT_EQ(test, alone->model->control & 4, 4);
}

/* It is being switched off: nobody waits for it, nor blames it. */
static void switched_off(struct kunit *test)
{
	struct alone *alone = alone_new(test);
	struct amd_unit *au = alone->model->au;

	alone->model->status |= OVERFLOW;
	alone->model->control = 0;
	KUNIT_EXPECT_EQ(test, amd_timeouts_check(au, au->event.losses),
			-EAGAIN);
	KUNIT_EXPECT_FALSE(test, au->unit.dead);
	KUNIT_EXPECT_EQ(test, alone->model->control, 0);
}

/* Gone: there is no log to be looked at. */
static void gone(struct kunit *test)
{
	struct alone *alone = alone_new(test);
	struct amd_unit *au = alone->model->au;

	alone->model->gone = true;
	KUNIT_EXPECT_EQ(test, amd_timeouts_check(au, au->event.losses),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, au->timeouts.seen, 0);
	KUNIT_EXPECT_EQ(test, au->event.losses, 0);
	KUNIT_EXPECT_EQ(test, flush(alone), -EIO);
	KUNIT_EXPECT_TRUE(test, au->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_loss),
	KUNIT_CASE(overflow),
	KUNIT_CASE(overflow_of_another),
	KUNIT_CASE(late),
	KUNIT_CASE(storm),
	KUNIT_CASE(short_storm),
	KUNIT_CASE(flood),
	KUNIT_CASE(log_size),
	KUNIT_CASE_SLOW(stuck),
	KUNIT_CASE_SLOW(stuck_unserved),
	KUNIT_CASE(switched_off),
	KUNIT_CASE(gone),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_timeout_lost",
	.test_cases = cases,
};

kunit_test_suite(suite);
