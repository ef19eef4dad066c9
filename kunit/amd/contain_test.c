// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is left of a unit that does not execute commands, on a model of the unit.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include <asm/cpufeature.h>
#include <linux/io.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>

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

struct amd_two {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *other;
	struct nyx_entry entry;
};

/* A device with a table and one on identity, on a unit that will not answer. */
static struct amd_two *two_on(struct kunit *test, struct amd_model *model)
{
	struct amd_two *two = kunit_kzalloc(test, sizeof(*two), GFP_KERNEL);
	const struct nyx_entry identity = unit_core_identity(1);

	KUNIT_ASSERT_NOT_NULL(test, two);
	two->model = model;
	two->own = amd_model_add(two->model, OWN);
	two->other = amd_model_add(two->model, OTHER);
	two->entry = amd_model_table(two->model, 7);
	KUNIT_EXPECT_EQ(test, amd_model_set(two->own, &two->entry), 0);
	KUNIT_EXPECT_EQ(test, amd_model_set(two->other, &identity), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(two->model, &two->entry));
	model->globals = 0;
	bitmap_zero(model->entries, 65536);
	bitmap_zero(model->domains, 65536);
	model->au->queue.timeout_ns = 1000000;
	return two;
}

static struct amd_two *two_new(struct kunit *test)
{
	return two_on(test, amd_model_running(test));
}

static int flush(struct amd_two *two)
{
	const struct nyx_flush flush = { .domain_id = 7, .last = ~0ULL };
	struct nyx_unit *unit = &two->model->au->unit;

	return unit->ops->flush(unit, &flush);
}

/* Each entry that the unit can find: V, TV, one level, no permission. */
static void expect_blocked(struct amd_model *model)
{
	u64 nowhere = virt_to_phys(model->au->devtab.nowhere);
	const u64 *entry;
	u32 rid;

	for (rid = 0; rid < 65536; rid++) {
		entry = amd_model_entry(model, rid);
		if (!entry)
			continue;
		KUNIT_ASSERT_EQ(model->test, entry[0], 0x203 | nowhere);
		KUNIT_ASSERT_EQ(model->test, entry[1], 0);
	}
}

/* Neither caches nor memory let anything pass; translation is still on. */
static void expect_contained(struct amd_two *two)
{
	struct amd_model *model = two->model;
	unsigned int i;

	KUNIT_EXPECT_TRUE(model->test, model->au->unit.dead);
	expect_blocked(model);
	for (i = 0; i < 2; i++)
		/* IR and IW */
		KUNIT_EXPECT_EQ(model->test,
				model->devices[i].q[0] & 3ULL << 61, 0);
	KUNIT_EXPECT_EQ(model->test, model->control & (EN | CMD_BUF_EN),
			EN | CMD_BUF_EN);
}

/* On another CPU, while this one waits. */
static void fail_once(struct amd_model *model, bool done)
{
	if (done)
		return;
	model->on_status = NULL;
	nyx_unit_fail(&model->au->unit, "a test says so");
	expect_blocked(model);
}

/* It stands still at a command, and goes on when its buffer begins anew. */
static void stands_still(struct kunit *test)
{
	struct amd_two *two = two_new(test);

	two->model->held = true;
	KUNIT_EXPECT_EQ(test, flush(two), -EIO);
	KUNIT_EXPECT_EQ(test, two->model->globals, 1);
	expect_contained(two);
	/* It goes off as others do, and nothing has to be kept for it. */
	two->model->au->unit.ops->disable(&two->model->au->unit);
	KUNIT_EXPECT_EQ(test, two->model->status & RUNS, 0);
	KUNIT_EXPECT_FALSE(test, two->model->au->unit.stuck);
}

/* The answer is what the log promises: see nyx_unit_fail(). */
static void answers(struct kunit *test)
{
	struct amd_two *two = two_new(test);
	struct nyx_unit *unit = &two->model->au->unit;

	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->globals, 1);
	two->model->held = true;
	two->model->jammed = true;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->globals, 1);
	expect_blocked(two->model);
}

/* Without INVALIDATE_IOMMU_ALL, all DeviceIDs and all DomainIDs are told. */
static void one_by_one(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, 0, 0xffff);
	struct amd_two *two;

	amd_model_start(model);
	two = two_on(test, model);
	model->held = true;
	KUNIT_EXPECT_EQ(test, flush(two), -EIO);
	expect_contained(two);
	KUNIT_EXPECT_EQ(test, model->globals, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->entries, 65536));
	KUNIT_EXPECT_TRUE(test, bitmap_full(model->domains, 65536));
}

/*
 * Somebody waits for a command meanwhile, whose entry of the ring is used again:
 * that is no answer for him.
 */
static void waited_meanwhile(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, 0, 0xffff);
	struct amd_two *two;

	amd_model_start(model);
	two = two_on(test, model);
	model->on_status = fail_once;
	KUNIT_EXPECT_EQ(test, flush(two), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, model->on_status, NULL);
	expect_contained(two);
}

