/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounded waits for bits of a register.
 */
#ifndef NYX_POLL_H
#define NYX_POLL_H

#include <linux/compiler_types.h>
#include <linux/types.h>

/* A unit that has not done by then what takes microseconds never will. */
#define NYX_POLL_TIMEOUT_NS 1000000000ULL

int nyx_poll32(const void __iomem *reg, u32 mask, u32 want);
int nyx_poll64(const void __iomem *reg, u64 mask, u64 want);

#endif /* NYX_POLL_H */
