// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register-based invalidation (6.5.1): takes the descriptors of the queue, one
 * by one, so that nobody else needs to know which way they go.
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>

#include <nyx/stats.h>

#include "caps.h"
#include "dsc.h"
#include "lib/poll.h"
#include "reginv.h"
#include "vtd.h"

/*
 * Waits until @busy is off. What was done is then told in @granularity, which is
 * 0 if nothing was.
 */
static int vtd_reginv_wait(struct vtd_unit *vu, u32 reg, u64 busy,
			   u64 granularity)
{
	int ret = nyx_poll64(vu->regs + reg, busy, 0);
	u64 val;

	if (ret)
		return ret;
	val = vtd_readq(vu, reg);
	if (val == ~0ULL)
		return -ENODEV;
	return val & granularity ? 0 : -EINVAL;
}

/* Context Command Register (11.4.6.1) */
static int vtd_reginv_context(struct vtd_unit *vu, const struct nyx_cmd *dsc)
{
	u64 ccmd = VTD_CCMD_ICC |
		   FIELD_PREP(VTD_CCMD_CIRG, FIELD_GET(VTD_CC_LO_G, dsc->lo)) |
		   FIELD_PREP(VTD_CCMD_FM, FIELD_GET(VTD_CC_LO_FM, dsc->lo)) |
		   FIELD_PREP(VTD_CCMD_SID, FIELD_GET(VTD_CC_LO_SID, dsc->lo)) |
		   FIELD_PREP(VTD_CCMD_DID, FIELD_GET(VTD_CC_LO_DID, dsc->lo));

	vtd_writeq(vu, VTD_CCMD_REG, ccmd);
	return vtd_reginv_wait(vu, VTD_CCMD_REG, VTD_CCMD_ICC, VTD_CCMD_CAIG);
}

/* IOTLB Invalidate and Invalidate Address Registers (11.4.6.3, 11.4.6.4) */
static int vtd_reginv_iotlb(struct vtd_unit *vu, const struct nyx_cmd *dsc)
{
	u32 reg = vtd_caps_iotlb(vu->ecap);
	u32 g = FIELD_GET(VTD_IOTLB_LO_G, dsc->lo);
	u64 iotlb = VTD_IOTLB_IVT | FIELD_PREP(VTD_IOTLB_IIRG, g) |
		    FIELD_PREP(VTD_IOTLB_DID,
			       FIELD_GET(VTD_IOTLB_LO_DID, dsc->lo));

	if (dsc->lo & VTD_IOTLB_LO_DR)
		iotlb |= VTD_IOTLB_DR;
	if (dsc->lo & VTD_IOTLB_LO_DW)
		iotlb |= VTD_IOTLB_DW;
	/* The address must be there when the command comes. */
	if (g == VTD_GRAN_PAGE)
		vtd_writeq(vu, reg + VTD_IVA_REG, dsc->hi);
	vtd_writeq(vu, reg + VTD_IOTLB_REG, iotlb);
	return vtd_reginv_wait(vu, reg + VTD_IOTLB_REG, VTD_IOTLB_IVT,
			       VTD_IOTLB_IAIG);
}

/**
 * vtd_reginv() - have a unit process descriptors, and wait until it has
 * @vu: the unit, its queue off
 * @dscs: descriptors of context-cache and IOTLB invalidations; all others are
 *	beyond registers
 * @nr: how many
 *
 * One invalidation may be under way at a time (6.9), hence @vu->reg_lock.
 *
 * Context: Any. Spins for NYX_POLL_TIMEOUT_NS at most for each descriptor.
 * Return: 0; -ESHUTDOWN if the unit is not running; -EINVAL if it refused a
 *	descriptor; -ENODEV if it is gone; -ETIMEDOUT.
 */
int vtd_reginv(struct vtd_unit *vu, const struct nyx_cmd *dscs, unsigned int nr)
{
	unsigned int i;
	int ret = 0;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	if (!vu->running)
		return -ESHUTDOWN;
	for (i = 0; i < nr && !ret; i++) {
		switch (vtd_dsc_type(&dscs[i])) {
		case VTD_DSC_CC:
			ret = vtd_reginv_context(vu, &dscs[i]);
			break;
		case VTD_DSC_IOTLB:
			ret = vtd_reginv_iotlb(vu, &dscs[i]);
			break;
		default:
			ret = -EINVAL;
		}
		nyx_stat_inc(&vu->unit, NYX_STAT_WAIT);
	}
	return ret;
}
