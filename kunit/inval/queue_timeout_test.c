// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timeouts of the command queue: a unit that is slow, and one that a device
 * blocks.
 */
#include <linux/io.h>

#include "queue_fake.h"

/* Adds a command and a wait command, as another CPU would, without waiting. */
static void add_pending(struct fake *fake, u64 number)
{
	struct nyx_queue *q = &fake->q;
	u32 at = q->tail, *status = (u32 *)&q->status[(at + 1) % 1024];

	*status = at;
	q->ring[at % 1024] = (struct nyx_cmd) { .lo = WORK | number };
	q->ring[(at + 1) % 1024] = (struct nyx_cmd) {
		.lo = WAIT | (at + 1),
		.hi = virt_to_phys(status),
	};
	q->tail = at + 2;
}

/*
 * A slow unit that makes progress stays in service, however many submissions
 * precede the one that is waited for.
 */
static void slow_progress(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake_can_restart(fake);
	fake->held = true;
	fake->step = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 100; i++)
		add_pending(fake, i);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 100), 0);
	/* Each pending submission passed the deadline again. */
	KUNIT_EXPECT_GE(test, fake->checks, 101);
	KUNIT_EXPECT_EQ(test, fake->works, 101);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			0);
}

/* The same while the caller waits for room in the ring. */
static void slow_progress_to_room(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake->held = true;
	fake->step = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 511; i++)
		add_pending(fake, i);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 511), 0);
	KUNIT_EXPECT_EQ(test, fake->works, 543);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A restart ends all pending submissions once, and leaves a working queue. */
static void restart(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 8, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = fake_new(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake_can_restart(fake);
	fake->held = true;
	fake->q.timeout_ns = U64_MAX / 4;
	for (i = 0; i < 8; i++)
		fake_waiter(fake, &waiters[i], 2);
	while (fake_tail(fake) != 24)
		cond_resched();
	WRITE_ONCE(fake->q.timeout_ns, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ETIME);
	for (i = 0; i < 8; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, -ETIME);
	}
	KUNIT_EXPECT_EQ(test, fake->restarts, 1);
	KUNIT_EXPECT_EQ(test, fake->works, 0);
	KUNIT_EXPECT_EQ(test, fake->q.head, 1024);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 1024);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			1);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 32 * i), 0);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A caller that waits for room succeeds after a restart. */
static void restart_makes_room(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake_can_restart(fake);
	fake->held = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 511; i++)
		add_pending(fake, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->restarts, 1);
	KUNIT_EXPECT_EQ(test, fake->works, 32);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A restart where positions wrap at 2^32. */
static void restart_at_wrap(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_can_restart(fake);
	fake->q.head = -5U;
	fake->q.tail = -5U;
	fake->head = -5U;
	fake->held = true;
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ETIME);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 4);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A failed restart takes the unit out of service and is not repeated. */
static void restart_fails(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_can_restart(fake);
	fake->held = true;
	fake->restart_error = "restart failed";
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->restarts, 1);
}

/* The submission completed just before the timeout, or the queue is off. */
static void overdue(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	u32 oldest = fake->q.head;

	fake_can_restart(fake);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, oldest), 0);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	add_pending(fake, 1);
	fake->q.on = false;
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, fake->q.head), -EIO);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
}

/* Several devices delay the queue, each for longer than the timeout. */
static void devices_delay(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_can_be_delayed(fake);
	fake->held = true;
	fake->late = 10;
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->late, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			0);
	/* Without a delay the unit has the timeout only. */
	fake->held = true;
	fake->delays = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 1), -EIO);
	KUNIT_EXPECT_EQ(test, fake->delays, 2);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
}

/* The number of extensions is limited. */
static void delayed_forever(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_can_be_delayed(fake);
	fake->held = true;
	fake->late_forever = true;
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->delays, 20);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(slow_progress),
	KUNIT_CASE(slow_progress_to_room),
	KUNIT_CASE(restart),
	KUNIT_CASE(restart_makes_room),
	KUNIT_CASE(restart_at_wrap),
	KUNIT_CASE(restart_fails),
	KUNIT_CASE(overdue),
	KUNIT_CASE(devices_delay),
	KUNIT_CASE(delayed_forever),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_inval_queue_timeout",
	.test_cases = cases,
};

kunit_test_suite(suite);
