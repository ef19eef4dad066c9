// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidations for a flush (6.5.2.3, 6.5.2.5) and flushes of the write buffer
 * (6.8), on a model of the unit.
 */
#include <linux/rculist.h>
#include <nyx/unit.h>

#include "core.h"
#include "model.h"
#include "quirks/quirks.h"
#include "vtd/flush.h"
#include "vtd/vtd.h"

#define ALL (~0ULL)

struct expect {
	u64 lo;
	u64 hi;
};

/* Expects @nr descriptors and a wait descriptor, or none if @nr is 0. */
static void expect_dscs(struct vtd_model *model, const struct expect *wants,
			unsigned int nr)
{
	struct kunit *test = model->test;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, model->nr_events, nr ? nr + 1 : 0);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, model->events[i].a, wants[i].lo,
				    "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, model->events[i].b, wants[i].hi,
				    "%u", i);
	}
}

static void expect_flush(struct vtd_model *model, const struct nyx_flush *flush,
			 const struct expect *wants, unsigned int nr)
{
	struct nyx_unit *unit = &model->vu->unit;

	vtd_model_clear_events(model);
	unit->ops->flush(unit, flush);
	expect_dscs(model, wants, nr);
}

/* The same, of a flush that is posted and then awaited. */
static void expect_posted(struct vtd_model *model,
			  const struct nyx_flush *flush,
			  const struct expect *wants, unsigned int nr)
{
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_flush_ticket ticket;
	u16 sid;

	vtd_model_clear_events(model);
	KUNIT_ASSERT_TRUE(model->test,
			  unit->ops->flush_post(unit, flush, &ticket));
	KUNIT_EXPECT_EQ(model->test,
			unit->ops->flush_await(unit, &ticket, &sid), 0);
	expect_dscs(model, wants, nr);
}

static void flush_pages(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.start = 0x200000,
		.last = 0x3fffff,
	};
	struct nyx_unit *unit = &model->vu->unit;
	/* Tables may have been freed, so IH is clear. */
	struct expect one = { 0x123400f2, 0x200009 };
	struct expect two[] = {
		{ 0x123400f2, 0x3000 }, { 0x123400f2, 0x4000 },
	};
	struct expect all = { 0x123400e2, 0 };

	expect_flush(model, &flush, &one, 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_PAGE), 1);
	/* No table was freed, so caches of upper levels stay valid (IH). */
	flush.leaf_only = true;
	one.hi = 0x200049;
	expect_flush(model, &flush, &one, 1);

	flush.leaf_only = false;
	flush.start = 0x3000;
	flush.last = 0x4fff;
	expect_flush(model, &flush, two, 2);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_PAGE), 4);

	flush.start = 0;
	flush.last = ALL;
	expect_flush(model, &flush, &all, 1);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_DOMAIN), 1);
	/* 2 GiB are 2^19 pages, more than MAMV = 18 allows. */
	flush.start = 0x80000000;
	flush.last = 0xffffffff;
	expect_flush(model, &flush, &all, 1);
	flush.last = 0xbfffffff;
	one.hi = 0x80000012;
	expect_flush(model, &flush, &one, 1);
	/* One wait for each flush, and one for the invalidation at start. */
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_WAIT), 7);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(unit, NYX_STAT_FLUSH_ERROR), 0);
}

/* Invalidations use only capabilities of the unit. */
static void flush_by_capabilities(struct kunit *test)
{
	struct nyx_flush flush = {
		.domain_id = 1,
		.start = 0x5000,
		.last = 0x5fff,
		.leaf_only = true,
	};
	struct expect want = { 0x100e2, 0 };
	struct vtd_model *model;

	/* No page-selective invalidation. */
	model = vtd_model_running(test, MODEL_CAP & ~MODEL_CAP_PSI, MODEL_ECAP);
	expect_flush(model, &flush, &want, 1);
	vtd_model_free(model);
	/* MAMV = 0. */
	want.lo = 0x100f2;
	want.hi = 0x5040;
	model = vtd_model_running(test, MODEL_CAP & ~(0x3fULL << 48),
				  MODEL_ECAP);
	expect_flush(model, &flush, &want, 1);
	vtd_model_free(model);
	/* No read draining (CAP bit 55), and no write draining (54). */
	want.lo = 0x10072;
	model = vtd_model_running(test, MODEL_CAP & ~(1ULL << 55), MODEL_ECAP);
	expect_flush(model, &flush, &want, 1);
	vtd_model_free(model);
	want.lo = 0x100b2;
	model = vtd_model_running(test, MODEL_CAP & ~(1ULL << 54), MODEL_ECAP);
	expect_flush(model, &flush, &want, 1);
}

/*
 * A map needs a flush only if the unit caches entries that are not present, or
 * has a write buffer.
 */
