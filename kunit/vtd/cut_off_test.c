// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are cut off, on a model of the unit: context entries, what the
 * unit caches, and which faults it logs.
 */
#include <nyx/domain.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "../cut_off_fixture.h"
#include "../cx16.h"
#include "intr_fixture.h"

#define OWN 0x0208
#define ALIAS 0x0300
#define NEIGHBOUR 0x0209

/* A context entry that is not present, with FPD (9.3). */
#define QUIET 0x2

struct kind {
	const char *name;
	u64 cap;
	u64 ecap;
	bool no_cx16;
};

static const struct kind kinds[] = {
	{ "snoops", 0, MODEL_ECAP | MODEL_ECAP_C | MODEL_ECAP_DT },
	{ "does not snoop", 0, MODEL_ECAP | MODEL_ECAP_DT },
	{ "caching mode", MODEL_CAP_CM, MODEL_ECAP | MODEL_ECAP_DT },
	{ "no 128-bit stores", 0, MODEL_ECAP | MODEL_ECAP_DT, true },
	{ "scalable mode, snoops", 0, MODEL_ECAP | MODEL_ECAP_C |
	  MODEL_ECAP_SMPWCS | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE },
	{ "scalable mode, caching mode", MODEL_CAP_CM,
	  MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE },
	{ "scalable mode, no 128-bit stores", 0,
	  MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE, true },
};

KUNIT_ARRAY_PARAM_DESC(kinds, kinds, name);

static struct vtd_model *model_of(struct kunit *test)
{
	const struct kind *kind = test->param_value;

	if (kind->no_cx16)
		without_cx16(test);
	return vtd_model_running(test, MODEL_CAP | kind->cap, kind->ecap);
}

static struct nyx_device *add(struct vtd_model *model, u16 rid)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, rid);

	INIT_WORK(&ndev->quarantine.work, cut_off_work);
	return ndev;
}

static void must_set(struct vtd_model *model, struct nyx_device *ndev,
		     const struct nyx_entry *entry)
{
	KUNIT_ASSERT_EQ(model->test, vtd_core_set(model, ndev, entry), 0);
	ndev->entry = *entry;
}

static u64 entry_of(struct vtd_model *model, u16 rid)
{
	u64 lo, hi;

	vtd_walk_entry(model, rid, &lo, &hi);
	return lo;
}

/* Requests of all devices, and how many of them the unit logs. */
static unsigned long logged(struct vtd_model *model)
{
	unsigned long before = model->walk.logged, flags;

	raw_spin_lock_irqsave(&model->lock, flags);
	vtd_walk_dma(model);
	raw_spin_unlock_irqrestore(&model->lock, flags);
	return model->walk.logged - before;
}

static void blocks_and_restores(struct kunit *test)
{
	const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct vtd_model *model = model_of(test);
	bool ats = model->ecap & MODEL_ECAP_DT;
	struct nyx_device *ndev = add(model, OWN);
	struct nyx_device *next = add(model, NEIGHBOUR);
	struct nyx_entry a = unit_core_table(test, 5, ats);
	struct nyx_entry b = unit_core_table(test, 6, ats);

	vtd_core_alias(model, ndev, ALIAS);
	must_set(model, ndev, &a);
	must_set(model, next, &a);
	KUNIT_EXPECT_EQ(test, logged(model), 0);
	cut_off(ndev, &cut_by_faults);
	/* At once, before anything sleeps. */
	KUNIT_EXPECT_EQ(test, entry_of(model, OWN), QUIET);
	KUNIT_EXPECT_EQ(test, entry_of(model, ALIAS), QUIET);
	nyx_cut_off_wait();
	vtd_walk_check(model);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	KUNIT_EXPECT_EQ(test, logged(model), 0);
	/* Only the device itself. */
	KUNIT_EXPECT_EQ(test, entry_of(model, NEIGHBOUR),
			vtd_core_table_lo(&a, ats));

	/* It stays cut off, whatever is attached. */
	must_set(model, ndev, &b);
	KUNIT_EXPECT_EQ(test, entry_of(model, OWN), QUIET);
	KUNIT_EXPECT_EQ(test, entry_of(model, ALIAS), QUIET);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	KUNIT_EXPECT_EQ(test, logged(model), 0);

	nyx_cut_off_end(ndev);
	must_set(model, ndev, &b);
	KUNIT_EXPECT_EQ(test, entry_of(model, OWN), vtd_core_table_lo(&b, ats));
	KUNIT_EXPECT_EQ(test, entry_of(model, ALIAS),
			vtd_core_table_lo(&b, ats));
	KUNIT_EXPECT_EQ(test, ndev->ats_enabled, ats);

	/* Faults of a blocked device that is not cut off are logged again. */
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	nyx_cut_off_end(ndev);
	must_set(model, ndev, &blocked);
	KUNIT_EXPECT_EQ(test, entry_of(model, OWN), 0);
	KUNIT_EXPECT_EQ(test, logged(model), 2);
}

