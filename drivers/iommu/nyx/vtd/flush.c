// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation, whichever way the unit takes it, and what becomes of one that
 * fails: the caller is about to free memory, so there is no giving up. What is
 * refused or aborted is repeated coarser; a device that does not answer is
 * blocked; a unit that does not is out of service.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/rculist.h>

#include <nyx/block.h>
#include <nyx/device.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "ats.h"
#include "ats_device.h"
#include "dsc.h"
#include "flush.h"
#include "gcmd.h"
#include "reginv.h"
#include "vtd.h"

/* Aborted for what another device did: it may do so again. */
#define VTD_INVALIDATE_TRIES 8
/* A device gets a second chance. */
#define VTD_DEV_TLB_TRIES 2

/**
 * vtd_flush_drain() - drain flags of IOTLB invalidation descriptors
 * @vu: the unit
 *
 * Memory is handed back to its owner after an invalidation, so requests that
 * the unit has translated already must be completed by then (6.5.4).
 *
 * Context: Any.
 * Return: those of VTD_IOTLB_LO_DR and VTD_IOTLB_LO_DW that the unit has.
 */
u64 vtd_flush_drain(const struct vtd_unit *vu)
{
	return (vu->cap & VTD_CAP_DRD ? VTD_IOTLB_LO_DR : 0) |
	       (vu->cap & VTD_CAP_DWD ? VTD_IOTLB_LO_DW : 0);
}

static int vtd_invalidate_once(struct vtd_unit *vu, const struct nyx_cmd *dscs,
			       unsigned int nr, u16 *sid)
{
	return vu->use_qi ? nyx_queue_submit(&vu->qi, dscs, nr, sid) :
			    vtd_reginv(vu, dscs, nr);
}

static int vtd_invalidate_failed(struct vtd_unit *vu, int err)
{
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_ERROR);
	nyx_unit_fail(&vu->unit, err == -ENODEV ? VTD_GONE_WHY :
		      NYX_QUEUE_STUCK_WHY);
	return -EIO;
}

/*
 * Have one device forget, or block it. The unit may abort this one for another
 * device, and tells which it means, if it can: that does not count against it.
 * Nor does a queue that started anew, unless it is known for whom. Who held that
 * up is not asked twice: each time costs all others as much again.
 */
static int vtd_invalidate_device(struct vtd_unit *vu, const struct nyx_cmd *dsc)
{
	u16 own = FIELD_GET(VTD_DEV_TLB_LO_SID, dsc->lo);
	unsigned int tries = 0, mute = 0;
	u16 sid;
	int ret;

	do {
		ret = vtd_invalidate_once(vu, dsc, 1, &sid);
		if (ret == -EAGAIN && (!sid || sid == own))
			mute++;
		if (ret == -ETIME && sid == own)
			mute = VTD_DEV_TLB_TRIES;
	} while ((ret == -EAGAIN || ret == -ETIME) &&
		 mute < VTD_DEV_TLB_TRIES && ++tries < VTD_INVALIDATE_TRIES);
	if (ret == -EAGAIN || ret == -ETIME || ret == -EINVAL)
		return vtd_ats_isolate(vu, own);
	return ret;
}

/*
 * Have the unit forget everything, then each device its part. @mute, unless it
 * is 0, is a device that held the queue up: it is blocked first, whoever asked
 * it, or it would hold this up as well.
 */
static int vtd_invalidate_slowly(struct vtd_unit *vu,
				 const struct nyx_cmd *dscs, unsigned int nr,
				 u16 mute)
{
	unsigned int i;
	int ret;

	ret = mute ? vtd_ats_isolate(vu, mute) : vtd_invalidate_global(vu);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (vtd_dsc_type(&dscs[i]) != VTD_DSC_DEV_TLB)
			continue;
		if (mute && FIELD_GET(VTD_DEV_TLB_LO_SID, dscs[i].lo) == mute)
			continue;
		ret = vtd_invalidate_device(vu, &dscs[i]);
		if (ret && ret != -ESHUTDOWN)
			return vtd_invalidate_failed(vu, ret);
	}
	return 0;
}

/**
 * vtd_invalidate() - have a unit process invalidation descriptors
 * @vu: the unit
 * @dscs: the descriptors, without wait descriptor
 * @nr: how many, at most NYX_QUEUE_BATCH
 *
 * On a unit that does not translate there is nothing to forget: it begins with
 * a global invalidation when it does.
 *
 * Context: Any.
 * Return: 0 if all is forgotten, or -EIO if the unit is out of service.
 */
int vtd_invalidate(struct vtd_unit *vu, const struct nyx_cmd *dscs,
		   unsigned int nr)
{
	u16 sid;
	int ret;

	if (READ_ONCE(vu->unit.dead))
		return -EIO;
	ret = vtd_invalidate_once(vu, dscs, nr, &sid);
	if (likely(!ret) || ret == -ESHUTDOWN)
		return 0;
	if (ret == -EINVAL || ret == -EAGAIN)
		return vtd_invalidate_slowly(vu, dscs, nr, 0);
	if (ret == -ETIME)
		return vtd_invalidate_slowly(vu, dscs, nr, sid);
	return vtd_invalidate_failed(vu, ret);
}

