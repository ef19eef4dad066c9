/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_AMD_IVRS_PARAM_H
#define NYX_AMD_IVRS_PARAM_H

struct amd_ivrs;

int amd_ivrs_apply_parameters(struct amd_ivrs *ivrs);

#endif /* NYX_AMD_IVRS_PARAM_H */
