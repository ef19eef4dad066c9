/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of recent faults of all units.
 */
#ifndef NYX_FAULT_REPORT_H
#define NYX_FAULT_REPORT_H

#include "ring.h"

extern struct nyx_fault_ring nyx_faults;

int nyx_fault_init(void);
void nyx_fault_exit(void);

#endif /* NYX_FAULT_REPORT_H */
