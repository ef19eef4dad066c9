/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Identity and blocked: the two static domains, and the 1:1 tables of units that
 * cannot pass requests through.
 */
#ifndef NYX_IDENTITY_H
#define NYX_IDENTITY_H

#include <linux/iommu.h>

struct nyx_entry;
struct nyx_unit;

extern struct iommu_domain nyx_identity_domain;
extern struct iommu_domain nyx_blocked_domain;

int nyx_identity_init(struct nyx_unit *unit);
void nyx_identity_exit(struct nyx_unit *unit);
void nyx_identity_entry(const struct nyx_unit *unit, struct nyx_entry *entry);

#endif /* NYX_IDENTITY_H */
