/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device's device table entries say.
 */
#ifndef NYX_AMD_ENTRY_H
#define NYX_AMD_ENTRY_H

#include <nyx/entry.h>

extern const struct nyx_entry_ops amd_entry_ops;

#endif /* NYX_AMD_ENTRY_H */
