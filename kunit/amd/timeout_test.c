// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding unresponsive devices in the event log, and invalidating what the unit
 * cached of them, when several CPUs do both. Numbers are those of the AMD IOMMU
 * specification (48882).
 */
#include <linux/io.h>
#include <linux/time64.h>
#include <nyx/stats.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "amd/timeout.h"
#include "ats_fixture.h"
#include "model.h"

/* IOTLB_INV_TIMEOUT */
static void timeout(struct ats_fixture *ats, u16 rid)
{
	amd_model_log(ats->model, 7ULL << 60 | rid, 0);
}

static int check(struct ats_fixture *ats)
{
	struct amd_unit *au = ats->model->au;

	return amd_timeouts_check(au, amd_timeouts_losses(au));
}

static int look(struct amd_unit *au, struct amd_timeouts *found)
{
	guard(raw_spinlock_irqsave)(&au->log_lock);
	return amd_timeouts_look(au, found);
}

static void expect_refused(struct kunit *test, struct ats_fixture *ats)
{
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, ats->other->ats_refused);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(ats->model, &ats->entry));
}

/* One INVALIDATE_IOMMU_ALL for all devices, with interrupts enabled. */
static void one_invalidation_for_all(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	ats->model->all_unresponsive = true;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
	KUNIT_EXPECT_EQ(test, ats->model->globals_atomic, 0);
	expect_refused(test, ats);
}

/* The thread of the interrupt finds the devices first. */
static void found_by_thread(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	timeout(ats, OWN);
	timeout(ats, OTHER);
	timeout(ats, OWN);
	nyx_fault_service(&ats->model->au->unit);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
	KUNIT_EXPECT_EQ(test, ats->model->globals_atomic, 0);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 3);
	expect_refused(test, ats);
	/* A later scan finds nothing left to do. */
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
	/* Nor does one more event of the same device cause an invalidation. */
	timeout(ats, OWN);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
}

/*
 * Another CPU has scanned the events and blocked the devices, but the unit may
 * still have cached their entries. A CPU that finds no more events must
 * invalidate them before it continues.
 */
static void found_by_other_cpu(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;
	struct amd_timeouts found = { };

	KUNIT_EXPECT_TRUE(test, amd_model_reaches(ats->model, &ats->entry));
	timeout(ats, OWN);
	timeout(ats, OTHER);
	guard(rcu)();
	KUNIT_EXPECT_EQ(test, look(au, &found), 0);
	KUNIT_EXPECT_EQ(test, found.nr, 2);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 0);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_refused);

	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(ats->model, &ats->entry));
	/* The other CPU finishes last, which does no harm. */
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &found), 0);
	expect_refused(test, ats);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 2);
}

/*
 * Another CPU invalidates between two scans of this one. The devices that the
 * first scan found must still be marked.
 */
static void invalidated_between_scans(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;
	struct amd_timeouts found = { };

	guard(rcu)();
	timeout(ats, OWN);
	timeout(ats, OTHER);
	look(au, &found);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	look(au, &found);
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &found), 0);
	KUNIT_EXPECT_EQ(test, found.nr, 0);
	expect_refused(test, ats);
}

/* An invalidation does not cover a device that a later scan blocked. */
static void blocked_after_scan(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;
	struct amd_timeouts first = { }, second = { };

	guard(rcu)();
	timeout(ats, OWN);
	look(au, &first);
	timeout(ats, OTHER);
	look(au, &second);
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &first), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_refused);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 2);
	/* The second scan covers both devices. */
	KUNIT_EXPECT_EQ(test, amd_timeouts_invalidate(au, &second), 0);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 3);
}

/*
 * A scan releases the lock after a number of events, and continues after that.
 */
static void after_many_events(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;
	struct amd_timeouts found = { };
	unsigned int i;

	guard(rcu)();
	/* IO_PAGE_FAULT */
	for (i = 0; i < 500; i++)
		amd_model_log(ats->model, 2ULL << 60 | OTHER, i << 12);
	timeout(ats, OWN);
	KUNIT_EXPECT_GT(test, look(au, &found), 0);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_refused);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 1);
}

/* The tail goes back, as that of a unit that was reset does. */
static void tail_goes_back(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	unsigned int i;

	/* More than one scan reads before it releases the lock. */
	for (i = 0; i < 300; i++)
		amd_model_log(ats->model, 2ULL << 60 | OTHER, i << 12);
	ats->model->tail_reset_in = 2;
	ats->model->tail_reset_to = 256;
	KUNIT_EXPECT_EQ(test, check(ats), -EAGAIN);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
}

/* The invalidation fails: reported to the caller. */
static void invalidation_fails(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	timeout(ats, OWN);
	/* INVALIDATE_IOMMU_ALL */
	ats->model->illegal_opcode = 8;
	ats->model->illegal_count = 1000;
	KUNIT_EXPECT_EQ(test, check(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, ats->model->au->unit.dead);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_refused);
}

/*
 * The unit waits for devices for much longer than a submission may take. It logs
 * each of them meanwhile, so it is not given up, and its buffer is not restarted.
 */
static void long_wait(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;

	/* Much longer than one wait: a busy host may interrupt the CPU that polls. */
	au->queue.timeout_ns = 200 * NSEC_PER_MSEC;
	ats->model->unresponsive = OWN;
	ats->model->late = 80;
	ats->model->late_ns = 20 * NSEC_PER_MSEC;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->late, 0);
	KUNIT_EXPECT_FALSE(test, au->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&au->unit, NYX_STAT_FLUSH_ERROR), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
}

/* Timeouts are counted once, no matter which code reads the log first. */
static void counted_once(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_unit *au = ats->model->au;
	u32 count = amd_timeouts_count(au);

	timeout(ats, OWN);
	amd_model_log(ats->model, 2ULL << 60 | OTHER, 0x1000);
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 1);
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 1);
	KUNIT_EXPECT_EQ(test, check(ats), 0);
	nyx_fault_service(&au->unit);
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 1);
	timeout(ats, OWN);
	nyx_fault_service(&au->unit);
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 2);
	/* An overflowed log may lack some. */
	ats->model->status |= 1;
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 3);
	KUNIT_EXPECT_EQ(test, amd_timeouts_count(au), count + 4);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_invalidation_for_all),
	KUNIT_CASE(found_by_thread),
	KUNIT_CASE(found_by_other_cpu),
	KUNIT_CASE(invalidated_between_scans),
	KUNIT_CASE(blocked_after_scan),
	KUNIT_CASE(after_many_events),
	KUNIT_CASE(long_wait),
	KUNIT_CASE(counted_once),
	KUNIT_CASE(tail_goes_back),
	KUNIT_CASE_SLOW(invalidation_fails),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_timeout",
	.test_cases = cases,
};

kunit_test_suite(suite);
