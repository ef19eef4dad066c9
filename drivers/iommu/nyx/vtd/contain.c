// SPDX-License-Identifier: GPL-2.0-only
/*
 * Containment of a unit that does not confirm invalidations. Memory and vectors
 * that its devices can still reach are about to be reused, and that cannot be
 * prevented. So all DMA of the unit, and all interrupts except for those of
 * I/O APICs, are blocked, by means that do not depend on what failed.
 */
#include <linux/kernel.h>

#include <nyx/unit.h>

#include "caps.h"
#include "flush.h"
#include "gcmd.h"
#include "qi.h"
#include "reginv.h"
#include "unit_ops.h"
#include "vtd.h"

/* A register command in progress, even if stuck, allows no other (6.9). */
static bool vtd_contain_jammed(const struct vtd_unit *vu)
{
	u32 iotlb = vtd_caps_iotlb(vu->ecap) + VTD_IOTLB_REG;

	return (vtd_readq(vu, VTD_CCMD_REG) & VTD_CCMD_ICC) ||
	       (vtd_readq(vu, iotlb) & VTD_IOTLB_IVT);
}

/*
 * Invalidates all that the unit cached before the root table was emptied. On
 * newer units, setting the root table pointer implies that (ESRTPS, 11.4.2). On
 * older ones it takes registers, which only work while the queue is disabled
 * (6.5), and which do not reach the PASID-cache.
 */
static bool vtd_contain_caches(struct vtd_unit *vu)
{
	const struct nyx_cmd dscs[] = {
		vtd_dsc_cc_global(),
		vtd_dsc_iotlb_global(vtd_flush_drain(vu)),
	};
	bool queue = vu->use_qi && vtd_qi_abandon(vu);

	if (queue)
		vu->unit.stuck = true;
	if (vtd_gcmd(vu, VTD_GCMD_SRTP, true))
		return false;
	if (vu->cap & VTD_CAP_ESRTPS)
		return true;
	if (queue || vu->scalable || !vtd_caps_register_based(vu->ver) ||
	    vtd_contain_jammed(vu))
		return false;
	return !vtd_reginv(vu, dscs, ARRAY_SIZE(dscs));
}

/*
 * Invalidates all cached IRTEs. There is no register for it, but on newer units
 * setting the table pointer implies it (ESIRTPS, 11.4.2).
 */
static bool vtd_contain_intr(struct vtd_unit *vu)
{
	return (vu->cap & VTD_CAP_ESIRTPS) && !vtd_gcmd(vu, VTD_GCMD_SIRTP, true);
}

/**
 * vtd_contain() - nyx_unit_ops.contain
 * @unit: the unit
 *
 * Devices on identity are blocked too, because the root table cannot
 * distinguish them. Translation stays enabled: without it all DMA would pass.
 *
 * Context: Any. Spins for a small multiple of vtd_unit.command_ns at most;
 *	takes vtd_tables.root_lock, the queue's lock and vtd_unit.reg_lock.
 * Return: true if the unit has confirmed that it uses no cached translation and
 *	no cached IRTE any more.
 */
bool vtd_contain(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	bool done = true;
	u32 status;

	/* Even a unit that does not respond may still read its tables. */
	vtd_tables_empty(&vu->tables);
	vtd_irt_block_all(&vu->irt);
	status = vtd_readl(vu, VTD_GSTS_REG);
	if (status == VTD_GONE)
		return false;
	/* Caches are not used while translation, or remapping, is disabled. */
	if (status & VTD_GCMD_TE)
		done = vtd_contain_caches(vu);
	if (status & VTD_GCMD_IRE)
		done &= vtd_contain_intr(vu);
	return done;
}
