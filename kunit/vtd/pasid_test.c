// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASID entries, on a model of the unit that sends requests with PASIDs: what the unit
 * caches of them, and the descriptors that invalidate it. Numbers are those of the VT-d
 * specification (revision 5.1).
 */
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "../seed.h"
#include "first_kinds.h"
#include "pt/table.h"
#include "vtd/pasid_table.h"
#include "vtd/scalable.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define OTHER 0x0391

static struct vtd_model *model_of(struct kunit *test)
{
	const struct first_kind *kind = test->param_value;

	if (kind->no_cx16)
		without_cx16(test);
	return vtd_model_running(test, kind->cap, kind->ecap);
}

static struct nyx_device *add(struct vtd_model *model, u16 rid)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, rid);

	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	return ndev;
}

static void must_set(struct vtd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
	ndev->entry = *entry;
}

/* The entry for requests without PASID of a device that uses PASIDs. */
static struct nyx_entry with_pasids(struct nyx_entry entry)
{
	entry.pasids = true;
	return entry;
}

static bool block_pasid(struct nyx_unit *unit, u16 rid, u32 pasid, u16 *did)
{
	guard(raw_spinlock_irqsave)(&unit->store_lock);
	return unit->ops->pasids->block(unit, rid, pasid, did);
}

static int invalidate(struct nyx_unit *unit, u16 rid, u32 pasid, u16 did)
{
	struct nyx_cmd cmds[NYX_PASID_CMDS];

	return nyx_invalidate(unit, cmds,
			      unit->ops->pasids->inv(unit, rid, pasid, did,
						     cmds));
}

/* The steps in the order in which the core does them. */
static int set_pasid(struct vtd_model *model, const struct nyx_device *ndev,
		     u32 pasid, const struct nyx_entry *want)
{
	struct nyx_unit *unit = &model->vu->unit;
	int ret = unit->ops->pasids->provide(unit, ndev, pasid);
	u16 did;

	if (!ret && block_pasid(unit, ndev->rid, pasid, &did))
		ret = invalidate(unit, ndev->rid, pasid, did);
	if (!ret && want->kind != NYX_ENTRY_BLOCKED) {
		scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
			unit->ops->pasids->fill(unit, ndev->rid, pasid, want);
		ret = unit->caps.blocked_cached ?
		      invalidate(unit, ndev->rid, pasid, 0) :
		      unit->ops->entries->publish(unit);
	}
	vtd_walk_check(model);
	return ret;
}

static void must_set_pasid(struct vtd_model *model,
			   const struct nyx_device *ndev, u32 pasid,
			   const struct nyx_entry *want)
{
	KUNIT_ASSERT_EQ(model->test, set_pasid(model, ndev, pasid, want), 0);
}

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

/* The table that translates a request now; 0 if it is blocked. */
static u64 sends_to(struct vtd_model *model, struct vtd_walk_sender *sender)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	vtd_walk_dma(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	return sender->table;
}

/* From each value to each other. A PASID of the neighbour and another one stay. */
static void each_to_each(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev = add(model, OWN), *other = add(model, OTHER);
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	const struct nyx_entry entries[] = {
		blocked,
		first_table(model, 2, 4, false),
		first_table(model, 3, 5, false),
		second_table(model, 4, false),
		first_table(model, 2, 4, false),
		second_table(model, 2, false),
	};
	struct vtd_walk_sender *sender, *next, *far;
	unsigned long before;
	size_t from, to;

	must_set(model, ndev, &rid);
	must_set(model, other, &rid);
	before = model->walk.blocked;
	sender = vtd_walk_send(model, OWN, 77);
	next = vtd_walk_send(model, OWN, 78);
	far = vtd_walk_send(model, OTHER, 77);
	must_set_pasid(model, ndev, 78, &entries[1]);
	must_set_pasid(model, other, 77, &entries[1]);
	for (from = 0; from < ARRAY_SIZE(entries); from++) {
		for (to = 0; to < ARRAY_SIZE(entries); to++) {
			must_set_pasid(model, ndev, 77, &entries[from]);
			must_set_pasid(model, ndev, 77, &entries[to]);
			KUNIT_EXPECT_EQ(test, sends_to(model, sender),
					to ? table_of(&entries[to]) : 0);
			KUNIT_EXPECT_EQ(test, sends_to(model, next),
					table_of(&entries[1]));
			KUNIT_EXPECT_EQ(test, sends_to(model, far),
					table_of(&entries[1]));
		}
	}
	KUNIT_EXPECT_EQ(test, model->walk.blocked, before);
}

