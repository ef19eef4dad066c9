/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking over a unit that firmware or an earlier kernel left running.
 */
#ifndef NYX_AMD_TAKEOVER_H
#define NYX_AMD_TAKEOVER_H

struct amd_host;
struct amd_unit;

int amd_takeover_check(struct amd_unit *au, const struct amd_host *host);
unsigned int amd_takeover_segments(const struct amd_unit *au);
int amd_takeover_copy(struct amd_unit *au);
int amd_takeover(struct amd_unit *au);

#endif /* NYX_AMD_TAKEOVER_H */
