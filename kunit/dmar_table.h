/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds DMAR tables byte by byte. All numbers are literal, from chapter 8 of
 * the VT-d specification, so that nothing is shared with what is tested.
 */
#ifndef NYX_KUNIT_DMAR_TABLE_H
#define NYX_KUNIT_DMAR_TABLE_H

#include <linux/types.h>

#define DMAR_TABLE_MAX		1024
#define DMAR_TABLE_ENTRIES	32

/**
 * struct dmar_table - a table in the making
 * @b: its bytes
 * @len: how many there are
 * @entry: offsets of its structures
 * @nr: how many there are
 */
struct dmar_table {
	u8 b[DMAR_TABLE_MAX];
	u32 len;
	u16 entry[DMAR_TABLE_ENTRIES];
	u32 nr;
};

void dmar_table_put(struct dmar_table *t, u32 at, u32 bytes, u64 value);
void dmar_table_start(struct dmar_table *t, u8 width, u8 flags);
u32 dmar_table_entry(struct dmar_table *t, u16 type, u16 len);
void dmar_table_drhd(struct dmar_table *t, u8 flags, u16 segment, u64 base);
void dmar_table_rmrr(struct dmar_table *t, u16 segment, u64 base, u64 limit);
void dmar_table_atsr(struct dmar_table *t, u8 flags, u16 segment);
void dmar_table_rhsa(struct dmar_table *t, u64 base, u32 domain);
void dmar_table_andd(struct dmar_table *t, u8 device, const char *name);
void dmar_table_satc(struct dmar_table *t, u8 flags, u16 segment);
void dmar_table_path(struct dmar_table *t, u8 type, u8 id, u8 bus,
		     const u8 *path, u32 bytes);
void dmar_table_end(struct dmar_table *t);

/* Appends a scope to the last structure; the path in pairs of numbers. */
#define dmar_table_scope(t, type, id, bus, ...)				\
	dmar_table_path(t, type, id, bus, (const u8[]){ __VA_ARGS__ },	\
			sizeof((const u8[]){ __VA_ARGS__ }))

void dmar_table_qemu(struct dmar_table *t);
void dmar_table_qemu_all(struct dmar_table *t);
void dmar_table_server(struct dmar_table *t);

#endif /* NYX_KUNIT_DMAR_TABLE_H */
