// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices behind a unit that is out of service, on a model of the
 * unit that caches what it may. Numbers are those of the AMD IOMMU specification
 * (48882).
 */
#include <nyx/intr.h>

#include "amd/amd.h"
#include "amd/irt.h"
#include "model.h"

/* OWN has an interrupt, IDLE is to get some, PLAIN gets none from the unit. */
#define OWN 0x0108
#define IDLE 0x0110
#define PLAIN 0x0118

struct dead {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *idle;
	struct nyx_intr_run *run;
};

static bool block(struct nyx_device *ndev)
{
	return ndev->unit->intr.ops->block_compat(ndev->unit, ndev);
}

static void allow(struct nyx_device *ndev)
{
	ndev->unit->intr.ops->allow_compat(ndev->unit, ndev);
}

static struct amd_delivery raise(struct amd_model *model, u16 rid,
				 const struct nyx_intr *intr)
{
	struct nyx_intr_message msg;

	nyx_intr_message(intr, &msg);
	return amd_intr_request(model, rid, msg.address, msg.data);
}

/* What a driver sends that knows nothing of the unit. */
static enum amd_fate forge(struct amd_model *model, u16 rid)
{
	return amd_intr_request(model, rid, 0xfee07000, 0x41).fate;
}

static const struct nyx_intr_target target = { 3, 0x51, false };

/* The unit knows all three, and caches what it knows. */
static struct dead *dead_new(struct kunit *test, u64 efr)
{
	struct dead *dead = kunit_kzalloc(test, sizeof(*dead), GFP_KERNEL);
	struct amd_model *model = amd_model_new(test, efr, 0xffff);

	KUNIT_ASSERT_NOT_NULL(test, dead);
	dead->model = model;
	amd_model_ioapic(model, 0x00a0);
	amd_model_start(model);
	model->au->queue.timeout_ns = 1000000;
	dead->own = amd_model_add(model, OWN);
	dead->idle = amd_model_add(model, IDLE);
	KUNIT_ASSERT_TRUE(test, block(dead->own));
	KUNIT_ASSERT_TRUE(test, block(dead->idle));
	dead->run = nyx_intr_alloc(dead->own, 100, 2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dead->run);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&dead->run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &dead->run->intr[0]).fate,
			AMD_FATE_REMAPPED);
	KUNIT_EXPECT_EQ(test, forge(model, IDLE), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, forge(model, PLAIN), AMD_FATE_PLAIN);
	return dead;
}

/* IntCtl, bits 189:188, is 00b: no table is used, whatever is in one. */
static void expect_no_table(struct dead *dead)
{
	struct amd_model *model = dead->model;
	struct kunit *test = model->test;

	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[2], 1);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &dead->run->intr[0]).fate,
			AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &dead->run->intr[1]).fate,
			AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, forge(model, OWN), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, forge(model, IDLE), AMD_FATE_ABORTED);
	/* I/O APICs are among those. */
	KUNIT_EXPECT_EQ(test, forge(model, PLAIN), AMD_FATE_PLAIN);
	KUNIT_EXPECT_NULL(test, model->intr.broken);
}

static void take(struct dead *dead)
{
	nyx_intr_free(&dead->run->intr[0]);
	nyx_intr_free(&dead->run->intr[1]);
}

struct contained {
	const char *name;
	u64 efr;
};

static const struct contained contained[] = {
	{ "IASup: all at once", BIT_ULL(6) },
	{ "one by one", 0 },
};

KUNIT_ARRAY_PARAM_DESC(contained, contained, name);

/*
 * Vectors are given to others as soon as their interrupts are freed: what the
 * unit is said to have forgotten does not come back.
 */
static void out_of_service(struct kunit *test)
{
	const struct contained *c = test->param_value;
	struct dead *dead = dead_new(test, c->efr);
	struct nyx_unit *unit = &dead->model->au->unit;

	dead->model->held = true;
	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	expect_no_table(dead);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&dead->run->intr[1], &target), -EIO);
	expect_no_table(dead);
	take(dead);
}

/* Nobody would see the unit forget what entries say from then on. */
static void nothing_is_stored(struct kunit *test)
{
	struct dead *dead = dead_new(test, BIT_ULL(6));
	struct nyx_unit *unit = &dead->model->au->unit;
	struct nyx_device *late = amd_model_add(dead->model, PLAIN);

	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_FALSE(test, block(late));
	KUNIT_EXPECT_EQ(test, amd_model_entry(dead->model, PLAIN)[2], 0);
	allow(dead->idle);
	KUNIT_EXPECT_EQ(test, amd_model_entry(dead->model, IDLE)[2], 1);
	take(dead);
	allow(dead->own);
	KUNIT_EXPECT_EQ(test, amd_model_entry(dead->model, OWN)[2], 1);
}

/* On another CPU, while this one waits. */
static void fail_once(struct amd_model *model, bool done)
{
	if (done)
		return;
	model->on_status = NULL;
	nyx_unit_fail(&model->au->unit, "a test says so");
}

/* A table that is being given leads nowhere either. */
static void fails_meanwhile(struct kunit *test)
{
	struct dead *dead = dead_new(test, BIT_ULL(6));

	dead->model->held = true;
	dead->model->on_status = fail_once;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(dead->idle, 200, 1)),
			-EIO);
	KUNIT_EXPECT_TRUE(test, dead->model->au->unit.dead);
	KUNIT_EXPECT_EQ(test, amd_model_entry(dead->model, IDLE)[2], 1);
	expect_no_table(dead);
	take(dead);
}

/* Tables that were given up are freed when the unit is off, each once. */
static void given_up(struct kunit *test)
{
	struct dead *dead = dead_new(test, BIT_ULL(6));
	struct amd_model *model = dead->model;
	struct amd_unit *au = model->au;

	model->held = true;
	model->on_status = fail_once;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(dead->idle, 200, 1)),
			-EIO);
	KUNIT_ASSERT_NOT_NULL(test, au->stale_irts);
	KUNIT_EXPECT_NULL(test, au->stale_irts->next_stale);
	take(dead);
	allow(dead->idle);
	allow(dead->own);
	KUNIT_ASSERT_NOT_NULL(test, au->stale_irts->next_stale);
	KUNIT_EXPECT_NULL(test, au->stale_irts->next_stale->next_stale);
	amd_model_free(model);
	KUNIT_EXPECT_NULL(test, au->stale_irts);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM_ATTR(out_of_service, contained_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE(nothing_is_stored),
	KUNIT_CASE(fails_meanwhile),
	KUNIT_CASE(given_up),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_dead",
	.test_cases = cases,
};

kunit_test_suite(suite);
