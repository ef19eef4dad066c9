/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_KUNIT_IVRS_RESULT_H
#define NYX_KUNIT_IVRS_RESULT_H

#include "../firmware/fw_result.h"
#include "amd/ivrs.h"
#include "ivrs_table.h"

/**
 * struct ivrs_result - what came of an IVRS table
 * @r: its outcome; left are units that are usable and all, ranges, special
 *	devices, ACPI devices and memory blocks
 * @ivrs: as parsed
 */
struct ivrs_result {
	struct fw_result r;
	struct amd_ivrs ivrs;
};

struct fw_result *ivrs_parse(struct kunit *test, const struct fw_bytes *t,
			     u32 mapped);
struct ivrs_result *ivrs_result(struct kunit *test, const struct fw_bytes *t);

#endif /* NYX_KUNIT_IVRS_RESULT_H */