static void flush_of_map(struct kunit *test)
{
	struct nyx_flush flush = {
		.domain_id = 1,
		.start = 0x5000,
		.last = 0x5fff,
		.leaf_only = true,
		.map = true,
	};
	/* IH is clear, as tables above the page may be new. */
	const struct expect want = { 0x100f2, 0x5000 };
	struct vtd_model *model;

	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	expect_flush(model, &flush, NULL, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.caps.map_flush);
	vtd_model_free(model);

	model = vtd_model_running(test, MODEL_CAP | MODEL_CAP_CM, MODEL_ECAP);
	expect_flush(model, &flush, &want, 1);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.caps.map_flush);
	vtd_model_free(model);

	model = vtd_model_running(test, MODEL_CAP | MODEL_CAP_RWBF, MODEL_ECAP);
	model->vu->unit.ops->flush(&model->vu->unit, &flush);
	KUNIT_ASSERT_EQ(test, model->nr_events, 1);
	KUNIT_EXPECT_EQ(test, model->events[0].kind, EVENT_GCMD);
	KUNIT_EXPECT_EQ(test, model->events[0].a, 0x8c000000);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.caps.map_flush);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&model->vu->unit,
					    NYX_STAT_WRITE_BUFFER), 1);
}

/* Device TLBs; devices of other units, or with ATS refused, are left out. */
static void flush_devices(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP |
						    MODEL_ECAP_DT);
	struct nyx_device *a = vtd_core_device(test, model, 0x0300);
	struct nyx_device *b = vtd_core_device(test, model, 0x0401);
	struct nyx_device *c = vtd_core_device(test, model, 0x0500);
	struct nyx_device *d = vtd_core_device(test, model, 0x0600);
	LIST_HEAD(ats);
	struct nyx_flush flush = {
		.domain_id = 1,
		.start = 0x4000,
		.last = 0x7fff,
		.ats = &ats,
	};
	struct expect wants[] = {
		{ 0x100f2, 0x4002 },
		/* MIP 0 means 32. PFSID is reserved without ECAP.DIT. */
		{ 0x30000000003, 0x5001 },
		{ 0x40100070003, 0x5001 },
	};
	const struct expect twice[] = {
		{ 0x100f2, 0x4002 },
		{ 0x30000000003, 0x5001 },
		{ 0x30000000003, 0x5001 },
		{ 0x40100070003, 0x5001 },
	};

	b->ats_qdep = 7;
	b->ats_pfsid = 0x0400;
	model->walk.ats[vtd_walk_slot(model, a->rid)] = true;
	model->walk.ats[vtd_walk_slot(model, b->rid)] = true;
	a->ats_enabled = true;
	b->ats_enabled = true;
	c->ats_enabled = true;
	d->ats_enabled = true;
	c->unit = NULL;
	d->ats_refused = true;
	list_add_tail_rcu(&a->ats_node, &ats);
	list_add_tail_rcu(&b->ats_node, &ats);
	list_add_tail_rcu(&c->ats_node, &ats);
	list_add_tail_rcu(&d->ats_node, &ats);
	expect_flush(model, &flush, wants, 3);
	KUNIT_EXPECT_EQ(test, nyx_unit_stat(&model->vu->unit,
					    NYX_STAT_FLUSH_DEVICE), 2);
	expect_posted(model, &flush, wants, 3);
	/* A device that has to be asked twice. */
	a->ats_twice = true;
	expect_flush(model, &flush, twice, 4);
	expect_posted(model, &flush, twice, 4);
	a->ats_twice = false;

	/* Device TLBs do not cache pages that are not mapped. */
	flush.map = true;
	expect_flush(model, &flush, NULL, 0);
	flush.map = false;

	/* All pages. */
	flush.start = 0;
	flush.last = ALL;
	wants[0].lo = 0x100e2;
	wants[0].hi = 0;
	wants[1].hi = 0x7ffffffffffff001;
	wants[2].hi = 0x7ffffffffffff001;
	expect_flush(model, &flush, wants, 3);

	/* A single page, on a unit that needs PFSID. */
	vtd_model_free(model);
	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP | MODEL_ECAP_DT |
				  MODEL_ECAP_DIT);
	/* The new unit may have the address of the freed one. */
	a->unit = NULL;
	b->unit = &model->vu->unit;
	flush.start = 0x4000;
	flush.last = 0x4fff;
	wants[0].lo = 0x100f2;
	wants[0].hi = 0x4000;
	wants[1].lo = 0x0400040100070003;
	wants[1].hi = 0x4000;
	expect_flush(model, &flush, wants, 2);
}

