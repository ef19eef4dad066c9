/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that make up struct nyx_unit_ops of an AMD IOMMU, apart from
 * those of flush.h.
 */
#ifndef NYX_AMD_UNIT_OPS_H
#define NYX_AMD_UNIT_OPS_H

#include <linux/types.h>

struct amd_unit;
struct nyx_unit;
struct nyx_unit_ops;
struct seq_file;

/* probe.c */
extern const struct nyx_unit_ops amd_unit_ops;

/* unit.c */
int amd_start(struct nyx_unit *unit);
int amd_wake(struct nyx_unit *unit);
int amd_enable(struct nyx_unit *unit);
void amd_disable(struct nyx_unit *unit);
bool amd_block(struct nyx_unit *unit, bool next);
bool amd_block_end(struct nyx_unit *unit);
void amd_stop(struct nyx_unit *unit);

/* contain.c */
bool amd_contain(struct nyx_unit *unit);

/* show.c */
void amd_show_registers(struct nyx_unit *unit, struct seq_file *m);
void amd_show_capabilities(struct nyx_unit *unit, struct seq_file *m);
void amd_show_entry(struct nyx_unit *unit, u16 rid, struct seq_file *m);

#endif /* NYX_AMD_UNIT_OPS_H */
