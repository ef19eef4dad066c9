/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups: the devices that can only be given away together.
 */
#ifndef NYX_GROUP_H
#define NYX_GROUP_H

#include <linux/device.h>

struct nyx_device;

struct iommu_group *nyx_device_group(struct device *dev);
struct nyx_device *nyx_group_bound_peer(struct nyx_device *ndev);
bool nyx_group_same_rid(const struct nyx_device *a, const struct nyx_device *b);

#endif /* NYX_GROUP_H */
