// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes the capability registers (11.4.1 to 11.4.3).
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "caps.h"
#include "regs.h"

/* Second-stage entries hold address bits 51:12 at most (9.8). */
#define VTD_PHYS_BITS_MAX 52
/* Bits of the lower half of first-stage addresses, with 4 and with 5 levels (3.6). */
#define VTD_FIRST_BITS_4 47
#define VTD_FIRST_BITS_5 56
/* The largest PASID that a request can carry has 20 bits. */
#define VTD_PASID_BITS_MAX 20
/* A 32-bit device must be able to use all IOVAs below 4 GiB. */
#define VTD_ADDR_BITS_MIN 32

const struct nyx_field vtd_ver_fields[] = {
	{ "MAX", VTD_VER_MAX },
	{ "MIN", VTD_VER_MIN },
	{ }
};

const struct nyx_field vtd_cap_fields[] = {
	{ "ND", VTD_CAP_ND },
	{ "RWBF", VTD_CAP_RWBF },
	{ "PLMR", VTD_CAP_PLMR },
	{ "PHMR", VTD_CAP_PHMR },
	{ "CM", VTD_CAP_CM },
	{ "SAGAW", VTD_CAP_SAGAW },
	{ "MGAW", VTD_CAP_MGAW },
	{ "ZLR", VTD_CAP_ZLR },
	{ "FRO", VTD_CAP_FRO },
	{ "SSLPS", VTD_CAP_SSLPS },
	{ "PSI", VTD_CAP_PSI },
	{ "NFR", VTD_CAP_NFR },
	{ "MAMV", VTD_CAP_MAMV },
	{ "DWD", VTD_CAP_DWD },
	{ "DRD", VTD_CAP_DRD },
	{ "FS1GP", VTD_CAP_FS1GP },
	{ "PI", VTD_CAP_PI },
	{ "FS5LP", VTD_CAP_FS5LP },
	{ "ECMDS", VTD_CAP_ECMDS },
	{ "ESIRTPS", VTD_CAP_ESIRTPS },
	{ "ESRTPS", VTD_CAP_ESRTPS },
	{ }
};

const struct nyx_field vtd_ecap_fields[] = {
	{ "C", VTD_ECAP_C },
	{ "QI", VTD_ECAP_QI },
	{ "DT", VTD_ECAP_DT },
	{ "IR", VTD_ECAP_IR },
	{ "EIM", VTD_ECAP_EIM },
	{ "PT", VTD_ECAP_PT },
	{ "SC", VTD_ECAP_SC },
	{ "IRO", VTD_ECAP_IRO },
	{ "MHMV", VTD_ECAP_MHMV },
	{ "MTS", VTD_ECAP_MTS },
	{ "NEST", VTD_ECAP_NEST },
	{ "PRS", VTD_ECAP_PRS },
	{ "ERS", VTD_ECAP_ERS },
	{ "SRS", VTD_ECAP_SRS },
	{ "NWFS", VTD_ECAP_NWFS },
	{ "EAFS", VTD_ECAP_EAFS },
	{ "PSS", VTD_ECAP_PSS },
	{ "PASID", VTD_ECAP_PASID },
	{ "DIT", VTD_ECAP_DIT },
	{ "PDS", VTD_ECAP_PDS },
	{ "SMTS", VTD_ECAP_SMTS },
	{ "VCS", VTD_ECAP_VCS },
	{ "SSADS", VTD_ECAP_SSADS },
	{ "SSTS", VTD_ECAP_SSTS },
	{ "FSTS", VTD_ECAP_FSTS },
	{ "SMPWCS", VTD_ECAP_SMPWCS },
	{ "RPS", VTD_ECAP_RPS },
	{ "TDXCS", VTD_ECAP_TDXCS },
	{ "PMS", VTD_ECAP_PMS },
	{ "ADMS", VTD_ECAP_ADMS },
	{ "RPRIVS", VTD_ECAP_RPRIVS },
	{ "HPTS", VTD_ECAP_HPTS },
	{ "PTRS", VTD_ECAP_PTRS },
	{ "SSIRWS", VTD_ECAP_SSIRWS },
	{ "SMS", VTD_ECAP_SMS },
	{ "HPT1GPS", VTD_ECAP_HPT1GPS },
	{ "RDTS", VTD_ECAP_RDTS },
	{ "EIMER", VTD_ECAP_EIMER },
	{ "IRREQ", VTD_ECAP_IRREQ },
	{ }
};

/* Converts SAGAW to numbers of table levels: bit n is set for n levels. */
static u32 vtd_caps_levels(u64 cap)
{
	u32 sagaw = FIELD_GET(VTD_CAP_SAGAW, cap);

	return (sagaw & VTD_SAGAW_39 ? BIT(3) : 0) |
	       (sagaw & VTD_SAGAW_48 ? BIT(4) : 0) |
	       (sagaw & VTD_SAGAW_57 ? BIT(5) : 0);
}

