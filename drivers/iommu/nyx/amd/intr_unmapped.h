/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts that are not remapped, and have to pass.
 */
#ifndef NYX_AMD_INTR_PLAIN_H
#define NYX_AMD_INTR_PLAIN_H

#include <linux/types.h>

struct amd_ivrs;
struct amd_unit;

bool amd_intr_has_ioapic(const struct amd_ivrs *ivrs);
bool amd_intr_sends_unmapped(const struct amd_unit *au, u16 rid);

#endif /* NYX_AMD_INTR_PLAIN_H */
