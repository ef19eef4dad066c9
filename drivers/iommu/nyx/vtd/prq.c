// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page request queue (7.4 to 7.7, 7.10): requests of devices for pages that are not
 * present. The fault event interrupt serves it, too: the page request event has the same
 * message.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/sizes.h>
#include <asm/barrier.h>

#include <nyx/compat.h>
#include <nyx/fault.h>
#include <nyx/invalidate.h>
#include <nyx/page_request.h>
#include <nyx/unit.h>

#include "dsc.h"
#include "prq.h"
#include "regs.h"
#include "vtd.h"

/* 2^order pages of 4 KiB. A device has at most 32 requests outstanding. */
#define VTD_PRQ_ORDER 3
#define VTD_PRQ_SIZE (SZ_4K << VTD_PRQ_ORDER)

/**
 * struct vtd_prq_dsc - a page request as the unit writes it (7.4.1)
 * @lo: bits 63:0
 * @hi: bits 127:64
 * @rest: bits 255:128, which are not used
 */
struct vtd_prq_dsc {
	u64 lo;
	u64 hi;
	u64 rest[2];
};

static_assert(sizeof(struct vtd_prq_dsc) == 32);

/**
 * vtd_prq_init() - allocate the page request queue
 * @vu: the unit; without nyx_unit_caps.page_requests nothing happens
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_prq_init(struct vtd_unit *vu)
{
	if (!vu->unit.caps.page_requests)
		return 0;
	vu->prq = iommu_alloc_pages_node_sz(vu->unit.nid, GFP_KERNEL,
					    VTD_PRQ_SIZE);
	return vu->prq ? 0 : -ENOMEM;
}

/**
 * vtd_prq_off() - make the unit forget the page request queue
 * @vu: the unit, which does not translate
 *
 * Context: Any.
 */
void vtd_prq_off(struct vtd_unit *vu)
{
	if (!vu->prq)
		return;
	vtd_writeq(vu, VTD_PQH_REG, 0);
	vtd_writeq(vu, VTD_PQT_REG, 0);
	vtd_writeq(vu, VTD_PQA_REG, 0);
}

/**
 * vtd_prq_destroy() - undo vtd_prq_init() and vtd_prq_on()
 * @vu: the unit, all of whose entries block
 *
 * Context: May sleep.
 */
void vtd_prq_destroy(struct vtd_unit *vu)
{
	/* A start that failed has not called it. */
	vtd_prq_off(vu);
	iommu_free_pages(vu->prq);
	vu->prq = NULL;
}

/**
 * vtd_prq_on() - let the unit use the page request queue, which is empty
 * @vu: the unit; none of its entries allows page requests
 *
 * Context: Any.
 */
void vtd_prq_on(struct vtd_unit *vu)
{
	if (!vu->prq)
		return;
	vtd_writeq(vu, VTD_PQH_REG, 0);
	vtd_writeq(vu, VTD_PQT_REG, 0);
	vtd_writeq(vu, VTD_PQA_REG, virt_to_phys(vu->prq) | VTD_PRQ_ORDER);
	vtd_writel(vu, VTD_PRS_REG, VTD_PRS_PPR | VTD_PRS_PRO);
}

/**
 * vtd_prq_decode() - decode a page request (7.4.1)
 * @lo: bits 63:0
 * @hi: bits 127:64
 * @req: set by this function
 *
 * Context: Any.
 * Return: false if it has another type.
 */
bool vtd_prq_decode(u64 lo, u64 hi, struct nyx_page_request *req)
{
	*req = (struct nyx_page_request) {
		.rid = FIELD_GET(VTD_PRQ_LO_RID, lo),
		.has_pasid = lo & VTD_PRQ_LO_PP,
		.pasid = FIELD_GET(VTD_PRQ_LO_PASID, lo),
		.iova = hi & VTD_PRQ_HI_ADDR,
		.read = hi & VTD_PRQ_HI_RD,
		.write = hi & VTD_PRQ_HI_WR,
		.exec = lo & VTD_PRQ_LO_EXE,
		.priv = lo & VTD_PRQ_LO_PM,
		.group = FIELD_GET(VTD_PRQ_HI_PRGI, hi),
		.last = hi & VTD_PRQ_HI_LPIG,
	};
	if (!req->has_pasid)
		req->pasid = 0;
	return FIELD_GET(VTD_PRQ_LO_TYPE, lo) == VTD_PRQ_TYPE_PAGE_REQUEST;
}

static void vtd_prq_refuse(struct nyx_unit *unit,
			   const struct nyx_page_request *req,
			   const char *reason)
{
	const struct nyx_fault fault = {
		.rid = req->rid,
		.access = req->write ? NYX_ACCESS_WRITE : NYX_ACCESS_READ,
		.iova = req->iova,
		.has_iova = true,
		.has_pasid = req->has_pasid,
		.pasid = req->pasid,
		.reason = reason,
	};

	nyx_fault_report(unit, &fault);
	if (req->last)
		vtd_respond(unit, req, NYX_PAGE_INVALID);
}

