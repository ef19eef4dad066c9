// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explains faults from the page table and the history of the device's domain.
 *
 * The page table shows what is mapped now, and the history who mapped or
 * unmapped it, and when. A fault is read from the unit some time after it
 * occurred, so the domain may have changed meanwhile.
 */
#include <linux/align.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>
#include <nyx/fault.h>

#include "explain.h"
#include "history.h"

/* Limits of the work for one fault. */
#define MAX_CANDIDATES 64
#define MAX_DEVICES 256

/**
 * struct search - a search in the history of a domain
 * @pt: the page table of the domain
 * @iova: the address of the fault
 * @why: what @op explains; NYX_WHY_MAPPED for any map of @iova; NYX_WHY_NONE if
 *	nothing was found
 * @op: the operation that explains most
 * @flushed_ns: when all units had confirmed the invalidation of @op, an unmap; 0
 *	if they have not
 * @below: the last address in the page below @iova
 * @below_known: the operations that matter about @below were found
 * @ended: the last operation on @below, if it is an unmap; else @ended.seq is 0
 * @ended_size: size of the mapping that ended at @below and that @ended removed as
 *	a whole; 0 if there is none
 * @candidates: number of look-ups in @pt
 */
struct search {
	struct nyx_pt *pt;
	u64 iova;
	enum nyx_why why;
	struct nyx_op op;
	u64 flushed_ns;
	u64 below;
	bool below_known;
	struct nyx_op ended;
	u64 ended_size;
	unsigned int candidates;
};

static bool contains(const struct nyx_op *op, u64 iova)
{
	return op->iova <= iova && iova <= op->last;
}

/* Whether a recorded mapping still exists: later operations may undo it. */
static bool is_live(struct search *s, const struct nyx_op *op)
{
	struct nyx_pt_span leaf;

	return s->candidates++ < MAX_CANDIDATES &&
	       !nyx_pt_peek(s->pt, op->iova, &leaf) &&
	       leaf.paddr + (op->iova - leaf.iova) == op->paddr;
}

/* What a map explains about an address that it does not contain. */
static enum nyx_why near_or_physical(const struct nyx_op *op, u64 iova)
{
	if (iova > op->last && iova - op->last <= SZ_4K)
		return NYX_WHY_PAST_END;
	if (iova < op->iova && op->iova - iova <= SZ_4K)
		return NYX_WHY_BEFORE_START;
	if (iova >= op->paddr && iova - op->paddr <= op->last - op->iova)
		return NYX_WHY_PHYSICAL;
	return NYX_WHY_NONE;
}

/*
 * Finds the last unmap in the page below the address, and the map that it undid. No
 * range that was mapped or unmapped contains the address, so both end below it.
 */
static void look_below(struct search *s, const struct nyx_op *op)
{
	if (s->below_known || !contains(op, s->below))
		return;
	if (op->kind == NYX_OP_UNMAP && !s->ended.seq) {
		s->ended = *op;
		return;
	}
	if (op->kind == NYX_OP_MAP && s->ended.seq && s->ended.iova <= op->iova)
		s->ended_size = op->last - op->iova + 1;
	s->below_known = true;
}

/*
 * Called for each operation, the newest first, up to one on the address itself.
 * Explanations are preferred in the order of enum nyx_why.
 */
static bool look(const struct nyx_op *op, void *arg)
{
	struct search *s = arg;
	enum nyx_why why;

	if (op->kind == NYX_OP_FLUSH)
		return true;
	if (contains(op, s->iova)) {
		s->why = op->kind == NYX_OP_MAP ? NYX_WHY_MAPPED :
						  NYX_WHY_UNMAPPED;
		s->op = *op;
		return false;
	}
	look_below(s, op);
	if (op->kind == NYX_OP_UNMAP)
		return true;
	why = near_or_physical(op, s->iova);
	if (why && (!s->why || why < s->why) && is_live(s, op)) {
		s->why = why;
		s->op = *op;
	}
	return true;
}

/* Called from the newest operation back to the unmap: finds the first flush. */
static bool look_for_flush(const struct nyx_op *op, void *arg)
{
	struct search *s = arg;

	if (op->kind == NYX_OP_FLUSH && op->covers >= s->op.seq &&
	    contains(op, s->iova))
		s->flushed_ns = op->time_ns;
	return op->seq > s->op.seq;
}

static u64 elapsed(u64 from_ns, u64 now_ns)
{
	return now_ns > from_ns ? now_ns - from_ns : 0;
}

static void set_op(struct nyx_explanation *ex, const struct nyx_op *op,
		   u64 now_ns)
{
	unsigned long caller = nyx_op_caller(op);

	ex->recorded = true;
	if (caller)
		snprintf(ex->caller, sizeof(ex->caller), "%pB", (void *)caller);
	ex->cpu = op->cpu;
	ex->size = op->last - op->iova + 1;
	ex->ago_ns = elapsed(op->time_ns, now_ns);
}

/* Permissions that a request needs; none if its type is not known. */
static int needed_prot(enum nyx_access access)
{
	switch (access) {
	case NYX_ACCESS_READ:
	case NYX_ACCESS_EXECUTE:
		return IOMMU_READ;
	case NYX_ACCESS_WRITE:
		return IOMMU_WRITE;
	case NYX_ACCESS_ATOMIC:
		return IOMMU_READ | IOMMU_WRITE;
	default:
		return 0;
	}
}

