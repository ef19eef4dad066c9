// SPDX-License-Identifier: GPL-2.0-only
/*
 * How context entries change, on a model of the unit: what it reads, what it
 * and devices may have cached, and in which order they are told.
 */
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include <asm/cpufeature.h>

#include "../seed.h"
#include "../seq_text.h"
#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define ALIAS 0x0300
#define NEIGHBOUR 0x0209

/* A unit that walks tables by what it is, and a CPU by what it can do. */
struct kind {
	const char *name;
	u64 cap;
	u64 ecap;
	bool no_cx16;
};

static const struct kind kinds[] = {
	{ "queue, snoops", 0, MODEL_ECAP_C | MODEL_ECAP_DT },
	{ "queue, does not snoop", 0, MODEL_ECAP_DT },
	{ "queue, caching mode", MODEL_CAP_CM, MODEL_ECAP_C | MODEL_ECAP_DT },
	{ "queue, caching mode, does not snoop", MODEL_CAP_CM, MODEL_ECAP_DT },
	{ "queue, write buffers", MODEL_CAP_RWBF, MODEL_ECAP_DT },
	{ "queue, no 128-bit stores", 0, MODEL_ECAP_DT, true },
	{ "queue, caching mode, no 128-bit stores", MODEL_CAP_CM,
	  MODEL_ECAP_C | MODEL_ECAP_DT, true },
	{ "registers", 0, 0x80000000 },
	{ "registers, caching mode, no 128-bit stores", MODEL_CAP_CM,
	  0x80000000, true },
};

KUNIT_ARRAY_PARAM_DESC(kinds, kinds, name);

/* Those whose entries the test itself can watch. */
static const struct kind snooped[] = {
	{ "128-bit stores", 0, MODEL_ECAP_C },
	{ "no 128-bit stores", 0, MODEL_ECAP_C, true },
};

KUNIT_ARRAY_PARAM_DESC(snooped, snooped, name);

static void restore_cx16(void *unused)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CX16);
}

static struct vtd_model *model_of(struct kunit *test, const struct kind *kind)
{
	u64 ecap = MODEL_ECAP | kind->ecap;

	/* Bit 31 is no more than a mark in the table above. */
	if (kind->ecap & 0x80000000)
		ecap = MODEL_ECAP & ~MODEL_ECAP_QI;
	KUNIT_ASSERT_TRUE(test, boot_cpu_has(X86_FEATURE_CX16));
	if (kind->no_cx16) {
		clear_bit(X86_FEATURE_CX16,
			  (unsigned long *)boot_cpu_data.x86_capability);
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action_or_reset(test, restore_cx16,
							  NULL));
	}
	return vtd_model_running(test, MODEL_CAP | kind->cap, ecap);
}

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

static void must_set(struct vtd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
}

static void expect_entry(struct vtd_model *model, u16 rid, u64 lo, u64 hi)
{
	u64 now_lo, now_hi;

	vtd_walk_entry(model, rid, &now_lo, &now_hi);
	KUNIT_EXPECT_EQ(model->test, now_lo, lo);
	KUNIT_EXPECT_EQ(model->test, now_hi, lo ? hi : now_hi);
}

/* From each state to each other, with an alias on another bus. */
static void every_change(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct vtd_model *model = model_of(test, kind);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	bool ats = model->ecap & MODEL_ECAP_DT;
	struct nyx_entry entries[] = {
		blocked,
		unit_core_identity(1),
		unit_core_table(test, 2, false),
		unit_core_table(test, 3, ats),
		unit_core_table(test, 0xffff, ats),
		/* The same domain by another table. */
		unit_core_table(test, 2, false),
	};
	u64 lo[] = {
		0, 0x9,
		vtd_core_table_lo(&entries[2], 0),
		vtd_core_table_lo(&entries[3], ats),
		vtd_core_table_lo(&entries[4], ats),
		vtd_core_table_lo(&entries[5], 0),
	};
	u64 hi[] = { 0, 0x102, 0x202, 0x302, 0xffff02, 0x202 };
	size_t from, to;

	vtd_core_alias(model, ndev, ALIAS);
	for (from = 0; from < ARRAY_SIZE(entries); from++) {
		for (to = 0; to < ARRAY_SIZE(entries); to++) {
			must_set(model, ndev, &entries[from]);
			/* Nothing but the two may ever be seen. */
			model->walk.values[0].lo = lo[from];
			model->walk.values[0].hi = hi[from];
			model->walk.values[1].lo = lo[to];
			model->walk.values[1].hi = hi[to];
			model->walk.nr_values = 2;
			must_set(model, ndev, &entries[to]);
			expect_entry(model, OWN, lo[to], hi[to]);
			expect_entry(model, ALIAS, lo[to], hi[to]);
			KUNIT_EXPECT_EQ(test, ndev->ats_enabled,
					entries[to].ats);
			KUNIT_EXPECT_EQ(test, model->walk.ats[0],
					entries[to].ats);
			model->walk.nr_values = 0;
		}
	}
	KUNIT_EXPECT_GT(test, model->walk.walks, 100);
}

