/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the IVRS table says of a device, in the kernel's terms.
 *
 * These are what nyx_vendor.find_unit(), .alias(), .get_resv_regions() and
 * .ats_allowed() are made of; the DTE's pass bits of each of nyx_device.rids
 * come from amd_ivrs_dte().
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
void amd_resv_regions(const struct amd_ivrs *ivrs, struct device *dev,
		      struct list_head *head);
bool amd_ats_allowed(const struct amd_ivrs *ivrs, struct device *dev);

#endif /* NYX_AMD_SCOPE_H */
