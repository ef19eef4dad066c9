/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault recording and the fault event interrupt (7.2, 7.3).
 */
#ifndef NYX_VTD_FAULT_H
#define NYX_VTD_FAULT_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct nyx_fault;
struct nyx_unit;
struct vtd_unit;

void vtd_fault_decode(u64 lo, u64 hi, struct nyx_fault *fault);

bool vtd_fault_peek(const void __iomem *regs, u32 reg, u64 *lo, u64 *hi);
void vtd_fault_clear(struct vtd_unit *vu);
u32 vtd_read_faults(struct nyx_unit *unit);

int vtd_irq_init(struct vtd_unit *vu);
void vtd_irq_restore(struct vtd_unit *vu);
void vtd_irq_exit(struct vtd_unit *vu);

#endif /* NYX_VTD_FAULT_H */