/* Devices that share a bus, a domain or an ID, at random. */
static void many_changes(struct kunit *test)
{
	static const u16 rids[] = { OWN, NEIGHBOUR, ALIAS, 0x0000, 0xffff };
	const struct kind *kind = test->param_value;
	struct vtd_model *model = model_of(test, kind);
	bool ats = model->ecap & MODEL_ECAP_DT;
	struct nyx_device *ndev[ARRAY_SIZE(rids)];
	struct nyx_entry entries[] = {
		blocked,
		unit_core_identity(1),
		unit_core_table(test, 2, false),
		unit_core_table(test, 3, ats),
		unit_core_table(test, 4, ats),
	};
	struct rnd_state rnd;
	unsigned int i;
	size_t n;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < ARRAY_SIZE(rids); i++)
		ndev[i] = vtd_core_device(test, model, rids[i]);
	vtd_core_alias(model, ndev[0], 0x02ff);
	vtd_core_alias(model, ndev[0], 0x0400);
	for (i = 0; i < 1000; i++) {
		n = prandom_u32_state(&rnd) % ARRAY_SIZE(entries);
		must_set(model, ndev[i % 5], &entries[n]);
		if (model->broken)
			break;
	}
}

/* A walker that reads 128 bits at once, as the unit does (6.2.2.1). */
struct reader {
	u128 *entry;
	u64 lo[3];
	u64 hi[3];
	unsigned long seen[3];
	unsigned long torn;
};

static int read_all_the_time(void *arg)
{
	struct reader *r = arg;
	unsigned int i;
	u128 val;

	while (!kthread_should_stop()) {
		/* Stores nothing but what is there: 0 for 0. */
		val = cmpxchg128(r->entry, 0, 0);
		for (i = 0; i < 2; i++)
			if ((u64)val == r->lo[i] && val >> 64 == r->hi[i])
				break;
		/* One that is not present may say anything else. */
		if (i == 2 && (val & 1))
			r->torn++;
		r->seen[i]++;
		if (!(r->seen[i] % 1024))
			cond_resched();
	}
	return 0;
}

static void never_half_an_entry(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader),
					      GFP_KERNEL);
	struct vtd_model *model = model_of(test, kind);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry entries[] = {
		unit_core_table(test, 0x1111, false),
		unit_core_table(test, 0xeeee, false),
		blocked,
	};
	struct task_struct *task;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, reader);
	must_set(model, ndev, &entries[0]);
	reader->entry = (u128 *)vtd_tables_lookup(&model->vu->tables, OWN);
	for (i = 0; i < 2; i++)
		reader->lo[i] = vtd_core_table_lo(&entries[i], 0);
	reader->hi[0] = 0x111102;
	reader->hi[1] = 0xeeee02;
	task = kthread_run(read_all_the_time, reader, "nyx_reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 20000; i++) {
		must_set(model, ndev, &entries[i % 3]);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, reader->torn, 0);
	KUNIT_EXPECT_GT(test, reader->seen[0], 0);
	KUNIT_EXPECT_GT(test, reader->seen[1], 0);
}

static void expect_dsc(struct vtd_model *model, unsigned int n, u64 lo)
{
	KUNIT_ASSERT_LT(model->test, n, model->nr_events);
	KUNIT_EXPECT_EQ(model->test, model->events[n].kind, EVENT_DSC);
	KUNIT_EXPECT_EQ_MSG(model->test, model->events[n].a, lo, "event %u", n);
}

