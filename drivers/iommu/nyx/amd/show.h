/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Printing registers and capabilities, also of units that are only looked at.
 */
#ifndef NYX_AMD_SHOW_H
#define NYX_AMD_SHOW_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct seq_file;

void amd_show_window(const void __iomem *regs, u64 efr, struct seq_file *m);
void amd_show_caps(u32 cap, u64 efr, u64 efr2, const char *intr,
		   struct seq_file *m);

#endif /* NYX_AMD_SHOW_H */
