// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of context entries, on a model of the unit: the values that the unit
 * reads, the caches of the unit and of devices, and the order of invalidations.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include <asm/cpufeature.h>

#include "../cx16.h"
#include "../seed.h"
#include "../seq_text.h"
#include "core.h"
#include "model.h"
#include "vtd/context.h"
#include "vtd/scalable.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define ALIAS 0x0300
#define NEIGHBOUR 0x0209
/* In struct kind, stands for a unit without ECAP.QI. */
#define NO_QUEUE BIT_ULL(31)

#define SCALABLE (MODEL_ECAP_SCALABLE | MODEL_ECAP_DT)

/* Capabilities of the unit and of the CPU that affect changes of entries. */
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
	{ "scalable mode, snoops", 0, SCALABLE | MODEL_ECAP_SMPWCS |
	  MODEL_ECAP_C },
	{ "scalable mode, does not snoop", 0, SCALABLE },
	{ "scalable mode, snoops walks of page tables only", 0,
	  SCALABLE | MODEL_ECAP_SMPWCS },
	{ "scalable mode, caching mode", MODEL_CAP_CM, SCALABLE | MODEL_ECAP_C },
	{ "scalable mode, write buffers", MODEL_CAP_RWBF, SCALABLE },
	{ "scalable mode, no 128-bit stores", 0, SCALABLE, true },
	{ "scalable mode, caching mode, no 128-bit stores", MODEL_CAP_CM,
	  SCALABLE, true },
	{ "registers", 0, NO_QUEUE },
	{ "registers, caching mode, no 128-bit stores", MODEL_CAP_CM,
	  NO_QUEUE, true },
};

KUNIT_ARRAY_PARAM_DESC(kinds, kinds, name);

/* Units that read memory as the test does. */
static const struct kind snooped[] = {
	{ "128-bit stores", 0, MODEL_ECAP_C },
	{ "no 128-bit stores", 0, MODEL_ECAP_C, true },
	{ "scalable mode", 0, SCALABLE | MODEL_ECAP_C },
	{ "scalable mode, no 128-bit stores", 0, SCALABLE | MODEL_ECAP_C, true },
};

KUNIT_ARRAY_PARAM_DESC(snooped, snooped, name);

static struct vtd_model *model_of(struct kunit *test, const struct kind *kind)
{
	u64 ecap = MODEL_ECAP | kind->ecap;

	if (kind->ecap == NO_QUEUE)
		ecap = MODEL_ECAP & ~MODEL_ECAP_QI;
	KUNIT_ASSERT_TRUE(test, boot_cpu_has(X86_FEATURE_CX16));
	if (kind->no_cx16)
		without_cx16(test);
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

/* From each value to each other, for a device with an alias on another bus. */
static void each_to_each(struct kunit *test)
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
		/* The same domain ID with another table. */
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
			/* The unit may only see the old or the new value. */
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

/* Random changes for devices that share a bus, a domain or a requester ID. */
static void random_changes(struct kunit *test)
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

/* Reads 128 bits at once, as the unit does (6.2.2.1). */
struct reader {
	u128 *entry;
	u64 lo[3];
	u64 hi[3];
	unsigned long seen[3];
	unsigned long torn;
};

static int read_repeatedly(void *arg)
{
	struct reader *r = arg;
	unsigned int i;
	u128 val;

	while (!kthread_should_stop()) {
		/* An atomic read: this never changes the value. */
		val = cmpxchg128(r->entry, 0, 0);
		for (i = 0; i < 2; i++)
			if ((u64)val == r->lo[i] && val >> 64 == r->hi[i])
				break;
		/* Other bits of an entry that is not present do not matter. */
		if (i == 2 && (val & 1))
			r->torn++;
		r->seen[i]++;
		if (!(r->seen[i] % 1024))
			cond_resched();
	}
	return 0;
}

static bool has_seen_both(const struct reader *r)
{
	return READ_ONCE(r->seen[0]) && READ_ONCE(r->seen[1]);
}

/* The bits that have domain ID and page table, and their values for @entry. */
static u128 *reader_entry(const struct vtd_model *model)
{
	const u64 *context, *directory;

	if (!model->scalable)
		return (u128 *)vtd_tables_lookup(&model->vu->tables, OWN);
	/* Entry 0 of the PASID directory, and of the PASID table (9.4, 9.5). */
	context = (const u64 *)vtd_scalable_lookup(&model->vu->tables, OWN);
	directory = phys_to_virt(*context & ~0xfffULL);
	return phys_to_virt(*directory & ~0xfffULL);
}

static void reader_value(const struct vtd_model *model,
			 const struct nyx_entry *entry, u64 *lo, u64 *hi)
{
	if (model->scalable) {
		/* PGTT = 2, AW = 2 (9.6). */
		*lo = virt_to_phys(entry->pt->root) + 0x89;
		*hi = entry->domain_id;
	} else {
		*lo = vtd_core_table_lo(entry, 0);
		*hi = entry->domain_id << 8 | 2;
	}
}

static void never_torn(struct kunit *test)
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
	reader->entry = reader_entry(model);
	for (i = 0; i < 2; i++)
		reader_value(model, &entries[i], &reader->lo[i],
			     &reader->hi[i]);
	task = kthread_run(read_repeatedly, reader, "nyx_reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	/* On a busy machine the reader begins late. */
	for (i = 0; i < 20000 || (i < 2000000 && !has_seen_both(reader)); i++) {
		must_set(model, ndev, &entries[i % 3]);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, reader->torn, 0);
	KUNIT_EXPECT_GT(test, reader->seen[0], 0);
	KUNIT_EXPECT_GT(test, reader->seen[1], 0);
}

/*
 * Old entries and translations are invalidated with the old domain ID, drained,
 * in a single submission.
 */
static void invalidates_old_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, false);
	struct nyx_entry b = unit_core_table(test, 6, false);

	vtd_core_alias(model, ndev, ALIAS);
	/* This unit does not cache entries that are not present. */
	must_set(model, ndev, &a);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 4);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x20800050031);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x30000050031);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0x500e2);
	/* The same value again: nothing is invalidated. */
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 4);
	must_set(model, ndev, &blocked);
	KUNIT_ASSERT_EQ(test, model->nr_events, 8);
	vtd_model_expect_event(model, 4, EVENT_DSC, 0x20800060031);
	vtd_model_expect_event(model, 5, EVENT_DSC, 0x30000060031);
	vtd_model_expect_event(model, 6, EVENT_DSC, 0x600e2);
	expect_entry(model, OWN, 0, 0);
	expect_entry(model, ALIAS, 0, 0);
}

