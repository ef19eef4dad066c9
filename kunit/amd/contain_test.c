// SPDX-License-Identifier: GPL-2.0-only
/*
 * Containing a unit that does not execute commands: all DMA is blocked. Numbers
 * are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>

#include "../cx16.h"
#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/entry.h"
#include "model.h"

#define OWN 0x0300
#define OTHER 0x0400
/* IommuEn; CmdBufEn; EventLogRun, CmdBufRun */
#define EN 1
#define CMD_BUF_EN 0x1000
#define RUNS 0x18

struct contained {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
};

/*
 * A device with a table and one with identity. The queue times out after 1 ms.
 */
static struct contained *contained_with(struct kunit *test, u64 efr)
{
	struct contained *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	const struct nyx_entry identity = unit_core_identity(1);
	struct amd_model *model = amd_model_new(test, efr, 0xffff);

	KUNIT_ASSERT_NOT_NULL(test, c);
	if (efr & DEV_TBL_SEG_SUP(3))
		amd_model_scatter(model, 4);
	amd_model_start(model);
	c->model = model;
	c->own = amd_model_add(c->model, OWN);
	c->other = amd_model_add(c->model, OTHER);
	c->entry = amd_model_table(c->model, 7);
	KUNIT_EXPECT_EQ(test, amd_model_set(c->own, &c->entry), 0);
	KUNIT_EXPECT_EQ(test, amd_model_set(c->other, &identity), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(c->model, &c->entry));
	model->globals = 0;
	bitmap_zero(model->entries, 65536);
	bitmap_zero(model->domains, 65536);
	model->au->queue.timeout_ns = 1000000;
	return c;
}

static struct contained *contained_new(struct kunit *test)
{
	return contained_with(test, IA_SUP);
}

static int flush(struct contained *c)
{
	const struct nyx_flush flush = { .domain_id = 7, .last = ~0ULL };
	struct nyx_unit *unit = &c->model->au->unit;

	return unit->ops->flush(unit, &flush);
}

/*
 * Each entry of the device table is blocked: V, TV, one level, no permission.
 * That of OTHER, if it passes requests, still passes them: V, TV, IR, IW.
 */
static void expect_blocked(struct amd_model *model)
{
	u64 nowhere = virt_to_phys(model->au->devtab.nowhere);
	const u64 *entry;
	u32 rid;

	for (rid = 0; rid < 65536; rid++) {
		entry = amd_model_entry(model, rid);
		if (!entry)
			continue;
		if (rid == OTHER && entry[0] & 3ULL << 61) {
			KUNIT_EXPECT_EQ(model->test, entry[0], 3ULL << 61 | 3);
			KUNIT_EXPECT_EQ(model->test, entry[1], 1);
			continue;
		}
		KUNIT_ASSERT_EQ(model->test, entry[0], 0x203 | nowhere);
		KUNIT_ASSERT_EQ(model->test, entry[1], 0);
	}
}

/*
 * Neither cached entries nor those in memory allow translated DMA. Translation is
 * enabled, and the device with identity is not affected.
 */
static void expect_contained(struct contained *c)
{
	struct amd_model *model = c->model;

	KUNIT_EXPECT_TRUE(model->test, model->au->unit.dead);
	KUNIT_EXPECT_TRUE(model->test, model->au->unit.contained);
	expect_blocked(model);
	/* IR and IW */
	KUNIT_EXPECT_EQ(model->test, model->devices[0].q[0] & 3ULL << 61, 0);
	KUNIT_EXPECT_EQ(model->test, model->control & (EN | CMD_BUF_EN),
			EN | CMD_BUF_EN);
}

/* As if another CPU took the unit out of service while this one waits. */
static void fail_once(struct amd_model *model, bool done)
{
	amd_model_fail_once(model, done);
	if (!done)
		expect_blocked(model);
}

/*
 * A unit that stalls at a command, and resumes when its buffer is restarted: the
 * flush is repeated, and nothing is lost.
 */
