// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue (6.5.2): the core's ring of commands, whose waits may
 * complete out of order (6.5.2.12).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/printk.h>

#include <nyx/stats.h>

#include "lib/poll.h"

#include "dsc.h"
#include "gcmd.h"
#include "qi.h"
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

/**
 * vtd_qi_begin() - have a unit read its queue from entry 0 on
 * @vu: the unit; its queue is off, and what was in it has ended
 *
 * Context: Any; @vu->qi.lock is held.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
static int vtd_qi_begin(struct vtd_unit *vu)
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

/* The position that the unit's head register means: at most @qi->tail. */
static u32 vtd_qi_hardware_head(const struct vtd_unit *vu)
{
	const struct nyx_queue *qi = &vu->qi;
	u32 entry = FIELD_GET(VTD_IQ_OFFSET, vtd_readq(vu, VTD_IQH_REG));
	u32 ahead = (entry - qi->head) % NYX_QUEUE_ENTRIES;

	return qi->head + min(ahead, qi->tail - qi->head);
}

/*
 * The unit refused the descriptor at its head and stands still. It is replaced
 * by one that does nothing. Nothing else can be done if the queue itself is in
 * error, or if the unit refuses that one too: then the reason is returned.
 */
static const char *vtd_qi_refused(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u32 iqei = FIELD_GET(VTD_IQERCD_IQEI, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	struct nyx_cmd *dsc = nyx_queue_at(qi, at);
	u64 *status;
	u32 last;

	if (iqei && iqei != VTD_IQEI_TYPE && iqei != VTD_IQEI_RESERVED)
		return "it cannot read its invalidation queue";
	if (at == qi->tail || at == vu->refused_at)
		return "its invalidation queue stays in error";

	last = nyx_queue_last(qi, at);
	pr_err_ratelimited("%s: refuses invalidation descriptor %016llx %016llx (IQEI %u)\n",
			   vu->unit.name, dsc->hi, dsc->lo, iqei);
	nyx_queue_note(qi, nyx_queue_first(qi, at), last, -EINVAL, 0);
	if (at != last) {
		/* A wait that reports to its own entry, where nobody looks. */
		status = &qi->status[at % NYX_QUEUE_ENTRIES];
		WRITE_ONCE(*status, at - 1);
		*dsc = vtd_dsc_wait(virt_to_phys(status), at);
	}
	vu->refused_at = at;
	return NULL;
}

/*
 * A device TLB did not answer in time. The unit dropped the wait descriptors
 * that it had fetched, and may not have executed the rest of what it had. That
 * goes for the submission at its head too, of which it may have had a part.
 */
static void vtd_qi_timed_out(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u16 sid = FIELD_GET(VTD_IQERCD_ITESID, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	u32 last = at == qi->tail ? at - 1 : nyx_queue_last(qi, at);

	pr_err_ratelimited("%s: a device does not answer invalidations of its TLB (ITESID %04x)\n",
			   vu->unit.name, sid);
	nyx_queue_note(qi, qi->head, last, -EAGAIN, sid);
	nyx_queue_abort(qi, at);
}

/**
 * vtd_qi_check_errors() - handle what went wrong with invalidations
 * @vu: the unit
 *
 * Context: Any; takes the queue's lock.
 */
void vtd_qi_check_errors(struct vtd_unit *vu)
{
	u32 fsts = vtd_readl(vu, VTD_FSTS_REG);
	const char *why = NULL;

	if (fsts != VTD_GONE && !(fsts & VTD_FSTS_QI_ERRORS))
		return;

	scoped_guard(raw_spinlock_irqsave, &vu->qi.lock) {
		/* Somebody else may have been faster. */
		fsts = vtd_readl(vu, VTD_FSTS_REG);
		if (fsts == VTD_GONE) {
			why = NYX_UNIT_GONE_WHY;
			break;
		}
		fsts &= VTD_FSTS_QI_ERRORS;
		if (!fsts || !vu->qi.on)
			break;
		nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_ERROR);
		if (fsts & VTD_FSTS_ITE)
			vtd_qi_timed_out(vu);
		if (fsts & VTD_FSTS_IQE)
			why = vtd_qi_refused(vu);
		if (fsts & VTD_FSTS_ICE)
			pr_err_ratelimited("%s: an answer to an invalidation of a device TLB was invalid (ICESID %04llx)\n",
					   vu->unit.name,
					   FIELD_GET(VTD_IQERCD_ICESID,
						     vtd_readq(vu, VTD_IQERCD_REG)));
		/*
		 * The queue is mended, and noted what for, before the unit goes
		 * on: a write to a register comes after all stores before it.
		 */
		if (!why)
			vtd_writel(vu, VTD_FSTS_REG, fsts);
	}
	if (why)
		nyx_unit_fail(&vu->unit, why);
}

/*
 * Which device TLBs the oldest submission waits for: its descriptors that the
 * unit has sent on, or else the one at which the unit stands. What is in front
 * of the oldest submission is completed, so nothing else holds it up. Returns
 * how many devices these are, at most 2; @sid is the first.
 */
static unsigned int vtd_qi_unresponsive(const struct vtd_unit *vu, u16 *sid)
{
	const struct nyx_queue *qi = &vu->qi;
	u32 at = vtd_qi_hardware_head(vu), pos, last;
	const struct nyx_cmd *dsc;
	unsigned int nr = 0;
	u16 own;

	*sid = 0;
	if (qi->head == qi->tail)
		return 0;
	last = nyx_queue_last(qi, qi->head);
	for (pos = qi->head; pos != last; pos++) {
		dsc = nyx_queue_at(qi, pos);
		if ((s32)(pos - at) > 0 || (pos == at && nr))
			break;
		if (vtd_dsc_type(dsc) != VTD_DSC_DEV_TLB)
			continue;
		own = FIELD_GET(VTD_DEV_TLB_LO_SID, dsc->lo);
		if (nr && own != *sid)
			return 2;
		*sid = own;
		nr = 1;
	}
	return nr;
}

/**
 * vtd_qi_restart() - start the queue anew behind a device that does not answer
 * @vu: the unit, which completed nothing for @vu->qi.timeout_ns
 *
 * A device has 60 to 90 seconds to answer an invalidation of its TLB before the
 * unit raises ITE (PCI Express, Address Translation Services: 1 minute, -0 %,
 * +50 %), and until then the unit completes nothing that is behind it. Callers
 * spin with interrupts off, so nobody can wait for that; a device that works
 * takes microseconds. So the queue goes off with all that is in it, and on
 * again, empty. All who wait are told to begin anew, and which device not to ask
 * again, if it can be only one.
 *
 * Section 6.5.2 would have the queue idle before it goes off. A unit that does
 * not obey while it is not, or stays mute afterwards, is out of service, as it
 * would be without the attempt. An ITE that comes after all is one like others.
 *
 * Context: Any; @vu->qi.lock is held.
 * Return: NULL, or why the unit is out of service.
 */
static const char *vtd_qi_restart(struct nyx_queue *qi)
{
	struct vtd_unit *vu = vtd_of_queue(qi);
	u32 fsts = vtd_readl(vu, VTD_FSTS_REG);
	unsigned int nr;
	u16 sid;

	if (fsts == VTD_GONE)
		return NYX_UNIT_GONE_WHY;
	if (fsts & (VTD_FSTS_IQE | VTD_FSTS_ICE))
		return NYX_QUEUE_STUCK_WHY;
	nr = vtd_qi_unresponsive(vu, &sid);
	if (!nr)
		return NYX_QUEUE_STUCK_WHY;
	if (vtd_gcmd(vu, VTD_GCMD_QIE, false))
		return "its queue does not go off behind a device that does not answer";

	pr_err_ratelimited("%s: a device does not answer invalidations of its TLB in time (%04x): the queue starts anew\n",
			   vu->unit.name, sid);
	/* The unit writes no status any more: the rest ends here. */
	nyx_queue_drop(qi, nr == 1 ? sid : 0);
	if (vtd_qi_begin(vu))
		return "its invalidation queue does not come on again";
	return NULL;
}

static void vtd_qi_check(struct nyx_queue *qi)
{
	vtd_qi_check_errors(vtd_of_queue(qi));
}

static const struct nyx_queue_ops vtd_qi_ops = {
	.wait = vtd_dsc_wait,
	.is_wait = vtd_qi_is_wait,
	.kick = vtd_qi_kick,
	.check = vtd_qi_check,
	.restart = vtd_qi_restart,
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
