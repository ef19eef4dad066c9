// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register-based invalidation (6.5.1). It accepts queued-invalidation
 * descriptors, so callers do not depend on the interface.
 */
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/errno.h>

#include <nyx/stats.h>

#include "caps.h"
#include "dsc.h"
#include "lib/latency.h"
#include "lib/poll.h"
#include "reginv.h"
#include "vtd.h"

/*
 * Waits until @busy is clear. The unit then reports in @granularity what it
 * invalidated: 0 means that it refused the command.
 */
static int vtd_reginv_wait(struct vtd_unit *vu, u32 reg, u64 busy,
			   u64 granularity)
{
	int ret = nyx_poll64_within(vu->regs + reg, busy, 0, vu->command_ns);
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
	/* The unit reads the address when it receives the command. */
	if (g == VTD_GRAN_PAGE)
		vtd_writeq(vu, reg + VTD_IVA_REG, dsc->hi);
	vtd_writeq(vu, reg + VTD_IOTLB_REG, iotlb);
	return vtd_reginv_wait(vu, reg + VTD_IOTLB_REG, VTD_IOTLB_IVT,
			       VTD_IOTLB_IAIG);
}

/**
 * vtd_reginv() - execute descriptors through registers
 * @vu: the unit, with its queue disabled
 * @dscs: descriptors of context-cache and IOTLB invalidations; there are no
 *	registers for others
 * @nr: number of descriptors
 *
 * @vu->reg_lock is held throughout, because only one invalidation may be in
 * progress (6.9).
 *
 * Context: Any. Spins for vtd_unit.command_ns at most for each descriptor.
 * Return: 0; -ESHUTDOWN if the unit is not running; -EINVAL if a descriptor was
 *	refused; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_reginv(struct vtd_unit *vu, const struct nyx_cmd *dscs, unsigned int nr)
{
	unsigned int i;
	int ret = 0;
	u64 start;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	if (!vu->running)
		return -ESHUTDOWN;
	for (i = 0; i < nr && !ret; i++) {
		start = nyx_latency_start();
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
		nyx_latency_stop(&vu->unit.latency, NYX_LATENCY_WAIT, start);
		nyx_stat_inc(&vu->unit, NYX_STAT_WAIT);
	}
	return ret;
}
