// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands, and their order, when a device's interrupts change. Numbers are
 * those of the AMD IOMMU specification (48882).
 */
#include <nyx/intr.h>

#include "intr_fixture.h"

/* INVALIDATE_DEVTAB_ENTRY and INVALIDATE_INTERRUPT_TABLE of a DeviceID. */
#define ENTRY(rid) (0x2000000000000000 | (rid))
#define TABLE(rid) (0x5000000000000000 | (rid))
/*
 * COMPLETION_WAIT with F: the unit completes it before it starts later
 * commands.
 */
#define FENCE 0x1000000000000004
#define OWN 0x0608
#define ALIAS 0x0600
#define OTHER 0x0610

/* Expects these commands, followed by a COMPLETION_WAIT with S. */
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

static void commands(struct kunit *test)
{
	static const u64 change[] = {
		ENTRY(OWN), ENTRY(ALIAS), FENCE, TABLE(OWN), TABLE(ALIAS),
	};
	static const u64 joined[] = { ENTRY(OTHER), FENCE, TABLE(OTHER) };
	static const u64 tables[] = { TABLE(OWN), TABLE(ALIAS), TABLE(OTHER) };
	const struct nyx_intr_target target = { 3, 0x51, false };
	struct amd_model *model = remapping_model(test, IA_SUP);
	struct nyx_device *own = amd_model_add(model, OWN);
	struct nyx_device *other = amd_model_add(model, OTHER);
	struct nyx_intr_run *run, *joins;

	own->rids[own->nr_rids++] = ALIAS;
	other->rids[other->nr_rids++] = ALIAS;
	model->nr_cmds = 0;
	KUNIT_EXPECT_TRUE(test, block_unmapped(own));
	expect_cmds(model, change, ARRAY_SIZE(change));
	/* The alias is blocked already: no command for it. */
	KUNIT_EXPECT_TRUE(test, block_unmapped(other));
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	run = give(test, own, 1);
	expect_cmds(model, change, ARRAY_SIZE(change));
	joins = give(test, other, 1);
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	/*
	 * A table entry is invalidated for each DeviceID that uses the table.
	 */
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_cmds(model, tables, ARRAY_SIZE(tables));
	take(run);
	expect_cmds(model, tables, ARRAY_SIZE(tables));
	/* An entry that was never enabled needs no command. */
	take(joins);
	KUNIT_EXPECT_EQ(test, model->nr_cmds, 0);
	allow_unmapped(other);
	expect_cmds(model, joined, ARRAY_SIZE(joined));
	allow_unmapped(own);
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
