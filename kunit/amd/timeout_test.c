// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who looks for devices that did not answer, and who has the unit forget them,
 * on a model of the unit. Numbers are those of the AMD IOMMU specification
 * (48882).
 */
#include <linux/io.h>
#include <linux/rculist.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "amd/timeout.h"
#include "model.h"
#include "pair.h"

/* IOTLB_INV_TIMEOUT */
static void timeout(struct amd_pair *pair, u16 rid)
{
	amd_model_log(pair->model, 7ULL << 60 | rid, 0);
}

static int check(struct amd_pair *pair)
{
	struct amd_unit *au = pair->model->au;

	return amd_timeouts_check(au, amd_timeouts_losses(au));
}

static void expect_refused(struct kunit *test, struct amd_pair *pair)
{
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, pair->other->ats_refused);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(pair->model, &pair->entry));
}

/* The unit forgets once for all of them, and others may run meanwhile. */
static void once_for_all(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	pair->model->mute_all = true;
	KUNIT_EXPECT_EQ(test, flush(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
	KUNIT_EXPECT_EQ(test, pair->model->globals_atomic, 0);
	expect_refused(test, pair);
}

/* The interrupt's thread finds them first. */
static void found_by_thread(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	timeout(pair, OWN);
	timeout(pair, OTHER);
	timeout(pair, OWN);
	amd_event_service(pair->model->au);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
	KUNIT_EXPECT_EQ(test, pair->model->globals_atomic, 0);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 3);
	expect_refused(test, pair);
	/* That is over, for whoever comes next. */
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
	/* And one more entry of the same devices does not bring it back. */
	timeout(pair, OWN);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
}

/*
 * Another CPU has looked at the entry and blocked the device, and the unit has
 * not been told: who finds nothing to look at may not go on before it was.
 */
static void found_meanwhile(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct amd_unit *au = pair->model->au;
	struct amd_timeouts found = { };

	KUNIT_EXPECT_TRUE(test, amd_model_reaches(pair->model, &pair->entry));
	timeout(pair, OWN);
	timeout(pair, OTHER);
	guard(rcu)();
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		KUNIT_EXPECT_EQ(test, amd_timeouts_look(au, &found), 0);
	KUNIT_EXPECT_EQ(test, found.nr, 2);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 0);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_refused);

	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(pair->model, &pair->entry));
	/* The other CPU comes last, which takes nothing from that. */
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &found), 0);
	expect_refused(test, pair);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 2);
}

/*
 * What another CPU had the unit forget meanwhile, in between two looks, is over
 * for the devices that were found before.
 */
static void looked_on(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct amd_unit *au = pair->model->au;
	struct amd_timeouts found = { };

	guard(rcu)();
	timeout(pair, OWN);
	timeout(pair, OTHER);
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		amd_timeouts_look(au, &found);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		amd_timeouts_look(au, &found);
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &found), 0);
	KUNIT_EXPECT_EQ(test, found.nr, 0);
	expect_refused(test, pair);
}

/* Who comes late did not see what was blocked since: it stays due. */
static void blocked_since(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct amd_unit *au = pair->model->au;
	struct amd_timeouts first = { }, second = { };

	guard(rcu)();
	timeout(pair, OWN);
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		amd_timeouts_look(au, &first);
	timeout(pair, OTHER);
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		amd_timeouts_look(au, &second);
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &first), 0);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, pair->other->ats_refused);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 2);
	/* The later one has seen all there was to see. */
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &second), 0);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 3);
}

/* The lock is given up now and then, and everything is looked at all the same. */
static void behind_many(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	struct amd_unit *au = pair->model->au;
	struct amd_timeouts found = { };
	unsigned int i;

	guard(rcu)();
	/* IO_PAGE_FAULT */
	for (i = 0; i < 500; i++)
		amd_model_log(pair->model, 2ULL << 60 | OTHER, i << 12);
	timeout(pair, OWN);
	scoped_guard(raw_spinlock_irqsave, &au->log_lock)
		KUNIT_EXPECT_GT(test, amd_timeouts_look(au, &found), 0);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
	KUNIT_EXPECT_TRUE(test, pair->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, pair->other->ats_refused);
	KUNIT_EXPECT_EQ(test, pair->model->globals, 1);
}

/* A unit that was reset, or lies: there is less in the log than there was. */
static void tail_goes_back(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);
	unsigned int i;

	/* More than are looked at before others get the lock. */
	for (i = 0; i < 300; i++)
		amd_model_log(pair->model, 2ULL << 60 | OTHER, i << 12);
	pair->model->tail_reads = 2;
	pair->model->tail_then = 256;
	KUNIT_EXPECT_EQ(test, check(pair), -EAGAIN);
	KUNIT_EXPECT_EQ(test, check(pair), 0);
}

/* The unit does not obey: that is told to everybody who asks. */
static void no_answer(struct kunit *test)
{
	struct amd_pair *pair = pair_new(test);

	timeout(pair, OWN);
	/* INVALIDATE_IOMMU_ALL */
	pair->model->illegal = 8;
	pair->model->illegal_times = 1000;
	KUNIT_EXPECT_EQ(test, check(pair), -EIO);
	KUNIT_EXPECT_TRUE(test, pair->model->au->unit.dead);
	KUNIT_EXPECT_FALSE(test, pair->own->ats_refused);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(once_for_all),
	KUNIT_CASE(found_by_thread),
	KUNIT_CASE(found_meanwhile),
	KUNIT_CASE(looked_on),
	KUNIT_CASE(blocked_since),
	KUNIT_CASE(behind_many),
	KUNIT_CASE(tail_goes_back),
	KUNIT_CASE_SLOW(no_answer),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_timeout",
	.test_cases = cases,
};

kunit_test_suite(suite);
