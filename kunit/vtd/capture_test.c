// SPDX-License-Identifier: GPL-2.0-only
/*
 * A capture kernel takes over units that a crashed kernel used, on models of
 * units.
 */
#include <linux/string.h>

#include "../log_text.h"
#include "left_fixture.h"

/* The crashed kernel translated the device, with tables of three levels. */
static struct left *crashed_new(struct kunit *test, u32 gsts)
{
	struct left *left = left_new(test, gsts);

	/* vtd_model_new() resets it. */
	unit_core.capture = true;
	left->table[1][3] ^= 1ULL << 21;
	left->context[2 * (RID & 0xff)] = virt_to_phys(left->table[2]) | 1;
	left->context[2 * (RID & 0xff) + 1] = 5 << 8 | 1;
	/* The capture kernel itself may have disabled translation. */
	if (gsts & QIES) {
		left->model->gsts |= RTPS;
		left->model->rtaddr = virt_to_phys(left->root);
	}
	return left;
}

static void expect_copied(struct left *left, u16 rid, bool copied)
{
	struct vtd_model *model = left->model;
	struct kunit *test = model->test;
	u64 lo, hi;

	KUNIT_EXPECT_EQ(test, nyx_unit_foreign_has(&model->vu->unit, rid),
			copied);
	KUNIT_EXPECT_EQ(test, vtd_walk_entry(model, rid, &lo, &hi), copied);
	KUNIT_EXPECT_EQ(test, lo, copied ? left->context[2 * (rid & 0xff)] : 0);
	KUNIT_EXPECT_EQ(test, hi,
			copied ? left->context[2 * (rid & 0xff) + 1] : 0);
}

static void expect_reserved(struct nyx_unit *unit, struct kunit *test)
{
	int id, n;

	for (n = 0; n < 8; n++) {
		id = ida_alloc_range(&unit->domain_ids, 1,
				     unit->caps.max_domain_id, GFP_KERNEL);
		KUNIT_EXPECT_GT(test, id, 0);
		KUNIT_EXPECT_NE(test, id, 5);
		KUNIT_EXPECT_NE(test, id, 6);
	}
}

/*
 * The crashed kernel's entries stay in use until a driver starts the device. Then
 * the unit caches nothing of them any more.
 */
static void capture(struct left *left)
{
	struct vtd_model *model = left->model;
	struct kunit *test = model->test;
	struct nyx_entry own;
	struct nyx_device *ndev;
	struct nyx_unit *unit;

	unit = vtd_model_start_disabled(model);
	expect_interrupt(left, "started");
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	expect_interrupt(left, "enabled");
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | QIES), TES | QIES);
	KUNIT_EXPECT_EQ(test, model->root,
			virt_to_phys(model->vu->tables.root));
	KUNIT_EXPECT_EQ(test, model->walk.blocked, 0);
	expect_copied(left, RID, true);
	expect_copied(left, 0x100, true);
	expect_copied(left, 0x101, false);
	expect_reserved(unit, test);

	ndev = unit_core_device(test, unit, RID);
	own = unit_core_table(test, 9, false);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &own), 0);
	KUNIT_EXPECT_FALSE(test, nyx_unit_foreign_has(unit, RID));
	KUNIT_EXPECT_EQ(test, model->walk.blocked, 0);
	expect_copied(left, 0x100, true);
	unit->ops->disable(unit);
	vtd_model_free(model);
}

static void capture_combinations(struct kunit *test)
{
	static const u32 bits[] = { IRES, CFIS };
	static const u32 runs[] = { TES, QIES, TES | QIES };
	struct left *left;
	unsigned int i, j, k;
	u32 gsts;

	for (k = 0; k < ARRAY_SIZE(runs); k++) {
		for (i = 0; i < 8; i++) {
			for (gsts = runs[k], j = 0; j < ARRAY_SIZE(bits); j++)
				gsts |= i & BIT(j) ? bits[j] : 0;
			left = crashed_new(test, gsts);
			unit_core.intr_remap = i & 4;
			unit_core.intr_sources = true;
			capture(left);
		}
	}
}

