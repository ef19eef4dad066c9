// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of commands, on a unit that is slow, or that waits for a device.
 */
#include <linux/io.h>

#include "queue_fake.h"

/* What somebody submitted who sleeps now: a command and its wait. */
static void leave(struct fake *fake, u64 number)
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

/* Not a unit that gets ahead, however many it has to do first. */
static void gets_ahead(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake_can_restart(fake);
	fake->held = true;
	fake->step = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 100; i++)
		leave(fake, i);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 100), 0);
	/* So it was overdue again and again. */
	KUNIT_EXPECT_GE(test, fake->checks, 101);
	KUNIT_EXPECT_EQ(test, fake->works, 101);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			0);
}

/* Nor if room is what is waited for. */
static void gets_room(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake->held = true;
	fake->step = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 511; i++)
		leave(fake, i);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 511), 0);
	KUNIT_EXPECT_EQ(test, fake->works, 543);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* All who wait are told, once, and the next finds the ring as new. */
static void starts_anew(struct kunit *test)
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

/* Who waits for room gets it, and is not told of what was in the ring. */
static void room_anew(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	unsigned int i;

	fake_can_restart(fake);
	fake->held = true;
	fake->q.timeout_ns = 0;
	for (i = 0; i < 511; i++)
		leave(fake, 0);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 32, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->restarts, 1);
	KUNIT_EXPECT_EQ(test, fake->works, 32);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* Where positions go on from the last to 0. */
static void anew_at_wrap(struct kunit *test)
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

/* It cannot be started anew: out of service, and nobody tries again. */
static void stays_mute(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	fake_can_restart(fake);
	fake->held = true;
	fake->mute = "it stays mute";
	fake->q.timeout_ns = 0;
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->restarts, 1);
}

/* What was waited for in vain is done by now, or the queue went off. */
static void too_late(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	u32 oldest = fake->q.head;

	fake_can_restart(fake);
	KUNIT_EXPECT_EQ(test, fake_submit(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, oldest), 0);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	leave(fake, 1);
	fake->q.on = false;
	KUNIT_EXPECT_EQ(test, nyx_queue_overdue(&fake->q, fake->q.head), -EIO);
	KUNIT_EXPECT_EQ(test, fake->restarts, 0);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(gets_ahead),
	KUNIT_CASE(gets_room),
	KUNIT_CASE(starts_anew),
	KUNIT_CASE(room_anew),
	KUNIT_CASE(anew_at_wrap),
	KUNIT_CASE(stays_mute),
	KUNIT_CASE(too_late),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_inval_queue_timeout",
	.test_cases = cases,
};

kunit_test_suite(suite);
