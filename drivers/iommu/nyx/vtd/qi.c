// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue (6.5.2): VT-d's part of struct nyx_queue, and the
 * errors of the queue (6.5.2.11).
 *
 * Invalidation wait descriptors may complete out of order (6.5.2.12), which
 * struct nyx_queue allows for. The first CPU that finds an error handles it
 * under the queue's lock and clears it, so that the unit continues.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>

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

/* One without a status only orders others: see vtd_dsc_drain_requests(). */
static bool vtd_qi_is_wait(const struct nyx_cmd *dsc)
{
	return vtd_dsc_type(dsc) == VTD_DSC_WAIT && (dsc->lo & VTD_WAIT_LO_SW);
}

/* The offset of a position, as IQH and IQT hold it. */
static u64 vtd_qi_offset(const struct nyx_queue *qi, u32 pos)
{
	return FIELD_PREP(VTD_IQ_OFFSET, pos % NYX_QUEUE_ENTRIES * qi->stride);
}

static void vtd_qi_kick(struct nyx_queue *qi)
{
	vtd_writeq(vtd_of_queue(qi), VTD_IQT_REG, vtd_qi_offset(qi, qi->tail));
}

/**
 * vtd_qi_begin() - enable an empty queue
 * @vu: the unit; its queue is disabled, and all submissions have ended
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
	/* Errors survive a reset, and stop the queue until they are cleared. */
	vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_QI_ERRORS);
	vtd_writeq(vu, VTD_IQT_REG, 0);
	vtd_writeq(vu, VTD_IQA_REG, virt_to_phys(qi->ring) |
		   (qi->stride == 2 ?
		    VTD_IQA_DW | FIELD_PREP(VTD_IQA_QS, VTD_QI_QS + 1) :
		    FIELD_PREP(VTD_IQA_QS, VTD_QI_QS)));
	return vtd_gcmd(vu, VTD_GCMD_QIE, true);
}

/* Converts the unit's head register to a position, at most @qi->tail. */
static u32 vtd_qi_hardware_head(const struct vtd_unit *vu)
{
	const struct nyx_queue *qi = &vu->qi;
	u32 entry = FIELD_GET(VTD_IQ_OFFSET, vtd_readq(vu, VTD_IQH_REG)) /
		    qi->stride;
	u32 ahead = (entry - qi->head) % NYX_QUEUE_ENTRIES;

	return qi->head + min(ahead, qi->tail - qi->head);
}

/*
 * Replaces a descriptor by one without effect: a wait descriptor whose status
 * word no submission reads, because it is that of the replaced descriptor.
 */
static void vtd_qi_replace(struct nyx_queue *qi, u32 at)
{
	u64 *status = &qi->status[at % NYX_QUEUE_ENTRIES];

	WRITE_ONCE(*status, at - 1);
	*nyx_queue_at(qi, at) = vtd_dsc_wait(virt_to_phys(status), at);
}

/*
 * Handles IQE: the unit refused the descriptor at its head and stopped. Unless
 * it ends a submission, the descriptor is replaced by one without effect. If
 * the error concerns the queue itself, or if the unit refuses the same position
 * again, the unit cannot be used any more, and the reason is returned.
 */
