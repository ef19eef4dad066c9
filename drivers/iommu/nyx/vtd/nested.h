/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space says about the first-stage table of a guest.
 */
#ifndef NYX_VTD_NESTED_H
#define NYX_VTD_NESTED_H

struct iommu_hwpt_vtd_s1;
struct iommu_hwpt_vtd_s1_invalidate;
struct nyx_flush;
struct nyx_guest_table;

int vtd_nested_table(const struct iommu_hwpt_vtd_s1 *user,
		     struct nyx_guest_table *table);
int vtd_nested_range(const struct iommu_hwpt_vtd_s1_invalidate *user,
		     struct nyx_flush *flush);

#endif /* NYX_VTD_NESTED_H */
