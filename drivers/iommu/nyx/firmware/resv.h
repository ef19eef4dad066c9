/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_RESV_H
#define NYX_RESV_H

#include <linux/iommu.h>
#include <linux/list.h>

void nyx_resv_add(struct device *dev, struct list_head *head, u64 base,
		  u64 size, int prot, enum iommu_resv_type type);
void nyx_resv_add_msi(struct device *dev, struct list_head *head);

#endif /* NYX_RESV_H */