/* PASIDs of a device depend on its entry for requests without PASID. */
static void follows_entry(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry identity = unit_core_identity(1);
	const struct nyx_entry rids[] = {
		with_pasids(identity),
		with_pasids(first_table(model, 5, 4, false)),
		with_pasids(second_table(model, 6, false)),
		with_pasids(second_table(model, 7, true)),
	};
	const struct nyx_entry table = first_table(model, 2, 4, false);
	struct vtd_walk_sender *sender;
	unsigned int i;

	must_set(model, ndev, &identity);
	sender = vtd_walk_send(model, OWN, 0x12345);
	must_set_pasid(model, ndev, 0x12345, &table);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
	for (i = 0; i < ARRAY_SIZE(rids); i++) {
		must_set(model, ndev, &rids[i]);
		KUNIT_EXPECT_EQ(test, sends_to(model, sender), table_of(&table));
		/* PASIDE is bit 3 of the context entry. */
		KUNIT_EXPECT_EQ(test, vtd_scalable_lookup(&model->vu->tables,
							  OWN)->lo & 9, 9);
	}
	must_set(model, ndev, &blocked);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
	must_set(model, ndev, &rids[0]);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), table_of(&table));
	must_set(model, ndev, &identity);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
}

static void random_changes(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	struct nyx_device *ndev[] = { add(model, OWN), add(model, OTHER) };
	static const u32 pasids[] = { 1, 63, 64, 8191, 0xfffff };
	const struct nyx_entry entries[] = {
		blocked,
		first_table(model, 2, 4, false),
		first_table(model, 3, 5, false),
		second_table(model, 4, false),
	};
	const struct nyx_entry rids[] = {
		blocked,
		with_pasids(unit_core_identity(1)),
		unit_core_identity(1),
		with_pasids(first_table(model, 2, 4, false)),
		with_pasids(second_table(model, 4, true)),
	};
	struct rnd_state rnd;
	unsigned int i, n;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < 4; i++)
		vtd_walk_send(model, i % 2 ? OTHER : OWN, pasids[i]);
	vtd_walk_send(model, OWN, pasids[4]);
	vtd_walk_send(model, OTHER, pasids[4]);
	for (i = 0; i < 500 && !model->broken; i++) {
		n = prandom_u32_state(&rnd);
		if (!(n % 4))
			must_set(model, ndev[i % 2], &rids[n / 4 % 5]);
		else
			must_set_pasid(model, ndev[i % 2], pasids[n / 64 % 5],
				       &entries[n / 4 % 4]);
	}
}

/*
 * PASID-selective in the PASID-cache (type 7, G = 1) and for first-stage translations
 * (type 6, G = 2); those of second-stage tables by domain (type 2, G = 2).
 */
static void invalidates_old_entry(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 0xabc, 4, false);
	struct nyx_cmd cmd;

	must_set(model, ndev, &blocked);
	must_set_pasid(model, ndev, 0x54321, &table);
	vtd_model_clear_events(model);
	must_set_pasid(model, ndev, 0x54321, &blocked);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x543210abc0017);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x543210abc0026);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0xabc00e2);
	KUNIT_EXPECT_EQ(test, model->nr_events, 4);
	vtd_model_clear_events(model);
	must_set_pasid(model, ndev, 0x54321, &blocked);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	/* Type 8: MIP bits 8:4, SID bits 31:16, PASID bits 51:32; S is bit 75. */
	ndev->ats_qdep = 7;
	cmd = model->vu->unit.ops->pasids->device(&model->vu->unit, ndev, 0x54321,
						  (struct nyx_range){ 0x40000000, 9 });
	KUNIT_EXPECT_EQ(test, cmd.lo, 0x5432102080078);
	KUNIT_EXPECT_EQ(test, cmd.hi, 0x400ff800);
}

