/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enables and disables Address Translation Services (ATS), PASIDs and page requests
 * (PRI) of a device. The functions in *_device.c access its configuration space.
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
bool nyx_pri_device_probe(struct nyx_device *ndev);
int nyx_pri_device_enable(const struct nyx_device *ndev);
void nyx_pri_device_disable(const struct nyx_device *ndev);

#endif /* NYX_ATS_H */
