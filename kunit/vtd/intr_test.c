// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping going on and off, on a model of the unit.
 */
#include <linux/string.h>
#include <nyx/intr.h>

#include "../log_text.h"
#include "../seq_text.h"
#include "core.h"
#include "model.h"
#include "vtd/intr.h"
#include "vtd/vtd.h"

/* Remappable format, handle 0; and compatibility format (5.1.2). */
#define REMAPPABLE 0xfee00018
#define COMPATIBLE 0xfee07000

static struct vtd_model *new_model(struct kunit *test, u64 ecap)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, ecap);

	unit_core.intr_remap = true;
	return model;
}

static void goes_on_and_off(struct kunit *test)
{
	struct vtd_model *model = new_model(test, MODEL_ECAP);
	struct nyx_unit *unit;
	int i;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_NOT_NULL(test, unit->intr.ops);
	KUNIT_EXPECT_NULL(test, unit->intr.why_off);
	KUNIT_EXPECT_EQ(test, unit->intr.bus_token, DOMAIN_BUS_DMAR);
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	vtd_model_start(model);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, unit->intr.on);
		/* TES, RTPS, QIES, IRES, IRTPS, CFIS. */
		KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
		/* 65536 entries, 8-bit APIC IDs. */
		KUNIT_EXPECT_EQ(test, model->intr.table & 0xfff, 0xf);
		KUNIT_EXPECT_EQ(test, unit->intr.entries, 65536);
		unit->ops->disable(unit);
		KUNIT_EXPECT_FALSE(test, unit->intr.on);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x86000000, 0);
		/* As if nobody had been there. */
		KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100,
						       COMPATIBLE, 0x41).vector,
				0x41);
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	}
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

struct without {
	const char *name;
	u64 ecap;
	bool platform;
	bool extended;
	const char *why;
};

static const struct without withouts[] = {
	{ "no ECAP.IR", MODEL_ECAP & ~MODEL_ECAP_IR, true, false, "ECAP.IR" },
	{ "no platform", MODEL_ECAP, false, false, "INTR_REMAP" },
	{ "no queue", MODEL_ECAP & ~MODEL_ECAP_QI, true, false, "queued" },
	{ "no ECAP.EIM in x2APIC mode", MODEL_ECAP, true, true, "ECAP.EIM" },
	{ "x2APIC mode, and nobody wants the rest blocked",
	  MODEL_ECAP | MODEL_ECAP_EIM, true, true, "compat_interrupts=block" },
};

KUNIT_ARRAY_PARAM_DESC(withouts, withouts, name);

/* Whoever splits lines at blanks gets the same number of words from each. */
static void expect_words(struct kunit *test, char *text, unsigned int nr)
{
	char *line, *word;
	unsigned int n;

	while ((line = strsep(&text, "\n"))) {
		n = 0;
		while ((word = strsep(&line, " ")))
			n += *word != 0;
		if (text)
			KUNIT_EXPECT_EQ(test, n, nr);
	}
}

/* All else works without, and it is said why. */
static void goes_on_without(struct kunit *test)
{
	const struct without *w = test->param_value;
	struct vtd_model *model = new_model(test, w->ecap);
	struct seq_file *m = nyx_seq_text(test);
	struct nyx_unit *unit;

	unit_core.intr_remap = w->platform;
	unit_core.extended = w->extended;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x82000000, 0x80000000);
	KUNIT_ASSERT_NOT_NULL(test, unit->intr.why_off);
	KUNIT_EXPECT_NOT_NULL(test, strstr(unit->intr.why_off, w->why));
	m->buf = kunit_kzalloc(test, 0x4001, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
	m->size = 0x4000;
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf, w->why));
	expect_words(test, m->buf, 3);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, COMPATIBLE,
					       0x41).vector, 0x41);
}

/* CFIS tells, and decides about requests in compatibility format. */
static void compatibility_format(struct kunit *test)
{
	struct vtd_model *model = new_model(test, MODEL_ECAP);
	struct nyx_unit *unit;
	struct vtd_delivery d;

	unit_core.intr_sources = true;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_TRUE(test, unit->intr.compat_fixed);
	KUNIT_EXPECT_EQ(test, unit->intr.compat, NYX_INTR_COMPAT_ALLOWED);
	d = vtd_intr_request(model, 0x0100, COMPATIBLE, 0x41);
	KUNIT_EXPECT_EQ(test, d.reason, 0);
	KUNIT_EXPECT_EQ(test, d.dest, 7);
	KUNIT_EXPECT_EQ(test, d.vector, 0x41);

	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_BLOCKED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7000000);
	d = vtd_intr_request(model, 0x0100, COMPATIBLE, 0x41);
	KUNIT_EXPECT_EQ(test, d.reason, 0x25);
	KUNIT_EXPECT_EQ(test, model->frcd[0].hi, 0x8000002500000100);
	/* That is all that changes. */
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100, REMAPPABLE,
					       0).reason, 0x22);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, true),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
}