/* A change of a context entry: all PASIDs, and translations of all domains. */
static void invalidates_all_pasids(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);

	must_set(model, ndev, &rid);
	must_set_pasid(model, ndev, 1, &table);
	vtd_model_clear_events(model);
	must_set(model, ndev, &blocked);
	vtd_model_expect_event(model, 0, EVENT_DSC, 0x20800000031);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x37);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0xd2);
	KUNIT_EXPECT_EQ(test, model->nr_events, 4);
}

/*
 * PDTS, bits 11:9 of the context entry: 0 means 2^7 entries for 64 PASIDs each. DMA
 * with another PASID continues while the directory grows.
 */
static void directory_grows(struct kunit *test)
{
	static const struct {
		u32 pasid;
		u8 pdts;
	} steps[] = {
		{ 1, 2 }, { 8191, 2 }, { 8192, 2 }, { 32767, 2 }, { 32768, 7 },
		{ 0xfffff, 7 }, { 2, 7 },
	};
	struct vtd_model *model = model_of(test);
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	const struct nyx_entry first = first_table(model, 3, 4, false);
	struct vtd_scalable_context *context;
	struct vtd_walk_sender *sender = NULL, *now;
	unsigned int i;

	must_set(model, ndev, &rid);
	context = vtd_scalable_lookup(&model->vu->tables, OWN);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		now = vtd_walk_send(model, OWN, steps[i].pasid);
		KUNIT_EXPECT_EQ(test, sends_to(model, now), 0);
		must_set_pasid(model, ndev, steps[i].pasid, i ? &table : &first);
		KUNIT_EXPECT_EQ(test, context->lo >> 9 & 7, steps[i].pdts);
		KUNIT_EXPECT_EQ(test, sends_to(model, now),
				table_of(i ? &table : &first));
		sender = sender ?: now;
		KUNIT_EXPECT_EQ(test, sends_to(model, sender),
				table_of(&first));
	}
	/* It was blocked only before its own entry was set. */
	i = sender->blocked;
	must_set_pasid(model, ndev, 3, &table);
	KUNIT_EXPECT_EQ(test, sender->blocked, i);
}

/* The n-th allocation of a table from now on fails; 0: none does. */
static int fail_in;

static bool may_alloc(void)
{
	return !fail_in || --fail_in;
}

/*
 * For PASID FFFFFh a device without any entry needs a context table, a directory and
 * its first table, and then a larger directory and a second table. Without memory for
 * one of them nothing changes for others, and a second try succeeds.
 */
static void no_memory(struct kunit *test)
{
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	const struct first_kind *kind = test->param_value;
	struct vtd_walk_sender *sender;
	struct vtd_model *model;
	struct nyx_device *ndev;
	struct nyx_entry table;
	int n, ret;

	if (kind->no_cx16)
		without_cx16(test);
	for (n = 1; n <= 6; n++) {
		model = vtd_model_running(test, kind->cap, kind->ecap);
		ndev = add(model, OWN);
		table = first_table(model, 2, 4, false);
		nyx_kunit_table_alloc = may_alloc;
		fail_in = n;
		ret = set_pasid(model, ndev, 0xfffff, &table);
		nyx_kunit_table_alloc = NULL;
		KUNIT_EXPECT_EQ_MSG(test, ret, n < 6 ? -ENOMEM : 0, "%d", n);
		must_set(model, ndev, &rid);
		sender = vtd_walk_send(model, OWN, 0xfffff);
		KUNIT_EXPECT_EQ(test, sends_to(model, sender),
				n < 6 ? 0 : table_of(&table));
		must_set_pasid(model, ndev, 0xfffff, &table);
		KUNIT_EXPECT_EQ(test, sends_to(model, sender),
				table_of(&table));
		vtd_model_free(model);
	}
}

/* A unit with few PASIDs; PSS is the number of bits minus 1. */
static void few_pasids(struct kunit *test)
{
	struct vtd_model *model =
		vtd_model_running(test, MODEL_CAP,
				  (BOTH_ECAP & ~MODEL_ECAP_PSS(32)) |
				  MODEL_ECAP_PSS(8));
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	struct vtd_walk_sender *sender;

	KUNIT_EXPECT_EQ(test, model->vu->unit.caps.pasid_bits, 8);
	must_set(model, ndev, &rid);
	must_set_pasid(model, ndev, 255, &table);
	sender = vtd_walk_send(model, OWN, 255);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), table_of(&table));
}

