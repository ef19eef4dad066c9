/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing a unit up and down.
 */
#ifndef NYX_VTD_UNIT_H
#define NYX_VTD_UNIT_H

struct nyx_unit;

int vtd_start(struct nyx_unit *unit);
int vtd_enable(struct nyx_unit *unit);
void vtd_disable(struct nyx_unit *unit);
void vtd_stop(struct nyx_unit *unit);

#endif /* NYX_VTD_UNIT_H */
