// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of the fault event (11.4.7.2 to 11.4.7.5) and of the page request event
 * (11.4.10.5 to 11.4.10.8), which send the same message.
 */
#include <linux/msi.h>

#include "event.h"
#include "regs.h"
#include "vtd.h"

static void vtd_event_mask_reg(const struct vtd_unit *vu, u32 reg, bool mask)
{
	u32 ctl = vtd_readl(vu, reg);

	vtd_writel(vu, reg, mask ? ctl | VTD_FECTL_IM : ctl & ~VTD_FECTL_IM);
	/* Read back to flush the posted write. */
	vtd_readl(vu, reg);
}

/**
 * vtd_event_mask() - let a unit send event messages or not
 * @vu: the unit
 * @mask: whether messages are held back. The unit sends them when it is unmasked (7.3)
 *
 * Context: Any; calls are serialized.
 */
void vtd_event_mask(const struct vtd_unit *vu, bool mask)
{
	vtd_event_mask_reg(vu, VTD_FECTL_REG, mask);
	/* PECTL has the layout of FECTL (11.4.10.5). */
	if (vu->unit.caps.page_requests)
		vtd_event_mask_reg(vu, VTD_PECTL_REG, mask);
}

static void vtd_event_write(const struct vtd_unit *vu,
			    const struct msi_msg *msg)
{
	vtd_writel(vu, VTD_FEDATA_REG, msg->data);
	vtd_writel(vu, VTD_FEADDR_REG, msg->address_lo);
	vtd_writel(vu, VTD_FEUADDR_REG, msg->address_hi);
	if (!vu->unit.caps.page_requests)
		return;
	vtd_writel(vu, VTD_PEDATA_REG, msg->data);
	vtd_writel(vu, VTD_PEADDR_REG, msg->address_lo);
	vtd_writel(vu, VTD_PEUADDR_REG, msg->address_hi);
}

/**
 * vtd_event_set_message() - set the message that a unit sends for its events
 * @vu: the unit
 * @msg: the message
 *
 * The events are masked while the registers of the message are changed, and then as
 * before.
 *
 * Context: Any; calls are serialized.
 */
void vtd_event_set_message(const struct vtd_unit *vu, const struct msi_msg *msg)
{
	bool masked = vtd_readl(vu, VTD_FECTL_REG) & VTD_FECTL_IM;

	if (!masked)
		vtd_event_mask(vu, true);
	vtd_event_write(vu, msg);
	if (!masked)
		vtd_event_mask(vu, false);
}
