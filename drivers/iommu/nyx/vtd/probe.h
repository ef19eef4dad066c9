/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit, from where it is to one that the core can start.
 */
#ifndef NYX_VTD_PROBE_H
#define NYX_VTD_PROBE_H

#include <linux/types.h>

struct vtd_unit;

/* What to do about a built-in driver in charge. */
#define VTD_REMEDY "boot with intel_iommu=off intremap=off"

/**
 * struct vtd_site - where a unit is, and how to use it
 * @index: its number, for its name
 * @segment: PCI segment that it serves
 * @base: physical address of its registers
 * @nid: NUMA node, or NUMA_NO_NODE
 * @host_bits: host address width from the DMAR table, bits
 * @intr_remap: the platform remaps interrupts (8.1, INTR_REMAP)
 * @intr_sources: the table names an I/O APIC or HPET below the unit,
 *	or fails to name one below any
 * @register_based: invalidate through registers even if it has a queue
 */
struct vtd_site {
	unsigned int index;
	u16 segment;
	phys_addr_t base;
	int nid;
	u8 host_bits;
	bool intr_remap;
	bool intr_sources;
	bool register_based;
};

struct vtd_unit *vtd_unit_create(const struct vtd_site *site);

#endif /* NYX_VTD_PROBE_H */
