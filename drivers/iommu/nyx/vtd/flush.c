// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation through the queue or through registers: builds the descriptors
 * of flushes.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>

#include <nyx/device.h>
#include <nyx/flush.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "dsc.h"
#include "flush.h"
#include "gcmd.h"
#include "lib/range.h"
#include "reginv.h"
#include "vtd.h"

/* A device is blocked after two timeouts that it may have caused. */
#define VTD_DEV_TLB_TRIES 2

static const struct vtd_unit *vtd_of_unit(const struct nyx_unit *unit)
{
	return container_of(unit, struct vtd_unit, unit);
}

/**
 * vtd_flush_drain() - drain flags of IOTLB invalidation descriptors
 * @vu: the unit
 *
 * Memory is reused after an invalidation, so requests that the unit has already
 * translated must complete before the invalidation does (6.5.4).
 *
 * Context: Any.
 * Return: those of VTD_IOTLB_LO_DR and VTD_IOTLB_LO_DW that the unit supports.
 */
u64 vtd_flush_drain(const struct vtd_unit *vu)
{
	return (vu->cap & VTD_CAP_DRD ? VTD_IOTLB_LO_DR : 0) |
	       (vu->cap & VTD_CAP_DWD ? VTD_IOTLB_LO_DW : 0);
}

/**
 * vtd_flush_has_pasids() - whether the PASID-cache has to be invalidated
 * @vu: the unit
 *
 * Only a unit in scalable mode has one. Before its root table is set, the unit is in
 * legacy mode and would refuse the descriptor (table 23). It has cached nothing of the
 * driver's tables then, and vtd_run() ends with a global invalidation.
 *
 * Context: Any; the tables have been changed.
 * Return: true if the unit has a PASID-cache that may be filled.
 */
bool vtd_flush_has_pasids(const struct vtd_unit *vu)
{
	if (!vu->scalable)
		return false;
	/*
	 * Stores to tables before it reads running. If it is false, the register write
	 * of the global invalidation that follows orders these stores, too.
	 */
	smp_mb();
	return READ_ONCE(vu->running);
}

static int vtd_flush_submit(struct nyx_unit *unit, const struct nyx_cmd *dscs,
			    unsigned int nr, u16 *sid)
{
	struct vtd_unit *vu = to_vtd_unit(unit);

	return vu->use_qi ? nyx_queue_submit(&vu->qi, dscs, nr, sid) :
			    vtd_reginv(vu, dscs, nr);
}

/*
 * Context entries go first and translations last, because each cache is filled from
 * those before it: domain IDs of context entries (6.2.2.1) or of PASID-table entries
 * tag the IOTLB.
 */
static int vtd_flush_global(struct nyx_unit *unit)
{
	const struct vtd_unit *vu = to_vtd_unit(unit);
	struct nyx_cmd dscs[3];
	unsigned int nr = 0;

	dscs[nr++] = vtd_dsc_cc_global();
	if (vtd_flush_has_pasids(vu))
		dscs[nr++] = vtd_dsc_pasid_global();
	dscs[nr++] = vtd_dsc_iotlb_global(vtd_flush_drain(vu));
	return nyx_invalidate_tries(unit, dscs, nr);
}

static bool vtd_flush_targets_device(const struct nyx_cmd *dsc, u16 *sid)
{
	return vtd_dsc_device(dsc, sid);
}

static struct nyx_cmd vtd_flush_device(const struct nyx_unit *unit,
				       const struct nyx_device *ndev,
				       struct nyx_range range)
{
	bool dit = vtd_of_unit(unit)->ecap & VTD_ECAP_DIT;

	nyx_stat_inc(unit, NYX_STAT_FLUSH_DEVICE);
	return vtd_dsc_dev_tlb(ndev->rid, dit ? ndev->ats_pfsid : 0,
			       ndev->ats_qdep % 32, range.addr, range.order);
}

/**
 * vtd_flush_device_pasid() - nyx_pasid_ops.device
 * @unit: the unit
 * @ndev: the device
 * @pasid: the PASID
 * @range: the range
 *
 * Context: Any.
 * Return: the descriptor.
 */
struct nyx_cmd vtd_flush_device_pasid(const struct nyx_unit *unit,
				      const struct nyx_device *ndev, u32 pasid,
				      struct nyx_range range)
{
	bool dit = vtd_of_unit(unit)->ecap & VTD_ECAP_DIT;

	nyx_stat_inc(unit, NYX_STAT_FLUSH_DEVICE);
	return vtd_dsc_p_dev_tlb(ndev->rid, dit ? ndev->ats_pfsid : 0,
				 ndev->ats_qdep % 32, pasid, range.addr,
				 range.order);
}

const struct nyx_invalidate_ops vtd_invalidate_ops = {
	.submit = vtd_flush_submit,
	.global = vtd_flush_global,
	.targets_device = vtd_flush_targets_device,
	.device = vtd_flush_device,
	.device_tries = VTD_DEV_TLB_TRIES,
};

