/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The invalidation queue (6.5.2).
 */
#ifndef NYX_VTD_QI_H
#define NYX_VTD_QI_H

#include <linux/build_bug.h>

#include <nyx/queue.h>

struct vtd_unit;

/*
 * IQA.QS: the queue has 2^(QS + 8) entries of 16 bytes, or half as many of 32 bytes
 * (11.4.9.3).
 */
#define VTD_QI_QS 2
static_assert(NYX_QUEUE_ENTRIES == 256 << VTD_QI_QS);

int vtd_qi_init(struct vtd_unit *vu, int nid);
int vtd_qi_start(struct vtd_unit *vu);
int vtd_qi_stop(struct vtd_unit *vu);
int vtd_qi_abandon(struct vtd_unit *vu);
void vtd_qi_check_errors(struct vtd_unit *vu);

#endif /* NYX_VTD_QI_H */
