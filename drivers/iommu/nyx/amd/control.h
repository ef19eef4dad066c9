/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Control and Status Registers.
 */
#ifndef NYX_AMD_CONTROL_H
#define NYX_AMD_CONTROL_H

#include <linux/types.h>

struct amd_unit;

void amd_control(struct amd_unit *au, u64 clear, u64 set);
int amd_wait_status(struct amd_unit *au, u32 mask, u32 want);

#endif /* NYX_AMD_CONTROL_H */
