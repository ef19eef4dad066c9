// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device whose requests may have any requester ID of its bus, and that of a
 * bridge.
 */
#include <nyx/unit.h>

#include "intr_fixture.h"
#include "vtd/context.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define BRIDGE 0x0010

static struct nyx_device *new_device(struct vtd_model *model)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, OWN);
	u16 rid;

	for (rid = 0x0200; rid < 0x0300; rid++)
		if (rid != OWN)
			vtd_core_alias(model, ndev, rid);
	return ndev;
}

static void expect_entries(struct vtd_model *model,
			   const struct nyx_device *ndev, u64 want_lo)
{
	unsigned int i, wrong = 0;
	u64 lo, hi;

	for (i = 0; i < ndev->nr_rids; i++) {
		vtd_walk_entry(model, ndev->rids[i], &lo, &hi);
		wrong += lo != want_lo;
	}
	KUNIT_EXPECT_EQ(model->test, wrong, 0);
}

/* vtd_core_set() checks that the unit caches no stale entry of any ID. */
static void set_entries(struct kunit *test, u64 cap, u64 ecap)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP | cap, ecap);
	struct nyx_device *ndev = new_device(model);
	struct nyx_entry identity = unit_core_identity(1);
	struct nyx_entry a = unit_core_table(test, 2, false);
	struct nyx_entry b = unit_core_table(test, 3, false);

	vtd_core_alias(model, ndev, BRIDGE);
	KUNIT_ASSERT_EQ(test, ndev->nr_rids, 257);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &identity), 0);
	expect_entries(model, ndev, 0x9);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	expect_entries(model, ndev, vtd_core_table_lo(&a, 0));
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), 0);
	expect_entries(model, ndev, vtd_core_table_lo(&b, 0));
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	expect_entries(model, ndev, 0);
	vtd_model_free(model);
}

static void sets_all_entries(struct kunit *test)
{
	set_entries(test, 0, MODEL_ECAP);
	set_entries(test, MODEL_CAP_CM, MODEL_ECAP | MODEL_ECAP_C);
	/* Register-based invalidation, for one requester ID at a time. */
	set_entries(test, 0, MODEL_ECAP & ~MODEL_ECAP_QI);
}

/* All entries are cleared even if the unit fails at the first one. */
static void clears_all_when_dead(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_entry a = unit_core_table(test, 2, false);
	struct nyx_entry b = unit_core_table(test, 3, false);
	struct nyx_device *ndev = new_device(model);
	unsigned int i, present = 0;

	KUNIT_ASSERT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	model->halted = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), -EIO);
	for (i = 0; i < ndev->nr_rids; i++)
		present += vtd_tables_lookup(&model->vu->tables,
					     ndev->rids[i])->lo & 1;
	KUNIT_EXPECT_EQ(test, present, 0);
}

/* Only requester IDs of the bus may use the interrupts of the device. */
static void interrupts_of_bus(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = new_device(model);
	struct nyx_intr_run *run = give(test, ndev, 1);
	u32 sid, wrong = 0;

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	for (sid = 0; sid < 0x10000; sid += sid < 0x800 ? 1 : 0x101)
		wrong += raise(model, sid, &run->intr[0]).reason !=
			 (sid >> 8 == 2 ? 0 : 0x26);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	take(run);
}

static struct kunit_case nyx_vtd_alias_cases[] = {
	KUNIT_CASE(sets_all_entries),
	KUNIT_CASE(clears_all_when_dead),
	KUNIT_CASE(interrupts_of_bus),
	{}
};

static struct kunit_suite nyx_vtd_alias_suite = {
	.name = "nyx_vtd_alias",
	.test_cases = nyx_vtd_alias_cases,
};

kunit_test_suite(nyx_vtd_alias_suite);