/**
 * vtd_invalidate_global() - have a unit forget all that it cached
 * @vu: the unit
 *
 * Context entries first, for they tag what is in the IOTLB (6.2.2.1).
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_invalidate_global(struct vtd_unit *vu)
{
	struct nyx_cmd dscs[] = {
		vtd_dsc_cc_global(),
		vtd_dsc_iotlb_global(vtd_flush_drain(vu)),
	};
	unsigned int tries = VTD_INVALIDATE_TRIES;
	u16 sid;
	int ret;

	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_ENTRY);
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_GLOBAL);
	do {
		ret = vtd_invalidate_once(vu, dscs, ARRAY_SIZE(dscs), &sid);
	} while ((ret == -EAGAIN || ret == -ETIME) && --tries);
	if (!ret || ret == -ESHUTDOWN)
		return 0;
	return vtd_invalidate_failed(vu, ret);
}

/**
 * vtd_flush_write_buffer() - make new table entries visible to a unit (6.8)
 * @vu: the unit
 *
 * Orders all earlier stores to tables before the unit's next reads of them, on
 * a unit that buffers them. Not needed where an invalidation follows, which
 * implies it.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_flush_write_buffer(struct vtd_unit *vu)
{
	int ret;

	if (!(vu->cap & VTD_CAP_RWBF))
		return 0;
	if (READ_ONCE(vu->unit.dead))
		return -EIO;
	nyx_stat_inc(&vu->unit, NYX_STAT_WRITE_BUFFER);
	ret = vtd_gcmd(vu, VTD_GCMD_WBF, true);
	return ret ? vtd_invalidate_failed(vu, ret) : 0;
}

static unsigned int vtd_flush_iotlb(struct vtd_unit *vu,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *dscs)
{
	struct nyx_block blocks[NYX_BLOCKS];
	u64 drain = vtd_flush_drain(vu);
	unsigned int nr = 0, i;
	bool ih;

	/* One large page is forgotten only if told the whole (6.5.2.3). */
	if (vu->cap & VTD_CAP_PSI)
		nr = nyx_blocks(flush->start, flush->last,
				FIELD_GET(VTD_CAP_MAMV, vu->cap), blocks);
	if (!nr) {
		nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_DOMAIN);
		dscs[0] = vtd_dsc_iotlb_domain(flush->domain_id, drain);
		return 1;
	}
	/* What was mapped may hang on a table that was not there before. */
	ih = flush->leaf_only && !flush->map;
	for (i = 0; i < nr; i++) {
		nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_PAGE);
		dscs[i] = vtd_dsc_iotlb_page(flush->domain_id, blocks[i].addr,
					     blocks[i].order, ih, drain);
	}
	return nr;
}

static struct nyx_cmd vtd_flush_device(const struct vtd_unit *vu,
				       const struct nyx_device *ndev,
				       struct nyx_block block)
{
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_DEVICE);
	return vtd_dsc_dev_tlb(ndev->rid,
			       vu->ecap & VTD_ECAP_DIT ? ndev->ats_pfsid : 0,
			       ndev->ats_qdep % 32, block.addr, block.order);
}

/**
 * vtd_flush_device_all() - the descriptor that has a device forget everything
 * @vu: the unit
 * @ndev: the device
 *
 * Context: Any.
 * Return: the descriptor.
 */
struct nyx_cmd vtd_flush_device_all(const struct vtd_unit *vu,
				    const struct nyx_device *ndev)
{
	return vtd_flush_device(vu, ndev, nyx_block_around(0, U64_MAX));
}

/**
 * vtd_flush() - nyx_unit_ops.flush
 * @unit: the unit
 * @flush: what to forget
 *
 * All goes in one submission with one wait, unless there are more devices with
 * ATS than fit.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct nyx_cmd dscs[NYX_QUEUE_BATCH];
	const struct nyx_device *ndev;
	struct nyx_block block;
	unsigned int nr;
	int ret = 0;

	/* Nothing is cached of what was not there (6.1). */
	if (flush->map && !(vu->cap & VTD_CAP_CM))
		return vtd_flush_write_buffer(vu);

	nr = vtd_flush_iotlb(vu, flush, dscs);
	/* Device TLBs hold nothing of what was not there (PCI Express, ATS). */
	if (flush->ats && !flush->map) {
		block = nyx_block_around(flush->start, flush->last);
		rcu_read_lock();
		/* The unit does IOTLBs ahead before device TLBs (6.5.2.12). */
		list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
			if (ndev->unit != unit || READ_ONCE(ndev->ats_refused))
				continue;
			/* It holds nothing any more, and would not answer. */
			if (nyx_ats_device_gone(ndev))
				continue;
			if (nr == NYX_QUEUE_BATCH) {
				ret = vtd_invalidate(vu, dscs, nr);
				nr = 0;
				if (ret)
					break;
			}
			dscs[nr++] = vtd_flush_device(vu, ndev, block);
		}
		rcu_read_unlock();
	}
	return ret ?: vtd_invalidate(vu, dscs, nr);
}
