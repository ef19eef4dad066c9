// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of commands, on a unit that executes them when it is kicked, or when
 * the test says so.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <nyx/queue.h>
#include <nyx/unit.h>

/* A command of the test's: what it is in the upper byte, else a number. */
#define WAIT	0x0100000000000000ULL
#define WORK	0x0200000000000000ULL
#define BAD	0x0300000000000000ULL

/**
 * struct fake - a unit
 * @test: the test
 * @unit: the core's view
 * @q: its queue
 * @head: next command to be executed
 * @held: it executes nothing
 * @abort: it aborts all when looked at while it stands still
 * @stopped: it stands still
 * @works: commands of the test's executed
 * @next_work: the number that the next of them should have
 * @disorder: one had another
 * @checks: times that software looked for errors
 * @watched: somebody who waits
 * @watched_checks: times that @watched looked for errors
 */
struct fake {
	struct kunit *test;
	struct nyx_unit unit;
	struct nyx_queue q;
	u32 head;
	bool held;
	bool abort;
	bool stopped;
	unsigned long works;
	u64 next_work;
	bool disorder;
	unsigned long checks;
	struct task_struct *watched;
	unsigned long watched_checks;
};

static struct fake *to_fake(struct nyx_queue *q)
{
	return container_of(q, struct fake, q);
}

static struct nyx_cmd fake_wait(phys_addr_t status, u32 pos)
{
	return (struct nyx_cmd) { .lo = WAIT | pos, .hi = status };
}

static bool fake_is_wait(const struct nyx_cmd *cmd)
{
	return cmd->lo >> 56 == WAIT >> 56;
}

/* Up to the tail, or to what it does not like. The queue's lock is held. */
static void fake_run(struct fake *fake)
{
	struct nyx_queue *q = &fake->q;

	while (!fake->held && !fake->stopped && fake->head != q->tail) {
		struct nyx_cmd cmd = q->ring[fake->head % 1024];

		if (cmd.lo >> 56 == BAD >> 56) {
			fake->stopped = true;
			return;
		}
		if (fake_is_wait(&cmd)) {
			/* After all that it did. */
			smp_store_release((u32 *)phys_to_virt(cmd.hi),
					  (u32)cmd.lo);
		} else {
			fake->works++;
			fake->disorder |= (cmd.lo & 0xffffffff) !=
					  fake->next_work++;
		}
		fake->head++;
	}
}

static void fake_kick(struct nyx_queue *q)
{
	fake_run(to_fake(q));
}

static void fake_check(struct nyx_queue *q)
{
	struct fake *fake = to_fake(q);
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	fake->checks++;
	if (current == READ_ONCE(fake->watched))
		fake->watched_checks++;
	if (fake->stopped && fake->abort) {
		nyx_queue_note(q, q->head, q->tail - 1, -EAGAIN, 0x1234);
		nyx_queue_abort(q, q->tail);
		fake->head = q->tail;
		fake->stopped = false;
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	cond_resched();
}

static const struct nyx_queue_ops fake_ops = {
	.wait = fake_wait,
	.is_wait = fake_is_wait,
	.kick = fake_kick,
	.check = fake_check,
};

static void fake_free(void *data)
{
	struct fake *fake = data;

	nyx_queue_destroy(&fake->q);
	nyx_unit_cleanup(&fake->unit);
}

static bool fake_contain(struct nyx_unit *unit)
{
	return false;
}

static const struct nyx_unit_ops fake_unit_ops = {
	.contain = fake_contain,
};

static struct fake *new_fake(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->test = test;
	KUNIT_ASSERT_EQ(test, 0, nyx_unit_init(&fake->unit, &fake_unit_ops));
	strscpy(fake->unit.name, "fake0");
	KUNIT_ASSERT_EQ(test, 0, nyx_queue_init(&fake->q, &fake->unit,
						&fake_ops, NUMA_NO_NODE));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_free, fake));
	fake->q.on = true;
	return fake;
}

static int submit(struct fake *fake, unsigned int nr, u64 first)
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	unsigned int i;
	u16 rid = 0xffff;
	int ret;

	for (i = 0; i < nr; i++)
		cmds[i] = (struct nyx_cmd) { .lo = WORK | (first + i) };
	ret = nyx_queue_submit(&fake->q, cmds, nr, &rid);
	KUNIT_EXPECT_EQ(fake->test, rid, ret == -EAGAIN ? 0x1234 : 0);
	return ret;
}

/* Many times around, submissions of every size, each command once, in order. */
static void in_order(struct kunit *test)
{
	struct fake *fake = new_fake(test);
	unsigned int i;
	u64 first = 0;

	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, submit(fake, i % 33, first), 0);
		first += i % 33;
		KUNIT_ASSERT_EQ(test, fake->works, first);
	}
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_WAIT), 1000);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			0);
}

/* Positions have 32 bits, and go on from the last to 0. */
static void positions_wrap(struct kunit *test)
{
	struct fake *fake = new_fake(test);
	unsigned int i;

	fake->q.head = -1024U;
	fake->q.tail = -1024U;
	fake->head = -1024U;
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, submit(fake, 32, 32 * i), 0);
	KUNIT_EXPECT_LT(test, fake->q.tail, 200 * 33);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
}

