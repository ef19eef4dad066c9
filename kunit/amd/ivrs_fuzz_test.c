// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IVRS parser: many broken tables. The results must be as amd/ivrs.h
 * documents them.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../firmware/fw_fuzz.h"
#include "ivrs_check.h"
#include "ivrs_table.h"

static void ivrs_fuzz(struct kunit *test)
{
	struct fw_bytes *good = kunit_kcalloc(test, 3, sizeof(*good),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, good);
	ivrs_table_qemu(&good[0]);
	ivrs_table_qemu_bridges(&good[1]);
	ivrs_table_server(&good[2]);
	fw_fuzz(test, &ivrs_parser, good, 3);
}

static struct kunit_case ivrs_fuzz_cases[] = {
	KUNIT_CASE_SLOW(ivrs_fuzz),
	{}
};

static struct kunit_suite ivrs_fuzz_suite = {
	.name = "nyx_amd_ivrs_fuzz",
	.test_cases = ivrs_fuzz_cases,
};

kunit_test_suite(ivrs_fuzz_suite);
