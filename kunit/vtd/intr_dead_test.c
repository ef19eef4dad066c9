// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of interrupts on a unit that does not confirm, refuses or is gone,
 * on a model of the unit that caches what it may.
 */
#include <nyx/intr.h>

#include "core.h"
#include "intr_fixture.h"
#include "model.h"
#include "vtd/irte.h"
#include "vtd/vtd.h"

/* What a unit that is out of service did not forget is given to nobody. */
static void unit_vanishes(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr_run *run = give(test, ndev, 4);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	take(run);
	KUNIT_EXPECT_EQ(test, model->vu->irt.used[0], 0xf);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 1, 1)), -EIO);
}

/* Nor what one did that stands still. */
static void unit_stands_still(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->held = true;
	take(run);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, model->vu->irt.used[0], 1);
	model->held = false;
}

struct contained {
	const char *name;
	u64 cap;
	bool forgets;
};

static const struct contained contained[] = {
	{ "setting the table has it forget", MODEL_CAP | BIT_ULL(62), true },
	{ "nothing has it forget", MODEL_CAP, false },
};

KUNIT_ARRAY_PARAM_DESC(contained, contained, name);

/*
 * A unit out of service has no entry left that leads to a vector which may be
 * somebody else's, nor gets one; and it is not said to have forgotten what it
 * had no way to forget.
 */
static void out_of_service(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	const struct contained *c = test->param_value;
	struct vtd_model *model = remapping(test, c->cap | BIT_ULL(63),
					    MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr_run *run = give(test, ndev, 2);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x41);
	model->held = true;
	unit->dead = true;
	KUNIT_EXPECT_EQ(test, unit->ops->contain(unit), c->forgets);
	KUNIT_EXPECT_FALSE(test, vtd_irt_is_present(&model->vu->irt,
						    run->index));
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, &run->intr[0]).reason,
			c->forgets ? 0x22 : 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[1], &target), -EIO);
	KUNIT_EXPECT_FALSE(test, vtd_irt_is_present(&model->vu->irt,
						    run->index + 1));
	model->held = false;
	take(run);
}

static int refuse_entries(struct vtd_model *model, u64 lo, u64 hi)
{
	return (lo & 0xf) == 4 ? 4 : -1;
}

/* A unit that does not know the command cannot be trusted with entries. */
static void refused(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);

	model->refuse = refuse_entries;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	take(run);
	KUNIT_EXPECT_EQ(test, model->vu->irt.used[0], 1);
}

static struct kunit_case nyx_vtd_intr_dead_cases[] = {
	KUNIT_CASE_SLOW(unit_vanishes),
	KUNIT_CASE_SLOW(unit_stands_still),
	KUNIT_CASE_PARAM(out_of_service, contained_gen_params),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite nyx_vtd_intr_dead_suite = {
	.name = "nyx_vtd_intr_dead",
	.test_cases = nyx_vtd_intr_dead_cases,
};

kunit_test_suite(nyx_vtd_intr_dead_suite);
