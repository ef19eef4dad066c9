/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which devices the structures of the DMAR table mean.
 */
#ifndef NYX_VTD_SCOPE_H
#define NYX_VTD_SCOPE_H

#include <linux/types.h>

struct device;
struct list_head;
struct vtd_dmar;
struct vtd_drhd;

int vtd_scope_find(const struct vtd_dmar *dmar, struct device *dev, u16 *rid);
void vtd_resv_regions(const struct vtd_dmar *dmar, struct device *dev,
		      struct list_head *head);
bool vtd_ats_allowed(const struct vtd_dmar *dmar, struct device *dev);
int vtd_drhd_node(const struct vtd_dmar *dmar, const struct vtd_drhd *drhd);

#endif /* NYX_VTD_SCOPE_H */
