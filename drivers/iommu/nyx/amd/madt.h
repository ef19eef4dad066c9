/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MADT, which names the machine's I/O APICs, against the IVRS table.
 */
#ifndef NYX_AMD_MADT_H
#define NYX_AMD_MADT_H

#include <linux/types.h>

struct amd_ivrs;

int amd_madt_unnamed(const void *table, size_t len,
		     const struct amd_ivrs *ivrs);

#endif /* NYX_AMD_MADT_H */
