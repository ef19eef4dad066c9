// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which mode the driver uses on a unit, and how it starts and takes over a unit in scalable
 * mode, on a model of the unit. Numbers are those of the VT-d specification (revision 5.1).
 */
#include <linux/err.h>

#include "../log_text.h"
#include "left_fixture.h"
#include "quirks/quirks.h"
#include "vtd/probe.h"

#define ECAP (MODEL_ECAP | MODEL_ECAP_C | MODEL_ECAP_SCALABLE)

struct choice {
	const char *name;
	u64 ecap;
	bool unset;
	bool register_based;
	bool capture;
	bool graphics;
	bool needs_ats;
	bool scalable;
	bool coherent;
	/* The reason why scalable=1 has no effect. */
	const char *why;
};

static const struct choice choices[] = {
	{ "scalable mode", ECAP | MODEL_ECAP_SMPWCS, .scalable = true,
	  .coherent = true },
	{ "walks of page tables are not snooped", ECAP, .scalable = true },
	{ "walks of page tables alone are snooped",
	  (ECAP & ~MODEL_ECAP_C) | MODEL_ECAP_SMPWCS, .scalable = true,
	  .coherent = true },
	{ "parameter not set", ECAP, .unset = true, .coherent = true },
	{ "no SMTS", ECAP & ~MODEL_ECAP_SMTS, .coherent = true,
	  .why = "the unit does not support it (ECAP.SMTS)" },
	{ "no tables", ECAP & ~MODEL_ECAP_SSTS, .coherent = true,
	  .why = "no tables for scalable mode (ECAP.SSTS, ECAP.FSTS)" },
	{ "first stage only", (ECAP & ~MODEL_ECAP_SSTS) | MODEL_ECAP_FSTS |
	  MODEL_ECAP_SMPWCS, .scalable = true, .coherent = true },
	{ "first stage only, parameter not set",
	  (ECAP & ~MODEL_ECAP_SSTS) | MODEL_ECAP_FSTS, .unset = true,
	  .coherent = true },
	{ "no queue", ECAP & ~MODEL_ECAP_QI, .coherent = true,
	  .why = "the unit has no invalidation queue (ECAP.QI)" },
	{ "queue not used", ECAP, .register_based = true, .coherent = true,
	  .why = "register_based=1 invalidates through registers" },
	{ "capture kernel", ECAP, .capture = true, .coherent = true,
	  .why = "this is a capture kernel" },
	{ "device that needs ATS", ECAP, .needs_ats = true, .coherent = true,
	  .why = "a device needs ATS" },
	{ "translation must stay enabled", ECAP, .graphics = true,
	  .coherent = true,
	  .why = "translation must stay enabled on this chipset" },
};

KUNIT_ARRAY_PARAM_DESC(choices, choices, name);

/* The log has the reason once, for each unit. */
static void chooses(struct kunit *test)
{
	const struct choice *c = test->param_value;
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, c->ecap);
	const struct vtd_site site = {
		.base = model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.scalable = !c->unset,
		.register_based = c->register_based,
		.capture = c->capture,
		.graphics = c->graphics,
		.needs_ats = c->needs_ats,
		.quirks = c->graphics ? NYX_QUIRK_GRAPHICS_ON : 0,
	};
	const char *legacy = "scalable=1 has no effect, legacy mode is used: ";
	unsigned int lines = log_text_count(test, legacy);
	unsigned int whys = c->why ? log_text_count(test, c->why) : 0;
	struct vtd_unit *vu = vtd_unit_create(&site);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vu);
	model->vu = vu;
	KUNIT_EXPECT_EQ(test, vu->scalable, c->scalable);
	KUNIT_EXPECT_EQ(test, vu->unit.caps.coherent, c->coherent);
	KUNIT_EXPECT_EQ(test, log_text_count(test, legacy), lines + !!c->why);
	if (c->why)
		KUNIT_EXPECT_EQ(test, log_text_count(test, c->why), whys + 1);
}

/*
 * TTM is 1 in bits 11:10 (11.4.5). All caches are invalidated in the order in which they
 * are filled, before translation is enabled (6.6).
 */
static void starts_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, ECAP);
	struct nyx_unit *unit = vtd_model_start_disabled(model);

	vtd_model_clear_events(model);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	vtd_model_expect_event(model, 0, EVENT_GCMD, 0x44000000);
	vtd_model_expect_event(model, 1, EVENT_DSC, 0x11);
	vtd_model_expect_event(model, 2, EVENT_DSC, 0x37);
	vtd_model_expect_event(model, 3, EVENT_DSC, 0xd2);
	KUNIT_EXPECT_EQ(test, model->events[4].a & 0xf, 5);
	vtd_model_expect_event(model, 5, EVENT_GCMD, 0x84000000);
	KUNIT_EXPECT_EQ(test, model->nr_events, 6);
	KUNIT_EXPECT_EQ(test, model->rtaddr,
			virt_to_phys(model->vu->tables.root) + 0x400);
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | QIES), 0);
	/* The next driver may use descriptors of 128 bits at once. */
	KUNIT_EXPECT_FALSE(test, model->scalable);
}

/*
 * Before the root table is set, the unit is in legacy mode and refuses PASID-cache
 * invalidations. In caching mode each new entry needs one.
 */
