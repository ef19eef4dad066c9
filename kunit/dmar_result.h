/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What comes of a DMAR table, in a form that is easily compared.
 */
#ifndef NYX_KUNIT_DMAR_RESULT_H
#define NYX_KUNIT_DMAR_RESULT_H

#include <kunit/test.h>

#include "vtd/dmar.h"
#include "dmar_table.h"

/**
 * struct dmar_result - what came of a table
 * @dmar: as parsed
 * @ret: return value
 * @notes: how many findings were reported
 * @last: the last of them
 * @left: what is in @dmar: units that are usable and all, RMRRs, ATSRs, RHSAs,
 *	ANDDs, SATCs, scopes
 */
struct dmar_result {
	struct vtd_dmar dmar;
	int ret;
	unsigned int notes;
	struct vtd_dmar_note last;
	char left[48];
};

void dmar_take_note(const struct vtd_dmar_note *note, void *arg);
struct dmar_result *dmar_result(struct kunit *test, const struct dmar_table *t,
				u32 mapped);
void dmar_expect_note(struct kunit *test, const struct dmar_result *r,
		      enum vtd_dmar_verdict verdict, u32 offset,
		      const char *what);

#endif /* NYX_KUNIT_DMAR_RESULT_H */
