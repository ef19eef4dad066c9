/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-ins for the code around a VT-d unit.
 */
#ifndef NYX_KUNIT_VTD_CORE_H
#define NYX_KUNIT_VTD_CORE_H

#include "../unit_core.h"

struct vtd_model;

void vtd_core_reset(struct vtd_model *model);
struct nyx_device *vtd_core_device(struct kunit *test, struct vtd_model *model,
				   u16 rid);
void vtd_core_alias(struct vtd_model *model, struct nyx_device *ndev, u16 rid);
u64 vtd_core_table_lo(const struct nyx_entry *entry, u8 tt);
int vtd_core_set(struct vtd_model *model, struct nyx_device *ndev,
		 const struct nyx_entry *entry);

#endif /* NYX_KUNIT_VTD_CORE_H */