/* The crashed kernel did not use the unit, or had stopped to. */
static void capture_of_idle(struct kunit *test)
{
	static const u32 idle[] = { 0, RTPS, QIES, IRES };
	struct nyx_unit *unit;
	struct left *left;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		left = crashed_new(test, idle[i]);
		left->model->gsts = idle[i];
		left->model->rtaddr = virt_to_phys(left->root);
		unit = vtd_model_start_disabled(left->model);
		KUNIT_EXPECT_NULL(test, unit->foreign);
		KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
		expect_copied(left, RID, false);
		unit->ops->disable(unit);
		vtd_model_free(left->model);
	}
}

/* What the core does with the unit instead of disabling it. */
static void give_up(struct left *left, u32 intr)
{
	struct vtd_model *model = left->model;
	struct nyx_unit *unit = &model->vu->unit;
	struct kunit *test = model->test;
	unsigned long blocked;

	model->vu->command_ns = 1000000;
	model->vu->qi.timeout_ns = 1000000;
	KUNIT_EXPECT_TRUE(test, unit->ops->block(unit, false));
	KUNIT_EXPECT_TRUE(test, unit->ops->block_end(unit));
	unit->stuck = true;
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | QIES | IRES), TES | intr);
	KUNIT_EXPECT_EQ(test, model->root,
			virt_to_phys(model->vu->tables.root));
	KUNIT_EXPECT_NULL(test, memchr_inv(model->vu->tables.root, 0, 4096));
	/* The walk knows one device. */
	blocked = model->walk.blocked;
	vtd_walk_dma(model);
	KUNIT_EXPECT_EQ(test, model->walk.blocked, blocked + 1);
}

/* The driver is loaded in the capture kernel that has given up. */
static void expect_second_load(struct left *left)
{
	struct vtd_model *model = left->model;
	struct kunit *test = model->test;
	struct nyx_unit *unit = &model->vu->unit;
	u64 root = virt_to_phys(model->vu->tables.root);
	u64 lo, hi;

	unit->ops->stop(unit);
	unit->ops->destroy(unit);
	model->vu = NULL;
	unit_core.own = root;
	unit = vtd_model_start_disabled(model);
	KUNIT_EXPECT_NOT_NULL(test, unit->foreign);
	KUNIT_EXPECT_EQ(test, model->gsts & TES, TES);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_NE(test, model->root, root);
	KUNIT_EXPECT_FALSE(test, vtd_walk_entry(model, RID, &lo, &hi));
	KUNIT_EXPECT_FALSE(test, nyx_unit_foreign_has(unit, RID));
}

/* Loading fails after the unit was enabled. */
static void gives_up(struct kunit *test)
{
	static const u32 runs[] = { TES, QIES, TES | QIES | IRES | CFIS };
	struct nyx_unit *unit;
	unsigned int i, remaps;
	struct left *left;

	for (i = 0; i < 2 * ARRAY_SIZE(runs); i++) {
		remaps = i & 1;
		left = crashed_new(test, runs[i / 2]);
		unit_core.intr_remap = remaps;
		unit_core.intr_sources = true;
		unit = vtd_model_start_disabled(left->model);
		KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
		/* Interrupts of the crashed kernel stay blocked. */
		give_up(left, remaps ? IRES : 0);
		expect_interrupt(left, "given up");
		expect_second_load(left);
		vtd_model_free(left->model);
	}
}

struct refusal {
	const char *name;
	u32 held;
	u32 run;
	u32 intr;
};

