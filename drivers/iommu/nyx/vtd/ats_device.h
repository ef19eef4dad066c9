/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device's side of Address Translation Services: what is asked of PCI.
 */
#ifndef NYX_VTD_ATS_DEVICE_H
#define NYX_VTD_ATS_DEVICE_H

#include <linux/types.h>

struct nyx_device;

void vtd_ats_device_prepare(struct nyx_device *ndev);
int vtd_ats_device_enable(struct nyx_device *ndev);
bool vtd_ats_device_disable(struct nyx_device *ndev);
bool vtd_ats_device_gone(const struct nyx_device *ndev);

#endif /* NYX_VTD_ATS_DEVICE_H */
