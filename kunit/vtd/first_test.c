// SPDX-License-Identifier: GPL-2.0-only
/*
 * First-stage tables for requests without PASID, on a model of the unit: entries and
 * caches, the descriptors of flushes, and units that have no other tables. Numbers are
 * those of the VT-d specification (revision 5.1).
 */
#include <linux/err.h>
#include <linux/prandom.h>
#include <nyx/domain.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "../log_text.h"
#include "../seed.h"
#include "../seq_text.h"
#include "first_kinds.h"
#include "vtd/probe.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define ALIAS 0x0300
#define NEIGHBOUR 0x0289

static struct vtd_model *model_of(struct kunit *test)
{
	const struct first_kind *kind = test->param_value;

	if (kind->no_cx16)
		without_cx16(test);
	return vtd_model_running(test, kind->cap, kind->ecap);
}

static void must_set(struct vtd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
}

static void each_to_each(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	const struct nyx_entry entries[] = {
		{ .kind = NYX_ENTRY_BLOCKED },
		unit_core_identity(1),
		first_table(model, 2, 4, false),
		first_table(model, 3, 5, true),
		first_table(model, 4, 5, false),
		second_table(model, 5, false),
		second_table(model, 0xffff, true),
		/* The same domain ID with another table, and the reverse. */
		first_table(model, 2, 4, false),
		{ .kind = NYX_ENTRY_IDENTITY, .domain_id = 2 },
	};

	first_each_to_each(model, ndev, ALIAS, entries, ARRAY_SIZE(entries));
}

/* Random changes for devices that share a domain. */
static void random_changes(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	static const u16 rids[] = { OWN, NEIGHBOUR, ALIAS };
	struct nyx_device *ndev[ARRAY_SIZE(rids)];
	const struct nyx_entry entries[] = {
		{ .kind = NYX_ENTRY_BLOCKED },
		unit_core_identity(1),
		first_table(model, 2, 4, false),
		first_table(model, 3, 5, true),
		second_table(model, 4, true),
	};
	struct rnd_state rnd;
	unsigned int i;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < ARRAY_SIZE(rids); i++)
		ndev[i] = vtd_core_device(test, model, rids[i]);
	for (i = 0; i < 500 && !model->broken; i++)
		must_set(model, ndev[i % ARRAY_SIZE(rids)],
			 &entries[prandom_u32_state(&rnd) % ARRAY_SIZE(entries)]);
}

struct expect {
	u64 lo;
	u64 hi;
};

static void expect_flush(struct vtd_model *model, const struct nyx_flush *flush,
			 struct expect want)
{
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_flush_ticket ticket;
	unsigned int posted;
	u16 sid;

	for (posted = 0; posted < 2; posted++) {
		vtd_model_clear_events(model);
		if (posted) {
			KUNIT_ASSERT_TRUE(model->test,
					  unit->ops->flush_post(unit, flush,
								&ticket));
			KUNIT_EXPECT_EQ(model->test,
					unit->ops->flush_await(unit, &ticket,
							       &sid), 0);
		} else {
			KUNIT_EXPECT_EQ(model->test,
					unit->ops->flush(unit, flush), 0);
		}
		KUNIT_ASSERT_EQ(model->test, model->nr_events, 2);
		KUNIT_EXPECT_EQ(model->test, model->events[0].a, want.lo);
		KUNIT_EXPECT_EQ(model->test, model->events[0].b, want.hi);
	}
}

/*
 * Type 6; G is 2 or 3 in bits 5:4, DID in bits 31:16, PASID in 51:32; AM in 69:64, IH
 * is bit 70 (6.5.2.4).
 */
static void flushes(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.first = true,
		.start = 0x200000,
		.last = 0x3fffff,
	};

	expect_flush(model, &flush, (struct expect){ 0x12340036, 0x200009 });
	flush.leaf_only = true;
	expect_flush(model, &flush, (struct expect){ 0x12340036, 0x200049 });
	flush.pasid = 0xfffff;
	expect_flush(model, &flush, (struct expect){ 0xfffff12340036, 0x200049 });
	flush.start = 0;
	flush.last = ~0ULL;
	expect_flush(model, &flush, (struct expect){ 0xfffff12340026, 0 });
	/* 2^19 pages; MAMV is 18. */
	flush.start = 0x80000000;
	flush.last = 0xffffffff;
	expect_flush(model, &flush, (struct expect){ 0xfffff12340026, 0 });
	/* Second-stage tables are flushed as in legacy mode. */
	flush.first = false;
	flush.last = 0xbfffffff;
	flush.leaf_only = false;
	expect_flush(model, &flush, (struct expect){ 0x123400f2, 0x80000012 });
}

/* Without page-selective invalidation, and for new mappings. */
static void flushes_by_capabilities(struct kunit *test)
{
	struct nyx_flush flush = {
		.domain_id = 1,
		.first = true,
		.pasid = 5,
		.start = 0x5000,
		.last = 0x5fff,
		.leaf_only = true,
		.map = true,
	};
	struct vtd_model *model;

	model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	KUNIT_EXPECT_EQ(test, model->vu->unit.ops->flush(&model->vu->unit, &flush),
			0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);
	model = vtd_model_running(test, MODEL_CAP | MODEL_CAP_CM, BOTH_ECAP);
	expect_flush(model, &flush, (struct expect){ 0x500010036, 0x5000 });
	vtd_model_free(model);
	flush.map = false;
	model = vtd_model_running(test, MODEL_CAP & ~MODEL_CAP_PSI, BOTH_ECAP);
	expect_flush(model, &flush, (struct expect){ 0x500010026, 0 });
}