/* In x2APIC mode such requests are blocked, whatever is wanted (5.1.2.1). */
static void x2apic_mode(struct kunit *test)
{
	struct vtd_model *model = new_model(test, MODEL_ECAP | MODEL_ECAP_EIM);
	struct nyx_unit *unit;

	unit_core.extended = true;
	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_FALSE(test, unit->intr.compat_never);
	unit->intr.compat_never = true;
	vtd_model_start(model);
	KUNIT_EXPECT_TRUE(test, unit->intr.on);
	KUNIT_EXPECT_TRUE(test, unit->intr.extended);
	KUNIT_EXPECT_EQ(test, model->intr.table & 0xfff, 0x80f);
	KUNIT_EXPECT_EQ(test, unit->intr.compat, NYX_INTR_COMPAT_BLOCKED);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, true),
			NYX_INTR_COMPAT_BLOCKED);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, COMPATIBLE,
					       0x41).reason, 0x25);
}

/*
 * QEMU's unit never tells in CFIS what it was told: that is no error. One that
 * tells later must not be told otherwise by the commands that follow.
 */
static void unconfirmed(struct kunit *test)
{
	struct vtd_model *model = new_model(test, MODEL_ECAP);
	unsigned int i, commands = 0;
	struct nyx_unit *unit;
	bool allowed = false;

	model->intr.quiet_cfi = true;
	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_TRUE(test, unit->intr.on);
	KUNIT_EXPECT_EQ(test, unit->intr.compat, NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7000000);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	for (i = 0; i < model->nr_events; i++) {
		if (model->events[i].kind != EVENT_GCMD)
			continue;
		allowed |= model->events[i].a & 0x00800000;
		if (!allowed)
			continue;
		KUNIT_EXPECT_TRUE(test, model->events[i].a & 0x00800000);
		commands++;
	}
	/* CFI itself, IRE, translation. */
	KUNIT_EXPECT_EQ(test, commands, 3);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_BLOCKED);
}

static u32 last_command(const struct vtd_model *model)
{
	unsigned int i = model->nr_events;

	while (i-- > 0)
		if (model->events[i].kind == EVENT_GCMD)
			return model->events[i].a;
	return 0;
}

/*
 * They are said to be blocked by a unit only that says so. One that does not is
 * left at what it is said to do, and neither asked nor complained of again.
 */
static void does_not_block(struct kunit *test)
{
	static const char *const line =
		"does not block compatibility format: a device can forge interrupts";
	unsigned int lines = log_text_count(test, line), i;
	struct vtd_model *model = new_model(test, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	model->deaf = 0x00800000;
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
	/* What it was told last, it may do yet. */
	KUNIT_EXPECT_TRUE(test, last_command(model) & 0x00800000);
	vtd_model_forget_events(model);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
				NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* Off and on again, it is told anew what it is said to do. */
	model->deaf = 0;
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, unit->intr.compat, NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
}

/* A unit that does not take the table, or does not go on, is not enabled. */
static void does_not_go_on(struct kunit *test)
{
	static const u32 commands[] = { 0x01000000, 0x02000000 };
	struct vtd_model *model;
	struct nyx_unit *unit;
	unsigned int told, j;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		told = 0;
		model = new_model(test, MODEL_ECAP);
		vtd_model_probe(model);
		unit = &model->vu->unit;
		KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
		unit->started = true;
		model->deaf = commands[i];
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
		KUNIT_EXPECT_FALSE(test, unit->intr.on);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x86000000, 0);
		/* Whatever it has not done by now, it is told not to do. */
		for (j = model->nr_events; j; j--) {
			if (model->events[j - 1].kind != EVENT_GCMD)
				continue;
			if (model->events[j - 1].a & 0x02000000)
				break;
			told++;
		}
		/* IRE off, translation off, QIE off; all three without IRE. */
		KUNIT_EXPECT_GE(test, told, 3);
		vtd_model_free(model);
	}
}

/* What it may go on reading is not freed. */
static void does_not_go_off(struct kunit *test)
{
	struct vtd_model *model = new_model(test, MODEL_ECAP);
	struct nyx_unit *unit;
	void *table;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	table = model->vu->irt.base;
	model->deaf = 0x02000000;
	unit->ops->disable(unit);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, unit->stuck);
	unit->ops->stop(unit);
	unit->started = false;
	KUNIT_EXPECT_PTR_EQ(test, model->vu->irt.base, table);
	/* The model obeys by now. */
	unit->stuck = false;
	vtd_intr_free_memory(model->vu);
}

static struct kunit_case nyx_vtd_intr_cases[] = {
	KUNIT_CASE(goes_on_and_off),
	KUNIT_CASE_PARAM(goes_on_without, withouts_gen_params),
	KUNIT_CASE(compatibility_format),
	KUNIT_CASE(x2apic_mode),
	KUNIT_CASE(unconfirmed),
	KUNIT_CASE_SLOW(does_not_block),
	KUNIT_CASE_SLOW(does_not_go_on),
	KUNIT_CASE_SLOW(does_not_go_off),
	{}
};

static struct kunit_suite nyx_vtd_intr_suite = {
	.name = "nyx_vtd_intr",
	.test_cases = nyx_vtd_intr_cases,
};

kunit_test_suite(nyx_vtd_intr_suite);
