// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of functions that need special treatment. It is the only place
 * outside the vendors' folders that names vendors and devices. Each row names
 * its source.
 */
#include <linux/kernel.h>
#include <linux/pci_ids.h>

#include "quirks.h"

#define ANY_REV		.last_rev = 0xff

/* The functions of a row: a range of device IDs in all revisions. */
#define IDS(_vendor, _first, _last) \
	.vendor = (_vendor), .first = (_first), .last = (_last), ANY_REV

#define INTEL		PCI_VENDOR_ID_INTEL

/* Sources of several rows. */
#define RWBF		"Linux 7.3, intel/iommu.c, quirk_iommu_rwbf()"

const struct nyx_quirk nyx_quirks[] = {
	/*
	 * Host bridges of the Mobile 4 Series and 4 Series chipsets. Their
	 * units need write-buffer flushes although CAP.RWBF is clear.
	 */
	{ IDS(INTEL, 0x2a40, 0x2a40), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e00, 0x2e00), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e10, 0x2e10), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e20, 0x2e20), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e30, 0x2e30), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e40, 0x2e40), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
	{ IDS(INTEL, 0x2e90, 0x2e90), .flags = NYX_QUIRK_WRITE_BUFFER, .source = RWBF },
};

const unsigned int nyx_nr_quirks = ARRAY_SIZE(nyx_quirks);
