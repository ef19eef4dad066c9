// SPDX-License-Identifier: GPL-2.0-only
/*
 * The primary fault log (7.2.1).
 */
#include <linux/bitfield.h>

#include <nyx/fault.h>
#include <nyx/unit.h>

#include "caps.h"
#include "fault.h"
#include "qi.h"
#include "vtd.h"

static u32 vtd_fault_reg(const struct vtd_unit *vu, u32 index)
{
	return vtd_caps_frcd(vu->cap) + index * VTD_FRCD_SIZE;
}

/* Reads record @index, hands it on and clears it; false if there is none. */
static bool vtd_fault_record(struct vtd_unit *vu, u32 index, bool report)
{
	u32 reg = vtd_fault_reg(vu, index);
	u32 dw3 = vtd_readl(vu, reg + VTD_FRCD_DW3);
	struct nyx_fault fault;
	u64 lo, hi;

	/* The unit sets F when all else is there (11.4.7.6). */
	if (dw3 == VTD_GONE || !(dw3 & VTD_FRCD_DW3_F))
		return false;
	lo = vtd_readq(vu, reg);
	hi = vtd_readq(vu, reg + 8);
	if (hi == ~0ULL)
		return false;
	vtd_writel(vu, reg + VTD_FRCD_DW3, VTD_FRCD_DW3_F);
	if (report) {
		vtd_fault_decode(lo, hi, &fault);
		nyx_fault_report(&vu->unit, &fault);
	}
	return true;
}

/*
 * The records lie in order from the one that FRI names on, up to the first that
 * is clear. A fault that comes after that one was looked at finds no pending
 * fault, and so raises the interrupt anew (7.3).
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
	/* None where the unit says: as long as one is left, it is silent. */
	for (i = 0; i < nr; i++)
		done += vtd_fault_record(vu, i, true);
	return done;
}

/* Once through the log. Returns how much there was to do. */
static u32 vtd_fault_read(struct nyx_unit *unit)
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
	/* Records first: only then does the unit record again (7.2.1). */
	if (fsts & VTD_FSTS_PFO) {
		vtd_writel(vu, VTD_FSTS_REG, VTD_FSTS_PFO);
		nyx_fault_overflow(&vu->unit);
		nr++;
	}
	return nr;
}

/**
 * vtd_fault_clear() - drop what is in the fault log
 * @vu: the unit; its fault interrupt is masked
 *
 * Records survive a reset, so these are another system's.
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

/**
 * vtd_fault_service() - read the fault log to its end
 * @vu: the unit, which raised its fault interrupt
 *
 * Context: May sleep.
 */
void vtd_fault_service(struct vtd_unit *vu)
{
	nyx_fault_service(&vu->unit, vtd_fault_read, &vu->stopping);
}