/* Requests with PASIDs of a device that is cut off, or of a contained unit. */
static void cut_off_blocks(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	const struct nyx_entry rid = with_pasids(second_table(model, 6, true));
	struct nyx_device *ndev = add(model, OWN), *other = add(model, OTHER);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	struct vtd_walk_sender *sender, *next;

	must_set(model, ndev, &rid);
	must_set(model, other, &rid);
	must_set_pasid(model, ndev, 9, &table);
	must_set_pasid(model, other, 9, &table);
	sender = vtd_walk_send(model, OWN, 9);
	next = vtd_walk_send(model, OTHER, 9);
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	vtd_walk_check(model);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
	KUNIT_EXPECT_EQ(test, sends_to(model, next), table_of(&table));
	/* A new PASID entry of it has no effect. */
	must_set_pasid(model, ndev, 9, &table);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
	KUNIT_EXPECT_EQ(test, sends_to(model, next), table_of(&table));
}

static void isolate_blocks(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	const struct nyx_entry rid = with_pasids(second_table(model, 6, true));
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	struct nyx_unit *unit = &model->vu->unit;
	struct vtd_walk_sender *sender;
	struct nyx_cmd cmd;

	must_set(model, ndev, &rid);
	must_set_pasid(model, ndev, 9, &table);
	sender = vtd_walk_send(model, OWN, 9);
	/* It does not confirm the invalidation of its TLB for a PASID. */
	model->unresponsive = OWN;
	model->ignore_count = 10;
	cmd = unit->ops->pasids->device(unit, ndev, 9,
					(struct nyx_range){ 0, 52 });
	KUNIT_EXPECT_EQ(test, nyx_invalidate(unit, &cmd, 1), 0);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, ndev->ats_lost);
	KUNIT_EXPECT_EQ(test, sends_to(model, sender), 0);
	vtd_walk_check(model);
}

/* The unit gives the device up a while after the driver noticed. */
static void ite_when_stalled(struct vtd_model *model)
{
	if (model->stalled && READ_ONCE(model->vu->qi.stalled))
		vtd_model_ite(model);
}

/*
 * The unit waits for a device, and does not name it. The driver finds it by its
 * descriptor, so it gets only one.
 */
static void isolate_stalled(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	const struct nyx_entry rid = with_pasids(second_table(model, 6, true));
	struct nyx_device *ndev = add(model, OWN);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_cmd cmd;

	must_set(model, ndev, &rid);
	model->unresponsive = OWN;
	model->ignore_count = 10;
	model->timeout = TIMEOUT_STALL;
	model->names_device = false;
	model->on_fsts = ite_when_stalled;
	model->vu->qi.timeout_ns = 1000000;
	model->vu->ite_ns = 600 * NSEC_PER_SEC;
	vtd_model_clear_events(model);
	cmd = unit->ops->pasids->device(unit, ndev, 9,
					(struct nyx_range){ 0, 52 });
	KUNIT_EXPECT_EQ(test, nyx_invalidate(unit, &cmd, 1), 0);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, ndev->ats_lost);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 8), 1);
	vtd_walk_check(model);
}

/* A unit that does not respond any more is contained: nothing passes. */
static void dead_unit(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_ESRTPS, BOTH_ECAP);
	const struct nyx_entry rid = with_pasids(unit_core_identity(1));
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	struct nyx_unit *unit = &model->vu->unit;
	u16 did = 0;

	must_set(model, ndev, &rid);
	must_set_pasid(model, ndev, 9, &table);
	model->halted = true;
	KUNIT_EXPECT_TRUE(test, block_pasid(unit, OWN, 9, &did));
	KUNIT_EXPECT_EQ(test, did, 2);
	KUNIT_EXPECT_EQ(test, invalidate(unit, OWN, 9, did), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_EQ(test, unit->ops->pasids->provide(unit, ndev, 10), -EIO);
	KUNIT_EXPECT_FALSE(test, block_pasid(unit, OWN, 9, &did));
}

