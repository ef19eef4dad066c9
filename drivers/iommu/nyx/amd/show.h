/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers, capabilities and device table entries, for people.
 */
#ifndef NYX_AMD_SHOW_H
#define NYX_AMD_SHOW_H

#include <linux/types.h>

struct nyx_unit;
struct seq_file;

void amd_show_registers(struct nyx_unit *unit, struct seq_file *m);
void amd_show_capabilities(struct nyx_unit *unit, struct seq_file *m);
void amd_show_entry(struct nyx_unit *unit, u16 rid, struct seq_file *m);

#endif /* NYX_AMD_SHOW_H */
