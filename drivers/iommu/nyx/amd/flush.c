// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation, and what becomes of one that fails: the caller is about to free
 * memory, so there is no giving up. What is refused or aborted is repeated
 * coarser; a device that does not answer is blocked; a unit that does not is out
 * of service.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/rculist.h>

#include <nyx/block.h>
#include <nyx/device.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats.h"
#include "ats_device.h"
#include "cmd.h"
#include "event.h"
#include "flush.h"

/* Aborted for what another command did: that may happen again. */
#define AMD_INVALIDATE_TRIES 8
/*
 * A device that is known not to have answered is blocked at once. These are for
 * one of which nothing is known, for what others did: that is not its fault, but
 * has to have an end.
 */
#define AMD_IOTLB_TRIES 4

static bool amd_cmds_ask_devices(const struct nyx_cmd *cmds, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (amd_cmd_opcode(&cmds[i]) == AMD_CMD_INVALIDATE_IOTLB_PAGES)
			return true;
	return false;
}

/*
 * That a device did not answer is told by the event log alone. It is there
 * before the wait behind the command ends, and is acted upon before anybody
 * goes on.
 */
static int amd_invalidate_once(struct amd_unit *au, const struct nyx_cmd *cmds,
			       unsigned int nr)
{
	bool ask = amd_cmds_ask_devices(cmds, nr);
	u32 losses = ask ? amd_event_losses(au) : 0;
	u16 unused;
	int ret;

	ret = nyx_queue_submit(&au->queue, cmds, nr, &unused);
	if (ret || !ask)
		return ret;
	return amd_event_timeouts(au, losses);
}

static int amd_invalidate_tries(struct amd_unit *au, const struct nyx_cmd *cmds,
				unsigned int nr, unsigned int tries)
{
	int ret;

	do {
		ret = amd_invalidate_once(au, cmds, nr);
	} while (ret == -EAGAIN && --tries);
	return ret;
}

static int amd_invalidate_failed(struct amd_unit *au, int err)
{
	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_ERROR);
	nyx_unit_fail(&au->unit, err == -ENODEV ? AMD_GONE_WHY :
		      NYX_QUEUE_STUCK_WHY);
	return -EIO;
}

/* Have the unit forget everything, then each device its part, or block it. */
static int amd_invalidate_slowly(struct amd_unit *au,
				 const struct nyx_cmd *cmds, unsigned int nr)
{
	unsigned int i;
	int ret;

	ret = amd_invalidate_global(au);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (!amd_cmds_ask_devices(&cmds[i], 1))
			continue;
		ret = amd_invalidate_tries(au, &cmds[i], 1, AMD_IOTLB_TRIES);
		if (ret == -EAGAIN)
			ret = amd_ats_isolate(au,
					      FIELD_GET(AMD_IOTLB_LO_DEVICE_ID,
							cmds[i].lo));
		if (ret && ret != -ESHUTDOWN)
			return amd_invalidate_failed(au, ret);
	}
	return 0;
}

/**
 * amd_invalidate() - have a unit execute invalidation commands
 * @au: the unit
 * @cmds: the commands, without a wait at the end
 * @nr: how many, at most NYX_QUEUE_BATCH
 *
 * On a unit that does not translate there is nothing to forget: it begins with
 * a global invalidation when it does.
 *
 * Context: Any.
 * Return: 0 if all is forgotten, or -EIO if the unit is out of service.
 */
int amd_invalidate(struct amd_unit *au, const struct nyx_cmd *cmds,
		   unsigned int nr)
{
	int ret;

	if (READ_ONCE(au->unit.dead))
		return -EIO;
	ret = amd_invalidate_once(au, cmds, nr);
	if (likely(!ret) || ret == -ESHUTDOWN)
		return 0;
	if (ret == -EAGAIN)
		return amd_invalidate_slowly(au, cmds, nr);
	return amd_invalidate_failed(au, ret);
}

/* One command for each of @nr IDs from 0 on. */
static int amd_invalidate_each(struct amd_unit *au, unsigned int nr,
			       struct nyx_cmd (*cmd)(u16 id))
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	unsigned int id, fill = 0;
	int ret = 0;

	for (id = 0; id < nr && !ret; id++) {
		cmds[fill++] = cmd(id);
		if (fill < NYX_QUEUE_BATCH && id + 1 < nr)
			continue;
		ret = amd_invalidate_tries(au, cmds, fill,
					   AMD_INVALIDATE_TRIES);
		fill = 0;
	}
	return ret;
}

