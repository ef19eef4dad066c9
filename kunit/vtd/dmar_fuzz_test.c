// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR parser: many broken tables. Each result must have the
 * properties that vtd/dmar.h documents.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../firmware/fw_fuzz.h"
#include "dmar_check.h"
#include "dmar_table.h"

static void dmar_fuzz(struct kunit *test)
{
	struct fw_bytes *good = kunit_kcalloc(test, 3, sizeof(*good),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, good);
	dmar_table_qemu(&good[0]);
	dmar_table_qemu_all(&good[1]);
	dmar_table_server(&good[2]);
	fw_fuzz(test, &dmar_parser, good, 3);
}

static struct kunit_case nyx_vtd_dmar_fuzz_cases[] = {
	KUNIT_CASE_SLOW(dmar_fuzz),
	{}
};

static struct kunit_suite nyx_vtd_dmar_fuzz_suite = {
	.name = "nyx_vtd_dmar_fuzz",
	.test_cases = nyx_vtd_dmar_fuzz_cases,
};

kunit_test_suite(nyx_vtd_dmar_fuzz_suite);
