// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enabling and disabling ATS, on a model of the unit.
 */
#include <nyx/invalidate.h>

#include "ats_fixture.h"

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

/*
 * ATS is enabled after the entry allows it (4.5.1), and after the unit has
 * invalidated the translations of the domain, for flushes that skipped the
 * device. The device TLB is invalidated while the unit refuses requests and the
 * device responds, so before ATS is disabled.
 */
static void enables_and_disables_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);
	/* In scalable mode, the invalidation of the PASID-cache. */
	unsigned int more = mode_is_scalable(test);

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 3);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x700e2);
	vtd_model_expect_event(model, 2, EVENT_ATS_ON, OWN);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], virt_to_phys(a.pt->root));

	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 6 + more);
	if (more) {
		vtd_model_expect_event(model, 0, EVENT_DSC, 0x30000000031);
		vtd_model_expect_event(model, 1, EVENT_DSC, 0x70017);
	} else {
		vtd_model_expect_event(model, 0, EVENT_DSC, 0x30000070031);
	}
	vtd_model_expect_event(model, 1 + more, EVENT_DSC, 0x700e2);
	/* The whole range: S is set, and the lowest 0 is the top bit. */
	vtd_model_expect_event(model, 3 + more, EVENT_DSC, 0x30000000003);
	KUNIT_EXPECT_EQ(test, model->events[3 + more].b, 0x7ffffffffffff001);
	vtd_model_expect_event(model, 5 + more, EVENT_ATS_OFF, OWN);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], 0);
}

/* The unit gives the device up while the translations are invalidated. */
static void give_up_own(struct vtd_model *model)
{
	model->on_fsts = NULL;
	KUNIT_EXPECT_EQ(model->test,
			nyx_isolate_device(&model->vu->unit, OWN), 0);
}

/* From one domain to another: the entry is blocked in between. */
static void changes_domain(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);
	struct nyx_entry b = unit_core_table(test, 8, true);
	unsigned int i, tlb = 0, off = 0, on = 0;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), 0);
	for (i = 0; i < model->nr_events; i++) {
		if (model->events[i].kind == EVENT_ATS_OFF)
			off = i;
		if (model->events[i].kind == EVENT_ATS_ON)
			on = i;
		if (model->events[i].kind == EVENT_DSC &&
		    (model->events[i].a & 0xf) == 0x3)
			tlb = i;
	}
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 1);
	KUNIT_EXPECT_LT(test, tlb, off);
	KUNIT_EXPECT_LT(test, off, on);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], virt_to_phys(b.pt->root));
}

/*
 * A flush sends an invalidation before the ATS enable bit is set, and the device
 * ignores it. It is not marked, and gets ATS when it has confirmed another one.
 */
static void silent_while_enabled(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);
	u64 lo, hi;

	model->on_fsts = give_up_own;
	model->run_on_poll = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_NULL(test, model->on_fsts);
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
	KUNIT_EXPECT_FALSE(test, ndev->ats_stale);
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 1);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&a, 1));
}

/* A flush leaves out a device whose ATS is off: it might not respond. */
static void flush_without_ats(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);

	KUNIT_EXPECT_EQ(test, vtd_core_set(ats->model, ats->own, &blocked), 0);
	vtd_model_clear_events(ats->model);
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OTHER), 1);
}

/* The device TLB of some devices has to be invalidated twice. */
static void invalidates_twice(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);

	ndev->ats_twice = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 2);
}

static void lose_power(struct vtd_model *model)
{
	unit_core.off = OWN;
}

