/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands to a unit, and bounded waits for their completion.
 */
#ifndef NYX_VTD_GCMD_H
#define NYX_VTD_GCMD_H

#include <linux/types.h>

struct vtd_unit;

/* A unit that has not done by then what takes microseconds never will. */
#define VTD_TIMEOUT_NS 1000000000ULL

int vtd_gcmd(struct vtd_unit *vu, u32 bit, bool on);
int vtd_poll32(struct vtd_unit *vu, u32 reg, u32 mask, u32 want);
int vtd_poll64(struct vtd_unit *vu, u32 reg, u64 mask, u64 want);

#endif /* NYX_VTD_GCMD_H */
