/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_KUNIT_DMAR_RESULT_H
#define NYX_KUNIT_DMAR_RESULT_H

#include "../firmware/fw_result.h"
#include "dmar_table.h"
#include "vtd/dmar.h"

/**
 * struct dmar_result - what came of a DMAR table
 * @r: its outcome; left are units that are usable and all, RMRRs, ATSRs, RHSAs,
 *	ANDDs, SATCs, scopes
 * @dmar: as parsed
 */
struct dmar_result {
	struct fw_result r;
	struct vtd_dmar dmar;
};

struct fw_result *dmar_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped);
struct dmar_result *dmar_result(struct kunit *test, const struct fw_bytes *t);

#endif /* NYX_KUNIT_DMAR_RESULT_H */
