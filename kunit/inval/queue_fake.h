/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit that executes commands from a ring when it is kicked, or when the test
 * says so.
 */
#ifndef NYX_KUNIT_QUEUE_FAKE_H
#define NYX_KUNIT_QUEUE_FAKE_H

#include <kunit/test.h>
#include <linux/completion.h>
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
 * @step: it completes one submission each time it is looked at, held or not
 * @mute: why it cannot be started anew, or NULL
 * @restarts: times that it was to be
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
	bool step;
	const char *mute;
	unsigned int restarts;
	unsigned long works;
	u64 next_work;
	bool disorder;
	unsigned long checks;
	struct task_struct *watched;
	unsigned long watched_checks;
};

/**
 * struct waiter - a thread that submits
 * @fake: to whom
 * @nr: how many commands
 * @ret: what became of it
 * @done: it has ended
 */
struct waiter {
	struct fake *fake;
	unsigned int nr;
	int ret;
	struct completion done;
};

struct fake *fake_new(struct kunit *test);
void fake_can_restart(struct fake *fake);
int fake_submit(struct fake *fake, unsigned int nr, u64 first);
struct task_struct *fake_waiter(struct fake *fake, struct waiter *waiter,
				unsigned int nr);
u32 fake_tail(struct fake *fake);
void fake_release(struct fake *fake);

#endif /* NYX_KUNIT_QUEUE_FAKE_H */