static void resumes(struct kunit *test)
{
	struct contained *c = contained_new(test);
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		c->model->stalled = true;
		KUNIT_EXPECT_EQ(test, flush(c), 0);
		KUNIT_EXPECT_EQ(test, c->model->globals, i);
		KUNIT_EXPECT_FALSE(test, c->model->au->unit.dead);
		KUNIT_EXPECT_TRUE(test, amd_model_reaches(c->model, &c->entry));
	}
}

/*
 * It resumes only when its buffer is restarted a second time. Then it has been
 * given up.
 */
static void stalled_unit(struct kunit *test)
{
	struct contained *c = contained_new(test);
	const u64 *q;

	c->model->stalled = true;
	c->model->stall_stops = 1;
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->model->globals, 1);
	expect_contained(c);
	/* The device with identity is not blocked. */
	q = amd_model_entry(c->model, OTHER);
	KUNIT_EXPECT_EQ(test, q[0], 3ULL << 61 | 3);
	KUNIT_EXPECT_EQ(test, c->model->devices[1].q[0], q[0]);
	/* It can be disabled as usual, and its memory can be freed. */
	c->model->au->unit.ops->disable(&c->model->au->unit);
	KUNIT_EXPECT_EQ(test, c->model->status & RUNS, 0);
	KUNIT_EXPECT_FALSE(test, c->model->au->unit.stuck);
}

/* nyx_unit_fail() logs the return value: true only if the unit is contained. */
static void return_value(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->globals, 1);
	c->model->stalled = true;
	c->model->stays_stalled = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->globals, 1);
	expect_blocked(c->model);
}

/* Without IASup, every DeviceID and every DomainID is invalidated. */
static void without_ia(struct kunit *test)
{
	struct contained *c = contained_with(test, 0);
	struct amd_model *model = c->model;

	model->stalled = true;
	model->stall_stops = 1;
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	expect_contained(c);
	KUNIT_EXPECT_EQ(test, model->globals, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->entries, 65536));
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->domains, 65536));
}

/*
 * Containing the unit reuses entries of the command ring, one of which a CPU
 * waits for. Its wait must fail, although the unit executes what is in the
 * entry now.
 */
static void concurrent_wait(struct kunit *test)
{
	struct contained *c = contained_with(test, 0);
	struct amd_model *model = c->model;

	model->on_status = fail_once;
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, model->on_status, NULL);
	expect_contained(c);
}

/* All segments of a device table are blocked. */
static void segmented_table(struct kunit *test)
{
	struct contained *c = contained_with(test, IA_SUP | DEV_TBL_SEG_SUP(3));
	struct amd_model *model = c->model;

	KUNIT_EXPECT_EQ(test, amd_model_set(amd_model_add(model, 0xff00),
					    &c->entry), 0);
	model->stalled = true;
	model->stall_stops = 1;
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	expect_contained(c);
}

/* A command buffer that does not stop, and one that does not start again. */
static void buffer_does_not_restart(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	c->model->frozen = 0x10;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->globals, 0);
	expect_blocked(c->model);
	c->model->status &= ~0x10;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->globals, 0);
}

/* A unit that stops at the first command is given up without a timeout. */
static void stops_again(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	c->model->efr = 0;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->status & 0x10, 0);
	expect_blocked(c->model);
}

/* A unit that reads as all ones is given up at once. Its table is blocked. */
static void unit_gone(struct kunit *test)
{
	struct contained *c = contained_new(test);

	c->model->gone = true;
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	KUNIT_EXPECT_TRUE(test, c->model->au->unit.dead);
	c->model->gone = false;
	expect_blocked(c->model);
	KUNIT_EXPECT_EQ(test, c->model->globals, 0);
}

/*
 * A disabled unit is contained, unless its logs or commands are still running.
 */
static void translation_off(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	c->model->frozen = RUNS;
	c->model->control &= ~EN;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	c->model->frozen = 0;
	c->model->status &= ~RUNS;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, c->model->globals, 0);
}

/*
 * An entry that is being changed while the unit is contained is blocked, too.
 */
