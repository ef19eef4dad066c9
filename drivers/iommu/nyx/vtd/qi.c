// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue (6.5.2): the core's ring of commands, whose waits may
 * complete out of order (6.5.2.12).
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/lockdep.h>

#include "lib/poll.h"

#include "dsc.h"
#include "gcmd.h"
#include "qi.h"
#include "qi_error.h"
#include "vtd.h"

static struct vtd_unit *vtd_of_queue(struct nyx_queue *qi)
{
	return container_of(qi, struct vtd_unit, qi);
}

static bool vtd_qi_is_wait(const struct nyx_cmd *dsc)
{
	return vtd_dsc_type(dsc) == VTD_DSC_WAIT;
}

static void vtd_qi_kick(struct nyx_queue *qi)
{
	vtd_writeq(vtd_of_queue(qi), VTD_IQT_REG,
		   FIELD_PREP(VTD_IQ_OFFSET, qi->tail % NYX_QUEUE_ENTRIES));
}

static void vtd_qi_check(struct nyx_queue *qi)
{
	vtd_qi_check_errors(vtd_of_queue(qi));
}

static const char *vtd_qi_overdue(struct nyx_queue *qi)
{
	return vtd_qi_restart(vtd_of_queue(qi));
}

static const struct nyx_queue_ops vtd_qi_ops = {
	.wait = vtd_dsc_wait,
	.is_wait = vtd_qi_is_wait,
	.kick = vtd_qi_kick,
	.check = vtd_qi_check,
	.restart = vtd_qi_overdue,
};

/**
 * vtd_qi_init() - get memory for a queue
 * @vu: the unit
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
 *
 * The unit always snoops what it reads and writes here, whatever ECAP.C says of
 * tables (11.4.3).
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_qi_init(struct vtd_unit *vu, int nid)
{
	return nyx_queue_init(&vu->qi, &vu->unit, &vtd_qi_ops, nid);
}

/**
 * vtd_qi_begin() - have a unit read its queue from entry 0 on
 * @vu: the unit; its queue is off, and what was in it has ended
 *
 * Context: Any; @vu->qi.lock is held.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_qi_begin(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;

	lockdep_assert_held(&qi->lock);
	nyx_queue_reset(qi);
	vu->refused_at = qi->tail - 1;
	/* Errors survive a reset, and hold the queue up until cleared. */
	vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_QI_ERRORS);
	vtd_writeq(vu, VTD_IQT_REG, 0);
	vtd_writeq(vu, VTD_IQA_REG, virt_to_phys(qi->ring) |
				    FIELD_PREP(VTD_IQA_QS, VTD_QI_QS));
	return vtd_gcmd(vu, VTD_GCMD_QIE, true);
}

/**
 * vtd_qi_start() - have a unit read its queue (6.5.2)
 * @vu: the unit; its queue is off and no invalidation is under way
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT. On error the unit may
 *	still take the queue up.
 */
int vtd_qi_start(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	int ret;

	guard(raw_spinlock_irqsave)(&qi->lock);
	ret = vtd_qi_begin(vu);
	qi->on = !ret;
	return ret;
}

/**
 * vtd_qi_stop() - have a unit leave its queue alone (6.5.2)
 * @vu: the unit
 *
 * What was submitted is completed first. Later submissions are refused.
 *
 * Context: Any.
 * Return: 0; or an error if the unit did not confirm, so that it may go on
 *	using the queue's memory: -EIO, -ENODEV or -ETIMEDOUT.
 */
int vtd_qi_stop(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u16 sid;
	int ret;

	if (!READ_ONCE(qi->on))
		return 0;
	/* The last descriptor completed must be a wait descriptor. */
	ret = nyx_queue_submit(qi, NULL, 0, &sid);

	guard(raw_spinlock_irqsave)(&qi->lock);
	qi->on = false;
	if (!ret)
		nyx_poll64(vu->regs + VTD_IQH_REG, VTD_IQ_OFFSET,
			   FIELD_PREP(VTD_IQ_OFFSET,
				      qi->tail % NYX_QUEUE_ENTRIES));
	/* Off is off, whether or not it was idle. */
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}

/**
 * vtd_qi_abandon() - have a unit leave its queue alone, whatever is in it
 * @vu: the unit, out of service
 *
 * Whoever waits for a submission sees that the unit is out of service.
 *
 * Context: Any; takes the queue's lock.
 * Return: 0; or an error if the unit did not confirm, so that it may go on
 *	using the queue's memory: -ENODEV or -ETIMEDOUT.
 */
int vtd_qi_abandon(struct vtd_unit *vu)
{
	guard(raw_spinlock_irqsave)(&vu->qi.lock);
	if (!vu->qi.on)
		return 0;
	vu->qi.on = false;
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}