static void sets_entries_early(struct kunit *test)
{
	const struct nyx_entry identity = unit_core_identity(1);
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_CM,
						ECAP);
	struct nyx_unit *unit = vtd_model_start_disabled(model);
	struct nyx_device *ndev = vtd_core_device(test, model, RID);

	vtd_model_clear_events(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &identity), 0);
	KUNIT_EXPECT_GT(test, model->nr_events, 0);
	KUNIT_EXPECT_EQ(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x7), 0);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	vtd_walk_check(model);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev,
					   &(struct nyx_entry) { }), 0);
	KUNIT_EXPECT_GT(test, vtd_model_count(model, EVENT_DSC, 0xf, 0x7), 1);
}

/* A unit that a system left running in a mode; the driver prefers scalable mode. */
static struct left *left_in(struct kunit *test, unsigned int mode)
{
	struct left *left = left_new(test, TES | QIES);

	left->model->ecap |= MODEL_ECAP_SCALABLE;
	left->model->rtaddr |= mode << 10;
	left->model->scalable = mode == 1;
	left->model->pasid_flushed = true;
	if (mode)
		left->root[2 * (RID >> 8)] = 0;
	return left;
}

/* Starts the unit, with identity for the device; true if translation was disabled. */
static bool take_over(struct left *left)
{
	const struct nyx_entry identity = unit_core_identity(1);
	struct vtd_model *model = left->model;
	struct nyx_unit *unit;

	unit = vtd_model_start_disabled(model);
	KUNIT_EXPECT_EQ(model->test,
			vtd_core_set(model, unit_core_device(model->test, unit,
							     RID),
				     &identity), 0);
	KUNIT_ASSERT_EQ(model->test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(model->test, model->gsts & TES, TES);
	KUNIT_EXPECT_EQ(model->test, model->scalable, model->vu->scalable);
	vtd_walk_check(model);
	return vtd_model_count(model, EVENT_GCMD, TES, 0);
}

/* Translation is not disabled, so the mode stays. */
static void keeps_legacy(struct kunit *test)
{
	struct left *left = left_in(test, 0);

	KUNIT_EXPECT_FALSE(test, take_over(left));
	KUNIT_EXPECT_FALSE(test, left->model->vu->scalable);
	KUNIT_EXPECT_EQ(test, left->model->walk.blocked, 0);
}

/* TTM is 3: translation is disabled, which lets the mode change. */
static void leaves_abort_mode(struct kunit *test)
{
	struct left *left = left_in(test, 3);

	KUNIT_EXPECT_TRUE(test, take_over(left));
	KUNIT_EXPECT_TRUE(test, left->model->vu->scalable);
}

/*
 * An earlier kernel made the unit block all DMA, in scalable mode. It does so until the
 * driver's tables are set, whatever the parameter is.
 */
static void keeps_scalable(struct kunit *test)
{
	struct left *left = left_in(test, 1);

	KUNIT_EXPECT_FALSE(test, take_over(left));
	KUNIT_EXPECT_TRUE(test, left->model->vu->scalable);
}

static void keeps_scalable_unset(struct kunit *test)
{
	struct left *left = left_in(test, 1);

	left->model->legacy = true;
	KUNIT_EXPECT_FALSE(test, take_over(left));
	KUNIT_EXPECT_TRUE(test, left->model->vu->scalable);
}

/* Scalable mode without any tables is of no use. */
static void leaves_scalable(struct kunit *test)
{
	struct left *left = left_in(test, 1);

	left->model->ecap &= ~MODEL_ECAP_SSTS;
	KUNIT_EXPECT_TRUE(test, take_over(left));
	KUNIT_EXPECT_FALSE(test, left->model->vu->scalable);
}

/* Tables of scalable mode are not read: the unit stays as it is. */
static void refuses_tables(struct kunit *test)
{
	struct left *left = left_in(test, 1);
	const struct vtd_site site = {
		.base = left->model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.takeover = true,
		.scalable = true,
	};
	unsigned int half;

	for (half = 0; half < 2; half++) {
		left->root[2 * (RID >> 8) + half] =
			virt_to_phys(left->context) | 1;
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(vtd_unit_create(&site)),
				-EOPNOTSUPP);
		left->root[2 * (RID >> 8) + half] = 0;
	}
	KUNIT_EXPECT_EQ(test, left->model->nr_events, 0);
}

/* Firmware enabled the unit in legacy mode during a sleep. */
static void wakes_in_scalable_mode(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP);
	struct nyx_unit *unit = &model->vu->unit;
	u64 *root = new_page(test);

	unit->ops->disable(unit);
	model->rtaddr = virt_to_phys(root);
	model->root = model->rtaddr;
	model->scalable = false;
	model->gsts = TES | RTPS;
	KUNIT_EXPECT_EQ(test, unit->ops->wake(unit), 0);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_TRUE(test, model->scalable);
	KUNIT_EXPECT_EQ(test, model->gsts & TES, TES);
	KUNIT_EXPECT_EQ(test, model->root,
			virt_to_phys(model->vu->tables.root));
}

static struct kunit_case nyx_vtd_mode_cases[] = {
	KUNIT_CASE_PARAM(chooses, choices_gen_params),
	KUNIT_CASE(starts_in_order),
	KUNIT_CASE(sets_entries_early),
	KUNIT_CASE(keeps_legacy),
	KUNIT_CASE(leaves_abort_mode),
	KUNIT_CASE(keeps_scalable),
	KUNIT_CASE(keeps_scalable_unset),
	KUNIT_CASE(leaves_scalable),
	KUNIT_CASE(refuses_tables),
	KUNIT_CASE(wakes_in_scalable_mode),
	{}
};

static struct kunit_suite nyx_vtd_mode_suite = {
	.name = "nyx_vtd_mode",
	.test_cases = nyx_vtd_mode_cases,
};

kunit_test_suite(nyx_vtd_mode_suite);
