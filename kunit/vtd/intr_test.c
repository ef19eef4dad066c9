// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enabling and disabling interrupt remapping, on a model of the unit.
 */
#include <linux/string.h>
#include <nyx/intr.h>

#include "../log_text.h"
#include "../seq_text.h"
#include "intr_fixture.h"
#include "quirks/quirks.h"
#include "vtd/intr.h"

/* Remappable format, handle 0; and compatibility format (5.1.2). */
#define REMAPPABLE 0xfee00018
#define COMPATIBLE 0xfee07000

static void enables_and_disables(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
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
		/* Interrupts in compatibility format pass, as at boot. */
		KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100,
						       COMPATIBLE, 0x41).vector,
				0x41);
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	}
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

/* Reasons for which interrupt remapping stays disabled. */
struct reason {
	const char *name;
	u64 ecap;
	bool platform;
	bool extended;
	const char *why;
	u32 quirks;
};

static const struct reason reasons[] = {
	{ "no ECAP.IR", MODEL_ECAP & ~MODEL_ECAP_IR, true, false, "ECAP.IR" },
	{ "no platform support", MODEL_ECAP, false, false, "INTR_REMAP" },
	{ "erratum of the chipset", MODEL_ECAP, true, false, "erratum",
	  NYX_QUIRK_NO_INTR },
	{ "no queue", MODEL_ECAP & ~MODEL_ECAP_QI, true, false, "queued" },
	{ "no ECAP.EIM in x2APIC mode", MODEL_ECAP, true, true, "ECAP.EIM" },
	{ "x2APIC mode, without compat_interrupts=block",
	  MODEL_ECAP | MODEL_ECAP_EIM, true, true, "compat_interrupts=block" },
};

KUNIT_ARRAY_PARAM_DESC(reasons, reasons, name);

/* All lines have the same number of words, so that scripts can split them. */
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

/* The unit works without interrupt remapping, and debugfs shows the reason. */
static void stays_disabled(struct kunit *test)
{
	const struct reason *r = test->param_value;
	struct vtd_model *model = stopped_model(test, MODEL_CAP, r->ecap);
	struct seq_file *m = nyx_seq_text_unit(test);
	struct nyx_unit *unit;

	unit_core.intr_remap = r->platform;
	unit_core.extended = r->extended;
	unit_core.quirks = r->quirks;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_FALSE(test, unit->intr.on);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x82000000, 0x80000000);
	KUNIT_ASSERT_NOT_NULL(test, unit->intr.why_off);
	KUNIT_EXPECT_NOT_NULL(test, strstr(unit->intr.why_off, r->why));
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf, r->why));
	expect_words(test, m->buf, 3);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 1, COMPATIBLE,
					       0x41).vector, 0x41);
}

/* Requests in compatibility format pass while CFIS is set. */
static void compatibility_format(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
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
	/* Requests in remappable format are not affected. */
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100, REMAPPABLE,
					       0).reason, 0x22);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, true),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
}

/* The next kernel gets interrupts, whatever this one was doing when it crashed. */
static void crash(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_BLOCKED);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100, COMPATIBLE,
					       0x41).reason, 0x25);
	/* A CPU was stopped while it waited for a command. */
	raw_spin_lock_irq(&model->vu->reg_lock);
	unit->intr.ops->crash(unit);
	raw_spin_unlock_irq(&model->vu->reg_lock);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
	KUNIT_EXPECT_EQ(test, vtd_intr_request(model, 0x0100, COMPATIBLE,
					       0x41).vector, 0x41);
}

/* In x2APIC mode, compatibility format is always blocked (5.1.2.1). */
static void x2apic_mode(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP,
						MODEL_ECAP | MODEL_ECAP_EIM);
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
 * QEMU never sets CFIS, which is not an error. Later commands keep CFI set, as
 * GCMD is built from the driver's record of CFI and not from CFIS.
 */
static void cfis_never_set(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
	unsigned int i, commands = 0;
	struct nyx_unit *unit;
	bool allowed = false;

	model->intr.cfis_stuck = true;
	unit = vtd_model_start_disabled(model);
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
	/* The commands that set CFI, IRE and translation enable. */
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
 * The driver reports compatibility format as blocked only if CFIS is clear. If
 * CFIS stays set, the driver sets CFI again, and neither retries nor logs this
 * twice.
 */
static void cfis_never_cleared(struct kunit *test)
{
	static const char *const line =
		"does not block compatibility format: a device can forge interrupts";
	unsigned int lines = log_text_count(test, line), i;
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	model->ignored_cmds = 0x00800000;
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
	/* The unit may still execute the last command, so it sets CFI. */
	KUNIT_EXPECT_TRUE(test, last_command(model) & 0x00800000);
	vtd_model_clear_events(model);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
				NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* Compatibility format passes again after the unit was disabled. */
	model->ignored_cmds = 0;
	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, unit->intr.compat, NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
	KUNIT_EXPECT_EQ(test, unit->intr.ops->set_compat(unit, false),
			NYX_INTR_COMPAT_ALLOWED);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc7800000);
}

/*
 * Enabling fails if the unit does not complete SIRTP or IRE in time. It may do
 * so later: no other command is written, and its table is kept.
 */
static void cannot_be_enabled(struct kunit *test)
{
	static const u32 commands[] = { 0x01000000, 0x02000000 };
	struct vtd_model *model;
	struct nyx_unit *unit;
	void *table;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
		unit = vtd_model_start_disabled(model);
		table = model->vu->irt.base;
		model->held_cmds = commands[i];
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
		KUNIT_EXPECT_FALSE(test, unit->intr.on);
		KUNIT_EXPECT_EQ(test, model->gsts & 0x82000000, 0);
		KUNIT_EXPECT_TRUE(test, last_command(model) & commands[i]);
		KUNIT_EXPECT_TRUE(test, unit->stuck);
		KUNIT_EXPECT_FALSE(test, unit->dead);
		unit->ops->stop(unit);
		unit->started = false;
		KUNIT_EXPECT_PTR_EQ(test, model->vu->irt.base, table);
		/* The model itself no longer reads the table. */
		unit->stuck = false;
		vtd_intr_free_memory(model->vu);
		vtd_model_free(model);
	}
}

/* A table that the unit may still read is not freed. */
static void cannot_be_disabled(struct kunit *test)
{
	struct vtd_model *model = stopped_model(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;
	void *table;

	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	table = model->vu->irt.base;
	model->held_cmds = 0x02000000;
	unit->ops->disable(unit);
	/* Not contained: its devices keep working. */
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, unit->stuck);
	unit->ops->stop(unit);
	unit->started = false;
	KUNIT_EXPECT_PTR_EQ(test, model->vu->irt.base, table);
	/* The model itself no longer reads the table. */
	unit->stuck = false;
	vtd_intr_free_memory(model->vu);
}

static struct kunit_case nyx_vtd_intr_cases[] = {
	KUNIT_CASE(enables_and_disables),
	KUNIT_CASE_PARAM(stays_disabled, reasons_gen_params),
	KUNIT_CASE(compatibility_format),
	KUNIT_CASE(crash),
	KUNIT_CASE(x2apic_mode),
	KUNIT_CASE(cfis_never_set),
	KUNIT_CASE_SLOW(cfis_never_cleared),
	KUNIT_CASE_SLOW(cannot_be_enabled),
	KUNIT_CASE_SLOW(cannot_be_disabled),
	{}
};

static struct kunit_suite nyx_vtd_intr_suite = {
	.name = "nyx_vtd_intr",
	.test_cases = nyx_vtd_intr_cases,
};

kunit_test_suite(nyx_vtd_intr_suite);
