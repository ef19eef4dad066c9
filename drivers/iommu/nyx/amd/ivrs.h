/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IVRS table, parsed and checked (AMD I/O Virtualization Technology
 * Specification, 48882, section 5.2).
 *
 * The parser works on bytes alone: it knows neither ACPI nor PCI, so it runs
 * under User-mode Linux as well. scope.h relates the result to devices.
 */
#ifndef NYX_AMD_IVRS_H
#define NYX_AMD_IVRS_H

#include <linux/bits.h>
#include <linux/types.h>

#include "firmware/fw_table.h"

/*
 * Flags of an IVHD block (5.2.2) that the Control Register repeats. What the
 * others tell of, the unit tells itself.
 */
#define AMD_IVHD_HT_TUN_EN	BIT(0)
#define AMD_IVHD_PASS_PW	BIT(1)
#define AMD_IVHD_RES_PASS_PW	BIT(2)
#define AMD_IVHD_ISOC		BIT(3)

/* DTE setting of an IVHD device entry; for the DTE's bits of these names. */
#define AMD_DTE_SETTING_INIT_PASS	BIT(0)
#define AMD_DTE_SETTING_EINT_PASS	BIT(1)
#define AMD_DTE_SETTING_NMI_PASS	BIT(2)
#define AMD_DTE_SETTING_SYS_MGT		GENMASK(5, 4)
#define AMD_DTE_SETTING_LINT0_PASS	BIT(6)
#define AMD_DTE_SETTING_LINT1_PASS	BIT(7)

/**
 * struct amd_ivrs_unit - one IOMMU: the IVHD block of it that counts (5.2.2)
 * @offset: of the block in the table, bytes
 * @base: physical address of the registers, 16 KiB aligned, not 0; with 16 KiB
 *	it stays below 2^52, and no other usable unit has them
 * @efr: image of the Extended Feature Register, if @has_efr
 * @efr2: image of Extended Feature 2 Register, if @has_efr
 * @attributes: type 10h: IOMMU Feature Reporting; else IOMMU Attributes
 * @segment: PCI segment
 * @device_id: DeviceID of the IOMMU itself; no unit translates it
 * @capability: offset of its capability block in its PCI configuration space;
 *	0 if firmware tells none that can be
 * @type: of the block: 0x10, 0x11 or 0x40. Where one IOMMU has several, only
 *	the highest is here
 * @flags: AMD_IVHD_*
 * @has_efr: @efr and @efr2 are there
 * @usable: @base makes sense. If not, the unit must be left alone and its
 *	devices are nobody's
 */
struct amd_ivrs_unit {
	size_t offset;
	u64 base;
	u64 efr;
	u64 efr2;
	u32 attributes;
	u16 segment;
	u16 device_id;
	u16 capability;
	u8 type;
	u8 flags;
	bool has_efr;
	bool usable;
};

/**
 * struct amd_ivrs_range - DeviceIDs that a unit serves: device entries
 * @unit: index of the unit
 * @first: first DeviceID
 * @last: last DeviceID, not below @first
 * @source: the DeviceID that their requests carry, if @alias
 * @alias: @source is there
 * @ats_disabled: firmware asks that ATS stay off
 * @dte: AMD_DTE_SETTING_*
 */
struct amd_ivrs_range {
	u16 unit;
	u16 first;
	u16 last;
	u16 source;
	bool alias;
	bool ats_disabled;
	u8 dte;
};

/**
 * enum amd_ivrs_variety - kinds of special devices, by their entries
 * @AMD_IVRS_IOAPIC: an I/O APIC
 * @AMD_IVRS_HPET: an HPET that raises MSIs
 */
enum amd_ivrs_variety {
	AMD_IVRS_IOAPIC = 1,
	AMD_IVRS_HPET = 2,
};

/**
 * struct amd_ivrs_special - a device that is no PCI function
 * @unit: index of the unit
 * @source: the DeviceID that its requests carry
 * @handle: the I/O APIC's ID or the HPET's number
 * @variety: enum amd_ivrs_variety
 * @dte: AMD_DTE_SETTING_*
 */
struct amd_ivrs_special {
	u16 unit;
	u16 source;
	u8 handle;
	u8 variety;
	u8 dte;
};

