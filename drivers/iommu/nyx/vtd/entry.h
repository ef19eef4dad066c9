/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device's context entries say.
 */
#ifndef NYX_VTD_ENTRY_H
#define NYX_VTD_ENTRY_H

#include <nyx/entry.h>

extern const struct nyx_entry_ops vtd_entry_ops;

#endif /* NYX_VTD_ENTRY_H */
