/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of the invalidation queue (6.5.2.11).
 */
#ifndef NYX_VTD_QI_ERROR_H
#define NYX_VTD_QI_ERROR_H

struct vtd_unit;

int vtd_qi_begin(struct vtd_unit *vu);
const char *vtd_qi_restart(struct vtd_unit *vu);

#endif /* NYX_VTD_QI_ERROR_H */