/*
 * In caching mode, entries that are not present are cached with domain ID 0
 * (6.2.2).
 */
static void invalidates_not_present_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_CM, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_device *next = vtd_core_device(test, model, NEIGHBOUR);
	struct nyx_entry a = unit_core_table(test, 5, false);

	/* The root entry is new: first everything is invalidated. */
	must_set(model, ndev, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 6);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x11);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0xd2);
	vtd_model_expect_event(model, 3, EVENT_DSC, 0x20800000031);
	vtd_model_expect_event(model, 4, EVENT_DSC, 0x500e2);
	/* The root entry is present: only the entry is invalidated. */
	must_set(model, next, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 9);
	vtd_model_expect_event(model, 6, EVENT_DSC, 0x20900000031);
	vtd_model_expect_event(model, 7, EVENT_DSC, 0x500e2);
}

/*
 * In scalable mode: context-cache with domain ID 0, then the PASID-cache for PASID 0 and
 * the old domain ID, for each requester ID; then translations (6.5.2.1 to 6.5.2.3).
 */
static void invalidates_old_scalable_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP |
						    SCALABLE);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, false);
	struct nyx_entry b = unit_core_table(test, 6, false);

	vtd_core_alias(model, ndev, ALIAS);
	must_set(model, ndev, &a);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 6);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x20800000031);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x50017);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0x30000000031);
	vtd_model_expect_event(model, 3, EVENT_DSC, 0x50017);
	vtd_model_expect_event(model, 4, EVENT_DSC, 0x500e2);
	/* The same value again: nothing is invalidated. */
	must_set(model, ndev, &b);
	KUNIT_ASSERT_EQ(test, model->nr_events, 6);
	must_set(model, ndev, &blocked);
	KUNIT_ASSERT_EQ(test, model->nr_events, 12);
	vtd_model_expect_event(model, 6, EVENT_DSC, 0x20800000031);
	vtd_model_expect_event(model, 7, EVENT_DSC, 0x60017);
	vtd_model_expect_event(model, 10, EVENT_DSC, 0x600e2);
	expect_entry(model, OWN, 0, 0);
	expect_entry(model, ALIAS, 0, 0);
}

/* As many requester IDs as are changed together, and some more. */
static void changes_many_scalable_entries(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP |
						    MODEL_ECAP_C | SCALABLE);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, false);
	struct nyx_entry b = unit_core_table(test, 6, false);
	unsigned int i;

	for (i = 0; i < 10; i++)
		vtd_core_alias(model, ndev, ALIAS + 16 * i);
	must_set(model, ndev, &a);
	must_set(model, ndev, &b);
	/* 8 and 3, each with 2 commands, one IOTLB invalidation and a wait. */
	KUNIT_EXPECT_EQ(test, model->nr_events, 11 * 2 + 2 * 2);
	for (i = 0; i < 10; i++)
		expect_entry(model, ALIAS + 16 * i, vtd_core_table_lo(&b, 0),
			     0x602);
}

