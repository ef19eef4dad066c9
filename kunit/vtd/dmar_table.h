/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds DMAR tables byte by byte. All numbers are literals from chapter 8 of
 * the VT-d specification, so that the tests share no constant with the driver.
 */
#ifndef NYX_KUNIT_DMAR_TABLE_H
#define NYX_KUNIT_DMAR_TABLE_H

#include "../firmware/fw_bytes.h"

void dmar_table_start(struct fw_bytes *t, u8 width, u8 flags);
u32 dmar_table_entry(struct fw_bytes *t, u16 type, u16 len);
void dmar_table_drhd(struct fw_bytes *t, u8 flags, u16 segment, u64 base);
void dmar_table_rmrr(struct fw_bytes *t, u16 segment, u64 base, u64 limit);
void dmar_table_atsr(struct fw_bytes *t, u8 flags, u16 segment);
void dmar_table_rhsa(struct fw_bytes *t, u64 base, u32 domain);
void dmar_table_andd(struct fw_bytes *t, u8 device, const char *name);
void dmar_table_satc(struct fw_bytes *t, u8 flags, u16 segment);
void dmar_table_path(struct fw_bytes *t, u8 type, u8 id, u8 bus,
		     const u8 *path, u32 bytes);

/* Appends a scope to the last structure; the path is pairs of numbers. */
#define dmar_table_scope(t, type, id, bus, ...)				\
	dmar_table_path(t, type, id, bus, (const u8[]){ __VA_ARGS__ },	\
			sizeof((const u8[]){ __VA_ARGS__ }))

void dmar_table_qemu(struct fw_bytes *t);
void dmar_table_qemu_all(struct fw_bytes *t);
void dmar_table_server(struct fw_bytes *t);

#endif /* NYX_KUNIT_DMAR_TABLE_H */
