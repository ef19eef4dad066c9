/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of the invalidation queue (6.5.2.11).
 */
#ifndef NYX_VTD_QI_ERROR_H
#define NYX_VTD_QI_ERROR_H

#include "qi.h"

/* Whether an entry holds a wait descriptor; @qi->lock is held. */
static inline bool vtd_qi_is_wait(const struct vtd_qi *qi, u32 pos)
{
	return vtd_dsc_type(&qi->ring[pos % VTD_QI_ENTRIES]) == VTD_DSC_WAIT;
}

int vtd_qi_begin(struct vtd_unit *vu);
void vtd_qi_reclaim(struct vtd_qi *qi);
int vtd_qi_overdue(struct vtd_unit *vu, u32 oldest);
int vtd_qi_verdict(struct vtd_qi *qi, u32 pos, u32 nr_errors, u16 *sid);

#endif /* NYX_VTD_QI_ERROR_H */
