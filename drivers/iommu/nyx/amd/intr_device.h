/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of the interrupts of a device.
 */
#ifndef NYX_AMD_INTR_DEVICE_H
#define NYX_AMD_INTR_DEVICE_H

#include <linux/types.h>

struct amd_irt;
struct amd_unit;
struct nyx_device;
struct nyx_unit;

bool amd_intr_block_unmapped(struct nyx_unit *unit, struct nyx_device *ndev);
void amd_intr_allow_unmapped(struct nyx_unit *unit, struct nyx_device *ndev);
int amd_intr_provide_table(struct amd_unit *au, const struct nyx_device *ndev);
struct amd_irt *amd_intr_table(struct amd_unit *au,
			       const struct nyx_device *ndev);
void amd_intr_free_devices(struct amd_unit *au);

#endif /* NYX_AMD_INTR_DEVICE_H */
