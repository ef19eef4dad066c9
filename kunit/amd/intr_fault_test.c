// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of interrupts that a unit blocks, on a model of the unit that logs
 * them.
 */
#include <nyx/intr.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "model.h"

#define OWN 0x0108

static struct amd_model *remapping(struct kunit *test)
{
	/* IASup */
	struct amd_model *model = amd_model_new(test, BIT_ULL(6), 0xffff);

	amd_model_ioapic(model, 0x00a0);
	amd_model_start(model);
	return model;
}

static struct nyx_device *blocked(struct amd_model *model)
{
	struct nyx_device *ndev = amd_model_add(model, OWN);
	struct nyx_unit *unit = ndev->unit;

	KUNIT_ASSERT_TRUE(model->test,
			  unit->intr.ops->block_compat(unit, ndev));
	return ndev;
}

/* One fault is told of: an interrupt of the device, by event @code. */
static const struct nyx_fault *told(struct amd_model *model, u16 code)
{
	const struct nyx_fault *fault = &unit_core.faults[0];
	struct kunit *test = model->test;

	unit_core.nr_faults = 0;
	amd_event_service(model->au);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, fault->rid, OWN);
	KUNIT_EXPECT_EQ(test, fault->code, code);
	KUNIT_EXPECT_EQ(test, fault->access, NYX_ACCESS_INTERRUPT);
	KUNIT_EXPECT_FALSE(test, fault->has_iova);
	KUNIT_EXPECT_FALSE(test, fault->has_pasid);
	return fault;
}

/* There is no table yet, so there is no index: INVALID_DEVICE_REQUEST. */
static void without_table(struct kunit *test)
{
	struct amd_model *model = remapping(test);

	blocked(model);
	KUNIT_EXPECT_EQ(test, amd_intr_request(model, OWN, 0xfee07000, 0x41).fate,
			AMD_FATE_ABORTED);
	KUNIT_EXPECT_FALSE(test, told(model, 8)->has_index);
}

/* An entry that is not enabled, and one that is not there: IO_PAGE_FAULT. */
static void by_index(struct kunit *test)
{
	static const u16 forged[] = { 0, 1, 0x1ff, 0x200, 0x7ff };
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping(test);
	struct nyx_device *ndev = blocked(model);
	struct nyx_intr_run *run = nyx_intr_alloc(ndev, 100, 1);
	const struct nyx_fault *fault;
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, run);
	/* As with messages of up to 2048 entries: all 11 bits are an index. */
	model->control |= BIT_ULL(43);
	for (i = 0; i < ARRAY_SIZE(forged); i++) {
		KUNIT_EXPECT_EQ(test,
				amd_intr_request(model, OWN, 0xfee00004,
						 forged[i]).fate,
				AMD_FATE_FAULT);
		fault = told(model, 2);
		KUNIT_EXPECT_TRUE(test, fault->has_index);
		KUNIT_EXPECT_EQ(test, fault->index, forged[i]);
	}
	/* What goes through is no fault. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, amd_intr_request(model, OWN, 0xfee00004, 0).fate,
			AMD_FATE_REMAPPED);
	unit_core.nr_faults = 0;
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	nyx_intr_free(&run->intr[0]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(without_table),
	KUNIT_CASE(by_index),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_fault",
	.test_cases = cases,
};

kunit_test_suite(suite);
