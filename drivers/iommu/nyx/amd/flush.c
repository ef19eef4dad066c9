// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation by commands (2.4).
 */
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
 * A device that is known not to have answered is blocked at once. These are for
 * one of which nothing is known, for what others did: that is not its fault, but
 * has to have an end.
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
 * That a device did not answer is told by the event log alone, and is acted upon
 * before anybody goes on. Why it is told by then:
 *
 * - The wait ends when all commands before it are completed (2.4.1). One that a
 *   device does not answer is completed by its timeout alone (InvTimeOut of the
 *   Control Register), and that is what is logged (2.5.8).
 * - The entry is written before what ends the wait, both by the unit, as posted
 *   writes: the later one does not pass the earlier (PCI Express Base
 *   Specification, 2.4.1). What amd_log_tail() reads after the wait comes back
 *   behind both, for a read's completion pushes posted writes before it.
 * - An entry that the tail tells of, and that is not there, is awaited, and in
 *   the end counts as lost (amd_log_peek()).
 *
 * No section says in so many words that the tail moves before the wait ends:
 * that a command is completed after its event was logged is how we read 2.4.1.
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

/* One command for each of @nr IDs from 0 on. */
static int amd_flush_each(struct nyx_unit *unit, unsigned int nr,
			  struct nyx_cmd (*cmd)(u16 id),
			  amd_flush_submit_fn *submit)
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
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
 * amd_flush_all() - have a unit forget all that it cached
 * @unit: the unit
 * @submit: has it execute commands, and waits until it has
 *
 * A unit that has no command for that is told all DeviceIDs and all DomainIDs.
 * Entries first, for they say under which DomainID translations are cached.
 *
 * Context: that of @submit.
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

static unsigned int amd_flush_pages(struct amd_unit *au,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *cmds)
{
	struct nyx_range ranges[NYX_RANGES];
	unsigned int nr, i;

	nr = nyx_ranges(flush->start, flush->last, AMD_CMD_MAX_ORDER, ranges);
	if (!nr) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_DOMAIN);
		cmds[0] = amd_cmd_domain(flush->domain_id);
		return 1;
	}
	for (i = 0; i < nr; i++) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_PAGE);
		/* A new mapping may hang on a table that was not there. */
		cmds[i] = amd_cmd_pages(flush->domain_id, ranges[i],
					!flush->leaf_only || flush->map);
	}
	return nr;
}

/**
 * amd_flush() - nyx_unit_ops.flush
 * @unit: the unit
 * @flush: what to forget
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	unsigned int nr;

	/* Nothing is cached of what was not there (NpCache). */
	if (flush->map && !(au->cap & AMD_CAP_NP_CACHE))
		return 0;

	nr = amd_flush_pages(au, flush, cmds);
	/* A device that asks again must not be told what was. */
	if (nyx_flush_has_ats(flush))
		cmds[nr++] = amd_cmd_fence();
	return nyx_flush_submit(unit, flush, cmds, nr, amd_flush_device,
				AMD_CMDBUF_ATS_MAX);
}
