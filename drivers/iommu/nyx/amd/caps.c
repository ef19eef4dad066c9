// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding of the capabilities of a unit, from its registers and the IVHD
 * block.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "caps.h"
#include "devtab.h"
#include "gcr3.h"
#include "ivrs.h"
#include "regs.h"

/*
 * Leaf sizes: all powers of two (2.2.3) up to the range of three levels. Some
 * units handle leaves of 512 GiB incorrectly, and no mapping is that large.
 */
#define AMD_PGSIZES GENMASK_ULL(38, 12)

/* Page-table entries of the host hold physical addresses of this width (2.2.3). */
#define AMD_PHYS_BITS 52

/*
 * Guest page tables have 4 levels. IOVAs are the lower half of the canonical
 * addresses.
 */
#define AMD_GUEST_LEVELS 4
#define AMD_GUEST_ADDR_BITS 47
#define AMD_PASID_BITS 20

const struct nyx_field amd_cap_fields[] = {
	{ "CapRev", AMD_CAP_REV },
	{ "IotlbSup", AMD_CAP_IOTLB_SUP },
	{ "HtTunnel", AMD_CAP_HT_TUNNEL },
	{ "NpCache", AMD_CAP_NP_CACHE },
	{ "EFRSup", AMD_CAP_EFR_SUP },
	{ "CapExt", AMD_CAP_EXT },
	{ }
};

const struct nyx_field amd_efr_fields[] = {
	{ "PreFSup", AMD_EFR_PREF_SUP },
	{ "PPRSup", AMD_EFR_PPR_SUP },
	{ "XTSup", AMD_EFR_XT_SUP },
	{ "NXSup", AMD_EFR_NX_SUP },
	{ "GTSup", AMD_EFR_GT_SUP },
	{ "GAPPISup", AMD_EFR_GAPPI_SUP },
	{ "IASup", AMD_EFR_IA_SUP },
	{ "GASup", AMD_EFR_GA_SUP },
	{ "HESup", AMD_EFR_HE_SUP },
	{ "PCSup", AMD_EFR_PC_SUP },
	{ "HATS", AMD_EFR_HATS },
	{ "GATS", AMD_EFR_GATS },
	{ "GLXSup", AMD_EFR_GLX_SUP },
	{ "SmiFSup", AMD_EFR_SMI_F_SUP },
	{ "SmiFRC", AMD_EFR_SMI_F_RC },
	{ "GAMSup", AMD_EFR_GAM_SUP },
	{ "DualPprLogSup", AMD_EFR_DUAL_PPR_LOG_SUP },
	{ "DualEventLogSup", AMD_EFR_DUAL_EVENT_LOG_SUP },
	{ "SATSSup", AMD_EFR_SATS_SUP },
	{ "PASmax", AMD_EFR_PAS_MAX },
	{ "USSup", AMD_EFR_US_SUP },
	{ "DevTblSegSup", AMD_EFR_DEV_TBL_SEG_SUP },
	{ "PprOvrflwEarlySup", AMD_EFR_PPR_OVRFLW_EARLY_SUP },
	{ "PPRAutoRspSup", AMD_EFR_PPR_AUTO_RSP_SUP },
	{ "MarcSup", AMD_EFR_MARC_SUP },
	{ "BlkStopMrkSup", AMD_EFR_BLK_STOP_MRK_SUP },
	{ "PerfOptSup", AMD_EFR_PERF_OPT_SUP },
	{ "MsiCapMmioSup", AMD_EFR_MSI_CAP_MMIO_SUP },
	{ "GIoSup", AMD_EFR_GIO_SUP },
	{ "HASup", AMD_EFR_HA_SUP },
	{ "EPHSup", AMD_EFR_EPH_SUP },
	{ "AttrFWSup", AMD_EFR_ATTR_FW_SUP },
	{ "HDSup", AMD_EFR_HD_SUP },
	{ "InvIotlbTypeSup", AMD_EFR_INV_IOTLB_TYPE_SUP },
	{ "vIommuSup", AMD_EFR_VIOMMU_SUP },
	{ "VmGuardIOSup", AMD_EFR_VM_GUARD_IO_SUP },
	{ "VmTableSize", AMD_EFR_VM_TABLE_SIZE },
	{ "GAUpdateDisSup", AMD_EFR_GA_UPDATE_DIS_SUP },
	{ "ForcePhyDestSup", AMD_EFR_FORCE_PHY_DEST_SUP },
	{ "SNPSup", AMD_EFR_SNP_SUP },
	{ }
};

const struct nyx_field amd_efr2_fields[] = {
	{ "TMPMSup", AMD_EFR2_TMPM_SUP },
	{ "GCR3TRPMode", AMD_EFR2_GCR3_TRP_MODE },
	{ "GAPPIDisSup", AMD_EFR2_GAPPI_DIS_SUP },
	{ "SNPAVICSup", AMD_EFR2_SNP_AVIC_SUP },
	{ "NumIntRemapSup", AMD_EFR2_NUM_INT_REMAP_SUP },
	{ "HTRangeIgnore", AMD_EFR2_HT_RANGE_IGNORE },
	{ }
};

