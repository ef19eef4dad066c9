/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 */
#ifndef NYX_VTD_TAKEOVER_H
#define NYX_VTD_TAKEOVER_H

#include <linux/types.h>

struct vtd_site;
struct vtd_unit;

bool vtd_takeover_is_scalable(const struct vtd_unit *vu);
bool vtd_takeover_is_legacy(const struct vtd_unit *vu);
int vtd_takeover_check(struct vtd_unit *vu, const struct vtd_site *site);
int vtd_takeover_copy(struct vtd_unit *vu);
int vtd_takeover(struct vtd_unit *vu);
void vtd_takeover_undo(struct vtd_unit *vu);

#endif /* NYX_VTD_TAKEOVER_H */
