/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing a unit up and down.
 */
#ifndef NYX_AMD_UNIT_H
#define NYX_AMD_UNIT_H

struct amd_unit;
struct nyx_unit;

const char *amd_runs(const struct amd_unit *au);
int amd_start(struct nyx_unit *unit);
int amd_enable(struct nyx_unit *unit);
void amd_disable(struct nyx_unit *unit);
void amd_stop(struct nyx_unit *unit);

#endif /* NYX_AMD_UNIT_H */