/*
 * Features that the driver uses through commands and control bits, and those
 * whose wrong image would let DMA hit something else.
 */
#define AMD_EFR_COMMANDED \
	(AMD_EFR_IA_SUP | AMD_EFR_PPR_SUP | AMD_EFR_DEV_TBL_SEG_SUP | \
	 AMD_EFR_GA_SUP | AMD_EFR_XT_SUP | AMD_EFR_HA_SUP | AMD_EFR_HD_SUP | \
	 AMD_EFR_GT_SUP | AMD_EFR_GIO_SUP | AMD_EFR_GLX_SUP | \
	 AMD_EFR_PAS_MAX)
#define AMD_EFR2_COMMANDED \
	(AMD_EFR2_NUM_INT_REMAP_SUP | AMD_EFR2_HT_RANGE_IGNORE)

/**
 * amd_caps_efr() - determine the features of a unit
 * @fw: the IVHD block of the unit
 * @cap: Capability Header from the capability block
 * @efr: Extended Feature Register (MMIO offset 0030h)
 *
 * If the IVHD block has an image of the register, software has to use the
 * image. But a feature that the unit itself does not report is not used,
 * because the unit would stop at the first command of it, or would read tables
 * in another format.
 *
 * An IVHD block of type 10h has no image, but reports some features. They are
 * all that is known about a unit without the register. GASup decides about the
 * format of interrupt remapping tables, which therefore needs both reports.
 *
 * Context: Any.
 * Return: AMD_EFR_*.
 */
u64 amd_caps_efr(const struct amd_ivrs_unit *fw, u32 cap, u64 efr)
{
	if (fw->has_efr && (cap & AMD_CAP_EFR_SUP))
		return fw->efr & (efr | ~AMD_EFR_COMMANDED);
	if (fw->has_efr)
		return fw->efr;
	if (cap & AMD_CAP_EFR_SUP)
		return fw->type != 0x10 ||
		       (fw->attributes & AMD_IVHD_FEATURE_GA_SUP) ? efr :
		       efr & ~AMD_EFR_GA_SUP;
	if (fw->type != 0x10)
		return 0;
	return FIELD_PREP(AMD_EFR_HATS,
			  FIELD_GET(AMD_IVHD_FEATURE_HATS, fw->attributes)) |
	       (fw->attributes & AMD_IVHD_FEATURE_IA_SUP ? AMD_EFR_IA_SUP : 0);
}

/**
 * amd_caps_efr2() - determine further features of a unit
 * @fw: the IVHD block of the unit
 * @cap: Capability Header from the capability block
 * @efr2: Extended Feature 2 Register (MMIO offset 01a0h)
 *
 * The rules are those of amd_caps_efr().
 *
 * Context: Any.
 * Return: AMD_EFR2_*.
 */
u64 amd_caps_efr2(const struct amd_ivrs_unit *fw, u32 cap, u64 efr2)
{
	if (!(cap & AMD_CAP_EFR_SUP))
		return fw->has_efr ? fw->efr2 : 0;
	return fw->has_efr ? fw->efr2 & (efr2 | ~AMD_EFR2_COMMANDED) : efr2;
}

/*
 * Without GIOSup, a guest table cannot translate requests without PASID. Without
 * IASup, no command is certain to invalidate the guest translations of all PASIDs
 * at once: see amd_entry_inv_domain().
 *
 * All guest tables of a device have the same depth (2.2.6). 4 levels suffice for
 * IOVAs, and each unit walks them.
 */
static void amd_caps_guest(u64 efr, struct nyx_unit_caps *caps)
{
	const u64 need = AMD_EFR_GT_SUP | AMD_EFR_GIO_SUP | AMD_EFR_IA_SUP;
	u32 glx = FIELD_GET(AMD_EFR_GLX_SUP, efr);
	u32 bits = FIELD_GET(AMD_EFR_PAS_MAX, efr) + 1;

	if ((efr & need) != need || glx == AMD_GLX_RESERVED ||
	    FIELD_GET(AMD_EFR_GATS, efr) == AMD_GATS_RESERVED)
		return;
	caps->first = (struct nyx_walk_caps) {
		.format = &nyx_pt_x86,
		.pgsizes = SZ_4K | SZ_2M | SZ_1G,
		.levels = BIT(AMD_GUEST_LEVELS),
		.addr_bits = AMD_GUEST_ADDR_BITS,
		.per_device = true,
	};
	bits = min_t(u32, bits, AMD_GCR3_BITS * (glx + 1));
	caps->pasid_bits = min_t(u32, bits, AMD_PASID_BITS);
}

