/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PASID directories and PASID tables (9.5, 9.6). Each source-id has a directory of its
 * own, to which its context entry leads. Entry n of it leads to the table of PASIDs
 * 64 n to 64 n + 63.
 */
#ifndef NYX_VTD_PASID_TABLE_H
#define NYX_VTD_PASID_TABLE_H

#include <linux/types.h>

struct vtd_tables;

/**
 * struct vtd_pasid - a PASID-table entry as the unit reads it
 * @lo: bits 63:0
 * @hi: bits 127:64
 * @first: bits 191:128, which are 0 unless there is a first-stage table
 * @rest: bits 511:192, which are 0
 */
struct vtd_pasid {
	u64 lo;
	u64 hi;
	u64 first;
	u64 rest[5];
} __aligned(64);

u64 vtd_pasid_dir_create(const struct vtd_tables *tables);
u64 vtd_pasid_dir_grow(const struct vtd_tables *tables, u64 dir, u32 pasid,
		       u8 pasid_bits);
bool vtd_pasid_dir_add(const struct vtd_tables *tables, u64 dir, u32 pasid);
void vtd_pasid_dir_free(u64 dir);
bool vtd_pasid_dir_is_small(u64 dir);
void *vtd_pasid_dir_page(u64 dir);
struct vtd_pasid *vtd_pasid_find(u64 dir, u32 pasid);

#endif /* NYX_VTD_PASID_TABLE_H */
