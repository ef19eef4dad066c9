// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected memory regions (11.4.8): firmware may have set them up to guard
 * memory until translation does.
 */
#include <linux/cleanup.h>

#include "lib/poll.h"

#include "pmr.h"
#include "vtd.h"

/**
 * vtd_pmr_disable() - switch the protected memory regions off (11.4.8.1)
 * @vu: the unit; it translates, so that nothing is left unguarded
 *
 * Context: Any.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT.
 */
int vtd_pmr_disable(struct vtd_unit *vu)
{
	u32 pmen;

	if (!(vu->cap & (VTD_CAP_PLMR | VTD_CAP_PHMR)))
		return 0;
	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	pmen = vtd_readl(vu, VTD_PMEN_REG);
	if (!(pmen & (VTD_PMEN_EPM | VTD_PMEN_PRS)))
		return 0;
	vtd_writel(vu, VTD_PMEN_REG, pmen & ~VTD_PMEN_EPM);
	return nyx_poll32(vu->regs + VTD_PMEN_REG, VTD_PMEN_PRS, 0);
}
