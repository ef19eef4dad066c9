// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping entries of a unit that halts, refuses invalidations or
 * vanishes, on a model of the unit.
 */
#include <nyx/intr.h>

#include "intr_fixture.h"
#include "vtd/irte.h"
#include "vtd/vtd.h"

/* Entries that a unit out of service may have cached are not reused. */
static void unit_vanishes(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr_run *run = give(test, ndev, 4);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EIO);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	take(run);
	KUNIT_EXPECT_EQ(test, model->vu->irt.slots.used[0], 0xf);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_intr_alloc(ndev, 1, 1)), -EIO);
}

/* The same if the unit halts. */
static void unit_halts(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->halted = true;
	take(run);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	KUNIT_EXPECT_EQ(test, model->vu->irt.slots.used[0], 1);
	model->halted = false;
}

struct contained {
	const char *name;
	u64 cap;
	bool invalidates;
};

static const struct contained contained[] = {
	{ "setting the table invalidates entries", MODEL_CAP_ESIRTPS, true },
	{ "setting the table keeps entries", 0, false },
};

KUNIT_ARRAY_PARAM_DESC(contained, contained, name);

/*
 * Containment clears all entries, as their vectors may be reused, and no entry
 * is set afterwards. It only succeeds if cached entries were invalidated.
 */
static void out_of_service(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	const struct contained *c = test->param_value;
	struct vtd_model *model = remapping_model(test, MODEL_CAP | c->cap |
						  MODEL_CAP_ESRTPS, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr_run *run = give(test, ndev, 2);

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	expect_delivery(test, raise(model, 0x0108, &run->intr[0]), 3, 0x41);
	model->halted = true;
	unit->dead = true;
	KUNIT_EXPECT_EQ(test, unit->ops->contain(unit), c->invalidates);
	KUNIT_EXPECT_TRUE(test, vtd_irt_is_clear(&model->vu->irt,
						 run->index));
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, &run->intr[0]).reason,
			c->invalidates ? 0x22 : 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[1], &target), -EIO);
	KUNIT_EXPECT_TRUE(test, vtd_irt_is_clear(&model->vu->irt,
						 run->index + 1));
	model->halted = false;
	take(run);
}

/* The keyboard must not depend on a unit that serves other devices. */
static void pins_keep_working(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false, true };
	struct vtd_model *model = remapping_model(test, MODEL_CAP |
						  MODEL_CAP_ESIRTPS |
						  MODEL_CAP_ESRTPS, MODEL_ECAP);
	struct nyx_device *ioapic = vtd_core_device(test, model, 0x00f8);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_unit *unit = &model->vu->unit;
	struct nyx_intr_run *pin, *run;

	ioapic->ioapic = true;
	pin = give(test, ioapic, 1);
	run = give(test, ndev, 1);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&pin->intr[0], &target), 0);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), 0);
	model->halted = true;
	unit->dead = true;
	KUNIT_EXPECT_TRUE(test, unit->ops->contain(unit));
	expect_delivery(test, raise(model, 0x00f8, &pin->intr[0]), 3, 0x41);
	KUNIT_EXPECT_EQ(test, raise(model, 0x0108, &run->intr[0]).reason, 0x22);
	model->halted = false;
	take(run);
	take(pin);
}

static int refuse_entries(struct vtd_model *model, u64 lo, u64 hi)
{
	return (lo & 0xf) == 4 ? 4 : -1;
}

/* A unit that refuses to invalidate entries is taken out of service. */
static void refuses_invalidation(struct kunit *test)
{
	const struct nyx_intr_target target = { 3, 0x41, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0108);
	struct nyx_intr_run *run = give(test, ndev, 1);

	model->refuse = refuse_entries;
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &target), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	take(run);
	KUNIT_EXPECT_EQ(test, model->vu->irt.slots.used[0], 1);
}

static struct kunit_case nyx_vtd_intr_dead_cases[] = {
	KUNIT_CASE_SLOW(unit_vanishes),
	KUNIT_CASE_SLOW(unit_halts),
	KUNIT_CASE_PARAM(out_of_service, contained_gen_params),
	KUNIT_CASE(pins_keep_working),
	KUNIT_CASE(refuses_invalidation),
	{}
};

static struct kunit_suite nyx_vtd_intr_dead_suite = {
	.name = "nyx_vtd_intr_dead",
	.test_cases = nyx_vtd_intr_dead_cases,
};

kunit_test_suite(nyx_vtd_intr_dead_suite);
