/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diagnostics only: looking at a unit that the IVRS table describes.
 */
#ifndef NYX_AMD_DIAGNOSE_H
#define NYX_AMD_DIAGNOSE_H

struct amd_ivrs;

int amd_diag_unit(const struct amd_ivrs *ivrs, unsigned int index);

#endif /* NYX_AMD_DIAGNOSE_H */