static const char *vtd_qi_refused(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u32 iqei = FIELD_GET(VTD_IQERCD_IQEI, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	struct nyx_cmd *dsc = nyx_queue_at(qi, at);
	u32 last;

	if (iqei && iqei != VTD_IQEI_TYPE && iqei != VTD_IQEI_RESERVED)
		return "it cannot read its invalidation queue";
	if (at == qi->tail || at == vu->refused_at)
		return "its invalidation queue stays in error";

	last = nyx_queue_last(qi, at);
	pr_err_ratelimited("%s: refused invalidation descriptor %016llx %016llx (IQEI %u)\n",
			   vu->unit.name, dsc->hi, dsc->lo, iqei);
	nyx_queue_note(qi, nyx_queue_first(qi, at), last, -EINVAL, 0);
	if (at != last)
		vtd_qi_replace(qi, at);
	vu->refused_at = at;
	return NULL;
}

/*
 * Removes the device-TLB invalidations of one device, or of all if @sid is 0,
 * which the unit has not fetched: each would take another 60 to 90 seconds.
 */
static void vtd_qi_skip_device(struct nyx_queue *qi, u32 at, u16 sid)
{
	u16 dsc_sid;

	for (; at != qi->tail; at++)
		if (vtd_dsc_device(nyx_queue_at(qi, at), &dsc_sid) &&
		    (!sid || dsc_sid == sid))
			vtd_qi_replace(qi, at);
}

/*
 * Handles ITE: a device TLB did not respond in time. The unit has dropped the
 * invalidation wait descriptors that it had fetched, and possibly other fetched
 * descriptors. All submissions up to its head are aborted, including the one at
 * the head, which it may have fetched in part.
 *
 * If callers have waited for so long that the queue counts as stalled, the
 * device gets no second chance. All submissions then have to be repeated, since
 * any of them may lose a descriptor here.
 */
static void vtd_qi_timed_out(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u16 sid = FIELD_GET(VTD_IQERCD_ITESID, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	u32 last = at == qi->tail ? at - 1 : nyx_queue_last(qi, at);

	/* Older units do not name the device. */
	if (qi->stalled && !sid)
		sid = qi->blocker;
	pr_err_ratelimited("%s: a device did not respond to an invalidation of its TLB (ITESID %04x)\n",
			   vu->unit.name, sid);
	if (qi->stalled) {
		vu->last_ite = ktime_get_mono_fast_ns();
		nyx_queue_note(qi, qi->head, qi->tail - 1, -ETIME, sid);
		vtd_qi_skip_device(qi, at, sid);
	} else {
		nyx_queue_note(qi, qi->head, last, -EAGAIN, sid);
	}
	nyx_queue_abort(qi, at);
}

/**
 * vtd_qi_check_errors() - handle errors of the invalidation queue (6.5.2.11)
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
		/* Another CPU may have handled them already. */
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
			pr_err_ratelimited("%s: invalid response to the invalidation of a device TLB (ICESID %04llx)\n",
					   vu->unit.name,
					   FIELD_GET(VTD_IQERCD_ICESID,
						     vtd_readq(vu, VTD_IQERCD_REG)));
		/*
		 * The unit continues only after the queue and the notes for
		 * waiters are updated: a register write is ordered after all
		 * earlier stores.
		 */
		if (!why)
			vtd_writel(vu, VTD_FSTS_REG, fsts);
	}
	/* Callers that wait for an invalidation contain the unit if they have to. */
	if (why)
		nyx_unit_retire(&vu->unit, why);
}

/*
 * Finds the devices that may delay the oldest submission. All earlier ones are
 * completed or, after ITE, aborted (see vtd_qi_had_ite()). So it can only wait
 * for its own device-TLB invalidations: those that the unit has passed or, if
 * there are none, the one at the unit's head. Returns the number of different
 * devices, at most 2, and the first in @sid.
 */
static unsigned int vtd_qi_unresponsive(const struct vtd_unit *vu, u16 *sid)
{
	const struct nyx_queue *qi = &vu->qi;
	u32 at = vtd_qi_hardware_head(vu), pos, last;
	unsigned int nr = 0;
	u16 dsc_sid;

	*sid = 0;
	if (qi->head == qi->tail)
		return 0;
	last = nyx_queue_last(qi, qi->head);
	for (pos = qi->head; pos != last; pos++) {
		if ((s32)(pos - at) > 0 || (pos == at && nr))
			break;
		if (!vtd_dsc_device(nyx_queue_at(qi, pos), &dsc_sid))
			continue;
		if (nr && dsc_sid != *sid)
			return 2;
		*sid = dsc_sid;
		nr = 1;
	}
	return nr;
}

