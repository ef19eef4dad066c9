// SPDX-License-Identifier: GPL-2.0-only
/* Invalidation through the command buffer (2.4). */
#include <linux/bitfield.h>
#include <linux/errno.h>

#include <nyx/device.h>
#include <nyx/flush.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "cmdbuf.h"
#include "flush.h"
#include "lib/range.h"
#include "timeout.h"

/*
 * A device that is known to be unresponsive is blocked at once. These tries are
 * for a device whose state is unknown because entries of the event log were
 * lost. That is not the fault of the device, but the tries must end.
 */
#define AMD_IOTLB_TRIES 4

static bool amd_flush_has_ats(const struct nyx_cmd *cmd, u16 *device_id)
{
	if (amd_cmd_opcode(cmd) != AMD_CMD_INVALIDATE_IOTLB_PAGES)
		return false;
	*device_id = FIELD_GET(AMD_IOTLB_LO_DEVICE_ID, cmd->lo);
	return true;
}

static bool amd_flush_any_has_ats(const struct nyx_cmd *cmds, unsigned int nr)
{
	unsigned int i;
	u16 unused;

	for (i = 0; i < nr; i++)
		if (amd_flush_has_ats(&cmds[i], &unused))
			return true;
	return false;
}

/*
 * Only the event log reports that a device is unresponsive, and this must be
 * handled before the caller continues. The event is in the log when the wait
 * ends:
 *
 * - COMPLETION_WAIT completes after all previous commands (2.4.1). A device TLB
 *   invalidation that gets no response completes by its timeout (InvTimeOut of
 *   the Control Register), and this timeout is what the unit logs (2.5.8).
 * - The unit writes the event before the data of COMPLETION_WAIT. Both are
 *   posted writes, and the later one does not pass the earlier (PCI Express
 *   Base Specification, 2.4.1). The register read in amd_log_tail() happens
 *   after the wait, and its completion pushes posted writes ahead of it, so
 *   both have arrived.
 * - If the tail covers an event that has not arrived, amd_log_peek() waits for
 *   it and finally counts it as lost.
 * - For the same reason an event is in memory when the wait ends. So the log is
 *   read first, and registers only if something is in it: amd_timeouts_none().
 *
 * No section states explicitly that the tail moves before the wait ends. This
 * code relies on reading 2.4.1 so that a command is complete only after its
 * event was logged.
 */
static int amd_flush_submit(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			    unsigned int nr, u16 *device_id)
{
	struct amd_unit *au = to_amd_unit(unit);
	bool has_ats = amd_flush_any_has_ats(cmds, nr);
	u32 losses = has_ats ? amd_timeouts_losses(au) : 0;
	int ret;

	ret = nyx_queue_submit(&au->queue, cmds, nr, device_id);
	if (ret || !has_ats)
		return ret;
	return amd_timeouts_check(au, losses);
}

/* Submits one command for each of @nr IDs from 0 on. */
static int amd_flush_each(struct nyx_unit *unit, unsigned int nr,
			  struct nyx_cmd (*cmd)(u16 id),
			  amd_flush_submit_fn *submit)
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] __uninitialized;
	unsigned int id, fill = 0;
	int ret = 0;

	for (id = 0; id < nr && !ret; id++) {
		cmds[fill++] = cmd(id);
		if (fill < NYX_QUEUE_BATCH && id + 1 < nr)
			continue;
		ret = submit(unit, cmds, fill);
		fill = 0;
	}
	return ret;
}

/**
 * amd_flush_all() - invalidate all that a unit has cached
 * @unit: the unit
 * @submit: submits commands and waits for their completion
 *
 * A unit without a command for this gets commands for all DeviceIDs and all
 * DomainIDs. Device table entries come first, because they determine the
 * DomainID under which translations are cached.
 *
 * Context: As for @submit.
 * Return: 0, or the first error of @submit.
 */
int amd_flush_all(struct nyx_unit *unit, amd_flush_submit_fn *submit)
{
	struct nyx_cmd cmd = amd_cmd_all();
	int ret;

	if (to_amd_unit(unit)->efr & AMD_EFR_IA_SUP)
		return submit(unit, &cmd, 1);
	ret = amd_flush_each(unit, U16_MAX + 1, amd_cmd_devtab_entry, submit);
	if (!ret && unit->intr.ops)
		ret = amd_flush_each(unit, U16_MAX + 1,
				     amd_cmd_interrupt_table, submit);
	if (ret)
		return ret;
	return amd_flush_each(unit, unit->caps.max_domain_id + 1,
			      amd_cmd_domain, submit);
}

static int amd_flush_global(struct nyx_unit *unit)
{
	return amd_flush_all(unit, nyx_invalidate_tries);
}

