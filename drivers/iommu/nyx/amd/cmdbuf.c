// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command buffer (2.4), and recovery when it stops: the unit could not read
 * a command, or found it illegal (2.5.6, 2.5.7).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/log2.h>
#include <linux/printk.h>

#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "cmdbuf.h"
#include "lib/poll.h"
#include "timeout.h"

/*
 * Each device has one second to respond to an invalidation; then the unit
 * continues by itself (InvTimeOut of the Control Register), so the driver does
 * not restart the queue for an unresponsive device. If devices share a queue,
 * the unit may send them invalidations one after the other (MaxPend). A
 * submission with as many as allowed, plus one second for everything else, must
 * not look like a dead unit. A unit may measure its time inaccurately: as long
 * as it logs timeouts, it gets more (amd_timeouts_count()).
 */
#define AMD_CMDBUF_TIMEOUT_NS ((AMD_CMDBUF_ATS_MAX + 1) * NYX_POLL_TIMEOUT_NS)

static struct amd_unit *amd_cmdbuf_unit(struct nyx_queue *q)
{
	return container_of(q, struct amd_unit, queue);
}

static struct nyx_cmd amd_cmdbuf_wait(phys_addr_t status, u32 pos)
{
	return amd_cmd_wait(__sme_set(status), pos);
}

/* A fence has the same opcode, but stores nothing. */
static bool amd_cmdbuf_is_wait(const struct nyx_cmd *cmd)
{
	return amd_cmd_opcode(cmd) == AMD_CMD_COMPLETION_WAIT &&
	       (cmd->lo & AMD_WAIT_LO_S);
}

static u32 amd_cmdbuf_pointer(u32 pos)
{
	return FIELD_PREP(AMD_RING_PTR, pos % NYX_QUEUE_ENTRIES);
}

static void amd_cmdbuf_kick(struct nyx_queue *q)
{
	amd_writeq(amd_cmdbuf_unit(q), AMD_CMD_BUF_TAIL,
		   amd_cmdbuf_pointer(q->tail));
}

/* Restarts the stopped command buffer after the last command in it. */
static int amd_cmdbuf_restart(struct amd_unit *au)
{
	u32 tail = amd_cmdbuf_pointer(au->queue.tail);

	amd_control(au, AMD_CTRL_CMD_BUF_EN, 0);
	amd_writeq(au, AMD_CMD_BUF_HEAD, tail);
	amd_writeq(au, AMD_CMD_BUF_TAIL, tail);
	amd_control(au, 0, AMD_CTRL_CMD_BUF_EN);
	return amd_wait_running(au, AMD_STATUS_CMD_BUF_RUN);
}

/*
 * The reason is in the event log, which the thread of the fault interrupt
 * reads. All commands that were not completed have to be submitted again, so a
 * submission that contains the offending command fails again.
 */
static const char *amd_cmdbuf_stopped(struct amd_unit *au)
{
	struct nyx_queue *q = &au->queue;
	u32 at = FIELD_GET(AMD_RING_PTR, amd_readl(au, AMD_CMD_BUF_HEAD));
	const struct nyx_cmd *cmd = nyx_queue_at(q, at);

	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_ERROR);
	pr_err_ratelimited("%s: command buffer stopped at command %016llx %016llx\n",
			   au->unit.name, cmd->hi, cmd->lo);
	nyx_queue_note(q, q->head, q->tail - 1, -EAGAIN, 0);
	if (amd_cmdbuf_restart(au))
		return "its command buffer cannot be restarted";
	nyx_queue_abort(q, q->tail);
	return NULL;
}

static void amd_cmdbuf_check(struct nyx_queue *q)
{
	struct amd_unit *au = amd_cmdbuf_unit(q);
	u32 status = amd_readl(au, AMD_STATUS);
	const char *why = NULL;

	if (status != AMD_GONE && (status & AMD_STATUS_CMD_BUF_RUN))
		return;

	scoped_guard(raw_spinlock_irqsave, &q->lock) {
		/* Another CPU may have handled it since. */
		status = amd_readl(au, AMD_STATUS);
		if (status == AMD_GONE)
			why = NYX_UNIT_GONE_WHY;
		else if (q->on && !(status & AMD_STATUS_CMD_BUF_RUN))
			why = amd_cmdbuf_stopped(au);
	}
	if (why)
		nyx_unit_retire(&au->unit, why);
}

/*
 * The unit has completed nothing for a long time. Its buffer is restarted once,
 * without the commands in it, which the callers repeat: a unit that works again
 * after that has lost nothing. One that completes nothing after a restart
 * either is out of order.
 */
