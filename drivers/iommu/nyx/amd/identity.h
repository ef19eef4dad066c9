/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices below AMD IOMMUs that get identity by default.
 */
#ifndef NYX_AMD_IDENTITY_H
#define NYX_AMD_IDENTITY_H

#include <linux/types.h>

struct nyx_device;

bool amd_identity_with(const struct nyx_device *ndev, bool encrypted);
bool amd_identity_needed(const struct nyx_device *ndev);

#endif /* NYX_AMD_IDENTITY_H */