/* In caching mode, all PASID-table entries for a device that was blocked. */
static void invalidates_not_present_scalable_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_CM, MODEL_ECAP |
						    SCALABLE);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_device *next = vtd_core_device(test, model, NEIGHBOUR);
	struct nyx_device *upper = vtd_core_device(test, model, OWN | 0x80);
	struct nyx_entry a = unit_core_table(test, 5, false);

	/* Half of the root entry is new: first everything is invalidated. */
	must_set(model, ndev, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 8);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x11);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x37);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0xd2);
	vtd_model_expect_event(model, 4, EVENT_DSC, 0x20800000031);
	vtd_model_expect_event(model, 5, EVENT_DSC, 0x37);
	vtd_model_expect_event(model, 6, EVENT_DSC, 0x500e2);
	/* It is present: only the entry is invalidated. */
	must_set(model, next, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 12);
	vtd_model_expect_event(model, 8, EVENT_DSC, 0x20900000031);
	/* The other half is new. */
	must_set(model, upper, &a);
	KUNIT_ASSERT_EQ(test, model->nr_events, 20);
	vtd_model_expect_event(model, 12, EVENT_DSC, 0x11);
}

/* The write buffer is flushed for new entries only (6.8). */
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
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x20800050031);
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
	/* Should it still read memory, it finds no entry. */
	expect_entry(model, OWN, 0, 0);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &b), -EIO);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &blocked), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
	expect_entry(model, OWN, 0, 0);
	/* Its caches can no longer be invalidated. */
	model->broken = NULL;
}

/* An entry with the names of its fields (9.3). */
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

/* Context entry and PASID-table entry (9.4, 9.6). */
static void shows_scalable_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP |
						    MODEL_ECAP_SMPWCS | SCALABLE);
	struct nyx_device *ndev = vtd_core_device(test, model, OWN);
	struct nyx_entry entry = unit_core_identity(0x123);
	struct nyx_unit *unit = &model->vu->unit;
	struct seq_file *m = nyx_seq_text(test);
	char *want = kunit_kzalloc(test, 300, GFP_KERNEL);
	u64 lo;

	KUNIT_ASSERT_NOT_NULL(test, want);
	must_set(model, ndev, &entry);
	lo = vtd_scalable_lookup(&model->vu->tables, OWN)->lo;
	KUNIT_EXPECT_EQ(test, lo & 0xfff, 1);
	unit->ops->show_entry(unit, OWN, m);
	snprintf(want, 300,
		 "%#018llx+0x0000000000000109+0x0000000000800123 P=0x1,FPD=0x0,DTE=0x0,PASIDE=0x0,PRE=0x0,PDTS=0x0,PASIDDIRPTR=%#llx,PASID.P=0x1,PASID.FPD=0x0,AW=0x2,PGTT=0x4,SSADE=0x0,SSPTPTR=0x0,DID=0x123,PWSNP=0x1,PGSNP=0x0",
		 lo, lo >> 12);
	KUNIT_EXPECT_STREQ(test, m->buf, want);
	must_set(model, ndev, &blocked);
	m = nyx_seq_text(test);
	unit->ops->show_entry(unit, OWN, m);
	snprintf(want, 300,
		 "%#018llx P=0x0,FPD=0x0,DTE=0x0,PASIDE=0x0,PRE=0x0,PDTS=0x0,PASIDDIRPTR=%#llx",
		 lo - 1, lo >> 12);
	KUNIT_EXPECT_STREQ(test, m->buf, want);
	m = nyx_seq_text(test);
	unit->ops->show_entry(unit, 0xff00, m);
	KUNIT_EXPECT_STREQ(test, m->buf, "- -");
}

static struct kunit_case nyx_vtd_entry_cases[] = {
	KUNIT_CASE_PARAM(each_to_each, kinds_gen_params),
	KUNIT_CASE_PARAM(random_changes, kinds_gen_params),
	KUNIT_CASE_PARAM(never_torn, snooped_gen_params),
	KUNIT_CASE(invalidates_old_entry),
	KUNIT_CASE(invalidates_not_present_entry),
	KUNIT_CASE(flushes_write_buffer),
	KUNIT_CASE(unit_dies),
	KUNIT_CASE(shows_entry),
	KUNIT_CASE(invalidates_old_scalable_entry),
	KUNIT_CASE(changes_many_scalable_entries),
	KUNIT_CASE(invalidates_not_present_scalable_entry),
	KUNIT_CASE(shows_scalable_entry),
	{}
};

static struct kunit_suite nyx_vtd_entry_suite = {
	.name = "nyx_vtd_entry",
	.test_cases = nyx_vtd_entry_cases,
};

kunit_test_suite(nyx_vtd_entry_suite);
