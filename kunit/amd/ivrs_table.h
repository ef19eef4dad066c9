/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds IVRS tables. All numbers are literals from section 5.2 of the AMD I/O
 * Virtualization Technology Specification (48882); none is shared with the
 * parser.
 */
#ifndef NYX_KUNIT_IVRS_TABLE_H
#define NYX_KUNIT_IVRS_TABLE_H

#include "../firmware/fw_bytes.h"

void ivrs_table_start(struct fw_bytes *t, u8 revision, u32 info);
void ivrs_table_empty(struct fw_bytes *t);
void ivrs_table_ivhd(struct fw_bytes *t, u8 type, u16 device_id, u64 base,
		     u16 segment);
void ivrs_table_dev(struct fw_bytes *t, u8 type, u16 device_id, u8 dte);
void ivrs_table_alias(struct fw_bytes *t, u8 type, u16 device_id, u8 dte,
		      u16 source);
void ivrs_table_extended(struct fw_bytes *t, u8 type, u16 device_id, u8 dte,
			 u32 extended);
void ivrs_table_special(struct fw_bytes *t, u8 dte, u8 handle, u16 source,
			u8 variety);
void ivrs_table_acpi(struct fw_bytes *t, u16 device_id, u8 dte,
		     const char *hid, u8 format, const void *uid, u8 len);
void ivrs_table_ivmd(struct fw_bytes *t, u8 type, u8 flags, u16 segment,
		     u16 first, u16 last, u64 base, u64 len);
void ivrs_table_qemu(struct fw_bytes *t);
void ivrs_table_qemu_bridges(struct fw_bytes *t);
void ivrs_table_server(struct fw_bytes *t);

#endif /* NYX_KUNIT_IVRS_TABLE_H */
