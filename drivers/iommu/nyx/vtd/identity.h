/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices below VT-d units that get identity by default.
 */
#ifndef NYX_VTD_IDENTITY_H
#define NYX_VTD_IDENTITY_H

#include <linux/types.h>

struct nyx_device;
struct pci_dev;

void vtd_identity_init(u32 machine);
bool vtd_identity_needed(const struct nyx_device *ndev);
bool vtd_isoch_without_tlb(struct pci_dev *control);

#endif /* NYX_VTD_IDENTITY_H */
