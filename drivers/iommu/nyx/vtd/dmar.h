/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMAR table, parsed and checked (VT-d specification, chapter 8).
 *
 * The parser works on bytes alone: it knows neither ACPI nor PCI, so it runs
 * under User-mode Linux as well. scope.h relates the result to devices.
 */
#ifndef NYX_VTD_DMAR_H
#define NYX_VTD_DMAR_H

#include <linux/types.h>

#include "firmware/fw_table.h"

/* Firmware starts a path at a bus it numbered itself: few hops are enough. */
#define VTD_SCOPE_MAX_HOPS 16

/**
 * enum vtd_scope_type - what a device scope names (8.3.1)
 * @VTD_SCOPE_ENDPOINT: one PCI endpoint
 * @VTD_SCOPE_SUBTREE: a PCI-PCI bridge and everything below it
 * @VTD_SCOPE_IOAPIC: an I/O APIC; bus and path give its source-id
 * @VTD_SCOPE_HPET: an HPET that can raise MSIs; likewise
 * @VTD_SCOPE_ACPI: a device of the ACPI namespace, named by an ANDD; likewise
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
 * @id: enumeration ID: the I/O APIC's or HPET's, or the ANDD's device number
 * @bus: bus number at which the path starts
 * @hops: entries of @path, 1 to VTD_SCOPE_MAX_HOPS
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
 * @scope: the first of them
 * @nr: how many, may be 0
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
 * @include_all: serves every PCI device of the segment that no other unit has
 *	in its scopes
 * @usable: @base and @size make sense. If not, the unit must be left alone and
 *	vtd_scope_find() gives -ENODEV for its devices, which keeps them from
 *	being taken for devices of the INCLUDE_PCI_ALL unit
 * @scopes: what it serves
 */
struct vtd_drhd {
	u64 base;
	u64 size;
	u16 segment;
	bool include_all;
	bool usable;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_rmrr - memory that devices use behind the kernel's back (8.4)
 * @base: first byte, 4 KiB aligned
 * @limit: last byte, @limit + 1 is 4 KiB aligned; within the host address width
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
 * struct vtd_atsr - root ports that pass ATS on (8.5)
 * @segment: PCI segment
 * @all_ports: all root ports of the segment
 * @scopes: the root ports, unless @all_ports
 */
struct vtd_atsr {
	u16 segment;
	bool all_ports;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_satc - integrated devices with an address translation cache (8.8)
 * @segment: PCI segment
 * @atc_required: the devices work only with ATS on
 * @scopes: the devices
 */
struct vtd_satc {
	u16 segment;
	bool atc_required;
	struct vtd_scopes scopes;
};

/**
 * struct vtd_rhsa - which memory is near a unit (8.6)
 * @base: register base of the unit
 * @domain: ACPI proximity domain
 */
struct vtd_rhsa {
	u64 base;
	u32 domain;
};

/**
 * struct vtd_andd - a name for a device number (8.7)
 * @device: number that VTD_SCOPE_ACPI scopes carry as their ID
 * @name: path in the ACPI namespace, NUL-terminated
 */
struct vtd_andd {
	u8 device;
	const char *name;
};

/**
 * struct vtd_dmar - the whole table
 * @host_bits: host address width in bits, 12 to 64
 * @intr_remap: the platform supports interrupt remapping
 * @x2apic_opt_out: firmware asks that x2APIC stay off
 * @platform_opt_in: firmware guards against DMA before the system starts and
 *	asks for protection against devices plugged in from outside
 * @drhd: remapping units
 * @rmrr: reserved memory
 * @atsr: root ports that pass ATS on
 * @rhsa: which memory is near a unit
 * @andd: names of ACPI devices
 * @satc: integrated devices with a translation cache
 * @scope: device scopes of all of them
 * @nr_drhd: entries of @drhd
 * @nr_rmrr: entries of @rmrr
 * @nr_atsr: entries of @atsr
 * @nr_rhsa: entries of @rhsa
 * @nr_andd: entries of @andd
 * @nr_satc: entries of @satc
 * @nr_scope: entries of @scope
 * @mem: where all of it lies
 *
 * An entry's index never changes. Read only after vtd_dmar_parse().
 */
struct vtd_dmar {
	u8 host_bits;
	bool intr_remap;
	bool x2apic_opt_out;
	bool platform_opt_in;
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
