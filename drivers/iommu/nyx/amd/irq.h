/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit's own interrupt.
 */
#ifndef NYX_AMD_IRQ_H
#define NYX_AMD_IRQ_H

#include <linux/types.h>

struct amd_unit;

int amd_irq_init(struct amd_unit *au);
void amd_irq_exit(struct amd_unit *au);
bool amd_irq_extended(void);

#endif /* NYX_AMD_IRQ_H */
