// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enabling and disabling ATS, on a model of the unit.
 */
#include "ats_fixture.h"

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

/*
 * ATS is enabled after the entry allows it (4.5.1). It is disabled before the
 * device TLB is invalidated (4.5.2).
 */
static void enables_and_disables_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	vtd_model_expect_event(model, 0, EVENT_ATS_ON, OWN);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], virt_to_phys(a.pt->root));

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 7);
	vtd_model_expect_event(model, 1, EVENT_ATS_OFF, OWN);
	/* The whole range: S is set, and the lowest 0 is the top bit. */
	vtd_model_expect_event(model, 2, EVENT_DSC, 0x30000000003);
	KUNIT_EXPECT_EQ(test, model->events[2].b, 0x7ffffffffffff001);
	vtd_model_expect_event(model, 4, EVENT_DSC, 0x30000070031);
	vtd_model_expect_event(model, 5, EVENT_DSC, 0x700e2);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], 0);
}

/* The device TLB of some devices has to be invalidated twice. */
static void invalidates_twice(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	ndev->ats_twice = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 2);
}

/* If ATS cannot be enabled, translated requests are blocked (TT = 0). */
static void refused_by_device(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);
	u64 lo, hi;

	unit_core.ats_refuses = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&a, 0));
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
}

/* The TLB of an unplugged device is not invalidated. */
static void unplugged(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_ATS);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	unit_core.unplugged = true;
	model->unresponsive = OWN;
	model->ignore_count = ALWAYS;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, count_device_tlb(model), 0);
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
}

static struct kunit_case nyx_vtd_ats_cases[] = {
	KUNIT_CASE(enables_and_disables_in_order),
	KUNIT_CASE(invalidates_twice),
	KUNIT_CASE(refused_by_device),
	KUNIT_CASE(unplugged),
	{}
};

static struct kunit_suite nyx_vtd_ats_suite = {
	.name = "nyx_vtd_ats",
	.test_cases = nyx_vtd_ats_cases,
};

kunit_test_suite(nyx_vtd_ats_suite);
