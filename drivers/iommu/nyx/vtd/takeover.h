/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 */
#ifndef NYX_VTD_TAKEOVER_H
#define NYX_VTD_TAKEOVER_H

#include <linux/types.h>

struct vtd_unit;

int vtd_takeover_check(struct vtd_unit *vu, bool allowed, bool tboot);
int vtd_takeover(struct vtd_unit *vu);

#endif /* NYX_VTD_TAKEOVER_H */
