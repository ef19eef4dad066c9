/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMAR table, parsed and checked (VT-d specification, chapter 8).
 *
 * The parser uses neither ACPI nor PCI functions of the kernel, so it also runs
 * under User-mode Linux. target.h relates the result to devices.
 */
#ifndef NYX_VTD_DMAR_H
#define NYX_VTD_DMAR_H

#include <linux/types.h>

#include "firmware/fw_table.h"

/* Paths start at a bus number that firmware assigned, so they are short. */
#define VTD_SCOPE_MAX_HOPS 16

/**
 * enum vtd_scope_type - type of a device scope (8.3.1)
 * @VTD_SCOPE_ENDPOINT: one PCI endpoint
 * @VTD_SCOPE_SUBTREE: a PCI-PCI bridge and everything below it
 * @VTD_SCOPE_IOAPIC: an I/O APIC; bus and path give its source-id
 * @VTD_SCOPE_HPET: an HPET that can send MSIs; bus and path give its source-id
 * @VTD_SCOPE_ACPI: a device of the ACPI namespace, named by an ANDD; bus and
 *	path give its source-id
 */
enum vtd_scope_type {
	VTD_SCOPE_ENDPOINT = 1,
	VTD_SCOPE_SUBTREE = 2,
	VTD_SCOPE_IOAPIC = 3,
	VTD_SCOPE_HPET = 4,
	VTD_SCOPE_ACPI = 5,
};

/**
 * struct vtd_scope - one device scope
 * @type: enum vtd_scope_type
 * @id: enumeration ID: of the I/O APIC or HPET, or the device number of an ANDD
 * @bus: bus number at which the path starts
 * @hops: number of entries in @path, 1 to VTD_SCOPE_MAX_HOPS
 * @path: device and function of each hop, as PCI_DEVFN()
 */
struct vtd_scope {
	u8 type;
	u8 id;
	u8 bus;
	u8 hops;
	u8 path[VTD_SCOPE_MAX_HOPS];
};

/**
 * struct vtd_scopes - the device scopes of one structure
 * @scope: the first scope
 * @nr: number of scopes, may be 0
 */
struct vtd_scopes {
	const struct vtd_scope *scope;
	unsigned int nr;
};

/**
 * struct vtd_drhd - one remapping hardware unit (8.3)
 * @base: physical address of the registers, 4 KiB aligned, not 0
 * @size: bytes of the register window, a power of two, at least 4 KiB;
 *	@base + @size is at most 2^52
 * @segment: PCI segment
 * @include_all: INCLUDE_PCI_ALL: the unit serves every PCI device of the
 *	segment that is in no other unit's scopes
 * @usable: @base and @size are valid, and this is not a duplicate. An unusable
 *	unit stays in the table so that its devices are not attributed to the
 *	INCLUDE_PCI_ALL unit; vtd_scope_find() returns -ENXIO for them
 * @unit: index of the first entry for the same unit. It is this one's own index
 *	unless this one is a duplicate, whose devices belong to the first one
 * @scopes: the devices that it serves
 */
struct vtd_drhd {
	u64 base;
	u64 size;
	u16 segment;
	bool include_all;
	bool usable;
	unsigned int unit;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_rmrr - memory that firmware reserves for DMA of its devices (8.4)
 * @base: address of the first byte, 4 KiB aligned
 * @limit: address of the last byte, above @base; @limit + 1 is 4 KiB aligned.
 *	Units may be unable to map it
 * @segment: PCI segment
 * @scopes: the devices
 */
struct vtd_rmrr {
	u64 base;
	u64 limit;
	u16 segment;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_atsr - root ports that support ATS (8.5)
 * @segment: PCI segment
 * @all_ports: ALL_PORTS: all root ports of the segment
 * @scopes: the root ports, if not @all_ports
 */
struct vtd_atsr {
	u16 segment;
	bool all_ports;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_satc - integrated devices with an address translation cache (8.8)
 * @segment: PCI segment
 * @atc_required: ATC_REQUIRED: the devices work only with ATS enabled
 * @scopes: the devices
 */
struct vtd_satc {
	u16 segment;
	bool atc_required;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_rhsa - proximity domain of a unit (8.6)
 * @base: register base of the unit
 * @domain: ACPI proximity domain
 */
struct vtd_rhsa {
	u64 base;
	u32 domain;
};

/**
 * struct vtd_andd - name of an ACPI device (8.7)
 * @device: device number, to which VTD_SCOPE_ACPI scopes refer by their ID
 * @name: path in the ACPI namespace, NUL-terminated
 */
struct vtd_andd {
	u8 device;
	const char *name;
};

/**
 * struct vtd_dmar - the parsed table
 * @host_bits: host address width in bits, 12 to 64
 * @intr_remap: INTR_REMAP: the platform supports interrupt remapping
 * @x2apic_opt_out: X2APIC_OPT_OUT: firmware requests that x2APIC mode stay
 *	disabled
 * @platform_opt_in: DMA_CTRL_PLATFORM_OPT_IN_FLAG: firmware blocks DMA before
 *	the system starts and requests protection against external devices
 * @remap_opt_out: DMA_REMAP_OPT_OUT: firmware forbids DMA remapping
 * @drhd: remapping hardware units
 * @rmrr: reserved memory
 * @atsr: root ports that support ATS
 * @rhsa: proximity domains of units
 * @andd: names of ACPI devices
 * @satc: integrated devices with an address translation cache
 * @scope: device scopes of all structures
 * @nr_drhd: number of entries in @drhd
 * @nr_rmrr: number of entries in @rmrr
 * @nr_atsr: number of entries in @atsr
 * @nr_rhsa: number of entries in @rhsa
 * @nr_andd: number of entries in @andd
 * @nr_satc: number of entries in @satc
 * @nr_scope: number of entries in @scope
 * @mem: the allocation that holds all arrays
 *
 * Read-only after vtd_dmar_parse(), so an entry's index never changes.
 */
struct vtd_dmar {
	u8 host_bits;
	bool intr_remap;
	bool x2apic_opt_out;
	bool platform_opt_in;
	bool remap_opt_out;
	struct vtd_drhd *drhd;
	struct vtd_rmrr *rmrr;
	struct vtd_atsr *atsr;
	struct vtd_rhsa *rhsa;
	struct vtd_andd *andd;
	struct vtd_satc *satc;
	struct vtd_scope *scope;
	unsigned int nr_drhd;
	unsigned int nr_rmrr;
	unsigned int nr_atsr;
	unsigned int nr_rhsa;
	unsigned int nr_andd;
	unsigned int nr_satc;
	unsigned int nr_scope;
	void *mem;
};

int vtd_dmar_parse(const void *table, size_t len, struct vtd_dmar *dmar,
		   nyx_fw_report report, void *arg);
void vtd_dmar_free(struct vtd_dmar *dmar);

#endif /* NYX_VTD_DMAR_H */