/**
 * enum amd_ivrs_uid - how an ACPI device entry tells the _UID
 * @AMD_IVRS_UID_NONE: not at all: the first device of that _HID
 * @AMD_IVRS_UID_INTEGER: as a number
 * @AMD_IVRS_UID_STRING: as a string
 */
enum amd_ivrs_uid {
	AMD_IVRS_UID_NONE = 0,
	AMD_IVRS_UID_INTEGER = 1,
	AMD_IVRS_UID_STRING = 2,
};

/**
 * struct amd_ivrs_acpi - a device of the ACPI namespace
 * @unit: index of the unit
 * @device_id: the DeviceID that its requests carry
 * @hid: its _HID, NUL-terminated, not empty
 * @uid_format: enum amd_ivrs_uid
 * @dte: AMD_DTE_SETTING_*
 * @uid: its _UID, for AMD_IVRS_UID_INTEGER
 * @uid_text: its _UID, NUL-terminated, for AMD_IVRS_UID_STRING; else NULL
 */
struct amd_ivrs_acpi {
	u16 unit;
	u16 device_id;
	char hid[9];
	u8 uid_format;
	u8 dte;
	u64 uid;
	const char *uid_text;
};

/**
 * struct amd_ivrs_memory - memory that devices use behind the kernel's back:
 *	an IVMD block
 * @base: first byte, 4 KiB aligned
 * @limit: last byte, @limit + 1 is 4 KiB aligned
 * @segment: PCI segment
 * @first: first DeviceID of the devices
 * @last: the last, not below @first
 * @read: they read there
 * @write: they write there
 */
struct amd_ivrs_memory {
	u64 base;
	u64 limit;
	u16 segment;
	u16 first;
	u16 last;
	bool read;
	bool write;
};

/**
 * struct amd_ivrs - the whole table
 * @efr_sup: the platform's units have an Extended Feature Register
 * @dma_remap: firmware guards against DMA before the system starts and asks for
 *	protection against devices plugged in from outside
 * @ioapic_unnamed: the MADT has an I/O APIC that is not among @special; told by
 *	who has that table
 * @va_bits: width of virtual addresses, 32 to 64; 64 if not told
 * @pa_bits: width of physical addresses, 40 to 52; 52 if not told
 * @unit: IOMMUs
 * @range: which DeviceIDs they serve
 * @special: I/O APICs and HPETs
 * @acpi: devices of the ACPI namespace
 * @memory: memory that is reserved
 * @nr_unit: entries of @unit
 * @nr_range: entries of @range
 * @nr_special: entries of @special
 * @nr_acpi: entries of @acpi
 * @nr_memory: entries of @memory
 * @mem: where all of it lies
 *
 * An entry's index never changes. Read only after amd_ivrs_parse().
 */
struct amd_ivrs {
	bool efr_sup;
	bool dma_remap;
	bool ioapic_unnamed;
	u8 va_bits;
	u8 pa_bits;
	struct amd_ivrs_unit *unit;
	struct amd_ivrs_range *range;
	struct amd_ivrs_special *special;
	struct amd_ivrs_acpi *acpi;
	struct amd_ivrs_memory *memory;
	unsigned int nr_unit;
	unsigned int nr_range;
	unsigned int nr_special;
	unsigned int nr_acpi;
	unsigned int nr_memory;
	void *mem;
};

/**
 * struct amd_ivrs_device - what the table says of one DeviceID
 * @unit: index of the unit that serves it; usable
 * @alias: the DeviceID that its requests carry; its own where the table names
 *	no other
 * @ats_disabled: firmware asks that ATS stay off
 */
struct amd_ivrs_device {
	unsigned int unit;
	u16 alias;
	bool ats_disabled;
};

int amd_ivrs_parse(const void *table, size_t len, struct amd_ivrs *ivrs,
		   nyx_fw_report report, void *arg);
void amd_ivrs_free(struct amd_ivrs *ivrs);
int amd_ivrs_find(const struct amd_ivrs *ivrs, u16 segment, u16 device_id,
		  struct amd_ivrs_device *found);
u8 amd_ivrs_special_dte(const struct amd_ivrs *ivrs, unsigned int unit,
			u16 device_id);
u8 amd_ivrs_dte(const struct amd_ivrs *ivrs, unsigned int unit, u16 device_id);

#endif /* NYX_AMD_IVRS_H */
