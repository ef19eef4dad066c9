/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding the units that the IVRS table names.
 */
#ifndef NYX_AMD_PROBE_H
#define NYX_AMD_PROBE_H

struct amd_ivrs;
struct amd_unit;
struct list_head;

int amd_units_create(const struct amd_ivrs *ivrs, struct amd_unit **at,
		     struct list_head *units);
void amd_units_destroy(struct list_head *units);

#endif /* NYX_AMD_PROBE_H */
