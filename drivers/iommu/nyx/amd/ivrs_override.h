/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Corrections that the user makes to the IVRS table, in the syntax of the
 * built-in driver's parameters ivrs_ioapic, ivrs_hpet and ivrs_acpihid.
 */
#ifndef NYX_AMD_IVRS_OVERRIDE_H
#define NYX_AMD_IVRS_OVERRIDE_H

#include <linux/types.h>

struct amd_ivrs;

/* Far more than any machine needs. */
#define AMD_OVERRIDES_MAX	32
/* As in the built-in driver. */
#define AMD_OVERRIDE_UID_SIZE	256

/**
 * struct amd_ivrs_override - the DeviceID of one device
 * @variety: AMD_IVRS_IOAPIC or AMD_IVRS_HPET; 0 for an ACPI device
 * @segment: PCI segment
 * @device_id: the DeviceID that its requests carry
 * @handle: ID of the I/O APIC or number of the HPET
 * @hid: _HID of the ACPI device, NUL-terminated
 * @uid: its _UID, NUL-terminated, without leading zeroes
 * @ignored: set by amd_ivrs_override() if no unit serves @device_id
 */
struct amd_ivrs_override {
	u8 variety;
	u16 segment;
	u16 device_id;
	u8 handle;
	char hid[9];
	char uid[AMD_OVERRIDE_UID_SIZE];
	bool ignored;
};

int amd_override_parse(const char *text, u8 variety,
		       struct amd_ivrs_override *o);
int amd_override_print(const struct amd_ivrs_override *o, char *buf,
		       size_t size);
int amd_ivrs_override(struct amd_ivrs *ivrs, struct amd_ivrs_override *list,
		      unsigned int nr);

#endif /* NYX_AMD_IVRS_OVERRIDE_H */
