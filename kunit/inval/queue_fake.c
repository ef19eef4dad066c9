// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake unit that executes commands from a queue when it is kicked, or when
 * the test requests it.
 */
#include <linux/io.h>
#include <linux/kthread.h>

#include "queue_fake.h"

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

static void fake_execute(struct fake *fake, const struct nyx_cmd *cmd)
{
	if (fake_is_wait(cmd)) {
		/* The status is written after all preceding work. */
		smp_store_release((u32 *)phys_to_virt(cmd->hi), (u32)cmd->lo);
		return;
	}
	fake->works++;
	fake->disorder |= (cmd->lo & 0xffffffff) != fake->next_work++;
}

/* Executes commands up to the tail or a BAD command. The lock is held. */
static void fake_run(struct fake *fake)
{
	struct nyx_queue *q = &fake->q;

	while (!fake->held && !fake->stopped && fake->head != q->tail) {
		struct nyx_cmd cmd = q->ring[fake->head % 1024];

		if (cmd.lo >> 56 == BAD >> 56) {
			fake->stopped = true;
			return;
		}
		fake_execute(fake, &cmd);
		fake->head++;
	}
}

/* Executes commands up to the next wait command. The lock is held. */
static void fake_step(struct fake *fake)
{
	struct nyx_queue *q = &fake->q;
	struct nyx_cmd cmd;

	while (fake->head != q->tail) {
		cmd = q->ring[fake->head++ % 1024];
		fake_execute(fake, &cmd);
		if (fake_is_wait(&cmd))
			return;
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
	if (fake->step)
		fake_step(fake);
	if (fake->stopped && fake->abort) {
		nyx_queue_note(q, q->head, q->tail - 1, -EAGAIN, 0x1234);
		nyx_queue_abort(q, q->tail);
		fake->head = q->tail;
		fake->stopped = false;
	}
	if (q->stalled && fake->gives_up && !--fake->gives_up) {
		nyx_queue_note(q, q->head, q->tail - 1, -ETIME, 0x1234);
		nyx_queue_abort(q, q->tail);
		fake->head = q->tail;
		fake->held = false;
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	if (preemptible() && !rcu_preempt_depth())
		cond_resched();
}

static const struct nyx_queue_ops fake_ops = {
	.wait = fake_wait,
	.is_wait = fake_is_wait,
	.kick = fake_kick,
	.check = fake_check,
};

static u64 fake_stalled(struct nyx_queue *q, u16 *rid)
{
	struct fake *fake = to_fake(q);

	fake->stalls++;
	return fake->patience;
}

static const struct nyx_queue_ops fake_patient_ops = {
	.wait = fake_wait,
	.is_wait = fake_is_wait,
	.kick = fake_kick,
	.check = fake_check,
	.stalled = fake_stalled,
};

static u32 fake_delays(struct nyx_queue *q)
{
	struct fake *fake = to_fake(q);

	fake->delays++;
	/* The first call is made when the deadline is set. */
	if (fake->delays > 1 && fake->late && !--fake->late)
		fake_release(fake);
	return fake->late || fake->late_forever ? fake->delays : 0;
}

static const struct nyx_queue_ops fake_delayed_ops = {
	.wait = fake_wait,
	.is_wait = fake_is_wait,
	.kick = fake_kick,
	.check = fake_check,
	.delays = fake_delays,
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

/**
 * fake_new() - create a unit with a queue
 * @test: the test
 *
 * Context: May sleep.
 * Return: the unit, freed at the end of the test.
 */
struct fake *fake_new(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->test = test;
	KUNIT_ASSERT_EQ(test, 0, nyx_unit_init(&fake->unit, &fake_unit_ops));
	strscpy(fake->unit.name, "fake0");
	KUNIT_ASSERT_EQ(test, 0, nyx_queue_init(&fake->q, &fake->unit,
						&fake_ops, 1, NUMA_NO_NODE));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_free, fake));
	fake->q.on = true;
	return fake;
}

/**
 * fake_is_patient() - provide nyx_queue_ops.stalled
 * @fake: the unit
 * @ns: its result
 *
 * Context: Nothing has been submitted so far.
 */
void fake_is_patient(struct fake *fake, u64 ns)
{
	fake->patience = ns;
	fake->q.ops = &fake_patient_ops;
}

/**
 * fake_can_be_delayed() - provide nyx_queue_ops.delays
 * @fake: the unit
 *
 * Context: Nothing has been submitted so far.
 */
void fake_can_be_delayed(struct fake *fake)
{
	fake->q.ops = &fake_delayed_ops;
}

/**
 * fake_submit() - submit commands, and check the requester ID of an error
 * @fake: the unit
 * @nr: number of commands
 * @first: number encoded in the first command
 *
 * Context: May sleep.
 * Return: as nyx_queue_submit().
 */
int fake_submit(struct fake *fake, unsigned int nr, u64 first)
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	unsigned int i;
	u16 rid = 0xffff;
	int ret;

	for (i = 0; i < nr; i++)
		cmds[i] = (struct nyx_cmd) { .lo = WORK | (first + i) };
	ret = nyx_queue_submit(&fake->q, cmds, nr, &rid);
	KUNIT_EXPECT_EQ(fake->test, rid,
			ret == -EAGAIN || ret == -ETIME ? 0x1234 : 0);
	return ret;
}

static int wait_thread(void *data)
{
	struct waiter *waiter = data;

	waiter->ret = fake_submit(waiter->fake, waiter->nr, 0);
	complete(&waiter->done);
	return 0;
}

/**
 * fake_waiter() - submit commands from a new thread
 * @fake: the unit
 * @waiter: receives the result
 * @nr: number of commands
 *
 * Context: May sleep.
 * Return: the thread.
 */
struct task_struct *fake_waiter(struct fake *fake, struct waiter *waiter,
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

/**
 * fake_tail() - read the tail of the queue under its lock
 * @fake: the unit
 *
 * Context: Any.
 * Return: the tail.
 */
u32 fake_tail(struct fake *fake)
{
	unsigned long flags;
	u32 tail;

	raw_spin_lock_irqsave(&fake->q.lock, flags);
	tail = fake->q.tail;
	raw_spin_unlock_irqrestore(&fake->q.lock, flags);
	return tail;
}

/**
 * fake_release() - clear fake.held and execute pending commands
 * @fake: the unit
 *
 * Context: Any.
 */
void fake_release(struct fake *fake)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fake->q.lock, flags);
	fake->held = false;
	fake_run(fake);
	raw_spin_unlock_irqrestore(&fake->q.lock, flags);
}
