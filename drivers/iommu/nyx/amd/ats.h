/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that cache translations themselves, behind an AMD IOMMU.
 */
#ifndef NYX_AMD_ATS_H
#define NYX_AMD_ATS_H

#include <linux/types.h>

struct amd_unit;
struct nyx_device;

int amd_ats_disable(struct amd_unit *au, struct nyx_device *ndev);
int amd_ats_isolate(struct amd_unit *au, u16 device_id);

#endif /* NYX_AMD_ATS_H */
