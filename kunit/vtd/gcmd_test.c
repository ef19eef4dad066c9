// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands in the Global Command Register, on a model of the unit.
 */
#include "model.h"
#include "vtd/gcmd.h"
#include "vtd/vtd.h"

/* A command keeps other bits of GSTS, except one-shot bits. */
static void keeps_other_bits(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);

	/* TES, RTPS, QIES, IRES, IRTPS, CFIS. The driver records CFI itself. */
	model->gsts = 0xc7800000;
	model->vu->cfi = true;
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, false), 0);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x06800000);
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x40000000, true), 0);
	vtd_model_expect_event(model, 1, EVENT_GCMD, 0x46800000);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x47800000);
	model->gsts = 0x44000000;
	model->vu->cfi = false;
}

static void unit_vanishes(struct kunit *test)
{
	struct vtd_model *model;
	unsigned int at;

	for (at = 1; at < 4; at++) {
		model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
		model->gone_after = at;
		KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, false),
				-ENODEV);
		vtd_model_free(model);
	}
}

static struct kunit_case nyx_vtd_gcmd_cases[] = {
	KUNIT_CASE(keeps_other_bits),
	KUNIT_CASE(unit_vanishes),
	{}
};

static struct kunit_suite nyx_vtd_gcmd_suite = {
	.name = "nyx_vtd_gcmd",
	.test_cases = nyx_vtd_gcmd_cases,
};

kunit_test_suite(nyx_vtd_gcmd_suite);
