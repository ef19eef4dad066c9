// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that no longer confirms what it is told. Memory that devices behind it
 * may reach is about to be used for something else, and nobody can be kept from
 * that: so their DMA and their interrupts are stopped, by the ways to do it that
 * do not need what just failed.
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

/* A register command that is under way, perhaps for ever, allows no other (6.9) */
static bool vtd_contain_jammed(const struct vtd_unit *vu)
{
	u32 iotlb = vtd_caps_iotlb(vu->ecap) + VTD_IOTLB_REG;

	return (vtd_readq(vu, VTD_CCMD_REG) & VTD_CCMD_ICC) ||
	       (vtd_readq(vu, iotlb) & VTD_IOTLB_IVT);
}

/*
 * Has the unit forget what it cached through root entries that are gone. Setting
 * the root table pointer does so by itself on newer units (ESRTPS, 11.4.2). On
 * older ones registers do, which work only while the queue is off (6.5).
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
	if (queue || !vtd_caps_register_based(vu->ver) ||
	    vtd_contain_jammed(vu))
		return false;
	return !vtd_reginv(vu, dscs, ARRAY_SIZE(dscs));
}

/*
 * Has the unit forget interrupt entries that are gone. There is no register for
 * it; but newer units do when their table is set (ESIRTPS, 11.4.2).
 */
static bool vtd_contain_intr(struct vtd_unit *vu)
{
	return (vu->cap & VTD_CAP_ESIRTPS) && !vtd_gcmd(vu, VTD_GCMD_SIRTP, true);
}

/**
 * vtd_contain() - nyx_unit_ops.contain
 * @unit: the unit
 *
 * Devices on identity are stopped too: nothing in the root table tells them
 * apart. Translation stays on, or all DMA would pass.
 *
 * Context: Any. Spins for some times NYX_POLL_TIMEOUT_NS at most; takes
 *	vtd_tables.root_lock, the queue's lock and vtd_unit.reg_lock.
 * Return: true if the unit uses no translation and no interrupt entry any more;
 *	false if that is not known.
 */
bool vtd_contain(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	bool done = true;
	u32 status;

	/* Also if it does not answer: it may still read its tables. */
	vtd_tables_empty(&vu->tables);
	vtd_irt_block_all(&vu->irt);
	status = vtd_readl(vu, VTD_GSTS_REG);
	if (status == VTD_GONE)
		return false;
	/* There is nothing to forget while translation, or remapping, is off. */
	if (status & VTD_GCMD_TE)
		done = vtd_contain_caches(vu);
	if (status & VTD_GCMD_IRE)
		done &= vtd_contain_intr(vu);
	return done;
}
