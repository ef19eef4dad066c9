/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Global commands, and disabling protected memory.
 */
#ifndef NYX_VTD_GCMD_H
#define NYX_VTD_GCMD_H

#include <linux/types.h>

struct vtd_unit;

int vtd_gcmd(struct vtd_unit *vu, u32 bit, bool on);
int vtd_gcmd_cfi(struct vtd_unit *vu, bool allow);
void vtd_gcmd_crash(struct vtd_unit *vu);
int vtd_pmr_disable(struct vtd_unit *vu);

#endif /* NYX_VTD_GCMD_H */
