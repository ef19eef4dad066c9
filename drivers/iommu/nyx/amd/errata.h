/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errata of units that firmware should have worked around.
 */
#ifndef NYX_AMD_ERRATA_H
#define NYX_AMD_ERRATA_H

#include <linux/types.h>

struct amd_unit;

void amd_errata_apply(struct amd_unit *au);

#endif /* NYX_AMD_ERRATA_H */