/* More devices than fit in a submission are split into several. */
static void flush_many_devices(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP |
						    MODEL_ECAP_DT);
	struct nyx_device *ndevs = kunit_kcalloc(test, 100, sizeof(*ndevs),
						 GFP_KERNEL);
	struct nyx_unit *unit = &model->vu->unit;
	LIST_HEAD(ats);
	const struct nyx_flush flush = {
		.domain_id = 1,
		.last = ALL,
		.ats = &ats,
	};
	struct nyx_flush_ticket ticket;
	unsigned int i, n = 0;
	u16 sid;

	KUNIT_ASSERT_NOT_NULL(test, ndevs);
	for (i = 0; i < 100; i++) {
		ndevs[i].unit = unit;
		ndevs[i].rid = 0x100 + i;
		ndevs[i].rids[0] = 0x100 + i;
		ndevs[i].ats_enabled = true;
		list_add_tail_rcu(&ndevs[i].ats_node, &ats);
	}
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, model->events[0].a, 0x100e2);
	for (i = 1; i < model->nr_events; i++) {
		if ((model->events[i].a & 0xf) == 5)
			continue;
		KUNIT_ASSERT_EQ(test, model->events[i].a & 0xf, 3);
		sid = model->events[i].a >> 32;
		KUNIT_EXPECT_EQ(test, sid, 0x100 + n);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 100);
	/* 101 descriptors in submissions of up to 32. */
	KUNIT_EXPECT_EQ(test, model->nr_events, 101 + 4);
	/* 201 descriptors; a device's two are never in two submissions. */
	for (i = 0; i < 100; i++)
		ndevs[i].ats_twice = true;
	vtd_model_clear_events(model);
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, model->nr_events, 201 + 7);
	/* A posted flush is one submission. */
	vtd_model_clear_events(model);
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
}

/* If the unit vanishes, a flush fails, and later ones do not access it. */
static void flush_of_dead_unit(struct kunit *test)
{
	const struct nyx_flush flush = { .domain_id = 1, .last = ALL };
	struct vtd_model *model;
	struct nyx_unit *unit;
	unsigned long accesses;
	int registers;

	for (registers = 0; registers < 2; registers++) {
		model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP &
					  ~(registers ? MODEL_ECAP_QI : 0));
		unit = &model->vu->unit;
		model->gone = true;
		KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), -EIO);
		KUNIT_EXPECT_TRUE(test, unit->dead);
		KUNIT_EXPECT_GT(test, nyx_unit_stat(unit,
						    NYX_STAT_FLUSH_ERROR), 0);
		accesses = model->accesses;
		KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &flush), -EIO);
		KUNIT_EXPECT_EQ(test, model->accesses, accesses);
		vtd_model_free(model);
	}
}

/* WBF is bit 27. WBFS is set until the flush completes (11.4.4.2). */
static void write_buffer(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_RWBF, MODEL_ECAP);

	model->latency = 20;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x8c000000);
	KUNIT_EXPECT_EQ(test, model->busy, 0);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);

	/* The flush never completes. */
	model->held_cmds = 0x08000000;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	/* No write buffer. */
	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	model = vtd_model_running(test, MODEL_CAP | MODEL_CAP_RWBF, MODEL_ECAP);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* Some chipsets have write buffers although RWBF is clear. */
static void write_buffer_by_quirk(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	const struct nyx_flush map = { .domain_id = 1, .last = 0xfff,
				       .map = true };
	struct nyx_unit *unit;

	unit_core.quirks = NYX_QUIRK_WRITE_BUFFER;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	/* The core reports new mappings. */
	KUNIT_EXPECT_TRUE(test, unit->caps.map_flush);
	KUNIT_EXPECT_EQ(test, unit->ops->flush(unit, &map), 0);
	KUNIT_ASSERT_EQ(test, model->nr_events, 1);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x8c000000);
}

/* A posted flush submits the same descriptors, or none. */
static void flush_posted(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_flush flush = {
		.domain_id = 0x1234,
		.start = 0x200000,
		.last = 0x3fffff,
	};
	const struct expect one = { 0x123400f2, 0x200009 };
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_flush_ticket ticket;

	expect_posted(model, &flush, &one, 1);
	vtd_model_clear_events(model);
	/* Non-present entries are not cached, so a map needs no invalidation. */
	flush.map = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	flush.map = false;
	/* A dead unit gets no commands. */
	unit->dead = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	unit->dead = false;
	model->vu->use_qi = false;
	KUNIT_EXPECT_FALSE(test, unit->ops->flush_post(unit, &flush, &ticket));
	model->vu->use_qi = true;
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
}

static struct kunit_case nyx_vtd_flush_cases[] = {
	KUNIT_CASE(flush_pages),
	KUNIT_CASE(flush_by_capabilities),
	KUNIT_CASE(flush_of_map),
	KUNIT_CASE(flush_devices),
	KUNIT_CASE(flush_many_devices),
	KUNIT_CASE(flush_of_dead_unit),
	KUNIT_CASE(flush_posted),
	KUNIT_CASE(write_buffer),
	KUNIT_CASE(write_buffer_by_quirk),
	{}
};

static struct kunit_suite nyx_vtd_flush_suite = {
	.name = "nyx_vtd_flush",
	.test_cases = nyx_vtd_flush_cases,
};

kunit_test_suite(nyx_vtd_flush_suite);