/* Nothing is known of these: no table, no directory, no device. */
static void blocks_absent_entries(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, BOTH_ECAP);
	struct nyx_device *ndev = add(model, OWN);
	struct nyx_unit *unit = &model->vu->unit;
	u16 did;

	KUNIT_EXPECT_FALSE(test, block_pasid(unit, 0xff00, 1, &did));
	must_set(model, ndev, &(struct nyx_entry) { .kind = NYX_ENTRY_IDENTITY });
	KUNIT_EXPECT_FALSE(test, block_pasid(unit, OWN, 100, &did));
	KUNIT_EXPECT_FALSE(test, block_pasid(unit, OWN, 0xfffff, &did));
}

/*
 * Reads an entry as a unit may that snoops: P first, at any time while the entry is
 * filled. @turn is odd during that.
 */
struct reader {
	const struct vtd_pasid *entry;
	u64 first;
	unsigned long turn;
	unsigned long seen;
	unsigned long torn;
};

static int read_repeatedly(void *arg)
{
	struct reader *r = arg;
	unsigned long turn;
	u64 lo, hi, first;
	unsigned int n = 0;

	while (!kthread_should_stop()) {
		/* Before the reads of the entry. */
		turn = smp_load_acquire(&r->turn);
		lo = READ_ONCE(r->entry->lo);
		/* The unit does not read ahead of P. */
		smp_rmb();
		hi = READ_ONCE(r->entry->hi);
		first = READ_ONCE(r->entry->first);
		/* All that in the same turn. */
		smp_rmb();
		if ((turn & 1) && READ_ONCE(r->turn) == turn && (lo & 1)) {
			r->torn += (u16)hi != 2 || first != r->first;
			WRITE_ONCE(r->seen, r->seen + 1);
		}
		if (!(++n % 1024))
			cond_resched();
	}
	return 0;
}

static void never_torn(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    BOTH_ECAP | MODEL_ECAP_C);
	struct reader *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct nyx_device *ndev = add(model, OWN);
	const struct nyx_entry table = first_table(model, 2, 4, false);
	struct nyx_unit *unit = &model->vu->unit;
	struct task_struct *task;
	unsigned int i;
	u16 did;

	KUNIT_ASSERT_NOT_NULL(test, r);
	must_set_pasid(model, ndev, 5, &table);
	r->entry = vtd_pasid_find(vtd_scalable_lookup(&model->vu->tables,
						      OWN)->lo, 5);
	r->first = table_of(&table);
	task = kthread_run(read_repeatedly, r, "nyx_reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 200000 || (i < 5000000 && !READ_ONCE(r->seen)); i++) {
		block_pasid(unit, OWN, 5, &did);
		/* The entry is blocked before the turn begins. */
		smp_store_release(&r->turn, r->turn + 1);
		scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
			unit->ops->pasids->fill(unit, OWN, 5, &table);
		/* It is filled before the turn ends. */
		smp_store_release(&r->turn, r->turn + 1);
		if (!(i % 64))
			cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, r->torn, 0);
	KUNIT_EXPECT_GT(test, r->seen, 0);
}

static struct kunit_case nyx_vtd_pasid_cases[] = {
	KUNIT_CASE_PARAM(each_to_each, first_kinds_gen_params),
	KUNIT_CASE_PARAM(follows_entry, first_kinds_gen_params),
	KUNIT_CASE_PARAM(random_changes, first_kinds_gen_params),
	KUNIT_CASE_PARAM(directory_grows, first_kinds_gen_params),
	KUNIT_CASE_PARAM(no_memory, first_kinds_gen_params),
	KUNIT_CASE_PARAM(cut_off_blocks, first_kinds_gen_params),
	KUNIT_CASE_PARAM(isolate_blocks, first_kinds_gen_params),
	KUNIT_CASE(isolate_stalled),
	KUNIT_CASE(invalidates_old_entry),
	KUNIT_CASE(invalidates_all_pasids),
	KUNIT_CASE(few_pasids),
	KUNIT_CASE(dead_unit),
	KUNIT_CASE(blocks_absent_entries),
	KUNIT_CASE(never_torn),
	{}
};

static struct kunit_suite nyx_vtd_pasid_suite = {
	.name = "nyx_vtd_pasid",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = nyx_vtd_pasid_cases,
};

kunit_test_suite(nyx_vtd_pasid_suite);
