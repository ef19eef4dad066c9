/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations that the kernel's IOMMU core calls.
 */
#ifndef NYX_OPS_H
#define NYX_OPS_H

#include <linux/iommu.h>

extern const struct iommu_ops nyx_ops;

#endif /* NYX_OPS_H */