/* If ATS cannot be enabled, translated requests are blocked (TT = 0). */
static void refused_by_device(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
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
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
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

/*
 * A device that ignores an invalidation that was composed before its ATS was
 * disabled is not marked. Its next use of ATS begins with an invalidation, which
 * it must confirm before its entry accepts translated requests.
 */
static void silent_without_ats(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    ECAP_ATS | mode_ecap(test));
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 7, true);
	struct nyx_entry b = unit_core_table(test, 8, true);
	struct nyx_entry c = unit_core_table(test, 9, false);
	unsigned int tlb, entry;
	u64 lo, hi;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &c), 0);
	/* The unit gives the device up. */
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&model->vu->unit, OWN), 0);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&c, 0));
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
	KUNIT_EXPECT_FALSE(test, ndev->isolated);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);

	/* With ATS it responds. */
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), 0);
	vtd_walk_entry(model, OWN, &lo, &hi);
	KUNIT_EXPECT_EQ(test, lo, vtd_core_table_lo(&b, 1));
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_FALSE(test, ndev->ats_lost);
	KUNIT_EXPECT_EQ(test, count_device_tlb(model), 1);
	for (tlb = 0; tlb < model->nr_events; tlb++)
		if (model->events[tlb].kind == EVENT_DSC &&
		    (model->events[tlb].a & 0xf) == 0x3)
			break;
	/*
	 * ATS on, device TLB, then the entry that allows ATS (domain ID 8). In scalable
	 * mode the PASID-table entry has the domain ID.
	 */
	vtd_model_expect_event(model, tlb - 1, EVENT_ATS_ON, OWN);
	for (entry = tlb; entry < model->nr_events; entry++)
		if (model->events[entry].a == (mode_is_scalable(test) ?
					       0x80017 : 0x30000080031))
			break;
	KUNIT_EXPECT_LT(test, entry, model->nr_events);

	/* Once is enough. */
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), 0);
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &a), 0);
	KUNIT_EXPECT_EQ(test, count_device_tlb(model), 0);
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
}

/* The TLB of a device without power is empty, and it would not respond. */
static void without_power(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct vtd_model *model = ats->model;

	model->unresponsive = OWN;
	model->ignore_count = ALWAYS;
	unit_core.off = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 0);
	KUNIT_EXPECT_GE(test, count_tlb_of(model, OTHER), 1);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
}

/*
 * A device that gets power during a flush may obtain an old translation until
 * the unit has invalidated its own caches.
 */
static void gets_power_during_flush(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct vtd_model *model = ats->model;
	unsigned int i, iotlb = 0, tlb = 0;

	unit_core.off = OWN;
	unit_core.off_reads = 1;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(model, OWN), 1);
	for (i = 0; i < model->nr_events; i++) {
		if (model->events[i].kind != EVENT_DSC)
			continue;
		if ((model->events[i].a & 0xf) == 0x2)
			iotlb = i;
		if ((model->events[i].a & 0xffff0000000f) == 0x30000000003)
			tlb = i;
	}
	KUNIT_EXPECT_LT(test, iotlb, tlb);
}

/* A device that loses its power during a flush is not marked. */
static void loses_power_during_flush(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct vtd_model *model = ats->model;

	model->unresponsive = OWN;
	model->ignore_count = ALWAYS;
	model->run_on_poll = true;
	model->on_fsts = lose_power;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_GE(test, count_tlb_of(model, OWN), 1);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* A flush with a device without power is not posted: see nyx_flush_submit(). */
static void posts_nothing_without_power(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test, 0);
	struct nyx_unit *unit = &ats->model->vu->unit;
	const struct nyx_flush all = {
		.domain_id = 7,
		.last = U64_MAX,
		.ats = &ats->list,
	};
	struct nyx_flush_ticket ticket;

	unit_core.off = OWN;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &all, &ticket));
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &all), 0);
	KUNIT_EXPECT_EQ(test, count_tlb_of(ats->model, OWN), 0);
}

static struct kunit_case nyx_vtd_ats_cases[] = {
	KUNIT_CASE_PARAM(enables_and_disables_in_order, modes_gen_params),
	KUNIT_CASE_PARAM(changes_domain, modes_gen_params),
	KUNIT_CASE_PARAM(flush_without_ats, modes_gen_params),
	KUNIT_CASE_PARAM(silent_while_enabled, modes_gen_params),
	KUNIT_CASE_PARAM(invalidates_twice, modes_gen_params),
	KUNIT_CASE_PARAM(refused_by_device, modes_gen_params),
	KUNIT_CASE_PARAM(unplugged, modes_gen_params),
	KUNIT_CASE_PARAM(silent_without_ats, modes_gen_params),
	KUNIT_CASE_PARAM(without_power, modes_gen_params),
	KUNIT_CASE_PARAM(gets_power_during_flush, modes_gen_params),
	KUNIT_CASE_PARAM(loses_power_during_flush, modes_gen_params),
	KUNIT_CASE_PARAM(posts_nothing_without_power, modes_gen_params),
	{}
};

static struct kunit_suite nyx_vtd_ats_suite = {
	.name = "nyx_vtd_ats",
	.test_cases = nyx_vtd_ats_cases,
};

kunit_test_suite(nyx_vtd_ats_suite);