/* The device is cut off while the driver waits for the unit. */
static struct nyx_device *victim;
static unsigned int wait_number;

static void cut_off_while_waiting(struct vtd_model *model)
{
	if (!victim || wait_number--)
		return;
	cut_off(victim, &cut_by_faults);
	victim = NULL;
}

static void while_attaching(struct kunit *test)
{
	struct vtd_model *model = model_of(test);
	bool ats = model->ecap & MODEL_ECAP_DT;
	struct nyx_device *ndev = add(model, OWN);
	struct nyx_entry a = unit_core_table(test, 5, ats);
	struct nyx_entry b = unit_core_table(test, 6, ats);
	unsigned int nr, hit = 0;

	vtd_core_alias(model, ndev, ALIAS);
	model->run_on_poll = true;
	model->on_fsts = cut_off_while_waiting;
	for (nr = 0; nr < 12; nr++) {
		must_set(model, ndev, &a);
		victim = ndev;
		wait_number = nr;
		mutex_lock(&ndev->entry_lock);
		KUNIT_EXPECT_EQ(test, nyx_entry_set(ndev->unit, ndev, &b), 0);
		ndev->entry = b;
		mutex_unlock(&ndev->entry_lock);
		hit += !victim;
		victim = NULL;
		nyx_cut_off_wait();
		vtd_walk_check(model);
		if (nyx_device_is_cut_off(ndev)) {
			KUNIT_EXPECT_EQ(test, entry_of(model, OWN), QUIET);
			KUNIT_EXPECT_EQ(test, entry_of(model, ALIAS), QUIET);
			KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
		}
		nyx_cut_off_end(ndev);
	}
	KUNIT_EXPECT_GT(test, hit, 0);
}

