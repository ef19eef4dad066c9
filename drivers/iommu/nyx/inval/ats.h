/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enables and disables Address Translation Services (ATS) and PASIDs of a device. The
 * functions in ats_device.c and pasid_device.c access the configuration space of the
 * device.
 */
#ifndef NYX_ATS_H
#define NYX_ATS_H

#include <linux/types.h>

struct nyx_device;

int nyx_ats_enable(struct nyx_device *ndev, u16 domain_id);
int nyx_ats_disable(struct nyx_device *ndev);
bool nyx_ats_device_has_pasid(const struct nyx_device *ndev);
bool nyx_ats_device_probe(struct nyx_device *ndev);
void nyx_ats_prepare(struct nyx_device *ndev);
int nyx_ats_device_enable(struct nyx_device *ndev);
void nyx_ats_device_disable(struct nyx_device *ndev);
bool nyx_ats_device_responds(const struct nyx_device *ndev);
void nyx_ats_device_stop(const struct nyx_device *ndev);
u8 nyx_pasid_device_enable(struct nyx_device *ndev);
void nyx_pasid_device_disable(struct nyx_device *ndev);

#endif /* NYX_ATS_H */
