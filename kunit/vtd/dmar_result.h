/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocates DMAR tables, and parses them.
 */
#ifndef NYX_KUNIT_DMAR_RESULT_H
#define NYX_KUNIT_DMAR_RESULT_H

#include "../firmware/fw_result.h"
#include "dmar_table.h"
#include "vtd/dmar.h"

/**
 * struct dmar_result - result of parsing a DMAR table
 * @r: return value and findings; @r.left has the numbers of usable units, all
 *	units, RMRRs, ATSRs, RHSAs, ANDDs, SATCs and scopes
 * @dmar: the parsed table
 */
struct dmar_result {
	struct fw_result r;
	struct vtd_dmar dmar;
};

struct fw_bytes *dmar_new_table(struct kunit *test);
struct fw_bytes *dmar_new_server(struct kunit *test);
struct fw_result *dmar_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped);
struct dmar_result *dmar_result(struct kunit *test, const struct fw_bytes *t);

#endif /* NYX_KUNIT_DMAR_RESULT_H */
