/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The primary fault log.
 */
#ifndef NYX_VTD_FAULT_H
#define NYX_VTD_FAULT_H

struct vtd_unit;

void vtd_fault_clear(struct vtd_unit *vu);
void vtd_fault_service(struct vtd_unit *vu);

#endif /* NYX_VTD_FAULT_H */
