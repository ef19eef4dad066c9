/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 */
#ifndef NYX_VTD_TAKEOVER_H
#define NYX_VTD_TAKEOVER_H

struct vtd_site;
struct vtd_unit;

int vtd_takeover_check(struct vtd_unit *vu, const struct vtd_site *site);
int vtd_takeover_copy(struct vtd_unit *vu);
int vtd_takeover(struct vtd_unit *vu);
void vtd_takeover_undo(struct vtd_unit *vu);

#endif /* NYX_VTD_TAKEOVER_H */
