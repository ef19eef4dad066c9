// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command queue: order, wrap-around, a full ring, and errors.
 */
#include "queue_fake.h"

/*
 * Submissions of every size, many times around the ring: each command is
 * executed once, in order.
 */
static void in_order(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;
	u64 first = 0;

	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, fake_submit(fake, i % 33, first), 0);
		first += i % 33;
		KUNIT_ASSERT_EQ(test, fake->works, first);
	}
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_WAIT), 1000);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			0);
}

/* Positions wrap at 2^32. */
static void positions_wrap(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake->q.head = -1024U;
	fake->q.tail = -1024U;
	fake->head = -1024U;
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, fake_submit(fake, 32, 32 * i), 0);
	KUNIT_EXPECT_LT(test, fake->q.tail, 200 * 33);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
}

/* A submission that does not fit waits for room, and overwrites nothing. */
static void full(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 32, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = fake_new(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake->held = true;
	fake->q.timeout_ns = U64_MAX / 4;
	/* 31 times 33 is 1023: the remaining entry must stay free. */
	for (i = 0; i < 31; i++)
		fake_waiter(fake, &waiters[i], 32);
	while (fake_tail(fake) != 1023)
		cond_resched();
	WRITE_ONCE(fake->watched, fake_waiter(fake, &waiters[31], 0));
	while (READ_ONCE(fake->watched_checks) < 3)
		cond_resched();
	KUNIT_EXPECT_EQ(test, fake_tail(fake), 1023);
	fake_release(fake);
	for (i = 0; i < 32; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, 0);
	}
	KUNIT_EXPECT_EQ(test, fake->works, 31 * 32);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/*
 * A unit that completes nothing is taken out of service, and later submissions
 * fail at once.
 */
static void never_done(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned long checks;
	u32 tail;

	fake->held = true;
	fake->q.timeout_ns = 1000;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			1);
	checks = fake->checks;
	tail = fake->q.tail;
	KUNIT_EXPECT_GE(test, checks, 2);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->checks, checks);
	KUNIT_EXPECT_EQ(test, fake->q.tail, tail);
}

static void off(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake->q.on = false;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* An aborted submission ends with -EAGAIN; later ones are not affected. */
static void aborted(struct kunit *test)
{
	struct nyx_cmd bad = { .lo = BAD };
	struct fake *fake = fake_new(test);
	unsigned int i;
	u16 rid;

	fake->abort = true;
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, fake_submit(fake, 3, 3 * i), 0);
		KUNIT_EXPECT_EQ(test, nyx_queue_submit(&fake->q, &bad, 1,
						       &rid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, rid, 0x1234);
	}
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 3, 60), 0);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* An error affects submissions whose wait command is in its range. */
static void verdicts(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 3, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = fake_new(test);
	struct nyx_queue *q = &fake->q;
	unsigned long flags;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake->held = true;
	q->timeout_ns = U64_MAX / 4;
	/* Positions 0 to 2, 3 to 5 and 6 to 8. */
	for (i = 0; i < 3; i++) {
		fake_waiter(fake, &waiters[i], 2);
		while (fake_tail(fake) != 3 * i + 3)
			cond_resched();
	}
	raw_spin_lock_irqsave(&q->lock, flags);
	KUNIT_EXPECT_EQ(test, nyx_queue_first(q, 4), 3);
	KUNIT_EXPECT_EQ(test, nyx_queue_first(q, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_queue_last(q, 3), 5);
	KUNIT_EXPECT_EQ(test, nyx_queue_last(q, 8), 8);
	nyx_queue_note(q, 3, 5, -EAGAIN, 0x1234);
	raw_spin_unlock_irqrestore(&q->lock, flags);
	fake_release(fake);
	for (i = 0; i < 3; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, i == 1 ? -EAGAIN : 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(in_order),
	KUNIT_CASE(positions_wrap),
	KUNIT_CASE(full),
	KUNIT_CASE(never_done),
	KUNIT_CASE(off),
	KUNIT_CASE(aborted),
	KUNIT_CASE(verdicts),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_inval_queue",
	.test_cases = cases,
};

kunit_test_suite(suite);