static const char *amd_cmdbuf_overdue(struct nyx_queue *q)
{
	struct amd_unit *au = amd_cmdbuf_unit(q);
	int ret;

	if (q->head == au->restarted_at)
		return NYX_QUEUE_STUCK_WHY;
	amd_control(au, AMD_CTRL_CMD_BUF_EN, 0);
	ret = amd_wait_status(au, AMD_STATUS_CMD_BUF_RUN, 0);
	if (ret)
		return ret == -ENODEV ? NYX_UNIT_GONE_WHY :
					NYX_QUEUE_STUCK_WHY;
	nyx_queue_drop(q);
	au->restarted_at = q->head;
	if (amd_cmdbuf_restart(au))
		return "its command buffer cannot be restarted";
	pr_err("%s: completed no command for too long: command buffer restarted\n",
	       au->unit.name);
	return NULL;
}

static u32 amd_cmdbuf_delays(struct nyx_queue *q)
{
	return amd_timeouts_count(amd_cmdbuf_unit(q));
}

static const struct nyx_queue_ops amd_cmdbuf_ops = {
	.wait = amd_cmdbuf_wait,
	.is_wait = amd_cmdbuf_is_wait,
	.kick = amd_cmdbuf_kick,
	.check = amd_cmdbuf_check,
	.restart = amd_cmdbuf_overdue,
	.delays = amd_cmdbuf_delays,
};

/**
 * amd_cmdbuf_init() - allocate a command buffer
 * @au: the unit
 *
 * nyx_queue_destroy() undoes it.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int amd_cmdbuf_init(struct amd_unit *au)
{
	int ret;

	ret = nyx_queue_init(&au->queue, &au->unit, &amd_cmdbuf_ops, 1,
			     au->unit.nid);
	au->queue.timeout_ns = AMD_CMDBUF_TIMEOUT_NS;
	return ret;
}

/**
 * amd_cmdbuf_setup() - empty a command buffer and give the unit its address
 * @au: the unit; its command buffer is not enabled
 *
 * Context: Any.
 */
void amd_cmdbuf_setup(struct amd_unit *au)
{
	struct nyx_queue *q = &au->queue;

	guard(raw_spinlock_irqsave)(&q->lock);
	nyx_queue_reset(q);
	au->restarted_at = q->head - 1;	/* it was not */
	amd_writeq(au, AMD_CMD_BUF_BASE,
		   (amd_phys(q->ring) & AMD_RING_ADDR) |
		   FIELD_PREP(AMD_RING_LEN, ilog2(NYX_QUEUE_ENTRIES)));
	amd_writeq(au, AMD_CMD_BUF_HEAD, 0);
	amd_writeq(au, AMD_CMD_BUF_TAIL, 0);
}

/**
 * amd_cmdbuf_open() - allow submissions
 * @au: the unit; its command buffer runs
 *
 * Context: Any.
 */
void amd_cmdbuf_open(struct amd_unit *au)
{
	guard(raw_spinlock_irqsave)(&au->queue.lock);
	au->queue.on = true;
}

/**
 * amd_cmdbuf_close() - wait for pending submissions and allow no more
 * @au: the unit
 *
 * Context: Any. Spins until the unit has completed nothing for
 *	AMD_CMDBUF_TIMEOUT_NS.
 */
void amd_cmdbuf_close(struct amd_unit *au)
{
	struct nyx_cmd fence = amd_cmd_fence();
	struct nyx_queue *q = &au->queue;
	u16 unused;
	int ret;

	if (!READ_ONCE(q->on))
		return;
	ret = nyx_queue_submit(q, &fence, 1, &unused);

	guard(raw_spinlock_irqsave)(&q->lock);
	q->on = false;
	if (!ret)
		nyx_poll32(au->regs + AMD_CMD_BUF_HEAD, AMD_RING_PTR,
			   amd_cmdbuf_pointer(q->tail));
}

/**
 * amd_cmdbuf_reset() - restart the command buffer of a dead unit, empty
 * @au: the unit, out of service
 *
 * No further submissions are allowed. Callers that still wait for one start
 * over and find that the unit is out of service, because its slots of the ring
 * are about to be reused.
 *
 * Context: Any. Spins for twice NYX_POLL_TIMEOUT_NS at most; takes the queue's
 *	lock.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if it does not stop or
 *	does not restart the buffer.
 */
int amd_cmdbuf_reset(struct amd_unit *au)
{
	int ret;

	scoped_guard(raw_spinlock_irqsave, &au->queue.lock)
		au->queue.on = false;
	amd_control(au, AMD_CTRL_CMD_BUF_EN, 0);
	ret = amd_wait_status(au, AMD_STATUS_CMD_BUF_RUN, 0);
	if (ret)
		return ret;
	scoped_guard(raw_spinlock_irqsave, &au->queue.lock)
		nyx_queue_drop(&au->queue);
	amd_cmdbuf_setup(au);
	amd_control(au, 0, AMD_CTRL_CMD_BUF_EN);
	return amd_wait_running(au, AMD_STATUS_CMD_BUF_RUN);
}
