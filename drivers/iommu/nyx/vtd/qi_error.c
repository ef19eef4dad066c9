// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of the invalidation queue (6.5.2.11).
 *
 * Whoever finds an error handles it, under the queue's lock: it notes which
 * submissions it concerns, sees to it that their wait ends, and clears it, so
 * that the unit goes on. Those who wait find the note.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/printk.h>

#include <nyx/stats.h>

#include "gcmd.h"
#include "qi.h"
#include "qi_error.h"
#include "vtd.h"

/**
 * vtd_qi_verdict() - how a submission ended that met errors
 * @qi: the queue
 * @pos: position of its wait descriptor
 * @nr_errors: the queue's errors when it was submitted
 * @sid: with -EAGAIN and -ETIME, the device that did not answer, or 0
 *
 * Context: Any; takes @qi->lock.
 * Return: 0 if the errors did not concern it, else vtd_qi_error.err.
 */
int vtd_qi_verdict(struct vtd_qi *qi, u32 pos, u32 nr_errors, u16 *sid)
{
	const struct vtd_qi_error *error;

	guard(raw_spinlock_irqsave)(&qi->lock);
	*sid = 0;
	/* Too many to remember: it may have been among them. */
	if (qi->nr_errors - nr_errors > VTD_QI_ERRORS)
		return -EAGAIN;
	for (; nr_errors != qi->nr_errors; nr_errors++) {
		error = &qi->errors[nr_errors % VTD_QI_ERRORS];
		if (pos - error->first > error->last - error->first)
			continue;
		*sid = error->sid;
		return error->err;
	}
	return 0;
}

/* The position that the unit's head register means: at most @qi->tail. */
static u32 vtd_qi_hardware_head(const struct vtd_unit *vu)
{
	const struct vtd_qi *qi = &vu->qi;
	u32 entry = FIELD_GET(VTD_IQ_OFFSET, vtd_readq(vu, VTD_IQH_REG));
	u32 ahead = (entry - qi->head) % VTD_QI_ENTRIES;

	return qi->head + min(ahead, qi->tail - qi->head);
}

/* The first position of the submission that @pos is part of. */
static u32 vtd_qi_first(const struct vtd_qi *qi, u32 pos)
{
	while (pos != qi->head && !vtd_qi_is_wait(qi, pos - 1))
		pos--;
	return pos;
}

/* The position of the wait descriptor of the submission that @pos is part of */
static u32 vtd_qi_last(const struct vtd_qi *qi, u32 pos)
{
	while (!vtd_qi_is_wait(qi, pos))
		pos++;
	return pos;
}

static void vtd_qi_note(struct vtd_qi *qi, u32 first, u32 last, int err,
			u16 sid)
{
	qi->errors[qi->nr_errors % VTD_QI_ERRORS] = (struct vtd_qi_error) {
		.first = first,
		.last = last,
		.err = err,
		.sid = sid,
	};
	/*
	 * Before any wait that it concerns can end: the release in
	 * vtd_qi_abort() follows, or the register write that clears the error.
	 */
	WRITE_ONCE(qi->nr_errors, qi->nr_errors + 1);
}

/*
 * The unit refused the descriptor at its head and stands still. It is replaced
 * by one that does nothing. Nothing else can be done if the queue itself is in
 * error, or if the unit refuses that one too: then the reason is returned.
 */