/* Before the root table is set, the unit is in legacy mode and knows no PASIDs. */
static void flushes_early(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, FIRST_CAP, FIRST_ECAP);
	struct nyx_unit *unit = vtd_model_start_disabled(model);
	struct nyx_flush flush = { .domain_id = 7, .first = true, .last = ~0ULL };

	expect_flush(model, &flush, (struct expect){ 0x700e2, 0 });
	flush.last = 0xfff;
	expect_flush(model, &flush, (struct expect){ 0x700e2, 0 });
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	expect_flush(model, &flush, (struct expect){ 0x70036, 0 });
}

/* Debugfs: the third quad of the PASID-table entry has FSPM and the table. */
static void shows_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_FS5LP, BOTH_ECAP);
	struct nyx_entry entry = first_table(model, 6, 5, false);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_unit *unit = &model->vu->unit;
	struct seq_file *m = nyx_seq_text(test);
	char want[100];

	entry.pasids = true;
	must_set(model, ndev, &entry);
	unit->ops->show_entry(unit, OWN, m);
	snprintf(want, sizeof(want),
		 "9+0x0000000000000049+0x0000000000000006+%#018llx P=0x1,FPD=0x0,DTE=0x0,PASIDE=0x1,",
		 table_of(&entry) + 4);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(m->buf, want), "%s", m->buf);
	snprintf(want, sizeof(want), ",PGSNP=0x0,SRE=0x0,FSPM=0x1,WPE=0x0,EAFE=0x0,FSPTPTR=%#llx",
		 table_of(&entry) >> 12);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(m->buf, want), "%s", m->buf);
}

/*
 * A unit without second-stage tables uses scalable mode, whatever the parameter says:
 * from the default domain of a device to another one, and back to the firmware.
 */
static void only_first_stage(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, FIRST_CAP, FIRST_ECAP |
						MODEL_ECAP_SMPWCS |
						MODEL_ECAP_SC);
	const struct nyx_entry identity = unit_core_identity(1);
	struct nyx_entry table, other;
	struct nyx_flush flush = { .domain_id = 2, .first = true, .last = ~0ULL };
	const struct nyx_unit_caps *caps;
	struct nyx_device *ndev;
	struct nyx_unit *unit;

	model->legacy = true;
	unit = vtd_model_start_disabled(model);
	caps = &unit->caps;
	KUNIT_EXPECT_TRUE(test, model->vu->scalable);
	KUNIT_EXPECT_PTR_EQ(test, caps->format, &nyx_pt_x86);
	KUNIT_EXPECT_EQ(test, caps->levels, BIT(4));
	KUNIT_EXPECT_EQ(test, caps->addr_bits, 47);
	KUNIT_EXPECT_TRUE(test, caps->dirty);
	ndev = vtd_core_device(test, model, OWN);
	must_set(model, ndev, &identity);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_TRUE(test, model->scalable);
	table = first_table(model, 2, 4, true);
	other = first_table(model, 3, 4, false);
	must_set(model, ndev, &table);
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_EQ(test, model->walk.atc[0], table_of(&table));
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), 0);
	mutex_lock(&ndev->entry_lock);
	KUNIT_EXPECT_EQ(test, nyx_entry_set_dirty(unit, ndev, true), 0);
	mutex_unlock(&ndev->entry_lock);
	vtd_walk_check(model);
	must_set(model, ndev, &other);
	must_set(model, ndev, &(struct nyx_entry) { });
	must_set(model, ndev, &identity);
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

/* Such a unit stays off if scalable mode cannot be used, and the log says why. */
static void only_first_stage_refused(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, FIRST_CAP, FIRST_ECAP);
	struct vtd_site site = {
		.base = model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.needs_ats = true,
	};
	static const char line[] =
		"and scalable mode cannot be used: a device needs ATS";
	unsigned int lines = log_text_count(test, line);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(vtd_unit_create(&site)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	model->ecap &= ~MODEL_ECAP_SMTS;
	site.needs_ats = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(vtd_unit_create(&site)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
}

static struct kunit_case nyx_vtd_first_cases[] = {
	KUNIT_CASE_PARAM(each_to_each, first_kinds_gen_params),
	KUNIT_CASE_PARAM(random_changes, first_kinds_gen_params),
	KUNIT_CASE(flushes),
	KUNIT_CASE(shows_entry),
	KUNIT_CASE(flushes_by_capabilities),
	KUNIT_CASE(flushes_early),
	KUNIT_CASE(only_first_stage),
	KUNIT_CASE(only_first_stage_refused),
	{}
};

static struct kunit_suite nyx_vtd_first_suite = {
	.name = "nyx_vtd_first",
	.test_cases = nyx_vtd_first_cases,
};

kunit_test_suite(nyx_vtd_first_suite);