/* 1 GiB pages without 2 MiB pages are invalid, so they are not used. */
static unsigned long vtd_caps_pgsizes(u64 cap)
{
	u32 sslps = FIELD_GET(VTD_CAP_SSLPS, cap);

	if (!(sslps & VTD_SSLPS_2M))
		return SZ_4K;
	if (!(sslps & VTD_SSLPS_1G))
		return SZ_4K | SZ_2M;
	return SZ_4K | SZ_2M | SZ_1G;
}

static struct nyx_walk_caps vtd_caps_first(u64 cap, u64 ecap)
{
	struct nyx_walk_caps first = { };

	if (!(ecap & VTD_ECAP_SMTS) || !(ecap & VTD_ECAP_FSTS))
		return first;
	first.format = &nyx_pt_x86;
	first.pgsizes = SZ_4K | SZ_2M | (cap & VTD_CAP_FS1GP ? SZ_1G : 0);
	first.levels = BIT(4) | (cap & VTD_CAP_FS5LP ? BIT(5) : 0);
	first.addr_bits = cap & VTD_CAP_FS5LP ? VTD_FIRST_BITS_5 :
						VTD_FIRST_BITS_4;
	return first;
}

/*
 * First-stage tables take the place of second-stage ones. A unit supports 4 levels
 * also if it supports 5, and these are enough.
 */
static void vtd_caps_only_first(struct nyx_unit_caps *caps)
{
	caps->format = caps->first.format;
	caps->pgsizes = caps->first.pgsizes;
	caps->levels = BIT(4);
	caps->addr_bits = VTD_FIRST_BITS_4;
}

/**
 * vtd_caps_register_based() - test for register-based invalidation (6.5)
 * @ver: Version Register
 *
 * Context: Any.
 * Return: true if the unit supports it.
 */
bool vtd_caps_register_based(u32 ver)
{
	return FIELD_GET(VTD_VER_MAX, ver) < VTD_VER_MAX_QI_ONLY;
}

/* Detects registers that would overlap others: the offsets must be wrong. */
static bool vtd_caps_overlap(u32 ver, u64 cap, u64 ecap)
{
	u32 frcd = vtd_caps_frcd(cap);
	u32 frcd_end = frcd + vtd_caps_nr_frcd(cap) * VTD_FRCD_SIZE;
	u32 iotlb = vtd_caps_iotlb(ecap);
	u32 fixed = ecap & VTD_ECAP_PRS ? VTD_PRS_REGS_END : VTD_FIXED_REGS_END;

	if (frcd < fixed)
		return true;
	if (!vtd_caps_register_based(ver))
		return false;
	return iotlb < fixed ||
	       (iotlb < frcd_end && frcd < iotlb + VTD_IOTLB_REGS_SIZE);
}

/**
 * vtd_caps_decode() - convert capability registers to the core's terms
 * @ver: Version Register (11.4.1)
 * @cap: Capability Register (11.4.2)
 * @ecap: Extended Capability Register (11.4.3)
 * @host_bits: host address width from the DMAR table, bits
 * @caps: filled in
 * @why: on error, set to the reason, for the log
 *
 * Context: Any.
 * Return: 0, or -EOPNOTSUPP if the driver does not support such a unit.
 */
int vtd_caps_decode(u32 ver, u64 cap, u64 ecap, u8 host_bits,
		    struct nyx_unit_caps *caps, const char **why)
{
	u32 nd = FIELD_GET(VTD_CAP_ND, cap);
	struct nyx_walk_caps first = vtd_caps_first(cap, ecap);
	u32 levels = vtd_caps_levels(cap);
	u8 addr_bits;

	if (!levels && !first.format) {
		*why = "neither first-stage nor second-stage tables of 3 to 5 levels (CAP.SAGAW)";
		return -EOPNOTSUPP;
	}
	/* The deepest table may translate fewer bits than MGAW allows. */
	addr_bits = min_t(u64, FIELD_GET(VTD_CAP_MGAW, cap) + 1,
			  12 + 9 * (fls(levels) - 1));
	if (levels && addr_bits < VTD_ADDR_BITS_MIN) {
		*why = "a guest address width below 32 bits (CAP.MGAW)";
		return -EOPNOTSUPP;
	}
	if (nd > VTD_ND_MAX) {
		*why = "a reserved number of domains (CAP.ND)";
		return -EOPNOTSUPP;
	}
	if (!(ecap & VTD_ECAP_QI) && !vtd_caps_register_based(ver)) {
		*why = "neither queued nor register-based invalidation (ECAP.QI and VER)";
		return -EOPNOTSUPP;
	}
	if (vtd_caps_overlap(ver, cap, ecap)) {
		*why = "overlapping registers (CAP.FRO, CAP.NFR and ECAP.IRO)";
		return -EOPNOTSUPP;
	}