/* A segmented table is blocked to its end. */
static void segments(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, 0x40 | 3ULL << 38,
						0xffff);
	struct amd_two *two;

	amd_model_start(model);
	two = two_on(test, model);
	KUNIT_EXPECT_EQ(test, amd_model_set(amd_model_add(model, 0xff00),
					    &two->entry), 0);
	model->held = true;
	KUNIT_EXPECT_EQ(test, flush(two), -EIO);
	expect_contained(two);
}

/* A buffer that does not go off, and one that does not come on again. */
static void buffer_deaf(struct kunit *test)
{
	struct amd_two *two = two_new(test);
	struct nyx_unit *unit = &two->model->au->unit;

	two->model->deaf = 0x10;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->globals, 0);
	expect_blocked(two->model);
	two->model->status &= ~0x10;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->globals, 0);
}

/* It stops at the very command that it is given: no second is waited for that. */
static void stops_again(struct kunit *test)
{
	struct amd_two *two = two_new(test);
	struct nyx_unit *unit = &two->model->au->unit;

	two->model->efr = 0;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->status & 0x10, 0);
	expect_blocked(two->model);
}

/* All ones: over at once. Its table is blocked all the same. */
static void vanished(struct kunit *test)
{
	struct amd_two *two = two_new(test);

	two->model->gone = true;
	KUNIT_EXPECT_EQ(test, flush(two), -EIO);
	KUNIT_EXPECT_TRUE(test, two->model->au->unit.dead);
	two->model->gone = false;
	expect_blocked(two->model);
	KUNIT_EXPECT_EQ(test, two->model->globals, 0);
}

/* Off is contained, unless the unit goes on nevertheless. */
static void translation_off(struct kunit *test)
{
	struct amd_two *two = two_new(test);
	struct nyx_unit *unit = &two->model->au->unit;

	two->model->deaf = RUNS;
	two->model->control &= ~EN;
	KUNIT_EXPECT_FALSE(test, unit->ops->contain(unit));
	two->model->deaf = 0;
	two->model->status &= ~RUNS;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_EQ(test, two->model->globals, 0);
}

static void restore_cx16(void *unused)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CX16);
}

/* An entry that is being changed just then does not let anything pass either. */
static void changed_meanwhile(struct kunit *test)
{
	struct nyx_entry to;
	struct amd_two *two;
	unsigned int cx16;

	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, restore_cx16, NULL));
	for (cx16 = 0; cx16 < 2; cx16++) {
		two = two_new(test);
		to = amd_model_table(two->model, 8);
		if (!cx16)
			clear_bit(X86_FEATURE_CX16, (unsigned long *)
				  boot_cpu_data.x86_capability);
		two->model->on_status = fail_once;
		KUNIT_EXPECT_EQ(test, amd_model_set(two->own, &to), -EIO);
		KUNIT_EXPECT_PTR_EQ(test, two->model->on_status, NULL);
		expect_contained(two);
		/* Nor does one that is to be changed later. */
		KUNIT_EXPECT_EQ(test, amd_model_set(two->other, &to), -EIO);
		expect_contained(two);
		amd_model_free(two->model);
		restore_cx16(NULL);
	}
}

/* Of a unit that failed a moment ago, nothing but what blocks is stored. */
static unsigned int stored;

static int fail_first(struct nyx_unit *unit, const struct nyx_device *ndev)
{
	nyx_unit_fail(unit, "a test says so");
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

static void stored_later(struct kunit *test)
{
	static struct nyx_entry_ops entries;
	static struct nyx_unit_ops ops;
	struct amd_two *two = two_new(test);
	struct nyx_unit *unit = &two->model->au->unit;

	entries = amd_entry_ops;
	entries.provide = fail_first;
	entries.replace = blocks_only;
	entries.fill = fills_none;
	ops = *unit->ops;
	ops.entries = &entries;
	unit->ops = &ops;
	stored = 0;
	/* One without ATS: it need not be asked to forget before. */
	KUNIT_EXPECT_EQ(test, amd_model_set(two->other, &two->entry), -EIO);
	KUNIT_EXPECT_EQ(test, stored, 0);
	expect_contained(two);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(stands_still),
	KUNIT_CASE_SLOW(answers),
	KUNIT_CASE_SLOW(one_by_one),
	KUNIT_CASE_SLOW(waited_meanwhile),
	KUNIT_CASE(segments),
	KUNIT_CASE_SLOW(buffer_deaf),
	KUNIT_CASE(stops_again),
	KUNIT_CASE(vanished),
	KUNIT_CASE(translation_off),
	KUNIT_CASE(changed_meanwhile),
	KUNIT_CASE(stored_later),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_contain",
	.test_cases = cases,
};

kunit_test_suite(suite);