static const char *vtd_qi_refused(struct vtd_unit *vu)
{
	struct vtd_qi *qi = &vu->qi;
	u32 iqei = FIELD_GET(VTD_IQERCD_IQEI, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	struct vtd_dsc *dsc = &qi->ring[at % VTD_QI_ENTRIES];
	u32 last, *status;

	if (iqei && iqei != VTD_IQEI_TYPE && iqei != VTD_IQEI_RESERVED)
		return "it cannot read its invalidation queue";
	if (at == qi->tail || at == qi->refused_at)
		return "its invalidation queue stays in error";

	last = vtd_qi_last(qi, at);
	pr_err_ratelimited("%s: refuses invalidation descriptor %016llx %016llx (IQEI %u)\n",
			   vu->unit.name, dsc->hi, dsc->lo, iqei);
	vtd_qi_note(qi, vtd_qi_first(qi, at), last, -EINVAL, 0);
	if (at != last) {
		/* A wait that reports to its own entry, where nobody looks. */
		status = &qi->status[at % VTD_QI_ENTRIES];
		WRITE_ONCE(*status, at - 1);
		*dsc = vtd_dsc_wait(virt_to_phys(status), at);
	}
	qi->refused_at = at;
	return NULL;
}

/* End the wait of submissions that the unit forgot. */
static void vtd_qi_abort(struct vtd_qi *qi, u32 end)
{
	u32 pos, *status;

	for (pos = qi->head; pos != end; pos++) {
		status = &qi->status[pos % VTD_QI_ENTRIES];
		if (!vtd_qi_is_wait(qi, pos) || READ_ONCE(*status) != pos - 1)
			continue;
		/* Whoever sees this must see the note that came before. */
		smp_store_release(status, pos);
	}
}

/*
 * A device TLB did not answer in time. The unit dropped the wait descriptors
 * that it had fetched, and may not have executed the rest of what it had. That
 * goes for the submission at its head too, of which it may have had a part.
 */
static void vtd_qi_timed_out(struct vtd_unit *vu)
{
	struct vtd_qi *qi = &vu->qi;
	u16 sid = FIELD_GET(VTD_IQERCD_ITESID, vtd_readq(vu, VTD_IQERCD_REG));
	u32 at = vtd_qi_hardware_head(vu);
	u32 last = at == qi->tail ? at - 1 : vtd_qi_last(qi, at);

	pr_err_ratelimited("%s: a device does not answer invalidations of its TLB (ITESID %04x)\n",
			   vu->unit.name, sid);
	vtd_qi_note(qi, qi->head, last, -EAGAIN, sid);
	vtd_qi_abort(qi, at);
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
			why = VTD_GONE_WHY;
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
static unsigned int vtd_qi_mute(const struct vtd_unit *vu, u16 *sid)
{
	const struct vtd_qi *qi = &vu->qi;
	u32 at = vtd_qi_hardware_head(vu), pos;
	const struct vtd_dsc *dsc;
	unsigned int nr = 0;
	u16 own;

	*sid = 0;
	for (pos = qi->head; pos != qi->tail && !vtd_qi_is_wait(qi, pos); pos++) {
		dsc = &qi->ring[pos % VTD_QI_ENTRIES];
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

/*
 * A device has 60 to 90 seconds to answer an invalidation of its TLB before the
 * unit raises ITE (PCI Express, Address Translation Services: 1 minute, -0 %,
 * +50 %), and until then the unit completes nothing that is behind it. Callers
 * spin with interrupts off, so nobody can wait for that; a device that works
 * takes microseconds. So after @qi->timeout_ns the queue goes off with all that
 * is in it, and on again, empty. All who wait are told to begin anew, and which
 * device not to ask again, if it can be only one.
 *
 * Section 6.5.2 would have the queue idle before it goes off. A unit that does
 * not obey while it is not, or stays mute afterwards, is out of service, as it
 * would be without the attempt. An ITE that comes after all is one like others.
 *
 * Returns NULL, or why there is nothing more to be done.
 */
static const char *vtd_qi_restart(struct vtd_unit *vu)
{
	u32 fsts = vtd_readl(vu, VTD_FSTS_REG);
	struct vtd_qi *qi = &vu->qi;
	unsigned int nr;
	u16 sid;

	if (fsts == VTD_GONE)
		return VTD_GONE_WHY;
	if (!qi->on || (fsts & (VTD_FSTS_IQE | VTD_FSTS_ICE)))
		return VTD_STUCK_WHY;
	nr = vtd_qi_mute(vu, &sid);
	if (!nr)
		return VTD_STUCK_WHY;
	if (vtd_gcmd(vu, VTD_GCMD_QIE, false))
		return "its queue does not go off behind a device that does not answer";

	pr_err_ratelimited("%s: a device does not answer invalidations of its TLB in time (%04x): the queue starts anew\n",
			   vu->unit.name, sid);
	/* The unit writes no status any more: the rest ends here. */
	vtd_qi_note(qi, qi->head, qi->tail - 1, -ETIME, nr == 1 ? sid : 0);
	vtd_qi_abort(qi, qi->tail);
	if (vtd_qi_begin(vu))
		return "its invalidation queue does not come on again";
	return NULL;
}

/**
 * vtd_qi_overdue() - it took too long
 * @vu: the unit
 * @oldest: where the oldest submission that was not completed began, when
 *	whoever waits began to
 *
 * Context: Any; takes the queue's lock.
 * Return: 0 if the queue got ahead since, or does now; -EIO if the unit is out
 *	of service.
 */
int vtd_qi_overdue(struct vtd_unit *vu, u32 oldest)
{
	struct vtd_qi *qi = &vu->qi;
	const char *why;

	scoped_guard(raw_spinlock_irqsave, &qi->lock) {
		vtd_qi_reclaim(qi);
		if (qi->head != oldest)
			return 0;
		nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_ERROR);
		why = vtd_qi_restart(vu);
	}
	if (!why)
		return 0;
	nyx_unit_fail(&vu->unit, why);
	return -EIO;
}
