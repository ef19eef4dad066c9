// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that is refused is refused with what to do.
 */
#include <kunit/test.h>
#include <linux/err.h>

#include "../log_text.h"
#include "core.h"
#include "model.h"
#include "vtd/probe.h"

static int create(struct vtd_model *model, unsigned int index)
{
	const struct vtd_site site = {
		.index = index,
		.base = model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
	};

	return PTR_ERR_OR_ZERO(vtd_unit_create(&site));
}

static void lacks_something(struct kunit *test)
{
	static const char *const line =
		"levels (CAP.SAGAW): use the built-in driver, or ";
	unsigned int lines = log_text_count(test, line);
	/* SAGAW is bits 12:8. */
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP & ~0x1f00ULL,
						MODEL_ECAP);

	KUNIT_EXPECT_EQ(test, create(model, 71), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static void does_not_answer(struct kunit *test)
{
	static const char *const line =
		"switched the unit off: enable the IOMMU in the firmware setup, or ";
	unsigned int lines = log_text_count(test, line);
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);

	model->gone = true;
	KUNIT_EXPECT_EQ(test, create(model, 72), -ENXIO);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static struct kunit_case remedy_cases[] = {
	KUNIT_CASE(lacks_something),
	KUNIT_CASE(does_not_answer),
	{ }
};

static struct kunit_suite remedy_suite = {
	.name = "nyx_vtd_remedy",
	.test_cases = remedy_cases,
};

kunit_test_suite(remedy_suite);
