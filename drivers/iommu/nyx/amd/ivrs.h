/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parsed and checked IVRS table (AMD I/O Virtualization Technology
 * Specification, 48882, section 5.2).
 *
 * The parser works on bytes alone and knows neither ACPI nor PCI, so it also
 * runs under User-mode Linux. scope.c relates the result to devices.
 */
#ifndef NYX_AMD_IVRS_H
#define NYX_AMD_IVRS_H

#include <linux/bits.h>
#include <linux/types.h>

#include "firmware/fw_table.h"

/*
 * Flags of an IVHD block (5.2.2) that are copied to the Control Register. The
 * other flags repeat what the unit itself reports.
 */
#define AMD_IVHD_HT_TUN_EN	BIT(0)
#define AMD_IVHD_PASS_PW	BIT(1)
#define AMD_IVHD_RES_PASS_PW	BIT(2)
#define AMD_IVHD_ISOC		BIT(3)

/*
 * DTE setting of an IVHD device entry: values for the DTE bits of these names.
 */
#define AMD_DTE_SETTING_INIT_PASS	BIT(0)
#define AMD_DTE_SETTING_EINT_PASS	BIT(1)
#define AMD_DTE_SETTING_NMI_PASS	BIT(2)
#define AMD_DTE_SETTING_SYS_MGT		GENMASK(5, 4)
#define AMD_DTE_SETTING_LINT0_PASS	BIT(6)
#define AMD_DTE_SETTING_LINT1_PASS	BIT(7)

/**
 * struct amd_ivrs_unit - an IOMMU, from the IVHD block that applies to it
 *	(5.2.2)
 * @offset: of that block in the table, in bytes
 * @base: physical address of the registers, not 0 and 16 KiB aligned; their 16
 *	KiB end below 2^52 and belong to no other usable unit
 * @efr: image of the Extended Feature Register, if @has_efr
 * @efr2: image of the Extended Feature 2 Register, if @has_efr
 * @attributes: IOMMU Feature Reporting in a block of type 10h, else IOMMU
 *	Attributes
 * @segment: PCI segment
 * @device_id: DeviceID of the IOMMU itself; its requests are not translated
 * @capability: offset of the capability block in PCI configuration space; 0 if
 *	the table has no valid offset
 * @type: type of the block: 0x10, 0x11 or 0x40. If an IOMMU has several blocks,
 *	only the one of the highest type is used
 * @flags: AMD_IVHD_*
 * @has_efr: @efr and @efr2 are valid
 * @usable: @base is valid. If not, the unit must be left alone, and its devices
 *	have no unit
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
 * struct amd_ivrs_range - DeviceIDs that a unit serves, from device entries
 * @unit: index of the unit
 * @first: first DeviceID
 * @last: last DeviceID, not below @first
 * @source: the DeviceID that their requests carry, if @alias is set
 * @alias: @source is valid
 * @ats_disabled: ATS must stay disabled
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
 * enum amd_ivrs_variety - varieties of special devices
 * @AMD_IVRS_IOAPIC: an I/O APIC
 * @AMD_IVRS_HPET: an HPET that raises MSIs
 */
enum amd_ivrs_variety {
	AMD_IVRS_IOAPIC = 1,
	AMD_IVRS_HPET = 2,
};

/**
 * struct amd_ivrs_special - a device that is not a PCI function
 * @unit: index of the unit
 * @source: the DeviceID that its requests carry
 * @handle: ID of the I/O APIC or number of the HPET
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
 * enum amd_ivrs_uid - format of the _UID in an ACPI device entry
 * @AMD_IVRS_UID_NONE: absent: the first device with the _HID is meant
 * @AMD_IVRS_UID_INTEGER: an integer
 * @AMD_IVRS_UID_STRING: a string, or the path of the device in the ACPI
 *	namespace
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
 * struct amd_ivrs_memory - memory that devices access on behalf of firmware,
 *	from an IVMD block
 * @base: first byte, 4 KiB aligned
 * @limit: last byte, @limit + 1 is 4 KiB aligned
 * @segment: PCI segment
 * @first: first DeviceID of the devices
 * @last: the last, not below @first
 * @read: the devices read it
 * @write: the devices write it
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
 * struct amd_ivrs - the parsed table
 * @efr_sup: the units of the platform have an Extended Feature Register
 * @dma_remap: firmware blocks DMA before the system starts, and requests
 *	protection against external devices
 * @ioapic_unnamed: the MADT has an I/O APIC that is not in @special; set by the
 *	caller of amd_ivrs_parse()
 * @va_bits: width of virtual addresses, 32 to 64; 64 if not specified
 * @unit: the IOMMUs
 * @range: the DeviceIDs that they serve
 * @special: I/O APICs and HPETs
 * @acpi: devices of the ACPI namespace
 * @memory: reserved memory
 * @nr_unit: number of entries in @unit
 * @nr_range: number of entries in @range
 * @nr_special: number of entries in @special
 * @nr_acpi: number of entries in @acpi
 * @nr_memory: number of entries in @memory
 * @mem: the allocation that contains all arrays
 * @override_mem: the allocation that contains @acpi and @special, if
 *	amd_ivrs_override() replaced them, else NULL
 *
 * The index of an entry never changes. The structure is constant after
 * amd_ivrs_parse() and amd_ivrs_override(), except @ioapic_unnamed.
 */
struct amd_ivrs {
	bool efr_sup;
	bool dma_remap;
	bool ioapic_unnamed;
	u8 va_bits;
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
	void *override_mem;
};

/**
 * struct amd_ivrs_device - properties of a DeviceID
 * @unit: index of the unit that serves it, which is usable
 * @alias: the DeviceID that its requests carry; its own unless the table names
 *	another
 * @ats_disabled: ATS must stay disabled
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
		  u8 root_bus, struct amd_ivrs_device *found);
bool amd_ivrs_names(const struct amd_ivrs *ivrs, unsigned int unit,
		    u16 device_id, u16 *alias);
const struct amd_ivrs_acpi *amd_ivrs_only_hid(const struct amd_ivrs *ivrs,
					      const char *hid);
bool amd_ivmd_has_bus(const struct amd_ivrs_memory *m);
u8 amd_ivrs_special_dte(const struct amd_ivrs *ivrs, unsigned int unit,
			u16 device_id);
u8 amd_ivrs_dte(const struct amd_ivrs *ivrs, unsigned int unit, u16 device_id);

#endif /* NYX_AMD_IVRS_H */
