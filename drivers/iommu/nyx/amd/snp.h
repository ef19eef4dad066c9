/* SPDX-License-Identifier: GPL-2.0-only */
/* Detecting SEV-SNP. */
#ifndef NYX_AMD_SNP_H
#define NYX_AMD_SNP_H

#include <linux/types.h>

bool amd_snp(void);

#endif /* NYX_AMD_SNP_H */
