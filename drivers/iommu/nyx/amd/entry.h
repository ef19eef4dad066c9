/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations on the device table entries of a device. */
#ifndef NYX_AMD_ENTRY_H
#define NYX_AMD_ENTRY_H

#include <nyx/entry.h>

#include "devtab.h"

struct amd_unit;

extern const struct nyx_entry_ops amd_entry_ops;

struct amd_dte_setting amd_entry_setting(const struct amd_unit *au,
					 u16 device_id);

#endif /* NYX_AMD_ENTRY_H */
