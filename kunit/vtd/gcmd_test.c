// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands in the Global Command Register, on a model of the unit.
 */
#include "model.h"
#include "vtd/gcmd.h"
#include "vtd/probe.h"
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

/* A command may take seconds, as on a unit that waits for devices first. */
static void slow_command(struct kunit *test)
{
	struct vtd_site site = { .nid = NUMA_NO_NODE, .host_bits = 39 };
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct vtd_unit *vu;

	site.base = model->base;
	vu = vtd_unit_create(&site);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vu);
	model->vu = vu;
	KUNIT_EXPECT_EQ(test, vu->command_ns, 10000000000ULL);
}

/* While a command is in progress no other one is written (11.4.4.1). */
static void waits_for_late_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_RWBF, MODEL_ECAP);
	static const u32 late[] = { 0x80000000, 0x40000000, 0x08000000 };
	struct vtd_unit *vu = model->vu;
	size_t i;

	vu->command_ns = 1000000;
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		model->held_cmds = late[i];
		vtd_model_clear_events(model);
		KUNIT_EXPECT_EQ(test, vtd_gcmd(vu, late[i], i > 0), -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, vtd_gcmd(vu, 0x80000000, true),
				-ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, vtd_gcmd(vu, 0x80000000, false),
				-ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, vtd_gcmd_cfi(vu, true), -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, model->nr_events, 1);
		/* It completes, and the next command is written. */
		model->held_cmds = 0;
		model->busy = 1;
		KUNIT_EXPECT_EQ(test, vtd_gcmd(vu, 0x40000000, true), 0);
		KUNIT_EXPECT_EQ(test, model->nr_events, 2);
		/* No cache is in use here. */
		model->iotlb_flushed = true;
		KUNIT_EXPECT_EQ(test, vtd_gcmd(vu, 0x80000000, true), 0);
	}
}

static struct kunit_case nyx_vtd_gcmd_cases[] = {
	KUNIT_CASE(keeps_other_bits),
	KUNIT_CASE(unit_vanishes),
	KUNIT_CASE(slow_command),
	KUNIT_CASE(waits_for_late_command),
	{}
};

static struct kunit_suite nyx_vtd_gcmd_suite = {
	.name = "nyx_vtd_gcmd",
	.test_cases = nyx_vtd_gcmd_cases,
};

kunit_test_suite(nyx_vtd_gcmd_suite);
