/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a unit that are accessed through an index and a data register in
 * the configuration space of its function.
 */
#ifndef NYX_AMD_INDIRECT_H
#define NYX_AMD_INDIRECT_H

#include <linux/types.h>

struct amd_unit;

u32 amd_l1_read(struct amd_unit *au, u8 l1, u8 index);
void amd_l1_write(struct amd_unit *au, u8 l1, u8 index, u32 val);
u32 amd_l2_read(struct amd_unit *au, u8 index);
void amd_l2_write(struct amd_unit *au, u8 index, u32 val);

#endif /* NYX_AMD_INDIRECT_H */
