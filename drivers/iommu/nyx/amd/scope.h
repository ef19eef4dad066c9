/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the IVRS table specifies for the kernel's devices.
 *
 * These functions implement nyx_vendor.find_unit(), .alias(),
 * .get_resv_regions() and .ats_allowed(). The pass bits of the DTEs come from
 * amd_ivrs_dte() instead, for each of nyx_device.rids.
 */
#ifndef NYX_AMD_SCOPE_H
#define NYX_AMD_SCOPE_H

#include <linux/types.h>

struct amd_ivrs;
struct device;
struct list_head;

int amd_scope_find(const struct amd_ivrs *ivrs, struct device *dev, u16 *rid);
bool amd_scope_alias(const struct amd_ivrs *ivrs, struct device *dev,
		     u16 *alias);
void amd_report_reserved_buses(const struct amd_ivrs *ivrs);
void amd_resv_regions(const struct amd_ivrs *ivrs, struct device *dev,
		      bool ht_reserved, struct list_head *head);
bool amd_ats_allowed(const struct amd_ivrs *ivrs, struct device *dev);

#endif /* NYX_AMD_SCOPE_H */
