/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that several units claim. */
#ifndef NYX_AMD_CONTESTED_H
#define NYX_AMD_CONTESTED_H

#include <linux/types.h>

struct amd_ivrs;
struct amd_unit;
struct pci_dev;

void amd_contested_pass(const struct amd_ivrs *ivrs, struct amd_unit **units,
			struct pci_dev *pdev, u16 segment, u16 device_id);

#endif /* NYX_AMD_CONTESTED_H */