/**
 * amd_caps_decode() - decode the capabilities that the core needs
 * @ivrs: the IVRS table
 * @index: index of the unit in @ivrs
 * @cap: Capability Header from the capability block
 * @efr: result of amd_caps_efr()
 * @caps: filled in
 * @why: on error, describes what the unit lacks
 *
 * Context: Any.
 * Return: 0, or -EOPNOTSUPP if the driver does not support the unit.
 */
int amd_caps_decode(const struct amd_ivrs *ivrs, unsigned int index, u32 cap,
		    u64 efr, struct nyx_unit_caps *caps, const char **why)
{
	const struct amd_ivrs_unit *fw = &ivrs->unit[index];
	u32 hats = FIELD_GET(AMD_EFR_HATS, efr);
	u8 levels = 4 + hats;

	if (hats == AMD_HATS_RESERVED ||
	    (fw->type != 0x10 && (fw->attributes & AMD_IVHD_HATS_DIS))) {
		*why = "no host translation (EFR.HATS and IVHD.HATDis)";
		return -EOPNOTSUPP;
	}
	*caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_amdv1,
		.pgsizes = AMD_PGSIZES,
		.levels = GENMASK(levels, 3),
		/* An IOVA is not wider than the range of the deepest table. */
		.addr_bits = min(ivrs->va_bits, 12 + 9 * levels),
		.phys_bits = AMD_PHYS_BITS,
		.max_domain_id = U16_MAX,
		/*
		 * With the Coherent bit and SD = 0 in entries the unit snoops.
		 */
		.coherent = true,
		.passthrough = true,
		.snoop = true,
		/* The unit sets A and D in leaves if a DTE requests it. */
		.dirty = (efr & AMD_EFR_HA_SUP) && (efr & AMD_EFR_HD_SUP),
		.map_flush = cap & AMD_CAP_NP_CACHE,
		.page_requests = efr & AMD_EFR_PPR_SUP,
		/* Blocking entries are valid, so the unit caches them. */
		.blocked_cached = true,
	};
	amd_caps_guest(efr, caps);
	return 0;
}

/**
 * amd_caps_control() - compute the Control Register of a unit
 * @flags: AMD_IVHD_*
 *
 * The IVHD flags decide, except that reads of the unit are always coherent,
 * because the driver does not flush CPU caches. A device must respond to an
 * invalidation within one second.
 *
 * Context: Any.
 * Return: AMD_CTRL_*, without the bits that enable functions of the unit.
 */
u64 amd_caps_control(u8 flags)
{
	return (flags & AMD_IVHD_HT_TUN_EN ? AMD_CTRL_HT_TUN_EN : 0) |
	       (flags & AMD_IVHD_PASS_PW ? AMD_CTRL_PASS_PW : 0) |
	       (flags & AMD_IVHD_RES_PASS_PW ? AMD_CTRL_RES_PASS_PW : 0) |
	       (flags & AMD_IVHD_ISOC ? AMD_CTRL_ISOC : 0) |
	       AMD_CTRL_COHERENT |
	       FIELD_PREP(AMD_CTRL_INV_TIME_OUT, AMD_INV_TIME_OUT_1S);
}

/**
 * amd_caps_ht_reserved() - check whether IOVAs must avoid HyperTransport's range
 * @efr2: result of amd_caps_efr2()
 *
 * Requests to that range are special to a unit (2.1.2), unless it reports
 * HTRangeIgnore.
 *
 * Context: Any.
 * Return: true if the range must not be used for IOVAs.
 */
bool amd_caps_ht_reserved(u64 efr2)
{
	return !(efr2 & AMD_EFR2_HT_RANGE_IGNORE);
}

/**
 * amd_caps_segments() - number of segments that the device table can have
 * @efr: the unit's features
 *
 * Context: Any.
 * Return: 1, 2, 4 or 8 (DevTblSegSup).
 */
unsigned int amd_caps_segments(u64 efr)
{
	return 1U << FIELD_GET(AMD_EFR_DEV_TBL_SEG_SUP, efr);
}

/**
 * amd_last_device_id() - find the largest DeviceID of a unit
 * @ivrs: the IVRS table
 * @index: index of the unit in @ivrs
 *
 * Context: Any.
 * Return: the DeviceID. Those of I/O APICs, HPETs and ACPI devices are
 *	included, because their interrupts need entries as well.
 */
u16 amd_last_device_id(const struct amd_ivrs *ivrs, unsigned int index)
{
	u16 last = 0;
	unsigned int i;

	for (i = 0; i < ivrs->nr_range; i++) {
		if (ivrs->range[i].unit != index)
			continue;
		last = max(last, ivrs->range[i].last);
		if (ivrs->range[i].alias)
			last = max(last, ivrs->range[i].source);
	}
	for (i = 0; i < ivrs->nr_special; i++)
		if (ivrs->special[i].unit == index)
			last = max(last, ivrs->special[i].source);
	for (i = 0; i < ivrs->nr_acpi; i++)
		if (ivrs->acpi[i].unit == index)
			last = max(last, ivrs->acpi[i].device_id);
	return last;
}