static struct nyx_cmd amd_flush_device(const struct nyx_unit *unit,
				       const struct nyx_device *ndev,
				       struct nyx_range range)
{
	nyx_stat_inc(unit, NYX_STAT_FLUSH_DEVICE);
	return amd_cmd_iotlb(ndev->rid, ndev->ats_pfsid, ndev->ats_qdep,
			     range);
}

const struct nyx_invalidate_ops amd_invalidate_ops = {
	.submit = amd_flush_submit,
	.global = amd_flush_global,
	.targets_device = amd_flush_has_ats,
	.device = amd_flush_device,
	.device_tries = AMD_IOTLB_TRIES,
};

/* As amd_flush_pages(), for guest translations. */
static unsigned int amd_flush_guest(struct amd_unit *au,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *cmds)
{
	struct nyx_range ranges[NYX_RANGES] __uninitialized;
	bool pde = !flush->leaf_only || flush->map;
	unsigned int nr, i;

	nr = nyx_ranges(flush->start, flush->last, AMD_CMD_MAX_ORDER, ranges);
	if (!nr) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_DOMAIN);
		cmds[0] = amd_cmd_guest_all(flush->domain_id, flush->pasid);
		return 1;
	}
	for (i = 0; i < nr; i++) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_PAGE);
		cmds[i] = amd_cmd_guest_pages(flush->domain_id, flush->pasid,
					      ranges[i], pde);
	}
	return nr;
}

static unsigned int amd_flush_pages(struct amd_unit *au,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *cmds)
{
	struct nyx_range ranges[NYX_RANGES] __uninitialized;
	unsigned int nr, i;

	if (flush->first)
		return amd_flush_guest(au, flush, cmds);
	nr = nyx_ranges(flush->start, flush->last, AMD_CMD_MAX_ORDER, ranges);
	if (!nr) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_DOMAIN);
		cmds[0] = amd_cmd_domain(flush->domain_id);
		return 1;
	}
	for (i = 0; i < nr; i++) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_PAGE);
		/* A new mapping may use a newly linked table. */
		cmds[i] = amd_cmd_pages(flush->domain_id, ranges[i],
					!flush->leaf_only || flush->map);
	}
	return nr;
}

/* Encodes the commands that precede those for device TLBs. */
static unsigned int amd_flush_begin(struct amd_unit *au,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *cmds)
{
	unsigned int nr = amd_flush_pages(au, flush, cmds);

	/* A device that requests a translation again must get the new one. */
	if (nyx_flush_has_ats(flush))
		cmds[nr++] = amd_cmd_fence();
	return nr;
}

/**
 * amd_flush() - nyx_unit_ops.flush
 * @unit: the unit
 * @flush: the range to invalidate
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] __uninitialized;
	unsigned int nr;

	/* Without NpCache the unit does not cache non-present entries. */
	if (flush->map && !(au->cap & AMD_CAP_NP_CACHE))
		return 0;

	nr = amd_flush_begin(au, flush, cmds);
	return nyx_flush_submit(unit, flush, cmds, nr, amd_flush_device,
				AMD_CMDBUF_ATS_MAX);
}

/**
 * amd_flush_post() - nyx_unit_ops.flush_post
 * @unit: the unit
 * @flush: the invalidation
 * @ticket: set, for amd_flush_await()
 *
 * Context: Any.
 * Return: true if the commands are in the command buffer; false if amd_flush()
 *	has to be used.
 */
bool amd_flush_post(struct nyx_unit *unit, const struct nyx_flush *flush,
		    struct nyx_flush_ticket *ticket)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] __uninitialized;
	unsigned int nr;

	if (flush->map && !(au->cap & AMD_CAP_NP_CACHE))
		return false;
	nr = amd_flush_begin(au, flush, cmds);
	nr = nyx_flush_add_devices(unit, flush, cmds, nr, amd_flush_device,
				   AMD_CMDBUF_ATS_MAX);
	if (!nr)
		return false;
	ticket->has_ats = nyx_flush_has_ats(flush);
	/* Before the commands, as in amd_flush_submit(). */
	if (ticket->has_ats)
		ticket->log_losses = amd_timeouts_losses(au);
	return !nyx_queue_post(&au->queue, cmds, nr, &ticket->submission);
}

/**
 * amd_flush_await() - nyx_unit_ops.flush_await
 * @unit: the unit
 * @ticket: set by amd_flush_post()
 * @device_id: as for nyx_queue_await()
 *
 * Context: Any.
 * Return: as nyx_queue_await(), or an error of amd_timeouts_check().
 */
int amd_flush_await(struct nyx_unit *unit,
		    const struct nyx_flush_ticket *ticket, u16 *device_id)
{
	struct amd_unit *au = to_amd_unit(unit);
	int ret;

	ret = nyx_queue_await(&au->queue, &ticket->submission, device_id);
	if (ret || !ticket->has_ats)
		return ret;
	return amd_timeouts_check(au, ticket->log_losses);
}
