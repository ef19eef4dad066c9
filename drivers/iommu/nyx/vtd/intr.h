/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt remapping of a unit (5.1).
 */
#ifndef NYX_VTD_INTR_H
#define NYX_VTD_INTR_H

#include <linux/types.h>

struct nyx_intr_posting;
struct vtd_unit;

void vtd_intr_init(struct vtd_unit *vu, bool platform, bool fixed,
		   u32 quirks);
int vtd_intr_get_memory(struct vtd_unit *vu);
void vtd_intr_free_memory(struct vtd_unit *vu);
int vtd_intr_enable(struct vtd_unit *vu, bool extended);
int vtd_intr_disable(struct vtd_unit *vu);
bool vtd_intr_block(struct vtd_unit *vu);

bool vtd_intr_posting(const void *info, struct nyx_intr_posting *posting);

#endif /* NYX_VTD_INTR_H */
