// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices below a unit that is out of service. Numbers are those
 * of the AMD IOMMU specification (48882).
 */
#include <nyx/intr.h>

#include "../unit_core.h"
#include "amd/irt.h"
#include "intr_fixture.h"

/*
 * OWN has a remapped interrupt. IDLE has none, but its unmapped interrupts are
 * blocked. UNMAPPED raises unmapped interrupts, which pass.
 */
#define OWN 0x0108
#define IDLE 0x0110
#define UNMAPPED 0x0118

struct fixture {
	struct amd_model *model;
	struct nyx_device *own;
	struct nyx_device *idle;
	struct nyx_intr_run *run;
};

static const struct nyx_intr_target target = { 3, 0x51, false };

/* The unit has cached the entries of all three devices. */
static struct fixture *fixture_new(struct kunit *test, u64 efr)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct amd_model *model = remapping_model(test, efr);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->model = model;
	model->au->queue.timeout_ns = 1000000;
	f->own = blocked_device(model, OWN);
	f->idle = blocked_device(model, IDLE);
	f->run = give(test, f->own, 2);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&f->run->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &f->run->intr[0]).fate,
			AMD_FATE_REMAPPED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, IDLE), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, UNMAPPED),
			AMD_FATE_UNMAPPED);
	return f;
}

/*
 * IntCtl, bits 189:188, is 00b: all interrupts are blocked, and no table is
 * used.
 */
static void expect_no_table(struct fixture *f)
{
	struct amd_model *model = f->model;
	struct kunit *test = model->test;

	KUNIT_EXPECT_EQ(test, amd_model_entry(model, OWN)[2], 1);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &f->run->intr[0]).fate,
			AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &f->run->intr[1]).fate,
			AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, OWN), AMD_FATE_ABORTED);
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, IDLE), AMD_FATE_ABORTED);
	/* Unmapped interrupts pass, as those of I/O APICs must. */
	KUNIT_EXPECT_EQ(test, raise_unmapped(model, UNMAPPED),
			AMD_FATE_UNMAPPED);
	KUNIT_EXPECT_NULL(test, model->intr.violation);
}

struct contained {
	const char *name;
	u64 efr;
};

static const struct contained contained[] = {
	{ "with IASup: one command", IA_SUP },
	{ "without IASup: a command for each ID", 0 },
};

KUNIT_ARRAY_PARAM_DESC(contained, contained, name);

/*
 * A vector is allocated to another interrupt once its own is freed, so a unit
 * that is out of service must not use cached entries again.
 */
static void blocks_interrupts(struct kunit *test)
{
	const struct contained *c = test->param_value;
	struct fixture *f = fixture_new(test, c->efr);
	struct nyx_unit *unit = &f->model->au->unit;

	f->model->stalled = true;
	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	expect_no_table(f);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&f->run->intr[1], &target), -EIO);
	expect_no_table(f);
	take(f->run);
}

/* A device that was in use when the module was loaded keeps its interrupts. */
static void identity_keeps_interrupts(struct kunit *test)
{
	const struct nyx_entry identity = unit_core_identity(1);
	struct fixture *f = fixture_new(test, IA_SUP);
	struct nyx_unit *unit = &f->model->au->unit;
	struct amd_delivery d;

	KUNIT_EXPECT_EQ(test, amd_model_set(f->own, &identity), 0);
	f->model->stalled = true;
	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	d = raise(f->model, OWN, &f->run->intr[0]);
	KUNIT_EXPECT_EQ(test, d.fate, AMD_FATE_REMAPPED);
	KUNIT_EXPECT_EQ(test, d.vector, target.vector);
	KUNIT_EXPECT_EQ(test, raise_unmapped(f->model, IDLE), AMD_FATE_ABORTED);
	take(f->run);
}

/* Entries are not changed any more: no change could be invalidated. */
static void entries_unchanged(struct kunit *test)
{
	struct fixture *f = fixture_new(test, IA_SUP);
	struct nyx_unit *unit = &f->model->au->unit;
	struct nyx_device *late = amd_model_add(f->model, UNMAPPED);

	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	KUNIT_EXPECT_FALSE(test, block_unmapped(late));
	KUNIT_EXPECT_EQ(test, amd_model_entry(f->model, UNMAPPED)[2], 0);
	allow_unmapped(f->idle);
	KUNIT_EXPECT_EQ(test, amd_model_entry(f->model, IDLE)[2], 1);
	take(f->run);
	allow_unmapped(f->own);
	KUNIT_EXPECT_EQ(test, amd_model_entry(f->model, OWN)[2], 1);
}

/* A unit that fails while a device gets a table does not use the table. */
static void fails_during_alloc(struct kunit *test)
{
	struct fixture *f = fixture_new(test, IA_SUP);

	f->model->stalled = true;
	f->model->on_status = amd_model_fail_once;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(f->idle, 200, 1)),
			-EIO);
	KUNIT_EXPECT_TRUE(test, f->model->au->unit.dead);
	KUNIT_EXPECT_EQ(test, amd_model_entry(f->model, IDLE)[2], 1);
	expect_no_table(f);
	take(f->run);
}

/*
 * Tables that the unit may still use are freed when it is disabled, each once.
 */
static void lost_tables_freed(struct kunit *test)
{
	struct fixture *f = fixture_new(test, IA_SUP);
	struct amd_model *model = f->model;
	struct amd_unit *au = model->au;

	model->stalled = true;
	model->on_status = amd_model_fail_once;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(f->idle, 200, 1)),
			-EIO);
	KUNIT_ASSERT_NOT_NULL(test, au->stale_irts);
	KUNIT_EXPECT_NULL(test, au->stale_irts->next_stale);
	take(f->run);
	allow_unmapped(f->idle);
	allow_unmapped(f->own);
	KUNIT_ASSERT_NOT_NULL(test, au->stale_irts->next_stale);
	KUNIT_EXPECT_NULL(test, au->stale_irts->next_stale->next_stale);
	amd_model_free(model);
	KUNIT_EXPECT_NULL(test, au->stale_irts);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM_ATTR(blocks_interrupts, contained_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	KUNIT_CASE(identity_keeps_interrupts),
	KUNIT_CASE(entries_unchanged),
	KUNIT_CASE(fails_during_alloc),
	KUNIT_CASE(lost_tables_freed),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_intr_dead",
	.test_cases = cases,
};

kunit_test_suite(suite);
