// SPDX-License-Identifier: GPL-2.0-only
/*
 * SSADE of a PASID-table entry (VT-d specification, revision 5.1, section 9.6): when it
 * changes, the device continues to work, and the unit uses the new value at once. The
 * model reports stale entries in its caches.
 */
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "../cut_off_fixture.h"
#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0300
#define ALIAS 0x0308
#define SSADE BIT_ULL(9)
#define ECAP (MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE)
#define ECAP_TRACKS (ECAP | MODEL_ECAP_SMPWCS | MODEL_ECAP_SSADS)

static int set_dirty(struct nyx_device *ndev, bool on)
{
	guard(mutex)(&ndev->entry_lock);
	return nyx_entry_set_dirty(ndev->unit, ndev, on);
}

/* The PASID-table entry that the unit has cached, bits 63:0. */
static u64 cached(struct vtd_model *model, u16 rid)
{
	int i = vtd_walk_slot(model, rid);

	KUNIT_EXPECT_TRUE(model->test, model->walk.pc[i].valid);
	return model->walk.pc[i].lo;
}

static struct nyx_device *add(struct vtd_model *model,
			      const struct nyx_entry *entry)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, OWN);

	vtd_core_alias(model, ndev, ALIAS);
	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
	ndev->entry = *entry;
	vtd_model_clear_events(model);
	return ndev;
}

static void dirty_changes(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_TRACKS);
	const struct nyx_entry entry = unit_core_table(test, 7, true);
	struct nyx_device *ndev = add(model, &entry);
	unsigned long blocked = model->walk.blocked;
	u64 before = cached(model, OWN);

	KUNIT_ASSERT_EQ(test, before & SSADE, 0);
	KUNIT_ASSERT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, cached(model, OWN), before | SSADE);
	KUNIT_EXPECT_EQ(test, cached(model, ALIAS) & SSADE, SSADE);
	/* Both requester IDs: context-cache (1) and PASID-cache (7) descriptors. */
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x1), 2);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x7), 2);
	/* The same again changes nothing. */
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x7), 2);

	KUNIT_EXPECT_EQ(test, set_dirty(ndev, false), 0);
	KUNIT_EXPECT_EQ(test, cached(model, OWN), before);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_ATS_OFF, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, model->walk.blocked, blocked);
}

/* Entries that do not use a page table stay as they are. */
static void dirty_blocked(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_TRACKS);
	const struct nyx_entry identity = { .kind = NYX_ENTRY_IDENTITY };
	const struct nyx_entry entry = unit_core_table(test, 7, false);
	struct nyx_device *ndev = add(model, &identity);

	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, cached(model, OWN) & SSADE, 0);
	KUNIT_ASSERT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	ndev->entry = entry;
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, set_dirty(ndev, true), 0);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x7), 0);
}

/* Only a unit in scalable mode that snoops its tables can record writes. */
static void dirty_offered(struct kunit *test)
{
	static const struct {
		u64 ecap;
		bool legacy;
		bool dirty;
	} cases[] = {
		{ ECAP_TRACKS, false, true },
		{ ECAP_TRACKS, true, false },
		{ ECAP | MODEL_ECAP_SMPWCS, false, false },
		{ ECAP | MODEL_ECAP_SSADS, false, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vtd_model *model = vtd_model_new(test, MODEL_CAP,
							cases[i].ecap);

		model->legacy = cases[i].legacy;
		vtd_model_probe(model);
		KUNIT_EXPECT_EQ_MSG(test, model->vu->unit.caps.dirty,
				    cases[i].dirty, "%u", i);
		vtd_model_free(model);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(dirty_changes),
	KUNIT_CASE(dirty_blocked),
	KUNIT_CASE(dirty_offered),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_vtd_dirty",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
