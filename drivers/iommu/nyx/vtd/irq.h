/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fault event interrupt.
 */
#ifndef NYX_VTD_IRQ_H
#define NYX_VTD_IRQ_H

#include <linux/types.h>

struct vtd_unit;

int vtd_irq_init(struct vtd_unit *vu);
void vtd_irq_exit(struct vtd_unit *vu);
bool vtd_irq_extended(void);

#endif /* NYX_VTD_IRQ_H */