/*
 * After ITE the unit may still wait for other devices, whose invalidations it
 * had fetched. They are not in the queue any more, but were sent before ITE.
 */
static bool vtd_qi_had_ite(const struct vtd_unit *vu)
{
	return vu->last_ite &&
	       ktime_get_mono_fast_ns() - vu->last_ite < vu->ite_ns;
}

/*
 * nyx_queue_ops.stalled: a device has 60 to 90 seconds to respond to an
 * invalidation of its TLB before the unit raises ITE (PCI Express, Address
 * Translation Services: 1 minute, -0 %, +50 %). Until then the unit completes
 * no later wait descriptor. A working device needs only microseconds.
 *
 * The queue is not disabled meanwhile: section 6.5.2 allows that only while it
 * is idle, and a unit may complete its invalidations first.
 */
static u64 vtd_qi_stalled(struct nyx_queue *qi, u16 *sid)
{
	struct vtd_unit *vu = vtd_of_queue(qi);
	unsigned int nr = vtd_qi_unresponsive(vu, sid);

	if (!nr)
		return vtd_qi_had_ite(vu) ? vu->ite_ns : vu->command_ns;
	/* ITE may name the one of several devices that does not respond. */
	if (nr > 1)
		*sid = 0;
	pr_err_ratelimited("%s: a device did not respond to an invalidation of its TLB in time (source-id %04x): waiting until the unit gives it up, up to 90 s\n",
			   vu->unit.name, *sid);
	return vu->ite_ns;
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
	.stalled = vtd_qi_stalled,
};

/**
 * vtd_qi_init() - allocate a queue
 * @vu: the unit
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * The queue needs no cache flushes: ECAP.C only applies to tables, and the unit
 * always snoops accesses to the queue (11.4.3). In scalable mode the queue has
 * descriptors of 256 bits, because PASID-cache invalidations are that long
 * (6.5.2.2). None of those that the driver uses has a bit set in its upper half.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_qi_init(struct vtd_unit *vu, int nid)
{
	return nyx_queue_init(&vu->qi, &vu->unit, &vtd_qi_ops,
			      vu->scalable ? 2 : 1, nid);
}

/**
 * vtd_qi_start() - enable a unit's queue (6.5.2)
 * @vu: the unit; its queue is disabled and no invalidation is in progress
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT. After an error the unit
 *	may still enable the queue.
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
 * vtd_qi_stop() - complete all submissions and disable the queue (6.5.2)
 * @vu: the unit
 *
 * Later submissions are refused.
 *
 * Context: Any.
 * Return: 0; or -EIO, -ENODEV or -ETIMEDOUT if the unit did not confirm: then
 *	it may still access the queue's memory.
 */
int vtd_qi_stop(struct vtd_unit *vu)
{
	struct nyx_queue *qi = &vu->qi;
	u16 sid;
	int ret;

	if (!READ_ONCE(qi->on))
		return 0;
	/* The last completed descriptor must be an invalidation wait. */
	ret = nyx_queue_submit(qi, NULL, 0, &sid);

	guard(raw_spinlock_irqsave)(&qi->lock);
	qi->on = false;
	if (!ret)
		nyx_poll64_within(vu->regs + VTD_IQH_REG, VTD_IQ_OFFSET,
				  vtd_qi_offset(qi, qi->tail), vu->command_ns);
	/* Disable it even if it did not become idle. */
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}

/**
 * vtd_qi_abandon() - disable the queue without completing submissions
 * @vu: the unit, which is out of service; that ends all waits for submissions
 *
 * Context: Any; takes the queue's lock.
 * Return: 0; or -ENODEV or -ETIMEDOUT if the unit did not confirm: then it may
 *	still access the queue's memory.
 */
int vtd_qi_abandon(struct vtd_unit *vu)
{
	guard(raw_spinlock_irqsave)(&vu->qi.lock);
	if (!vu->qi.on)
		return 0;
	vu->qi.on = false;
	return vtd_gcmd(vu, VTD_GCMD_QIE, false);
}
