// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of functions that need special treatment. It is the only place
 * outside the vendors' folders that names vendors and devices. Each row names
 * its source.
 */
#include <linux/kernel.h>
#include <linux/pci.h>

#include "quirks.h"

/* The functions of a row: ranges of device IDs and of revisions. */
#define REVS(_vendor, _first, _last, _first_rev, _last_rev) \
	.vendor = (_vendor), .first = (_first), .last = (_last), \
	.first_rev = (_first_rev), .last_rev = (_last_rev)

/* A range of device IDs in all revisions. */
#define IDS(_vendor, _first, _last) \
	REVS(_vendor, _first, _last, 0, 0xff)

/* All functions of a vendor. */
#define ALL(_vendor)	IDS(_vendor, 0, 0xffff)

#define INTEL		PCI_VENDOR_ID_INTEL
#define ATI		PCI_VENDOR_ID_ATI
#define AMD		PCI_VENDOR_ID_AMD
#define EMULEX		0x10df
#define SERVERENGINES	0x19a2

/* Conditions on the class: a host bridge, a display, a digitizer. */
#define HOST_BRIDGE	.class = 0x060000, .class_mask = 0xffff00
#define DISPLAY		.class = 0x030000, .class_mask = 0xff0000
#define DIGITIZER	.class = 0x090100, .class_mask = 0xffff00

/* Conditions on the type and the place. */
#define ROOT_PORT	.types = BIT(PCI_EXP_TYPE_ROOT_PORT)
#define PORT		.types = BIT(PCI_EXP_TYPE_ROOT_PORT) | \
				 BIT(PCI_EXP_TYPE_DOWNSTREAM)
#define SOUTHBRIDGE	.root_bus = true, .multifunction = true
#define INTEGRATED	.types = BIT(PCI_EXP_TYPE_RC_END)

/* What the functions of a row need. */
#define WRITE_BUFFER	.flags = NYX_QUIRK_WRITE_BUFFER
#define NO_INTR		.flags = NYX_QUIRK_NO_INTR
#define NO_GRAPHICS	.flags = NYX_QUIRK_NO_GRAPHICS
#define GRAPHICS_ON	.flags = NYX_QUIRK_GRAPHICS_ON
#define NO_UNITS	.flags = NYX_QUIRK_NO_UNITS
#define GRAPHICS	.flags = NYX_QUIRK_GRAPHICS
#define ISOCH_AUDIO	.flags = NYX_QUIRK_ISOCH_AUDIO
#define ISOCH_CONTROL	.flags = NYX_QUIRK_ISOCH_CONTROL
#define PASID		.flags = NYX_QUIRK_PASID
#define FLUSH_TWICE	.flags = NYX_QUIRK_FLUSH_TWICE
#define ANY_SOURCE	.flags = NYX_QUIRK_ANY_SOURCE
#define ISOLATED	.flags = NYX_QUIRK_ISOLATED
#define ACS_DWORD	.flags = NYX_QUIRK_ACS_DWORD
#define ACS_CHIPSET	.flags = NYX_QUIRK_ACS_CHIPSET
#define LOSES_CONFIG	.flags = NYX_QUIRK_LOSES_CONFIG

/*
 * Sources. Functions of the kernel are those of Linux 7.3: of its file
 * drivers/iommu/intel/iommu.c (VTD), drivers/pci/quirks.c (PCI) and
 * arch/x86/kernel/early-quirks.c (EARLY).
 */
#define VTD(name)	.source = "Linux, intel/iommu.c: " name
#define PCI(name)	.source = "Linux, pci/quirks.c: " name
#define EARLY(name)	.source = "Linux, x86/kernel/early-quirks.c: " name
#define SOURCE(text)	.source = text