static const struct refusal refusals[] = {
	{ "root table, translating", RTPS, TES },
	{ "root table, not translating", RTPS, QIES },
	{ "root table, remapping interrupts", RTPS, TES | IRES, IRES },
	{ "interrupt table", IRTPS, TES },
	/* Interrupts of the crashed kernel are blocked already, and stay so. */
	{ "translation", TES, QIES, IRES },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

/*
 * Sends the interrupt of the crashed kernel in remappable format. Returns the
 * reason for which it is blocked, or 0.
 */
static u8 crashed_interrupt(struct left *left)
{
	return vtd_intr_request(left->model, RID, 0xfee00010, 0).reason;
}

/* The unit does not confirm a command when it is to be enabled. */
static void not_enabled(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct left *left = crashed_new(test, r->run);
	struct vtd_model *model = left->model;
	struct nyx_unit *unit;

	unit_core.intr_remap = true;
	unit_core.intr_sources = true;
	/* Present, vector 0x41 */
	left->irt[0] = 0x410001;
	unit = vtd_model_start_disabled(model);
	if (r->run & IRES)
		KUNIT_EXPECT_EQ(test, crashed_interrupt(left), 0);
	model->vu->command_ns = 1000000;
	model->held_cmds = r->held;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, model->gsts & TES, r->run & TES);
	model->held_cmds = 0;
	/* The command takes effect late. */
	while (model->busy)
		vtd_readl(model->vu, 0x1c);
	give_up(left, r->intr);
	/* The present bit of the entry is 0 (7.1.3). */
	if (r->intr)
		KUNIT_EXPECT_EQ(test, crashed_interrupt(left), 0x22);
}

/*
 * Loading fails before the unit is enabled: the next load finds the unit as the
 * first one did, although its queue had been disabled.
 */
static void found_again(struct kunit *test)
{
	static const u32 runs[] = { TES, QIES, TES | QIES };
	struct nyx_unit *unit;
	struct left *left;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		left = crashed_new(test, runs[i]);
		unit = vtd_model_start_disabled(left->model);
		KUNIT_EXPECT_NOT_NULL(test, unit->foreign);
		unit->ops->stop(unit);
		unit->ops->destroy(unit);
		left->model->vu = NULL;
		if (!(runs[i] & TES))
			KUNIT_EXPECT_EQ(test, left->model->iqa,
					virt_to_phys(left->queue));
		capture(left);
	}
}

struct damage {
	const char *name;
	u64 root;
	u64 lo;
	u64 hi;
};

/* What is changed in the entries of bus 1 and of the device. */
static const struct damage damages[] = {
	{ "no context table", .root = 0x000ffffffffff000ULL },
	{ "reserved bit 4", .lo = 1 << 4 },
	{ "reserved bit 11", .lo = 1 << 11 },
	{ "reserved bit 71", .hi = 1 << 7 },
	{ "reserved bit 88", .hi = 1 << 24 },
	{ "reserved bit 127", .hi = 1ULL << 63 },
	{ "two levels", .hi = 1 },
	{ "five levels", .hi = 2 },
	{ "no page table", .lo = 0x000ffffff0000000ULL },
	{ "device TLB", .lo = 1 << 2 },
	{ "reserved type", .lo = 3 << 2 },
};

KUNIT_ARRAY_PARAM_DESC(damages, damages, name);

/* An entry that cannot be copied blocks the device, with one log line. */
static void capture_blocks(struct kunit *test)
{
	static const char *const line =
		"blocked until their drivers start, because their entries";
	unsigned int lines = log_text_count(test, line);
	const struct damage *d = test->param_value;
	struct left *left = crashed_new(test, TES | QIES);
	struct nyx_unit *unit;

	left->root[2 * (RID >> 8)] ^= d->root;
	left->context[2 * (RID & 0xff)] ^= d->lo;
	left->context[2 * (RID & 0xff) + 1] ^= d->hi;
	/* The unit itself would refuse the entry. */
	left->model->walk.nr_rids = 0;
	unit = vtd_model_start_disabled(left->model);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	expect_copied(left, RID, false);
	expect_copied(left, 0x100, !d->root);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static struct kunit_case nyx_vtd_capture_cases[] = {
	KUNIT_CASE_SLOW(capture_combinations),
	KUNIT_CASE(capture_of_idle),
	KUNIT_CASE(gives_up),
	KUNIT_CASE_PARAM(not_enabled, refusals_gen_params),
	KUNIT_CASE(found_again),
	KUNIT_CASE_PARAM(capture_blocks, damages_gen_params),
	{}
};

static struct kunit_suite nyx_vtd_capture_suite = {
	.name = "nyx_vtd_capture",
	.test_cases = nyx_vtd_capture_cases,
};

kunit_test_suite(nyx_vtd_capture_suite);