/* What was said is forgotten under its old domain ID, drained, in one go. */
static void forgets_what_was(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, false);
	struct nyx_entry b = unit_core_table(test, 6, false);

	vtd_core_alias(model, ndev, ALIAS);
	/* Of what was not there, such a unit remembers nothing. */
	must_set(model, ndev, &a);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 4);
	expect_dsc(model, 0, 0x20800050031);
	expect_dsc(model, 1, 0x30000050031);
	expect_dsc(model, 2, 0x500e2);
	/* The same again: nothing to tell. */
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 4);
	must_set(model, ndev, &blocked);
	KUNIT_ASSERT_EQ(test, model->nr_events, 8);
	expect_dsc(model, 4, 0x20800060031);
	expect_dsc(model, 5, 0x30000060031);
	expect_dsc(model, 6, 0x600e2);
	expect_entry(model, OWN, 0, 0);
	expect_entry(model, ALIAS, 0, 0);
}

/* In caching mode, nothing is remembered as well, under domain ID 0 (6.2.2). */
static void forgets_what_was_not(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_CM, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_device *next = vtd_core_device(test, model, NEIGHBOUR);
	struct nyx_entry a = unit_core_table(test, 5, false);

	/* The root entry is new: all is forgotten, and the entry's own ID. */
	must_set(model, ndev, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 6);
	expect_dsc(model, 0, 0x11);
	expect_dsc(model, 1, 0xd2);
	expect_dsc(model, 3, 0x20800000031);
	expect_dsc(model, 4, 0x500e2);
	/* And now it is not. */
	must_set(model, next, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 9);
	expect_dsc(model, 6, 0x20900000031);
	expect_dsc(model, 7, 0x500e2);
}

/* New entries are pushed out of the unit's write buffer (6.8), not others. */
static void flushes_write_buffer(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_RWBF, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, false);
	struct nyx_entry b = unit_core_identity(1);

	must_set(model, ndev, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 1);
	KUNIT_EXPECT_EQ(test, model->events[0].kind, EVENT_GCMD);
	KUNIT_EXPECT_EQ(test, model->events[0].a, 0x8c000000);
	must_set(model, ndev, &b);
	KUNIT_EXPECT_EQ(test, model->nr_events, 4);
	expect_dsc(model, 1, 0x20800050031);
}

static void unit_dies(struct kunit *test)
{
	struct nyx_entry a, b;
	struct vtd_model *model;
	struct nyx_device *ndev;
	unsigned long accesses;

	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	ndev = vtd_core_device(test, model, OWN);
	a = unit_core_table(test, 5, false);
	b = unit_core_table(test, 6, false);
	must_set(model, ndev, &a);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	/* Whatever it is doing: it finds nothing more. */
	expect_entry(model, OWN, 0, 0);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), -EIO);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
	expect_entry(model, OWN, 0, 0);
	/* What it has cached is cached for good. */
	model->broken = NULL;
}

/* An entry by its names (9.3). */
static void shows_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry entry = unit_core_identity(0x123);
	struct nyx_unit *unit = &model->vu->unit;
	struct seq_file *m = nyx_seq_text(test);

	must_set(model, ndev, &entry);
	unit->ops->show_entry(unit, OWN, m);
	KUNIT_EXPECT_STREQ(test, m->buf,
			   "0x0000000000000009+0x0000000000012302 P=0x1,FPD=0x0,TT=0x2,SSPTPTR=0x0,AW=0x2,DID=0x123");
	m = nyx_seq_text(test);
	unit->ops->show_entry(unit, 0xff00, m);
	KUNIT_EXPECT_STREQ(test, m->buf, "- -");
}

static struct kunit_case nyx_vtd_entry_cases[] = {
	KUNIT_CASE_PARAM(every_change, kinds_gen_params),
	KUNIT_CASE_PARAM(many_changes, kinds_gen_params),
	KUNIT_CASE_PARAM(never_half_an_entry, snooped_gen_params),
	KUNIT_CASE(forgets_what_was),
	KUNIT_CASE(forgets_what_was_not),
	KUNIT_CASE(flushes_write_buffer),
	KUNIT_CASE(unit_dies),
	KUNIT_CASE(shows_entry),
	{}
};

static struct kunit_suite nyx_vtd_entry_suite = {
	.name = "nyx_vtd_entry",
	.test_cases = nyx_vtd_entry_cases,
};

kunit_test_suite(nyx_vtd_entry_suite);
