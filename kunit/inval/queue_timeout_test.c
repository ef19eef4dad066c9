// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timeouts of the command queue: a unit that is slow, and one that a device
 * blocks.
 */
#include <linux/io.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "queue_fake.h"

/* A time in nanoseconds that does not pass during a test. */
#define LONG (U64_MAX / 4)

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

	fake_is_patient(fake, LONG);
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
	KUNIT_EXPECT_EQ(test, fake->stalls, 0);
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

/*
 * When the unit gives up the device for which it waits, all pending submissions
 * end. The queue then works.
 */
static void stall(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 8, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = fake_new(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake_is_patient(fake, LONG);
	fake->held = true;
	fake->q.timeout_ns = LONG;
	for (i = 0; i < 8; i++)
		fake_waiter(fake, &waiters[i], 2);
	while (fake_tail(fake) != 24)
		cond_resched();
	WRITE_ONCE(fake->gives_up, 50);
	WRITE_ONCE(fake->q.timeout_ns, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ETIME);
	for (i = 0; i < 8; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, -ETIME);
	}
	KUNIT_EXPECT_EQ(test, fake->stalls, 1);
	KUNIT_EXPECT_EQ(test, fake->works, 0);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			1);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 32 * i), 0);
	KUNIT_EXPECT_FALSE(test, fake->q.stalled);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A caller that waits for room succeeds after a stall. */
static void stall_makes_room(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake_is_patient(fake, LONG);
	fake->held = true;
	fake->gives_up = 3;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 511; i++)
		add_pending(fake, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->stalls, 1);
	KUNIT_EXPECT_EQ(test, fake->works, 32);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A stall where positions wrap at 2^32, and a second one after it. */
static void stall_at_wrap(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_is_patient(fake, LONG);
	fake->q.head = -1U;
	fake->q.tail = -1U;
	fake->head = -1U;
	fake->q.timeout_ns = 0;
	fake->held = true;
	fake->gives_up = 3;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ETIME);
	fake->held = true;
	fake->gives_up = 3;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ETIME);
	KUNIT_EXPECT_EQ(test, fake->stalls, 2);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 7);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* The unit goes out of service when its time is over, and not before. */
static void patience_ends(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	u64 start;

	fake_is_patient(fake, 20000000);
	fake->held = true;
	fake->q.timeout_ns = 0;
	start = ktime_get_mono_fast_ns();
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_GE(test, ktime_get_mono_fast_ns() - start, 20000000);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->stalls, 1);
}

static void no_patience(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_is_patient(fake, 0);
	fake->held = true;
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, fake->stalls, 1);
}

/* Returns how often the caller slept while the queue was stalled. */
static unsigned long sleeps_during_stall(struct fake *fake)
{
	unsigned long before = current->nvcsw;

	fake->held = true;
	fake->gives_up = 50;
	KUNIT_EXPECT_EQ(fake->test, fake_submit(fake, 1, 0), -ETIME);
	return current->nvcsw - before;
}

/* A caller sleeps if it may, and only then. */
static void sleeps_if_allowed(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned long sleeps, flags;

	fake_is_patient(fake, LONG);
	fake->q.timeout_ns = 0;
	/* Without a count of preemptions, nothing shows that it may. */
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		KUNIT_EXPECT_GE(test, sleeps_during_stall(fake), 40);

	rcu_read_lock();
	sleeps = sleeps_during_stall(fake);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, sleeps, 0);

	preempt_disable();
	sleeps = sleeps_during_stall(fake);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, sleeps, 0);

	local_irq_save(flags);
	sleeps = sleeps_during_stall(fake);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, sleeps, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* The submission completed just before the timeout, or the queue is off. */
static void overdue(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	u32 oldest = fake->q.head;

	fake_is_patient(fake, LONG);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, oldest), 0);
	KUNIT_EXPECT_EQ(test, fake->stalls, 0);
	add_pending(fake, 1);
	fake->q.on = false;
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, fake->q.head), -EIO);
	KUNIT_EXPECT_EQ(test, fake->stalls, 0);
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

/* A caller sleeps, too, while devices delay the queue, which does not stall. */
static void sleeps_while_delayed(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned long before = current->nvcsw;

	fake_can_be_delayed(fake);
	fake->held = true;
	fake->late = 10;
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), 0);
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		KUNIT_EXPECT_GE(test, current->nvcsw - before, 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(slow_progress),
	KUNIT_CASE(slow_progress_to_room),
	KUNIT_CASE(stall),
	KUNIT_CASE(stall_makes_room),
	KUNIT_CASE(stall_at_wrap),
	KUNIT_CASE(patience_ends),
	KUNIT_CASE(no_patience),
	KUNIT_CASE(sleeps_if_allowed),
	KUNIT_CASE(overdue),
	KUNIT_CASE(devices_delay),
	KUNIT_CASE(delayed_forever),
	KUNIT_CASE(sleeps_while_delayed),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_inval_queue_timeout",
	.test_cases = cases,
};

kunit_test_suite(suite);
