// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the fault recording registers (primary fault logging, 7.2.1).
 */
#include <linux/bitfield.h>

#include <nyx/fault.h>
#include <nyx/unit.h>

#include "caps.h"
#include "fault.h"
#include "prq.h"
#include "qi.h"
#include "vtd.h"

/**
 * vtd_fault_peek() - read a fault recording register and leave it as it is
 * @regs: the registers of the unit
 * @reg: offset of the fault recording register
 * @lo: bits 63:0
 * @hi: bits 127:64
 *
 * Context: Any.
 * Return: false if it holds no fault, or the unit is gone.
 */
bool vtd_fault_peek(const void __iomem *regs, u32 reg, u64 *lo, u64 *hi)
{
	u32 dw3 = readl(regs + reg + VTD_FRCD_DW3);

	/* The unit sets F after all other fields (11.4.7.6). */
	if (dw3 == VTD_GONE || !(dw3 & VTD_FRCD_DW3_F))
		return false;
	*lo = readq(regs + reg);
	*hi = readq(regs + reg + 8);
	return *hi != ~0ULL;
}

/* Reads, reports and clears register @index; false if it holds no fault. */
static bool vtd_fault_record(struct vtd_unit *vu, u32 index, bool report)
{
	u32 reg = vtd_caps_frcd(vu->cap) + index * VTD_FRCD_SIZE;
	struct nyx_fault fault;
	u64 lo, hi;

	if (!vtd_fault_peek(vu->regs, reg, &lo, &hi))
		return false;
	vtd_writel(vu, reg + VTD_FRCD_DW3, VTD_FRCD_DW3_F);
	if (report) {
		vtd_fault_decode(lo, hi, &fault);
		nyx_fault_report(&vu->unit, &fault);
	}
	return true;
}

/*
 * Fault recording registers are filled in order, starting at the one in FRI. A
 * fault that is recorded after the loop found a clear register finds no pending
 * fault, and so raises the interrupt again (7.3).
 */
static u32 vtd_fault_records(struct vtd_unit *vu, u32 first)
{
	u32 nr = vtd_caps_nr_frcd(vu->cap);
	u32 i, done = 0;

	for (i = 0; i < nr; i++)
		if (!vtd_fault_record(vu, (first + i) % nr, true))
			break;
	if (i)
		return i;
	/* FRI is wrong. Search all: a fault left over blocks the interrupt. */
	for (i = 0; i < nr; i++)
		done += vtd_fault_record(vu, i, true);
	return done;
}

/**
 * vtd_read_faults() - nyx_unit_ops.read_faults
 * @unit: the unit
 *
 * Reads page requests as well, because they raise the same interrupt.
 *
 * Context: May sleep.
 * Return: the number of faults and other findings.
 */
u32 vtd_read_faults(struct nyx_unit *unit)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	u32 fsts = vtd_readl(vu, VTD_FSTS_REG);
	u32 nr = 0;

	if (fsts == VTD_GONE) {
		nyx_unit_fail(&vu->unit, NYX_UNIT_GONE_WHY);
		return 0;
	}
	if (vu->use_qi && (fsts & VTD_FSTS_QI_ERRORS))
		vtd_qi_check_errors(vu);
	if (fsts & VTD_FSTS_PPF)
		nr = vtd_fault_records(vu, FIELD_GET(VTD_FSTS_FRI, fsts));
	/* Faults are recorded again once F fields, then PFO are clear (7.2.1). */
	if (fsts & VTD_FSTS_PFO) {
		vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_PFO);
		nyx_fault_overflow(&vu->unit);
		nr++;
	}
	if (vtd_prq_pending(vu)) {
		nyx_page_requests_read(&vu->unit);
		nr++;
	}
	return nr;
}

/**
 * vtd_fault_clear() - discard all recorded faults
 * @vu: the unit; its fault interrupt is masked
 *
 * Fault recording registers survive a reset, so these faults are from an
 * earlier system.
 *
 * Context: Any.
 */
void vtd_fault_clear(struct vtd_unit *vu)
{
	u32 nr = vtd_caps_nr_frcd(vu->cap);
	u32 i;

	for (i = 0; i < nr; i++)
		vtd_fault_record(vu, i, false);
	vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_PFO);
}
