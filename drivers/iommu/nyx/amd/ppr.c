// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of peripheral page requests (PPR log): requests of devices for pages
 * that are not present.
 *
 * Those of devices in which the core has not enabled page requests are faults, and get
 * a response so that the device does not wait for one forever.
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>

#include <nyx/device.h>
#include <nyx/fault.h>
#include <nyx/invalidate.h>
#include <nyx/page_request.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats_off.h"
#include "cmd.h"
#include "log.h"
#include "ppr.h"
#include "ppr_decode.h"

const struct amd_log_regs amd_ppr_regs = {
	.base = AMD_PPR_LOG_BASE,
	.head = AMD_PPR_LOG_HEAD,
	.tail = AMD_PPR_LOG_TAIL,
	.enable = AMD_CTRL_PPR_LOG_EN,
	.run = AMD_STATUS_PPR_LOG_RUN,
	.overflow = AMD_STATUS_PPR_OVERFLOW,
	.interrupt = AMD_STATUS_PPR_INT,
};

/**
 * amd_ppr_respond() - nyx_unit_ops.respond
 * @unit: the unit
 * @req: a request of the group
 * @response: the response
 *
 * The response has the PASID of the request only if the device expects that (PCI Express,
 * PRG Response PASID Required).
 *
 * Context: May sleep.
 */
void amd_ppr_respond(struct nyx_unit *unit, const struct nyx_page_request *req,
		     enum nyx_page_response response)
{
	struct nyx_page_request to = *req;
	const struct nyx_device *ndev;
	struct nyx_cmd cmd;

	scoped_guard(rcu) {
		ndev = nyx_device_find(unit, req->rid);
		if (ndev && ndev->page_requests && !ndev->response_pasid)
			to.has_pasid = false;
	}
	cmd = amd_ppr_complete(&to, response);
	/* Nothing is reused, so the unit is not contained if this fails. */
	nyx_invalidate_tries(unit, &cmd, 1);
}

static void amd_ppr_report(struct amd_unit *au,
			   const struct nyx_page_request *req)
{
	const struct nyx_fault fault = {
		.rid = req->rid,
		.access = req->write ? NYX_ACCESS_WRITE : NYX_ACCESS_READ,
		.iova = req->iova,
		.has_iova = true,
		.code = AMD_PPR_PAGE_SERVICE_REQUEST,
		.reason = "PAGE_SERVICE_REQUEST",
		.has_pasid = req->has_pasid,
		.pasid = req->pasid,
	};

	nyx_fault_report(&au->unit, &fault);
}

/*
 * The fields of such an entry are not known, not even whether it has a
 * DeviceID.
 */
static void amd_ppr_reserved(struct amd_unit *au, const struct amd_entry *entry)
{
	const struct nyx_fault fault = {
		.rid = au->device_id,
		.access = NYX_ACCESS_UNKNOWN,
		.code = FIELD_GET(AMD_PPR_CODE, entry->lo),
		.reason = "Reserved PPR log code",
	};

	nyx_fault_report(&au->unit, &fault);
}

static bool amd_ppr_take(struct amd_unit *au, struct amd_entry *entry)
{
	struct amd_log *log = &au->ppr;
	u32 tail;

	guard(raw_spinlock_irqsave)(&au->log_lock);
	if (amd_log_tail(au, log, &tail) || log->head == tail)
		return false;
	amd_log_peek(log, log->head, entry);
	amd_log_release(au, log, (log->head + 1) % amd_log_entries(log));
	return true;
}

static bool amd_ppr_overflowed(struct amd_unit *au)
{
	int ret;

	scoped_guard(raw_spinlock_irqsave, &au->log_lock) {
		if (au->ppr.failed ||
		    !(amd_readl(au, AMD_STATUS) & AMD_STATUS_PPR_OVERFLOW))
			return false;
		ret = amd_log_restart(au, &au->ppr);
	}
	if (ret)
		amd_log_failed(au, ret);
	nyx_page_requests_lost(&au->unit);
	nyx_fault_overflow(&au->unit);
	return true;
}

/**
 * amd_ppr_entries() - read the PPR log until it is empty
 * @au: the unit; it may have no PPR log
 *
 * Context: May sleep; nyx_unit.page_lock is held.
 * Return: the number of entries and other findings, amd_log_entries() at most.
 */
u32 amd_ppr_entries(struct amd_unit *au)
{
	struct nyx_page_request req;
	struct amd_entry entry;
	bool valid;
	u32 nr = 0;

	if (!au->ppr.ring)
		return 0;
	while (nr < amd_log_entries(&au->ppr) && amd_ppr_take(au, &entry)) {
		nr++;
		/* The entry did not arrive, so its device is not known. */
		if (!entry.lo) {
			nyx_fault_overflow(&au->unit);
			continue;
		}
		if (FIELD_GET(AMD_PPR_CODE, entry.lo) !=
		    AMD_PPR_PAGE_SERVICE_REQUEST) {
			amd_ppr_reserved(au, &entry);
			continue;
		}
		valid = amd_ppr_decode(&entry, &req);
		if (nyx_page_request_is_stop(&req) ||
		    (valid && nyx_page_request(&au->unit, &req)))
			continue;
		amd_ppr_report(au, &req);
		if (req.last)
			amd_ppr_respond(&au->unit, &req, NYX_PAGE_INVALID);
	}
	if (!nr && amd_ppr_overflowed(au))
		nr++;
	return nr;
}

/**
 * amd_read_requests() - nyx_unit_ops.read_requests
 * @unit: the unit
 *
 * Context: May sleep; @unit->page_lock is held.
 */
void amd_read_requests(struct nyx_unit *unit)
{
	amd_ppr_entries(to_amd_unit(unit));
}

/**
 * amd_drain_requests() - nyx_unit_ops.drain_requests
 * @unit: the unit
 * @ndev: the device
 *
 * Nothing documents that a command waits for requests. One that the unit writes later is
 * refused, because its device or its PASID is not attached any more, or makes a page of
 * the next process present.
 *
 * Context: May sleep.
 */
void amd_drain_requests(struct nyx_unit *unit, const struct nyx_device *ndev)
{
	struct nyx_cmd fence = amd_cmd_fence();

	nyx_invalidate_tries(unit, &fence, 1);
}