/* Devices that share a requester ID, or the domain if the decision includes it. */
static void others(struct kunit *test)
{
	static const struct nyx_cut cut_domain = {
		.state = NYX_QUARANTINED,
		.reason = NYX_CUT_FAULTS,
		.domain = true,
	};
	static const struct nyx_cut disable = {
		.state = NYX_DISABLED,
		.reason = NYX_CUT_COMMAND,
	};
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *a = add(model, 0x0108), *b = add(model, 0x0110);
	struct nyx_device *c = add(model, 0x0400), *d = add(model, 0x0500);
	struct nyx_domain *domain = kunit_kzalloc(test, sizeof(*domain), GFP_KERNEL);
	struct nyx_domain *nested = kunit_kcalloc(test, 2, sizeof(*nested), GFP_KERNEL);

	vtd_core_alias(model, a, 0x0100);
	vtd_core_alias(model, b, 0x0100);
	/* Tables of a guest lead to the same memory. */
	nested[0].parent = domain;
	nested[1].parent = domain;
	a->domain = &nested[0];
	b->domain = domain;
	c->domain = &nested[1];
	cut_off(a, &cut_by_faults);
	KUNIT_EXPECT_EQ(test, a->cut_off, NYX_QUARANTINED);
	KUNIT_EXPECT_EQ(test, a->quarantine.cut.reason, NYX_CUT_FAULTS);
	KUNIT_EXPECT_EQ(test, b->cut_off, NYX_QUARANTINED);
	KUNIT_EXPECT_EQ(test, b->quarantine.cut.reason, NYX_CUT_REQUESTER);
	KUNIT_EXPECT_STREQ(test, b->quarantine.origin, dev_name(a->dev));
	KUNIT_EXPECT_EQ(test, c->cut_off, NYX_ACTIVE);
	cut_off(a, &cut_domain);
	KUNIT_EXPECT_EQ(test, c->cut_off, NYX_QUARANTINED);
	KUNIT_EXPECT_EQ(test, c->quarantine.cut.reason, NYX_CUT_DOMAIN);
	KUNIT_EXPECT_EQ(test, d->cut_off, NYX_ACTIVE);
	/* A device without a domain shares none. */
	cut_off(d, &cut_domain);
	KUNIT_EXPECT_EQ(test, d->quarantine.cut.reason, NYX_CUT_FAULTS);
	/* A command changes the state of a device that is cut off already. */
	cut_off(c, &disable);
	KUNIT_EXPECT_EQ(test, c->cut_off, NYX_DISABLED);
	KUNIT_EXPECT_EQ(test, c->quarantine.cut.reason, NYX_CUT_DOMAIN);
	cut_off(c, &cut_by_faults);
	KUNIT_EXPECT_EQ(test, c->cut_off, NYX_DISABLED);
	nyx_cut_off_wait();
	KUNIT_EXPECT_EQ(test, kref_read(&a->refs), 1);
	KUNIT_EXPECT_EQ(test, kref_read(&c->refs), 1);
}

/* FPD of an interrupt entry, bit 1, suppresses its faults (9.10). */
static void interrupts(struct kunit *test)
{
	const struct nyx_intr_target there = { 3, 0x41, false };
	const struct nyx_intr_target here = { 4, 0x42, false };
	struct vtd_model *model = remapping_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_device *ndev = add(model, OWN);
	struct nyx_intr_run *run = give(test, ndev, 2);
	const struct vtd_irte *irte = &model->vu->irt.base[run->index];

	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &there), 0);
	expect_delivery(test, raise(model, OWN, &run->intr[0]), 3, 0x41);
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	nyx_intr_refresh(ndev);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &run->intr[0]).reason, 0x22);
	KUNIT_EXPECT_EQ(test, irte[0].lo, 0x2);
	KUNIT_EXPECT_EQ(test, irte[1].lo, 0x2);
	KUNIT_EXPECT_EQ(test, nyx_intr_set(&run->intr[0], &here), 0);
	KUNIT_EXPECT_EQ(test, raise(model, OWN, &run->intr[0]).reason, 0x22);
	nyx_cut_off_end(ndev);
	nyx_intr_refresh(ndev);
	expect_delivery(test, raise(model, OWN, &run->intr[0]), 4, 0x42);
	KUNIT_EXPECT_EQ(test, irte[1].lo, 0);
	/* Entries that are freed do not keep the bit. */
	cut_off(ndev, &cut_by_faults);
	nyx_cut_off_wait();
	nyx_intr_refresh(ndev);
	take(run);
	KUNIT_EXPECT_EQ(test, irte[0].lo, 0);
	KUNIT_EXPECT_EQ(test, irte[1].lo, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(blocks_and_restores, kinds_gen_params),
	KUNIT_CASE_PARAM(while_attaching, kinds_gen_params),
	KUNIT_CASE(others),
	KUNIT_CASE(interrupts),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_vtd_cut_off",
	.init = cut_off_test_init,
	.exit = cut_off_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
