/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fake unit that executes commands from a queue when it is kicked, or when
 * the test requests it.
 */
#ifndef NYX_KUNIT_QUEUE_FAKE_H
#define NYX_KUNIT_QUEUE_FAKE_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <nyx/queue.h>
#include <nyx/unit.h>

/*
 * Commands of the fake unit: the type is in the upper byte, below is a number.
 */
#define WAIT	0x0100000000000000ULL
#define WORK	0x0200000000000000ULL
#define BAD	0x0300000000000000ULL

/**
 * struct fake - a fake unit
 * @test: the test
 * @unit: the embedded core unit
 * @q: the queue
 * @head: position of the next command to execute
 * @held: the unit executes nothing
 * @abort: nyx_queue_ops.check aborts all submissions of a stopped unit
 * @stopped: the unit stopped at a BAD command
 * @step: nyx_queue_ops.check completes one submission, even if @held is set
 * @restart_error: result of nyx_queue_ops.restart; NULL means success
 * @restarts: number of calls of nyx_queue_ops.restart
 * @works: number of executed WORK commands
 * @next_work: expected number of the next WORK command
 * @disorder: a WORK command had another number
 * @late: number of devices that delay the queue one after the other; the last one
 *	makes the unit execute its commands
 * @late_forever: devices delay the queue without end
 * @delays: number of calls of nyx_queue_ops.delays
 * @checks: number of calls of nyx_queue_ops.check
 * @watched: a waiting thread
 * @watched_checks: number of calls of nyx_queue_ops.check from @watched
 */
struct fake {
	struct kunit *test;
	struct nyx_unit unit;
	struct nyx_queue q;
	u32 head;
	bool held;
	bool abort;
	bool stopped;
	bool step;
	const char *restart_error;
	unsigned int restarts;
	unsigned long works;
	u64 next_work;
	bool disorder;
	unsigned int late;
	bool late_forever;
	unsigned int delays;
	unsigned long checks;
	struct task_struct *watched;
	unsigned long watched_checks;
};

/**
 * struct waiter - a thread that submits commands
 * @fake: the unit
 * @nr: number of commands
 * @ret: result of nyx_queue_submit()
 * @done: completed when @ret is set
 */
struct waiter {
	struct fake *fake;
	unsigned int nr;
	int ret;
	struct completion done;
};

struct fake *fake_new(struct kunit *test);
void fake_can_restart(struct fake *fake);
void fake_can_be_delayed(struct fake *fake);
int fake_submit(struct fake *fake, unsigned int nr, u64 first);
struct task_struct *fake_waiter(struct fake *fake, struct waiter *waiter,
				unsigned int nr);
u32 fake_tail(struct fake *fake);
void fake_release(struct fake *fake);

#endif /* NYX_KUNIT_QUEUE_FAKE_H */
