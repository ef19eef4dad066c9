/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device's device table entries say.
 */
#ifndef NYX_AMD_ENTRY_H
#define NYX_AMD_ENTRY_H

struct nyx_device;
struct nyx_entry;
struct nyx_unit;

int amd_set_entry(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry);

#endif /* NYX_AMD_ENTRY_H */