	*caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = vtd_caps_pgsizes(cap),
		.levels = levels,
		.addr_bits = addr_bits,
		.phys_bits = min(host_bits, VTD_PHYS_BITS_MAX),
		.max_domain_id = (16U << (2 * nd)) - 1,
		.coherent = ecap & VTD_ECAP_C,
		.passthrough = ecap & VTD_ECAP_PT,
		.snoop = ecap & VTD_ECAP_SC,
		.map_flush = cap & (VTD_CAP_CM | VTD_CAP_RWBF),
		.blocked_cached = cap & VTD_CAP_CM,
	};
	if (!levels) {
		caps->first = first;
		vtd_caps_only_first(caps);
	}
	return 0;
}

/**
 * vtd_caps_scalable() - convert capability registers for scalable mode
 * @cap: Capability Register
 * @ecap: Extended Capability Register, for which vtd_caps_not_scalable() returns NULL
 * @caps: set by vtd_caps_decode(); changed to those of scalable mode
 *
 * ECAP.C does not apply to page tables in scalable mode, but SMPWCS (11.4.3).
 *
 * Context: Any.
 */
void vtd_caps_scalable(u64 cap, u64 ecap, struct nyx_unit_caps *caps)
{
	caps->coherent = ecap & VTD_ECAP_SMPWCS;
	caps->first = vtd_caps_first(cap, ecap);
	if (ecap & VTD_ECAP_PASID)
		caps->pasid_bits = min_t(u8, FIELD_GET(VTD_ECAP_PSS, ecap) + 1,
					 VTD_PASID_BITS_MAX);
	/* Requests come from devices with ATS only, and have to be drained. */
	caps->page_requests = (ecap & VTD_ECAP_PRS) && (ecap & VTD_ECAP_PDS) &&
			      (ecap & VTD_ECAP_DT);
	caps->response_pasid = true;
	if (!(ecap & VTD_ECAP_SSTS))
		vtd_caps_only_first(caps);
	else
		caps->nested = (ecap & VTD_ECAP_NEST) && caps->first.format &&
			       caps->snoop && !caps->map_flush;
	/*
	 * The driver reads the bits that the unit sets, so both must snoop. In
	 * first-stage tables all units set them.
	 */
	caps->dirty = caps->coherent &&
		      (ecap & (VTD_ECAP_SSTS | VTD_ECAP_SSADS)) != VTD_ECAP_SSTS;
}

/**
 * vtd_caps_needs_scalable() - whether a unit has no tables for legacy mode
 * @cap: Capability Register
 *
 * Context: Any.
 * Return: true if the unit has no second-stage tables.
 */
bool vtd_caps_needs_scalable(u64 cap)
{
	return !vtd_caps_levels(cap);
}

/**
 * vtd_caps_not_scalable() - why a unit cannot use scalable mode
 * @ecap: Extended Capability Register
 *
 * The PASID-cache is invalidated through the queue only (6.5.1).
 *
 * Context: Any.
 * Return: the reason, for the log; or NULL if the unit supports all that is needed.
 */
const char *vtd_caps_not_scalable(u64 ecap)
{
	if (!(ecap & VTD_ECAP_SMTS))
		return "the unit does not support it (ECAP.SMTS)";
	if (!(ecap & (VTD_ECAP_SSTS | VTD_ECAP_FSTS)))
		return "the unit has no tables for scalable mode (ECAP.SSTS, ECAP.FSTS)";
	if (!(ecap & VTD_ECAP_QI))
		return "the unit has no invalidation queue (ECAP.QI)";
	return NULL;
}

/**
 * vtd_caps_frcd() - offset of the first fault recording register
 * @cap: Capability Register
 *
 * Context: Any.
 * Return: the offset in bytes, 0 to 3ff0h.
 */
u32 vtd_caps_frcd(u64 cap)
{
	return FIELD_GET(VTD_CAP_FRO, cap) * 16;
}

/**
 * vtd_caps_nr_frcd() - number of fault recording registers
 * @cap: Capability Register
 *
 * Context: Any.
 * Return: the number, 1 to 256.
 */
u32 vtd_caps_nr_frcd(u64 cap)
{
	return FIELD_GET(VTD_CAP_NFR, cap) + 1;
}

/**
 * vtd_caps_iotlb() - offset of the IOTLB registers
 * @ecap: Extended Capability Register
 *
 * Context: Any.
 * Return: the offset in bytes, 0 to 3ff0h.
 */
u32 vtd_caps_iotlb(u64 ecap)
{
	return FIELD_GET(VTD_ECAP_IRO, ecap) * 16;
}

/**
 * vtd_caps_window() - size of the register window that the driver uses
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 *
 * Fault recording and IOTLB registers may lie beyond the first page (11.4).
 *
 * Context: Any.
 * Return: the size in bytes, a multiple of 4 KiB, at most 20 KiB.
 */
size_t vtd_caps_window(u64 cap, u64 ecap)
{
	size_t frcd = vtd_caps_frcd(cap) + vtd_caps_nr_frcd(cap) * VTD_FRCD_SIZE;
	size_t iotlb = vtd_caps_iotlb(ecap) + VTD_IOTLB_REGS_SIZE;

	return ALIGN(max3(frcd, iotlb, (size_t)VTD_MIN_WINDOW), SZ_4K);
}
