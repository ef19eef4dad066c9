// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices with a TLB of their own, on a model of the unit.
 */
#include <nyx/unit.h>

#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0300
#define ECAP (MODEL_ECAP | MODEL_ECAP_DT)
/* More often than anybody asks. */
#define FOR_EVER 1000000

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

static void expect_event(struct vtd_model *model, unsigned int n,
			 enum model_event_kind kind, u64 a)
{
	KUNIT_ASSERT_LT(model->test, n, model->nr_events);
	KUNIT_EXPECT_EQ(model->test, model->events[n].kind, kind);
	KUNIT_EXPECT_EQ_MSG(model->test, model->events[n].a, a, "event %u", n);
}

static unsigned int count_device_tlb(const struct vtd_model *model)
{
	unsigned int i, n = 0;

	for (i = 0; i < model->nr_events; i++)
		n += model->events[i].kind == EVENT_DSC &&
		     (model->events[i].a & 0xf) == 3;
	return n;
}

/* On when the entry allows it (4.5.1), off and then forgotten (4.5.2). */
static void on_and_off_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	expect_event(model, 0, EVENT_ATS_ON, OWN);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], virt_to_phys(a.pt->root));

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 7);
	expect_event(model, 1, EVENT_ATS_OFF, OWN);
	/* All of it: S, and no 0 up to the last but one address bit. */
	expect_event(model, 2, EVENT_DSC, 0x30000000003);
	KUNIT_EXPECT_EQ(test, model->events[2].b, 0x7ffffffffffff001);
	expect_event(model, 4, EVENT_DSC, 0x30000070031);
	expect_event(model, 5, EVENT_DSC, 0x700e2);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], 0);
}

/* It does not come on: then translated requests are refused (TT = 0). */
static void refused_by_device(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP);
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

/* One that was unplugged would not answer, and is not asked. */
static void unplugged(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	unit_core.unplugged = true;
	model->mute = OWN;
	model->mute_times = FOR_EVER;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, count_device_tlb(model), 0);
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
}

static struct kunit_case nyx_vtd_ats_cases[] = {
	KUNIT_CASE(on_and_off_in_order),
	KUNIT_CASE(refused_by_device),
	KUNIT_CASE(unplugged),
	{}
};

static struct kunit_suite nyx_vtd_ats_suite = {
	.name = "nyx_vtd_ats",
	.test_cases = nyx_vtd_ats_cases,
};

kunit_test_suite(nyx_vtd_ats_suite);
