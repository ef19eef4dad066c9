// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which commands a unit is given, and in which order, when a device's interrupts
 * change. Numbers are those of the AMD IOMMU specification (48882).
 */
#include <nyx/intr.h>

#include "amd/amd.h"
#include "model.h"

/* INVALIDATE_DEVTAB_ENTRY, INVALIDATE_INTERRUPT_TABLE of a DeviceID. */
#define ENTRY(rid) (0x2000000000000000 | (rid))
#define TABLE(rid) (0x5000000000000000 | (rid))
/* COMPLETION_WAIT with F, which begins nothing behind it before it is done. */
#define FENCE 0x1000000000000004
#define OWN 0x0608
#define ALIAS 0x0600
#define OTHER 0x0610

/* These commands were executed, and a wait that stores behind them. */
static void expect_cmds(struct amd_model *model, const u64 *wants,
			unsigned int nr)
{
	struct kunit *test = model->test;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, model->nr_cmds, nr + 1);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, model->cmds[i][0], wants[i], "%u", i);
	KUNIT_EXPECT_EQ(test, model->cmds[nr][0] & 0xf000000000000001,
			0x1000000000000001);
	model->nr_cmds = 0;
}

static struct amd_model *remapping(struct kunit *test)
{
	/* IASup */
	struct amd_model *model = amd_model_new(test, BIT_ULL(6), 0xffff);

	amd_model_ioapic(model, 0x00a0);
	amd_model_start(model);
	return model;
}

static void commands(struct kunit *test)
{
	static const u64 change[] = {
		ENTRY(OWN), ENTRY(ALIAS), FENCE, TABLE(OWN), TABLE(ALIAS),
	};
	static const u64 joined[] = { ENTRY(OTHER), FENCE, TABLE(OTHER) };
	static const u64 tables[] = { TABLE(OWN), TABLE(ALIAS), TABLE(OTHER) };
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping(test);
	const struct nyx_intr_ops *ops = model->au->unit.intr.ops;
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_device *own = amd_model_add(model, OWN);
	struct nyx_device *other = amd_model_add(model, OTHER);
	struct nyx_intr_run *run, *joins;

	own->rids[own->nr_rids++] = ALIAS;
	other->rids[other->nr_rids++] = ALIAS;
	model->nr_cmds = 0;
	KUNIT_EXPECT_TRUE(test, ops->block_compat(unit, own));
	expect_cmds(model, change, ARRAY_SIZE(change));
	/* Nothing changes for an ID that is blocked already. */
	KUNIT_EXPECT_TRUE(test, ops->block_compat(unit, other));
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	run = nyx_intr_alloc(own, 100, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, run);
	expect_cmds(model, change, ARRAY_SIZE(change));
	joins = nyx_intr_alloc(other, 200, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, joins);
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	/* An entry is forgotten for each ID that leads to it. */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_cmds(model, tables, ARRAY_SIZE(tables));
	nyx_intr_free(&run->intr[0]);
	expect_cmds(model, tables, ARRAY_SIZE(tables));
	/* Nobody has used that one. */
	nyx_intr_free(&joins->intr[0]);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
	ops->allow_compat(unit, other);
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	ops->allow_compat(unit, own);
	expect_cmds(model, change, ARRAY_SIZE(change));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(commands),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_order",
	.test_cases = cases,
};

kunit_test_suite(suite);
