// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that blocks all DMA for reboot or kexec, on a model of the unit. Numbers
 * are those of the VT-d specification.
 */
#include <nyx/invalidate.h>

#include "intr_fixture.h"
#include "mode.h"

#define OWN 0x0100
/* Of device 16, whose context entry is in an upper table in scalable mode. */
#define OTHER 0x0280
/* GSTS: TES, QIES and IRES */
#define TES 0x80000000u
#define REMAPS 0x86000000u

/* A device with a table and one with identity, both of which do DMA. */
static struct vtd_model *model_new(struct kunit *test, u64 cap, u64 ecap)
{
	struct vtd_model *model = remapping_model(test, cap,
						  ecap | mode_ecap(test));
	struct nyx_entry identity = unit_core_identity(1);
	struct nyx_entry entry = unit_core_table(test, 7, false);

	KUNIT_EXPECT_EQ(test, 0,
			vtd_core_set(model, vtd_core_device(test, model, OWN),
				     &entry));
	KUNIT_EXPECT_EQ(test, 0,
			vtd_core_set(model, vtd_core_device(test, model, OTHER),
				     &identity));
	vtd_walk_dma(model);
	KUNIT_EXPECT_TRUE(test, model->walk.cc[0].valid);
	KUNIT_EXPECT_TRUE(test, model->walk.cc[1].valid);
	KUNIT_EXPECT_EQ(test, model->gsts & REMAPS, REMAPS);
	model->vu->qi.timeout_ns = 1000000;
	model->vu->command_ns = 1000000;
	return model;
}

static bool block(struct vtd_model *model)
{
	const struct nyx_unit_ops *ops = model->vu->unit.ops;
	bool blocked = ops->block(&model->vu->unit, true);

	return ops->block_end(&model->vu->unit) && blocked;
}

/* The root table is empty. */
static void expect_empty(struct vtd_model *model)
{
	unsigned int bus;

	for (bus = 0; bus < 256; bus++) {
		KUNIT_EXPECT_EQ(model->test, model->vu->tables.root[bus].lo, 0);
		KUNIT_EXPECT_EQ(model->test, model->vu->tables.root[bus].hi, 0);
	}
}

/*
 * Translation is enabled, and blocks both devices. The unit uses neither its queue
 * nor its interrupt entries, and sends no interrupt of its own.
 */
static void expect_blocked(struct vtd_model *model)
{
	struct kunit *test = model->test;
	struct vtd_delivery d;
	unsigned long blocked;

	expect_empty(model);
	KUNIT_EXPECT_EQ(test, model->gsts & REMAPS, TES);
	KUNIT_EXPECT_EQ(test, model->fectl & 0x80000000, 0x80000000);
	KUNIT_EXPECT_FALSE(test, model->walk.cc[0].valid);
	KUNIT_EXPECT_FALSE(test, model->walk.cc[1].valid);
	KUNIT_EXPECT_TRUE(test, model->iotlb_flushed);
	blocked = model->walk.blocked;
	vtd_walk_dma(model);
	KUNIT_EXPECT_EQ(test, model->walk.blocked, blocked + 2);
	vtd_walk_check(model);
	d = vtd_intr_request(model, OWN, 0xfee01000, 0x41);
	KUNIT_EXPECT_EQ(test, d.reason, 0);
	KUNIT_EXPECT_EQ(test, d.vector, 0x41);
}

static void blocks_all(struct kunit *test)
{
	struct vtd_model *model;
	int coherent;

	for (coherent = 0; coherent < 2; coherent++) {
		model = model_new(test, MODEL_CAP, MODEL_ECAP | coherent);
		KUNIT_EXPECT_TRUE(test, block(model));
		KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
		expect_blocked(model);
		vtd_model_free(model);
	}
}

/*
 * With some X58 chipsets a unit never completes an invalidation while the queue of
 * another one is disabled: no queue is disabled before all units have invalidated.
 */
static void queue_stays_on(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit = &model->vu->unit;

	KUNIT_EXPECT_TRUE(test, unit->ops->block(unit, true));
	KUNIT_EXPECT_TRUE(test, model->iotlb_flushed);
	/* QIES */
	KUNIT_EXPECT_EQ(test, model->gsts & REMAPS, 0x84000000u);
	KUNIT_EXPECT_TRUE(test, unit->ops->block_end(unit));
	expect_blocked(model);
}

/*
 * Registers invalidate what the queue of a dead unit cannot. They do not in scalable mode:
 * then the root table is empty, and it is not certain that all DMA is blocked.
 */
static void queue_halts(struct kunit *test)
{
	struct vtd_model *model;
	int dead;

	for (dead = 0; dead < 2; dead++) {
		model = model_new(test, MODEL_CAP, MODEL_ECAP);
		model->halted = true;
		if (dead)
			nyx_invalidate_global(&model->vu->unit);
		KUNIT_EXPECT_EQ(test, model->vu->unit.dead, dead);
		KUNIT_EXPECT_EQ(test, block(model), !mode_is_scalable(test));
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		if (mode_is_scalable(test))
			expect_empty(model);
		else
			expect_blocked(model);
		vtd_model_free(model);
	}
}

/* A unit that does not confirm commands delays a reboot only for a short time. */
static void never_confirms(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);

	model->halted = true;
	model->held_cmds = 0x04000000;
	KUNIT_EXPECT_FALSE(test, block(model));
	expect_empty(model);
}

static void unit_gone(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP, MODEL_ECAP);
	unsigned long accesses = model->accesses;

	model->gone = true;
	KUNIT_EXPECT_FALSE(test, block(model));
	KUNIT_EXPECT_LT(test, model->accesses - accesses, 20);
	expect_empty(model);
}

static struct kunit_case nyx_vtd_block_cases[] = {
	KUNIT_CASE_PARAM(blocks_all, modes_gen_params),
	KUNIT_CASE_PARAM(queue_stays_on, modes_gen_params),
	KUNIT_CASE_PARAM(queue_halts, modes_gen_params),
	KUNIT_CASE_PARAM(never_confirms, modes_gen_params),
	KUNIT_CASE_PARAM(unit_gone, modes_gen_params),
	{}
};

static struct kunit_suite nyx_vtd_block_suite = {
	.name = "nyx_vtd_block",
	.test_cases = nyx_vtd_block_cases,
};

kunit_test_suite(nyx_vtd_block_suite);
