/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of memory and numbers that a unit may still use.
 */
#ifndef NYX_RECLAIM_H
#define NYX_RECLAIM_H

#include <linux/types.h>

struct iommu_pages_list;
struct nyx_pt;
struct nyx_unit;

void nyx_put_tables(struct iommu_pages_list *list, int err);
void nyx_put_table(struct nyx_pt *pt, bool lost);
void nyx_put_domain_id(struct nyx_unit *unit, u16 id, int err);
unsigned long nyx_leaked_tables(void);

#endif /* NYX_RECLAIM_H */
