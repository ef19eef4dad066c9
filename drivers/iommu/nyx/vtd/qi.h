/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The invalidation queue (6.5.2).
 */
#ifndef NYX_VTD_QI_H
#define NYX_VTD_QI_H

#include <linux/sizes.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include "dsc.h"

struct vtd_unit;

/* IQA.QS: the queue has 2^(QS + 8) entries of 16 bytes (11.4.9.3). */
#define VTD_QI_QS 2
#define VTD_QI_ENTRIES (256U << VTD_QI_QS)
/* A submission's most descriptors, its wait descriptor not counted. */
#define VTD_QI_BATCH 32
/* Errors remembered for those who wait. */
#define VTD_QI_ERRORS 8

/**
 * struct vtd_qi_error - what an invalidation error did to whom
 * @first: first position that it concerns
 * @last: last position that it concerns
 * @err: for submissions that end there: -EINVAL, the unit refused a descriptor;
 *	-EAGAIN, a device TLB did not answer and the unit aborted all; -ETIME, a
 *	device TLB held the queue up and it was started anew
 * @sid: with -EAGAIN and -ETIME, the device that did not answer; 0 if that is
 *	not known
 */
struct vtd_qi_error {
	u32 first;
	u32 last;
	int err;
	u16 sid;
};

/**
 * struct vtd_qi - the queue
 * @lock: protects all else but @status, which the unit writes
 * @on: the unit reads the queue
 * @ring: VTD_QI_ENTRIES descriptors
 * @status: one doubleword for each, where wait descriptors report
 * @head: oldest position not known to be completed
 * @tail: next position to be filled
 * @nr_errors: errors so far
 * @errors: the last of them; number n lies in slot n % VTD_QI_ERRORS
 * @refused_at: position of the last descriptor that the unit refused
 * @timeout_ns: how long the oldest submission may take
 *
 * Positions count on and wrap at 2^32; position p is entry p % VTD_QI_ENTRIES.
 */
struct vtd_qi {
	raw_spinlock_t lock;
	bool on;
	struct vtd_dsc *ring;
	u32 *status;
	u32 head;
	u32 tail;
	u32 nr_errors;
	struct vtd_qi_error errors[VTD_QI_ERRORS];
	u32 refused_at;
	u64 timeout_ns;
};

int vtd_qi_init(struct vtd_qi *qi, int nid);
void vtd_qi_destroy(struct vtd_qi *qi);
int vtd_qi_start(struct vtd_unit *vu);
int vtd_qi_stop(struct vtd_unit *vu);
int vtd_qi_abandon(struct vtd_unit *vu);
int vtd_qi_submit(struct vtd_unit *vu, const struct vtd_dsc *dscs,
		  unsigned int nr, u16 *sid);
void vtd_qi_check_errors(struct vtd_unit *vu);

#endif /* NYX_VTD_QI_H */