/*
 * The driver never sets SRE, so a request for supervisor privilege cannot succeed, and
 * its handler would not expect it.
 */
static void vtd_prq_handle(struct nyx_unit *unit, u64 lo, u64 hi)
{
	struct nyx_page_request req;

	if (!vtd_prq_decode(lo, hi, &req))
		vtd_prq_refuse(unit, &req, "Page request of an unknown type");
	else if (nyx_page_request_is_stop(&req))
		return;
	else if (req.priv)
		vtd_prq_refuse(unit, &req,
			       "Page request with supervisor privilege");
	else if (!nyx_page_request(unit, &req))
		vtd_prq_refuse(unit, &req,
			       "Page request of a device that may send none");
}

/*
 * The unit has dropped requests, and answered those that needed it (7.5). It writes none
 * as long as PRO is set.
 */
static void vtd_prq_overflowed(struct vtd_unit *vu)
{
	nyx_page_requests_lost(&vu->unit);
	nyx_fault_overflow(&vu->unit);
	/* It writes requests again from now on, and the queue has room. */
	vtd_writel(vu, VTD_PRS_REG, VTD_PRS_PRO);
}

/**
 * vtd_prq_pending() - whether the unit reports page requests or their loss
 * @vu: the unit
 *
 * Context: Any.
 * Return: true if nyx_page_requests_read() has something to do.
 */
bool vtd_prq_pending(const struct vtd_unit *vu)
{
	u32 prs;

	if (!vu->prq)
		return false;
	prs = vtd_readl(vu, VTD_PRS_REG);
	return prs != VTD_GONE && (prs & (VTD_PRS_PPR | VTD_PRS_PRO));
}

/*
 * Reads the requests that are there now. Later ones raise the interrupt again, because
 * PPR is cleared first.
 */
static void vtd_prq_read(struct vtd_unit *vu)
{
	const struct vtd_prq_dsc *dsc;
	u64 head, tail;

	vtd_writel(vu, VTD_PRS_REG, VTD_PRS_PPR);
	tail = vtd_readq(vu, VTD_PQT_REG);
	head = vtd_readq(vu, VTD_PQH_REG);
	if (tail == ~0ULL || head == ~0ULL)	/* gone */
		return;
	tail &= VTD_PRQ_SIZE - sizeof(*dsc);
	head &= VTD_PRQ_SIZE - sizeof(*dsc);
	/* The tail is read before the requests that precede it. */
	dma_rmb();
	while (head != tail) {
		dsc = vu->prq + head;
		vtd_prq_handle(&vu->unit, READ_ONCE(dsc->lo), READ_ONCE(dsc->hi));
		head = (head + sizeof(*dsc)) % VTD_PRQ_SIZE;
	}
	/* The requests are read before the unit may overwrite them. */
	mb();
	vtd_writeq(vu, VTD_PQH_REG, head);
}

static bool vtd_prq_is_full(const struct vtd_unit *vu)
{
	u32 prs = vtd_readl(vu, VTD_PRS_REG);

	return prs != VTD_GONE && (prs & VTD_PRS_PRO);
}

/**
 * vtd_read_requests() - nyx_unit_ops.read_requests
 * @unit: the unit
 *
 * Context: May sleep; @unit->page_lock is held.
 */
void vtd_read_requests(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	lockdep_assert_held(&unit->page_lock);
	if (!vu->prq)
		return;
	vtd_prq_read(vu);
	if (!vtd_prq_is_full(vu))
		return;
	/* Groups may be complete with requests that arrived meanwhile. */
	vtd_prq_read(vu);
	vtd_prq_overflowed(vu);
}

/**
 * vtd_respond() - nyx_unit_ops.respond
 * @unit: the unit
 * @req: a request of the group
 * @response: the response
 *
 * Context: May sleep.
 */
void vtd_respond(struct nyx_unit *unit, const struct nyx_page_request *req,
		 enum nyx_page_response response)
{
	struct nyx_cmd dsc = vtd_dsc_page_response(req, response);

	/* Nothing is reused, so the unit is not contained if this fails. */
	nyx_invalidate_tries(unit, &dsc, 1);
}

/**
 * vtd_drain_requests() - nyx_unit_ops.drain_requests (7.10)
 * @unit: the unit
 * @ndev: the device
 *
 * Context: May sleep.
 */
void vtd_drain_requests(struct nyx_unit *unit, const struct nyx_device *ndev)
{
	struct nyx_cmd dsc = vtd_dsc_drain_requests();

	nyx_invalidate_tries(unit, &dsc, 1);
}