static void during_entry_change(struct kunit *test)
{
	struct nyx_entry to;
	struct contained *c;
	unsigned int cx16;

	for (cx16 = 0; cx16 < 2; cx16++) {
		c = contained_new(test);
		to = amd_model_table(c->model, 8);
		if (!cx16)
			without_cx16(test);
		c->model->on_status = fail_once;
		KUNIT_EXPECT_EQ(test, amd_model_set(c->own, &to), -EIO);
		KUNIT_EXPECT_PTR_EQ(test, c->model->on_status, NULL);
		expect_contained(c);
		/* Later changes fail, and leave the entry blocked. */
		KUNIT_EXPECT_EQ(test, amd_model_set(c->other, &to), -EIO);
		expect_contained(c);
		amd_model_free(c->model);
		if (!cx16)
			kunit_release_action(test, restore_cx16, NULL);
	}
}

/* Number of stores that do not block. */
static unsigned int stored;

static int fail_first(struct nyx_unit *unit, const struct nyx_device *ndev)
{
	nyx_unit_fail(unit, "failed by the test");
	return amd_entry_ops.provide(unit, ndev);
}

static bool blocks_only(struct nyx_unit *unit, u16 rid,
			const struct nyx_entry *want, u16 *domain_id)
{
	stored += want->kind != NYX_ENTRY_BLOCKED;
	return amd_entry_ops.replace(unit, rid, want, domain_id);
}

static bool fills_none(struct nyx_unit *unit, u16 rid,
		       const struct nyx_entry *want)
{
	stored++;
	return amd_entry_ops.fill(unit, rid, want);
}

/* Once the unit has failed, a change stores only entries that block. */
static void fails_before_change(struct kunit *test)
{
	static struct nyx_entry_ops entries;
	static struct nyx_unit_ops ops;
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	entries = amd_entry_ops;
	entries.provide = fail_first;
	entries.replace = blocks_only;
	entries.fill = fills_none;
	ops = *unit->ops;
	ops.entries = &entries;
	unit->ops = &ops;
	stored = 0;
	/* A device without ATS, whose device TLB is not invalidated first. */
	KUNIT_EXPECT_EQ(test, amd_model_set(c->other, &c->entry), -EIO);
	KUNIT_EXPECT_EQ(test, stored, 0);
	expect_contained(c);
}

/* A unit that uses a page table for identity: that table is spared as well. */
static void identity_table(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;
	struct nyx_entry identity = amd_model_table(c->model, 9);
	u64 want;

	identity.ats = false;
	unit->identity = (struct nyx_pt *)identity.pt;
	want = 3ULL << 61 | 0x803 | virt_to_phys(identity.pt->root);
	KUNIT_EXPECT_EQ(test, amd_model_set(c->other, &identity), 0);
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, amd_model_entry(c->model, OTHER)[0], want);
	KUNIT_EXPECT_EQ(test, c->model->devices[0].q[0] & 3ULL << 61, 0);
}

/*
 * Nothing is unmapped while the response to a page request fails: the unit is out
 * of service, and its devices continue. The next flush contains it.
 */
static void retired_first(struct kunit *test)
{
	struct contained *c = contained_new(test);
	struct nyx_unit *unit = &c->model->au->unit;

	nyx_unit_retire(unit, "failed by the test");
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_FALSE(test, unit->contained);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(c->model, &c->entry));
	KUNIT_EXPECT_EQ(test, c->model->globals, 0);
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->model->globals, 1);
	expect_contained(c);
	/* Once. */
	KUNIT_EXPECT_EQ(test, flush(c), -EIO);
	KUNIT_EXPECT_EQ(test, c->model->globals, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(resumes),
	KUNIT_CASE(identity_table),
	KUNIT_CASE(retired_first),
	KUNIT_CASE(stalled_unit),
	KUNIT_CASE_SLOW(return_value),
	KUNIT_CASE_SLOW(without_ia),
	KUNIT_CASE_SLOW(concurrent_wait),
	KUNIT_CASE(segmented_table),
	KUNIT_CASE_SLOW(buffer_does_not_restart),
	KUNIT_CASE(stops_again),
	KUNIT_CASE(unit_gone),
	KUNIT_CASE(translation_off),
	KUNIT_CASE(during_entry_change),
	KUNIT_CASE(fails_before_change),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_contain",
	.test_cases = cases,
};

kunit_test_suite(suite);