const struct nyx_quirk nyx_quirks[] = {
	/*
	 * Host bridges of the Mobile 4 Series and 4 Series chipsets. Their
	 * units need write-buffer flushes although CAP.RWBF is clear.
	 */
	{ IDS(INTEL, 0x2a40, 0x2a40), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e00, 0x2e00), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e10, 0x2e10), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e20, 0x2e20), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e30, 0x2e30), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e40, 0x2e40), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },
	{ IDS(INTEL, 0x2e90, 0x2e90), WRITE_BUFFER, VTD("quirk_iommu_rwbf") },

	/* 5500, 5520 and X58 do not drain interrupts when an IRTE changes. */
	{ REVS(INTEL, 0x3403, 0x3403, 0, 0x13), HOST_BRIDGE, NO_INTR,
	  EARLY("intel_remapping_check") },
	{ REVS(INTEL, 0x3405, 0x3405, 0, 0x13), HOST_BRIDGE, NO_INTR,
	  EARLY("intel_remapping_check") },
	{ REVS(INTEL, 0x3406, 0x3406, 0, 0x13), HOST_BRIDGE, NO_INTR,
	  EARLY("intel_remapping_check") },
	{ REVS(INTEL, 0x3405, 0x3405, 0x22, 0x22), HOST_BRIDGE, NO_INTR,
	  EARLY("intel_remapping_check") },

	/* Graphics of Q35; host bridges of the Mobile 4 Series and 4 Series. */
	{ IDS(INTEL, 0x29b2, 0x29b2), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2a40, 0x2a40), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e00, 0x2e00), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e10, 0x2e10), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e20, 0x2e20), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e30, 0x2e30), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e40, 0x2e40), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x2e90, 0x2e90), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	/*
	 * Host bridges of Ironlake graphics. The kernel translates some of them
	 * if firmware reserved memory for it, and then has to wait until the
	 * graphics are idle before each invalidation.
	 */
	{ IDS(INTEL, 0x0044, 0x0044), NO_GRAPHICS, VTD("quirk_iommu_igfx") },
	{ IDS(INTEL, 0x0040, 0x0040), NO_GRAPHICS,
	  VTD("quirk_calpella_no_shadow_gtt") },
	{ IDS(INTEL, 0x0062, 0x0062), NO_GRAPHICS,
	  VTD("quirk_calpella_no_shadow_gtt") },
	{ IDS(INTEL, 0x006a, 0x006a), NO_GRAPHICS,
	  VTD("quirk_calpella_no_shadow_gtt") },
	/* Broadwell graphics; host bridges have IDs in between. */
	{ IDS(INTEL, 0x1602, 0x163e), DISPLAY, NO_GRAPHICS,
	  VTD("quirk_iommu_igfx") },

	/* Integrated graphics from Ice Lake to Meteor Lake */
	{ IDS(INTEL, 0x4500, 0x45ff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x4600, 0x46ff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x4c00, 0x4cff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x4e00, 0x4eff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x7d00, 0x7dff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x8a00, 0x8aff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x9800, 0x98ff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0x9a00, 0x9aff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },
	{ IDS(INTEL, 0xa700, 0xa7ff), DISPLAY, GRAPHICS_ON,
	  VTD("quirk_igfx_skip_te_disable") },

	{ ALL(INTEL), DISPLAY, .root_bus = true, GRAPHICS,
	  VTD("IS_INTGPU_DEVICE") },

	/* Tylersburg: audio, and System Management Registers */
	{ IDS(INTEL, 0x3a3e, 0x3a3e), ISOCH_AUDIO,
	  VTD("check_tylersburg_isoch") },
	{ IDS(INTEL, 0x342e, 0x342e), ISOCH_CONTROL,
	  VTD("check_tylersburg_isoch") },

	/* Graphics of Stoney Ridge */
	{ IDS(ATI, 0x98e4, 0x98e4), NO_UNITS,
	  SOURCE("Linux, amd/init.c: detect_ivrs") },

	/* RD890 */
	{ IDS(ATI, 0x5a23, 0x5a23), LOSES_CONFIG,
	  SOURCE("Linux, amd/init.c: iommu_apply_resume_quirks") },

	/* Graphics of Raven and later, and other accelerators */
	{ ALL(ATI), PASID,
	  SOURCE("Linux, amd/iommu.c: amd_iommu_def_domain_type") },
	{ ALL(AMD), PASID,
	  SOURCE("Linux, amd/iommu.c: amd_iommu_def_domain_type") },

	/* QAT: confirms an invalidation before earlier writes are visible. */
	{ IDS(INTEL, 0x4940, 0x4943), FLUSH_TWICE,
	  VTD("quirk_extra_dev_tlb_flush") },

	/*
	 * Touch Host Controllers of Lakefield and Tiger Lake, found in Surface
	 * devices: 00:10.6 sends its MSIs with the requester ID 01:05.0.
	 */
	{ IDS(INTEL, 0x98d0, 0x98d1), DIGITIZER, ANY_SOURCE,
	  SOURCE("github.com/linux-surface/linux-surface, patches/6.6/0005-ithc.patch") },
	{ IDS(INTEL, 0xa0d0, 0xa0d1), DIGITIZER, ANY_SOURCE,
	  SOURCE("github.com/linux-surface/linux-surface, patches/6.6/0005-ithc.patch") },
	{ IDS(INTEL, 0x43d0, 0x43d1), DIGITIZER, ANY_SOURCE,
	  SOURCE("github.com/linux-surface/linux-surface, patches/6.6/0005-ithc.patch") },

	/* Functions of multi-function devices that reach each other upstream. */
	{ IDS(PCI_VENDOR_ID_SOLARFLARE, 0x0903, 0x0903), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_SOLARFLARE, 0x0923, 0x0923), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_SOLARFLARE, 0x0a03, 0x0a03), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x105e, 0x1060), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10a7, 0x10a7), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10a9, 0x10a9), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10c6, 0x10c6), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10c9, 0x10c9), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10d6, 0x10d6), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10d9, 0x10d9), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10db, 0x10db), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10dd, 0x10dd), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10e1, 0x10e1), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10e6, 0x10e8), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10f1, 0x10f1), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x10f7, 0x10fc), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1507, 0x1507), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1509, 0x150a), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x150d, 0x1511), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1514, 0x1514), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1516, 0x1516), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1518, 0x1518), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x151c, 0x151c), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1521, 0x1524), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1526, 0x1527), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1529, 0x152a), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x154d, 0x154d), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x154f, 0x154f), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1551, 0x1551), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x1558, 0x1558), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(INTEL, 0x15b7, 0x15b8), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(EMULEX, 0x0720, 0x0720), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(SERVERENGINES, 0x0710, 0x0710), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_BROADCOM, 0x16d7, 0x16d7), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_BROADCOM, 0x1750, 0x1752), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_BROADCOM, 0x1760, 0x1763), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x3038, 0x3038), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x3104, 0x3104), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x9083, 0x9083), ISOLATED,
	  PCI("pci_quirk_mf_endpoint_acs") },

	/* VT-d 3.1, section 3.16: they reach no other function directly. */
	{ ALL(INTEL), INTEGRATED, ISOLATED, PCI("pci_quirk_rciep_acs") },

	/* Network cards of Wangxun */
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x0100, 0x010f), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x1001, 0x1001), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x2001, 0x2001), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5010, 0x5010), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5025, 0x5025), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5040, 0x5040), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5110, 0x5110), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5125, 0x5125), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },
	{ IDS(PCI_VENDOR_ID_WANGXUN, 0x5140, 0x5140), ISOLATED,
	  PCI("pci_quirk_wangxun_nic_acs") },

	/*
	 * Functions of southbridges that have an AMD IOMMU above them. They
	 * have no ACS capability, and most are not PCI Express.
	 */
	{ IDS(ATI, 0x4383, 0x4383), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(ATI, 0x4384, 0x4384), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(ATI, 0x4385, 0x4385), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(ATI, 0x4399, 0x4399), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(ATI, 0x439c, 0x439c), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(ATI, 0x439d, 0x439d), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(AMD, 0x7809, 0x7809), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },
	{ IDS(AMD, 0x780f, 0x780f), SOUTHBRIDGE, ISOLATED,
	  PCI("pci_quirk_amd_sb_acs") },

	/* Ports without an ACS capability, which never forward to each other. */
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x0710, 0x071e), PORT, ISOLATED,
	  PCI("pci_quirk_zhaoxin_pcie_ports_acs") },
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x0721, 0x0721), PORT, ISOLATED,
	  PCI("pci_quirk_zhaoxin_pcie_ports_acs") },
	{ IDS(PCI_VENDOR_ID_ZHAOXIN, 0x0723, 0x0752), PORT, ISOLATED,
	  PCI("pci_quirk_zhaoxin_pcie_ports_acs") },

	/*
	 * Sunrise Point and its successors: ACS control is at offset 8 of the
	 * capability. Errata: 100 Series 23, 200 Series 22, mobile 7th and 8th
	 * Generation 22.
	 */
	{ IDS(INTEL, 0xa110, 0xa11f), ROOT_PORT, ACS_DWORD,
	  PCI("pci_quirk_intel_spt_pch_acs") },
	{ IDS(INTEL, 0xa167, 0xa16a), ROOT_PORT, ACS_DWORD,
	  PCI("pci_quirk_intel_spt_pch_acs") },
	{ IDS(INTEL, 0xa290, 0xa29f), ROOT_PORT, ACS_DWORD,
	  PCI("pci_quirk_intel_spt_pch_acs") },
	{ IDS(INTEL, 0xa2e7, 0xa2ee), ROOT_PORT, ACS_DWORD,
	  PCI("pci_quirk_intel_spt_pch_acs") },
	{ IDS(INTEL, 0x9d10, 0x9d1b), ROOT_PORT, ACS_DWORD,
	  PCI("pci_quirk_intel_spt_pch_acs") },

	/*
	 * Root ports of earlier PCHs have no ACS capability. Registers of the
	 * chipset have the same effect (Red Hat bug 1037684).
	 */
	{ IDS(INTEL, 0x3b42, 0x3b51), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1c10, 0x1c1f), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1e10, 0x1e1f), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c10, 0x8c1f), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x9c10, 0x9c1b), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x9c90, 0x9c9b), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d10, 0x1d10), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d12, 0x1d12), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d14, 0x1d14), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d16, 0x1d16), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d18, 0x1d18), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d1a, 0x1d1a), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d1c, 0x1d1c), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x1d1e, 0x1d1e), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8d10, 0x8d1e), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c90, 0x8c90), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c92, 0x8c92), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c94, 0x8c94), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c96, 0x8c96), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c98, 0x8c98), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c9a, 0x8c9a), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c9c, 0x8c9c), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
	{ IDS(INTEL, 0x8c9e, 0x8c9e), ROOT_PORT, ACS_CHIPSET,
	  PCI("pci_quirk_intel_pch_acs") },
};

