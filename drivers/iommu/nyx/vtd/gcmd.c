// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global commands (11.4.4), and disabling protected memory (11.4.8).
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>

#include "lib/poll.h"

#include "gcmd.h"
#include "vtd.h"

/* How long to wait for a status bit that may never be set. */
#define VTD_HINT_NS 20000000ULL

/*
 * Writes a command. CFI is taken from @vu->cfi, because a unit may report it
 * late or never in CFIS.
 *
 * Nothing is written while an earlier command is in progress (11.4.4.1). Its
 * status bit still shows the old state then, which could be the one that this
 * command asks for: the unit would seem to have completed it.
 */
static int vtd_gcmd_write(struct vtd_unit *vu, u32 bit, bool on)
{
	u32 status, cmd;

	lockdep_assert_held(&vu->reg_lock);
	status = vtd_readl(vu, VTD_GSTS_REG);
	if (status == VTD_GONE)
		return -ENODEV;
	if ((status & vu->pending) != vu->pending_status)
		return -ETIMEDOUT;
	vu->pending = 0;
	vu->pending_status = 0;
	cmd = status & VTD_GSTS_PERSISTENT & ~VTD_GCMD_CFI;
	if (vu->cfi)
		cmd |= VTD_GCMD_CFI;
	cmd = on ? cmd | bit : cmd & ~bit;
	vtd_writel(vu, VTD_GCMD_REG, cmd);
	return 0;
}

/**
 * vtd_gcmd() - execute a global command and wait for its completion (11.4.4.1)
 * @vu: the unit
 * @bit: the command, one of VTD_GCMD_*
 * @on: set or clear the bit; one-shot commands are always set
 *
 * The status bit of the write-buffer flush is set while the flush is in
 * progress. All other status bits follow the command bit when the command is
 * completed.
 *
 * A command that times out may still take effect at any time. Until then this
 * function writes no other command and fails.
 *
 * Context: Any. Spins for vtd_unit.command_ns at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if this command or an
 *	earlier one did not complete.
 */
int vtd_gcmd(struct vtd_unit *vu, u32 bit, bool on)
{
	u32 want = on && bit != VTD_GCMD_WBF ? bit : 0;
	int ret;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	ret = vtd_gcmd_write(vu, bit, on);
	if (ret)
		return ret;
	ret = nyx_poll32_within(vu->regs + VTD_GSTS_REG, bit, want,
				vu->command_ns);
	if (ret == -ETIMEDOUT) {
		vu->pending = bit;
		vu->pending_status = want;
	}
	return ret;
}

static int vtd_gcmd_cfi_wait(struct vtd_unit *vu)
{
	return nyx_poll32_within(vu->regs + VTD_GSTS_REG, VTD_GCMD_CFI,
				 VTD_GCMD_CFI, VTD_HINT_NS);
}

/**
 * vtd_gcmd_cfi() - allow or block interrupt requests in compatibility format
 * @vu: the unit
 * @allow: allow them
 *
 * QEMU's unit allows them without ever setting CFIS, so the wait for that is
 * short. Blocking is awaited like any other command; if it is not confirmed,
 * later commands keep CFI set. They do not wait for CFIS, which would make a
 * unit that never changes it useless.
 *
 * Context: Any. Spins for vtd_unit.command_ns at most.
 * Return: 0; -ENODEV if the unit is gone; -ETIMEDOUT if it did not confirm this
 *	command or an earlier one.
 */
int vtd_gcmd_cfi(struct vtd_unit *vu, bool allow)
{
	bool before;
	int ret;

	guard(raw_spinlock_irqsave)(&vu->reg_lock);
	before = vu->cfi;
	vu->cfi = allow;
	ret = vtd_gcmd_write(vu, VTD_GCMD_CFI, allow);
	if (ret) {
		vu->cfi = before;
		return ret;
	}
	ret = allow ? vtd_gcmd_cfi_wait(vu) :
		      nyx_poll32_within(vu->regs + VTD_GSTS_REG, VTD_GCMD_CFI,
					0, vu->command_ns);
	vu->cfi |= ret != 0;
	return ret;
}

/**
 * vtd_gcmd_crash() - allow requests in compatibility format in a crash
 * @vu: the unit
 *
 * A CPU that was stopped may have the lock, so this does not take it. If that CPU was
 * waiting for a command, the unit may see the command withdrawn.
 *
 * Context: Any; the other CPUs are stopped. Spins for 20 ms at most.
 */
void vtd_gcmd_crash(struct vtd_unit *vu)
{
	u32 status = vtd_readl(vu, VTD_GSTS_REG);

	if (status == VTD_GONE)
		return;
	vu->cfi = true;
	vtd_writel(vu, VTD_GCMD_REG,
		   (status & VTD_GSTS_PERSISTENT) | VTD_GCMD_CFI);
	/* The next kernel's commands come later. */
	vtd_gcmd_cfi_wait(vu);
}

/**
 * vtd_pmr_disable() - disable the protected memory regions (11.4.8.1)
 * @vu: the unit; translation is already enabled, so memory stays protected
 *
 * Firmware may have set them up to protect memory before translation starts.
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
	return nyx_poll32_within(vu->regs + VTD_PMEN_REG, VTD_PMEN_PRS, 0,
				 vu->command_ns);
}