struct waiter {
	struct fake *fake;
	unsigned int nr;
	int ret;
	struct completion done;
};

static int wait_thread(void *data)
{
	struct waiter *waiter = data;

	waiter->ret = submit(waiter->fake, waiter->nr, 0);
	complete(&waiter->done);
	return 0;
}

static struct task_struct *start(struct fake *fake, struct waiter *waiter,
				 unsigned int nr)
{
	struct task_struct *task;

	waiter->fake = fake;
	waiter->nr = nr;
	init_completion(&waiter->done);
	task = kthread_run(wait_thread, waiter, "nyx_queue_waiter");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fake->test, task);
	return task;
}

static u32 tail(struct fake *fake)
{
	unsigned long flags;
	u32 tail;

	raw_spin_lock_irqsave(&fake->q.lock, flags);
	tail = fake->q.tail;
	raw_spin_unlock_irqrestore(&fake->q.lock, flags);
	return tail;
}

static void release(struct fake *fake)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fake->q.lock, flags);
	fake->held = false;
	fake_run(fake);
	raw_spin_unlock_irqrestore(&fake->q.lock, flags);
}

/* More than fit: the last waits for room, and nothing is overwritten. */
static void full(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 32, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = new_fake(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake->held = true;
	fake->q.timeout_ns = U64_MAX / 4;
	/* 31 times 33 is 1023: one entry is left, which stays free. */
	for (i = 0; i < 31; i++)
		start(fake, &waiters[i], 32);
	while (tail(fake) != 1023)
		cond_resched();
	WRITE_ONCE(fake->watched, start(fake, &waiters[31], 0));
	while (READ_ONCE(fake->watched_checks) < 3)
		cond_resched();
	KUNIT_EXPECT_EQ(test, tail(fake), 1023);
	release(fake);
	for (i = 0; i < 32; i++) {
		wait_for_completion(&waiters[i].done);
		KUNIT_EXPECT_EQ(test, waiters[i].ret, 0);
	}
	KUNIT_EXPECT_EQ(test, fake->works, 31 * 32);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* A unit that completes nothing is out of service, and nobody waits again. */
static void never_done(struct kunit *test)
{
	struct fake *fake = new_fake(test);
	unsigned long checks;
	u32 tail;

	fake->held = true;
	fake->q.timeout_ns = 1000;
	KUNIT_EXPECT_EQ(test, submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, fake->unit.dead);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&fake->unit, NYX_STAT_FLUSH_ERROR),
			1);
	checks = fake->checks;
	tail = fake->q.tail;
	KUNIT_EXPECT_GE(test, checks, 2);
	KUNIT_EXPECT_EQ(test, submit(fake, 1, 0), -EIO);
	KUNIT_EXPECT_EQ(test, fake->checks, checks);
	KUNIT_EXPECT_EQ(test, fake->q.tail, tail);
}

static void off(struct kunit *test)
{
	struct fake *fake = new_fake(test);

	fake->q.on = false;
	KUNIT_EXPECT_EQ(test, submit(fake, 1, 0), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fake->q.tail, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* What is aborted ends, with the reason; what comes later knows nothing of it */
static void aborted(struct kunit *test)
{
	struct nyx_cmd bad = { .lo = BAD };
	struct fake *fake = new_fake(test);
	unsigned int i;
	u16 rid;

	fake->abort = true;
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, submit(fake, 3, 3 * i), 0);
		KUNIT_EXPECT_EQ(test, nyx_queue_submit(&fake->q, &bad, 1,
						       &rid), -EAGAIN);
		KUNIT_EXPECT_EQ(test, rid, 0x1234);
	}
	KUNIT_EXPECT_EQ(test, submit(fake, 3, 60), 0);
	KUNIT_EXPECT_FALSE(test, fake->disorder);
	KUNIT_EXPECT_FALSE(test, fake->unit.dead);
}

/* An error concerns those whose wait is between the two positions. */
static void verdicts(struct kunit *test)
{
	struct waiter *waiters = kunit_kcalloc(test, 3, sizeof(*waiters),
					       GFP_KERNEL);
	struct fake *fake = new_fake(test);
	struct nyx_queue *q = &fake->q;
	unsigned long flags;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	fake->held = true;
	q->timeout_ns = U64_MAX / 4;
	/* Positions 0 to 2, 3 to 5 and 6 to 8. */
	for (i = 0; i < 3; i++) {
		start(fake, &waiters[i], 2);
		while (tail(fake) != 3 * i + 3)
			cond_resched();
	}
	raw_spin_lock_irqsave(&q->lock, flags);
	KUNIT_EXPECT_EQ(test, nyx_queue_first(q, 4), 3);
	KUNIT_EXPECT_EQ(test, nyx_queue_first(q, 0), 0);
	KUNIT_EXPECT_EQ(test, nyx_queue_last(q, 3), 5);
	KUNIT_EXPECT_EQ(test, nyx_queue_last(q, 8), 8);
	nyx_queue_note(q, 3, 5, -EAGAIN, 0x1234);
	raw_spin_unlock_irqrestore(&q->lock, flags);
	release(fake);
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
	.name = "nyx_queue",
	.test_cases = cases,
};

kunit_test_suite(suite);
