/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Identity and blocked: the two static domains.
 */
#ifndef NYX_STATIC_DOMAIN_H
#define NYX_STATIC_DOMAIN_H

#include <linux/iommu.h>

extern struct iommu_domain nyx_identity_domain;
extern struct iommu_domain nyx_blocked_domain;

#endif /* NYX_STATIC_DOMAIN_H */
