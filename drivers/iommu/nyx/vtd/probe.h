/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Creating a unit from its description in the DMAR table.
 */
#ifndef NYX_VTD_PROBE_H
#define NYX_VTD_PROBE_H

#include <linux/types.h>

struct vtd_unit;

/* Remedy if the built-in driver uses the units. */
#define VTD_REMEDY "boot with intel_iommu=off intremap=off"

/**
 * struct vtd_site - location and use of a unit
 * @index: number for the unit's name
 * @segment: PCI segment that the unit serves
 * @base: physical address of the registers
 * @nid: NUMA node, or NUMA_NO_NODE
 * @host_bits: host address width from the DMAR table, in bits
 * @intr_remap: the platform supports interrupt remapping (8.1, INTR_REMAP)
 * @intr_sources: the unit has an I/O APIC or HPET in its scopes, or an I/O APIC
 *	is in no unit's scopes
 * @takeover: a unit that another system left running may be taken over
 * @capture: this kernel writes the dump of a kernel that crashed
 * @tboot: the machine was started by tboot, which needs the built-in driver
 * @register_based: invalidate through registers even if the unit has a queue
 * @scalable: use scalable mode if possible
 * @needs_ats: a device that may be below the unit works only with ATS (SATC,
 *	ATC_REQUIRED)
 * @graphics: the unit serves nothing but display controllers
 * @quirks: nyx_quirk_machine()
 */
struct vtd_site {
	unsigned int index;
	u16 segment;
	phys_addr_t base;
	int nid;
	u8 host_bits;
	bool intr_remap;
	bool intr_sources;
	bool takeover;
	bool capture;
	bool tboot;
	bool register_based;
	bool scalable;
	bool needs_ats;
	bool graphics;
	u32 quirks;
};

struct vtd_unit *vtd_unit_create(const struct vtd_site *site);

#endif /* NYX_VTD_PROBE_H */
