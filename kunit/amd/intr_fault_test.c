// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of interrupts that a unit blocks.
 */
#include <nyx/intr.h>

#include "../unit_core.h"
#include "amd/event.h"
#include "intr_fixture.h"

#define OWN 0x0108

/* Expects one fault: an interrupt of the device, with event code @code. */
static const struct nyx_fault *expect_fault(struct amd_model *model, u16 code)
{
	const struct nyx_fault *fault = &unit_core.faults[0];
	struct kunit *test = model->test;

	unit_core.nr_faults = 0;
	nyx_fault_service(&model->au->unit);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, fault->rid, OWN);
	KUNIT_EXPECT_EQ(test, fault->code, code);
	KUNIT_EXPECT_EQ(test, fault->access, NYX_ACCESS_INTERRUPT);
	KUNIT_EXPECT_FALSE(test, fault->has_iova);
	KUNIT_EXPECT_FALSE(test, fault->has_pasid);
	return fault;
}

/* A device without a table: INVALID_DEVICE_REQUEST, without an index. */
static void without_table(struct kunit *test)
{
	struct amd_model *model = remapping_model(test, IA_SUP);

	blocked_device(model, OWN);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OWN), AMD_FATE_ABORTED);
	KUNIT_EXPECT_FALSE(test, expect_fault(model, 8)->has_index);
}

/* An entry that is not enabled, or not in the table: IO_PAGE_FAULT. */
static void without_entry(struct kunit *test)
{
	static const u16 indices[] = { 0, 1, 0x1ff, 0x200, 0x7ff };
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping_model(test, IA_SUP);
	struct nyx_device *ndev = blocked_device(model, OWN);
	struct nyx_intr_run *run = give(test, ndev, 1);
	const struct nyx_fault *fault;
	unsigned int i;

	/* NumIntRemapMode for tables of 2048 entries: the index has 11 bits. */
	model->control |= BIT_ULL(43);
	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		KUNIT_EXPECT_EQ(test,
				amd_intr_request(model, OWN, 0xfee00004,
						 indices[i]).fate,
				AMD_FATE_FAULT);
		fault = expect_fault(model, 2);
		KUNIT_EXPECT_TRUE(test, fault->has_index);
		KUNIT_EXPECT_EQ(test, fault->index, indices[i]);
	}
	/* An interrupt that is remapped is no fault. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, amd_intr_request(model, OWN, 0xfee00004, 0).fate,
			AMD_FATE_REMAPPED);
	unit_core.nr_faults = 0;
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	take(run);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(without_table),
	KUNIT_CASE(without_entry),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_fault",
	.test_cases = cases,
};

kunit_test_suite(suite);
