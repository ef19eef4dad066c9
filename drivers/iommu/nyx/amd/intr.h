/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping of a unit.
 */
#ifndef NYX_AMD_INTR_H
#define NYX_AMD_INTR_H

#include <linux/types.h>

struct amd_unit;

void amd_intr_init(struct amd_unit *au);
u64 amd_intr_control(struct amd_unit *au, bool extended);
void amd_intr_set_on(struct amd_unit *au, bool on);

#endif /* NYX_AMD_INTR_H */