/**
 * vtd_flush_write_buffer() - flush a unit's write buffer (6.8)
 * @vu: the unit
 *
 * Makes all earlier stores to tables visible to a unit that buffers them
 * (CAP.RWBF, or a quirk of the chipset). An invalidation implies it.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_flush_write_buffer(struct vtd_unit *vu)
{
	int ret;

	if (!vu->write_buffer)
		return 0;
	if (READ_ONCE(vu->unit.dead))
		return -EIO;
	nyx_stat_inc(&vu->unit, NYX_STAT_WRITE_BUFFER);
	ret = vtd_gcmd(vu, VTD_GCMD_WBF, true);
	return ret ? nyx_invalidate_failed(&vu->unit, ret) : 0;
}

/* Of all pages of a domain, or with a first-stage table of one PASID of it. */
static struct nyx_cmd vtd_flush_whole(struct vtd_unit *vu,
				      const struct nyx_flush *flush, bool first)
{
	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_DOMAIN);
	if (first)
		return vtd_dsc_p_iotlb(flush->domain_id, flush->pasid);
	return vtd_dsc_iotlb_domain(flush->domain_id, vtd_flush_drain(vu));
}

static struct nyx_cmd vtd_flush_range(struct vtd_unit *vu,
				      const struct nyx_flush *flush, bool first,
				      struct nyx_range range)
{
	/* A new mapping may have added a table, so IH must be clear. */
	bool ih = flush->leaf_only && !flush->map;

	nyx_stat_inc(&vu->unit, NYX_STAT_FLUSH_PAGE);
	if (first)
		return vtd_dsc_p_iotlb_page(flush->domain_id, flush->pasid,
					    range.addr, range.order, ih);
	return vtd_dsc_iotlb_page(flush->domain_id, range.addr, range.order, ih,
				  vtd_flush_drain(vu));
}

static unsigned int vtd_flush_iotlb(struct vtd_unit *vu,
				    const struct nyx_flush *flush,
				    struct nyx_cmd *dscs)
{
	/*
	 * Like PASID-cache invalidations, those of first-stage translations are
	 * refused before the unit is in scalable mode. A domain-selective one is not.
	 */
	bool first = flush->first && vtd_flush_has_pasids(vu);
	struct nyx_range ranges[NYX_RANGES] __uninitialized;
	unsigned int nr = 0, i;

	/* A domain-selective one covers both stages of nested translations. */
	if (flush->second)
		first = false;
	/*
	 * nyx_ranges() does not split ranges to fit MAMV: the invalidation of
	 * a part of a large page may have no effect (6.5.2.3).
	 */
	if ((vu->cap & VTD_CAP_PSI) && first == flush->first)
		nr = nyx_ranges(flush->start, flush->last,
				FIELD_GET(VTD_CAP_MAMV, vu->cap), ranges);
	if (!nr) {
		dscs[0] = vtd_flush_whole(vu, flush, first);
		return 1;
	}
	for (i = 0; i < nr; i++)
		dscs[i] = vtd_flush_range(vu, flush, first, ranges[i]);
	return nr;
}

/**
 * vtd_flush() - nyx_unit_ops.flush
 * @unit: the unit
 * @flush: the range to invalidate
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct nyx_cmd dscs[NYX_QUEUE_BATCH] __uninitialized;
	unsigned int nr;

	/* Only caching mode caches entries that were not present (6.1). */
	if (flush->map && !(vu->cap & VTD_CAP_CM))
		return vtd_flush_write_buffer(vu);

	nr = vtd_flush_iotlb(vu, flush, dscs);
	/* IOTLB invalidations complete before device-TLB ones (6.5.2.12). */
	return nyx_flush_submit(unit, flush, dscs, nr, vtd_flush_device,
				NYX_QUEUE_BATCH);
}

/**
 * vtd_flush_post() - nyx_unit_ops.flush_post
 * @unit: the unit
 * @flush: the invalidation
 * @ticket: set, for vtd_flush_await()
 *
 * Context: Any.
 * Return: true if the descriptors are in the queue; false if vtd_flush() has to
 *	be used.
 */
bool vtd_flush_post(struct nyx_unit *unit, const struct nyx_flush *flush,
		    struct nyx_flush_ticket *ticket)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct nyx_cmd dscs[NYX_QUEUE_BATCH] __uninitialized;
	unsigned int nr;

	/* A stalled queue takes too long for a caller that may not sleep. */
	if (!vu->use_qi || READ_ONCE(vu->qi.stalled) ||
	    (flush->map && !(vu->cap & VTD_CAP_CM)))
		return false;
	nr = vtd_flush_iotlb(vu, flush, dscs);
	nr = nyx_flush_add_devices(unit, flush, dscs, nr, vtd_flush_device,
				   NYX_QUEUE_BATCH);
	return nr && !nyx_queue_post(&vu->qi, dscs, nr, &ticket->submission);
}

/**
 * vtd_flush_await() - nyx_unit_ops.flush_await
 * @unit: the unit
 * @ticket: set by vtd_flush_post()
 * @sid: as for nyx_queue_await()
 *
 * Context: Any.
 * Return: as nyx_queue_await().
 */
int vtd_flush_await(struct nyx_unit *unit,
		    const struct nyx_flush_ticket *ticket, u16 *sid)
{
	return nyx_queue_await(&to_vtd_unit(unit)->qi, &ticket->submission,
			       sid);
}