/* Entries first, for they say under which DomainID translations are cached. */
static int amd_invalidate_everything(struct amd_unit *au)
{
	struct nyx_cmd cmd = amd_cmd_all();
	int ret;

	if (au->efr & AMD_EFR_IA_SUP)
		return amd_invalidate_tries(au, &cmd, 1, AMD_INVALIDATE_TRIES);
	ret = amd_invalidate_each(au, U16_MAX + 1, amd_cmd_devtab_entry);
	if (ret)
		return ret;
	return amd_invalidate_each(au, au->unit.caps.max_domain_id + 1,
				   amd_cmd_domain);
}

/**
 * amd_invalidate_global() - have a unit forget all that it cached
 * @au: the unit
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_invalidate_global(struct amd_unit *au)
{
	int ret;

	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_ENTRY);
	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_GLOBAL);
	ret = amd_invalidate_everything(au);
	if (!ret || ret == -ESHUTDOWN)
		return 0;
	return amd_invalidate_failed(au, ret);
}

static unsigned int amd_flush_pages(struct amd_unit *au,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *cmds)
{
	struct nyx_block blocks[NYX_BLOCKS];
	unsigned int nr, i;

	nr = nyx_blocks(flush->start, flush->last, AMD_CMD_MAX_ORDER, blocks);
	if (!nr) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_DOMAIN);
		cmds[0] = amd_cmd_domain(flush->domain_id);
		return 1;
	}
	for (i = 0; i < nr; i++) {
		nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_PAGE);
		/* A new mapping may hang on a table that was not there. */
		cmds[i] = amd_cmd_pages(flush->domain_id, blocks[i],
					!flush->leaf_only || flush->map);
	}
	return nr;
}

static struct nyx_cmd amd_flush_device(const struct amd_unit *au,
				       const struct nyx_device *ndev,
				       struct nyx_block block)
{
	nyx_stat_inc(&au->unit, NYX_STAT_FLUSH_DEVICE);
	return amd_cmd_iotlb(ndev->rid, ndev->ats_pfsid, ndev->ats_qdep,
			     block);
}

/**
 * amd_flush_device_all() - the command that has a device forget everything
 * @au: the unit
 * @ndev: the device
 *
 * Context: Any.
 * Return: the command.
 */
struct nyx_cmd amd_flush_device_all(const struct amd_unit *au,
				    const struct nyx_device *ndev)
{
	return amd_flush_device(au, ndev, (struct nyx_block) { .order = 52 });
}

/**
 * amd_flush() - nyx_unit_ops.flush
 * @unit: the unit
 * @flush: what to forget
 *
 * All goes in one submission with one wait, unless there are more devices with
 * ATS than fit.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct nyx_cmd cmds[NYX_QUEUE_BATCH];
	const struct nyx_device *ndev;
	struct nyx_block block;
	unsigned int nr;
	int ret = 0;

	/* Nothing is cached of what was not there (3.2.1, NpCache). */
	if (flush->map && !(au->cap & AMD_CAP_NP_CACHE))
		return 0;

	nr = amd_flush_pages(au, flush, cmds);
	/* Device TLBs hold nothing of what was not there (PCI Express, ATS). */
	if (flush->ats && !flush->map) {
		/* A device that asks again must not be told what was. */
		cmds[nr++] = amd_cmd_fence();
		block = nyx_block_around(flush->start, flush->last);
		rcu_read_lock();
		list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
			if (ndev->unit != unit || READ_ONCE(ndev->ats_refused))
				continue;
			/* It holds nothing any more, and would not answer. */
			if (nyx_ats_device_gone(ndev))
				continue;
			if (nr == NYX_QUEUE_BATCH) {
				ret = amd_invalidate(au, cmds, nr);
				nr = 0;
				if (ret)
					break;
			}
			cmds[nr++] = amd_flush_device(au, ndev, block);
		}
		rcu_read_unlock();
	}
	return ret ?: amd_invalidate(au, cmds, nr);
}
