/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Printing registers and capabilities, also of units that are only looked at.
 */
#ifndef NYX_VTD_SHOW_H
#define NYX_VTD_SHOW_H

#include <linux/compiler_types.h>
#include <linux/types.h>

struct seq_file;

void vtd_show_window(const void __iomem *regs, u64 cap, struct seq_file *m);
void vtd_show_caps(u32 ver, u64 cap, u64 ecap, const char *intr,
		   struct seq_file *m);

#endif /* NYX_VTD_SHOW_H */
