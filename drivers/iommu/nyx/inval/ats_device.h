/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device's side of Address Translation Services: what is asked of PCI.
 */
#ifndef NYX_ATS_DEVICE_H
#define NYX_ATS_DEVICE_H

#include <linux/types.h>

struct nyx_device;

int nyx_ats_device_enable(struct nyx_device *ndev);
bool nyx_ats_device_disable(struct nyx_device *ndev);

#endif /* NYX_ATS_DEVICE_H */
