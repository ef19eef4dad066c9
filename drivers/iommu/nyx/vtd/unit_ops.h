/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions and tables that make up struct nyx_unit_ops of a VT-d unit,
 * apart from those of flush.h.
 */
#ifndef NYX_VTD_UNIT_OPS_H
#define NYX_VTD_UNIT_OPS_H

#include <linux/types.h>

#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/pasid.h>

struct nyx_unit;
struct seq_file;

/* unit.c */
int vtd_start(struct nyx_unit *unit);
int vtd_wake(struct nyx_unit *unit);
int vtd_enable(struct nyx_unit *unit);
void vtd_disable(struct nyx_unit *unit);
bool vtd_block(struct nyx_unit *unit, bool next);
bool vtd_block_end(struct nyx_unit *unit);
void vtd_stop(struct nyx_unit *unit);

/* contain.c */
bool vtd_contain(struct nyx_unit *unit);

/* entry.c */
extern const struct nyx_entry_ops vtd_entry_ops;

/* pasid.c */
extern const struct nyx_pasid_ops vtd_pasid_ops;

/* nested.c */
extern const struct nyx_nested_ops vtd_nested_ops;

/* show.c */
void vtd_show_registers(struct nyx_unit *unit, struct seq_file *m);
void vtd_show_capabilities(struct nyx_unit *unit, struct seq_file *m);
void vtd_show_entry(struct nyx_unit *unit, u16 rid, struct seq_file *m);

#endif /* NYX_VTD_UNIT_OPS_H */