static enum nyx_why why_mapped(int prot, enum nyx_access access)
{
	int missing = needed_prot(access) & ~prot;

	if (missing & IOMMU_WRITE)
		return NYX_WHY_READ_ONLY;
	return missing ? NYX_WHY_WRITE_ONLY : NYX_WHY_MAPPED;
}

/* Looks for the address in the domains of other devices. */
static bool find_elsewhere(const struct nyx_domain *own, u64 iova,
			   struct nyx_explanation *ex)
{
	const struct nyx_domain *checked = own;
	unsigned int devices = 0;
	struct nyx_pt_span leaf;
	struct nyx_device *ndev;

	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		struct nyx_domain *domain = READ_ONCE(ndev->domain);

		/* The IOVAs of a nested domain are those of a guest. */
		if (!domain || domain->parent || domain == own ||
		    domain == checked)
			continue;
		if (++devices > MAX_DEVICES)
			return false;
		checked = domain;
		if (nyx_pt_peek(&domain->pt, iova, &leaf))
			continue;
		ex->why = NYX_WHY_OTHER_DOMAIN;
		ex->domain = domain->pt.id;
		strscpy(ex->device, dev_name(ndev->dev));
		return true;
	}
	return false;
}

/* Explains a fault at an address about which the history has nothing. */
static void explain_unknown(struct nyx_domain *domain, u64 iova,
			    struct nyx_history *history, u64 now_ns,
			    struct nyx_explanation *ex)
{
	if (find_elsewhere(domain, iova, ex))
		return;
	if (!history) {
		ex->why = NYX_WHY_NOT_MAPPED;
	} else if (nyx_history_is_complete(history)) {
		ex->why = NYX_WHY_NEVER_MAPPED;
	} else {
		ex->why = NYX_WHY_NOT_RECENTLY;
		ex->ago_ns = elapsed(nyx_history_begin(history), now_ns);
	}
}

/* Explains a fault past the end of a mapping that no longer exists. */
static void explain_ended(const struct search *s, u64 now_ns,
			  struct nyx_explanation *ex)
{
	ex->why = NYX_WHY_PAST_UNMAPPED;
	ex->distance = s->iova - s->below - 1;
	set_op(ex, &s->ended, now_ns);
	ex->size = s->ended_size;
}

/* Explains a fault at an address that is not mapped now. */
static void explain_unmapped(struct nyx_domain *domain, struct search *s,
			     struct nyx_history *history, u64 now_ns,
			     struct nyx_explanation *ex)
{
	switch (s->why) {
	case NYX_WHY_UNMAPPED:
		nyx_history_scan(history, look_for_flush, s);
		ex->flushed = s->flushed_ns;
		ex->flushed_ago_ns = elapsed(s->flushed_ns, now_ns);
		break;
	case NYX_WHY_PAST_END:
		ex->distance = s->iova - s->op.last - 1;
		break;
	case NYX_WHY_BEFORE_START:
		ex->distance = s->op.iova - s->iova;
		break;
	case NYX_WHY_PHYSICAL:
		ex->iova = s->op.iova + (s->iova - s->op.paddr);
		break;
	case NYX_WHY_MAPPED:
		/* The unmap is not recorded yet. */
		ex->why = NYX_WHY_NOT_MAPPED;
		return;
	default:
		if (s->ended_size)
			explain_ended(s, now_ns, ex);
		else
			explain_unknown(domain, s->iova, history, now_ns, ex);
		return;
	}
	ex->why = s->why;
	set_op(ex, &s->op, now_ns);
}

/**
 * nyx_explain() - explain a fault
 * @ndev: the device that caused the fault
 * @fault: the fault
 * @now_ns: when it was read from the unit, on the clock of the kernel log
 * @ex: set to the explanation; NYX_WHY_NONE for interrupt requests, for faults
 *	without an address, for devices without a page table, and while tables of
 *	the page table are being removed
 *
 * The work is limited by the size of the history and by MAX_CANDIDATES and
 * MAX_DEVICES. Callers limit the rate.
 *
 * Context: Any, under rcu_read_lock(): devices and domains are freed a grace
 *	period after their removal.
 */
void nyx_explain(struct nyx_device *ndev, const struct nyx_fault *fault,
		 u64 now_ns, struct nyx_explanation *ex)
{
	struct nyx_domain *domain = nyx_fault_domain(ndev, fault);
	struct search s = {
		.iova = fault->iova,
		.below = ALIGN_DOWN(fault->iova, SZ_4K) - 1,
	};
	struct nyx_history *history;
	struct nyx_pt_span leaf;
	int ret;

	*ex = (struct nyx_explanation) { };
	if (!domain || !fault->has_iova ||
	    fault->access == NYX_ACCESS_INTERRUPT)
		return;
	s.pt = &domain->pt;
	ret = nyx_pt_peek(s.pt, s.iova, &leaf);
	if (ret == -EBUSY)
		return;
	history = rcu_dereference(domain->history);
	if (history)
		nyx_history_scan(history, look, &s);
	if (ret) {
		explain_unmapped(domain, &s, history, now_ns, ex);
		return;
	}
	ex->why = why_mapped(leaf.prot, fault->access);
	if (s.why == NYX_WHY_MAPPED)
		set_op(ex, &s.op, now_ns);
}
