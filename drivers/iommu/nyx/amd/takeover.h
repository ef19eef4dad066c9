/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 */
#ifndef NYX_AMD_TAKEOVER_H
#define NYX_AMD_TAKEOVER_H

#include <linux/types.h>

struct amd_unit;

int amd_takeover_check(const struct amd_unit *au, bool allowed);
int amd_takeover(struct amd_unit *au);

#endif /* NYX_AMD_TAKEOVER_H */