const unsigned int nyx_nr_quirks = ARRAY_SIZE(nyx_quirks);

/*
 * These drivers copy the message of an MSI to other registers of their device, which
 * then raises interrupts with the copy, or write a copy back later (ib_qib). The copy
 * would not follow a change of the message.
 */
const struct nyx_quirk_driver nyx_quirk_drivers[] = {
	{ "ath11k_pci", SOURCE("Linux, ath/ath11k/pci.c: ath11k_pci_alloc_msi") },
	{ "ath12k_pci", SOURCE("Linux 6.12, ath/ath12k/pci.c: ath12k_pci_get_msi_address") },
	{ "ath12k_wifi7_pci", SOURCE("Linux, ath/ath12k/pci.c: ath12k_pci_get_msi_address") },
	{ "dw-edma-pcie", SOURCE("Linux, dw-edma/dw-edma-core.c: dw_edma_irq_request") },
	{ "esd_402_pci", SOURCE("Linux, esd/esd_402_pci-core.c: pci402_set_msiconfig") },
	{ "ib_qib", SOURCE("Linux 6.12, hw/qib/qib_pcie.c: qib_reinit_intr") },
	{ "spi-pci1xxxx", SOURCE("Linux, spi/spi-pci1xxxx.c: pci1xxxx_spi_dma_config") },
};

const unsigned int nyx_nr_quirk_drivers = ARRAY_SIZE(nyx_quirk_drivers);
