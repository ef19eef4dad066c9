// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics only, on a model of a unit that must not be written to.
 */
#include <linux/ioport.h>

#include "../diagnose.h"
#include "../seq_text.h"
#include "core.h"
#include "model.h"
#include "vtd/diagnose.h"
#include "vtd/probe.h"

/* NFR, bits 47:40 of CAP. */
#define CAP_OF(nr) ((MODEL_CAP & ~(0xffULL << 40)) | ((nr) - 1ULL) << 40)

static struct vtd_model *model_new(struct kunit *test, u64 cap)
{
	struct vtd_model *model = vtd_model_new(test, cap, MODEL_ECAP);

	diag_free_later(test);
	model->read_only = true;
	return model;
}

static int look(struct vtd_model *model)
{
	const struct vtd_site site = {
		.index = 3,
		.segment = 0x1234,
		.base = model->base,
		.host_bits = 46,
	};

	return vtd_diag_unit(&site);
}

static const struct nyx_diag_unit *looked_at(struct kunit *test,
					     struct vtd_model *model)
{
	KUNIT_ASSERT_EQ(test, look(model), 0);
	KUNIT_ASSERT_NOT_NULL(test, diag_only());
	return diag_only();
}

/* An idle unit: everything is shown, nothing is claimed, and there is no note. */
static void idle_unit(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP);
	const struct nyx_diag_unit *unit = looked_at(test, model);
	struct seq_file *m = nyx_seq_text_unit(test);
	struct nyx_diag_state state = diag_state(unit);

	KUNIT_EXPECT_STREQ(test, unit->name, "vtd3");
	KUNIT_EXPECT_EQ(test, unit->segment, 0x1234);
	KUNIT_EXPECT_EQ(test, unit->phys, model->base);
	KUNIT_EXPECT_TRUE(test, unit->supported);
	KUNIT_EXPECT_EQ(test, unit->caps.phys_bits, 46);
	KUNIT_EXPECT_TRUE(test, state.responds && state.has_intr);
	KUNIT_EXPECT_FALSE(test, state.translation || state.intr ||
			   state.queue || state.overflow);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_diag_notes));
	KUNIT_EXPECT_NOT_NULL(test, request_mem_region(model->base, 0x1000,
						       "test"));
	release_mem_region(model->base, 0x1000);
	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\nCAP      0x008 0x00d2008c222f0606 -\n"));
	m->count = 0;
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\nCAP      MGAW     0x2f\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\n-        intr     not_remapped_by_this_module\n"));
	nyx_diag_release();
	KUNIT_EXPECT_EQ(test, model->window, 0);
}

/* Each bit of GSTS (11.4.4.2) decides about one part of the state. */
static void enabled_unit(struct kunit *test)
{
	static const char *const note = "vtd3: is enabled already: ";
	struct vtd_model *model = model_new(test, MODEL_CAP);
	const struct nyx_diag_unit *unit;
	struct nyx_diag_state state;
	unsigned int i;

	for (i = 1; i < 8; i++) {
		model->gsts = (i & 1 ? 0x80000000 : 0) |
			      (i & 2 ? 0x02000000 : 0) |
			      (i & 4 ? 0x04000000 : 0);
		unit = looked_at(test, model);
		state = diag_state(unit);
		KUNIT_EXPECT_EQ(test, state.translation, !!(i & 1));
		KUNIT_EXPECT_EQ(test, state.intr, !!(i & 2));
		KUNIT_EXPECT_EQ(test, state.queue, !!(i & 4));
		KUNIT_EXPECT_EQ(test, diag_notes(note), 1);
		nyx_diag_release();
	}
}

/* A driver that claimed the registers does not prevent that they are read. */
static void used_unit(struct kunit *test)
{
	static const char *const note =
		"vtd3: another driver claimed its registers: without diagnose=1 ";
	struct vtd_model *model = model_new(test, MODEL_CAP);

	model->gsts = 0x84000000;
	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(model->base, 0x1000,
						       "other"));
	KUNIT_EXPECT_TRUE(test, diag_state(looked_at(test, model)).translation);
	KUNIT_EXPECT_EQ(test, diag_notes(note), 1);
	KUNIT_EXPECT_EQ(test, diag_notes("is enabled already"), 0);
	release_mem_region(model->base, 0x1000);
}

/* A write by 00:1f.<n % 8> to page @n without permission. */
static void fault(struct vtd_model *model, unsigned int n)
{
	vtd_model_fault(model, (u64)n << 12, 0x5000000f8ULL + n % 8);
}

/* Pending faults are decoded from FRI on, and stay pending. */
static void faults_stay(struct kunit *test)
{
	struct vtd_model *model = model_new(test, CAP_OF(4));
	const struct nyx_diag_unit *unit = looked_at(test, model);
	unsigned int start, i, times;

	for (start = 0; start < 4; start++) {
		memset(model->frcd, 0, sizeof(model->frcd));
		model->next = start;
		for (i = 0; i < 3; i++)
			fault(model, i);
		for (times = 0; times < 2; times++) {
			KUNIT_ASSERT_EQ(test, diag_read(unit, 0), 3);
			for (i = 0; i < 3; i++) {
				KUNIT_EXPECT_EQ(test, diag_faults.fault[i].rid,
						0xf8 + i);
				KUNIT_EXPECT_EQ(test, diag_faults.fault[i].iova,
						i << 12);
				KUNIT_EXPECT_EQ(test, diag_faults.fault[i].code, 5);
				KUNIT_EXPECT_EQ(test, diag_faults.fault[i].access,
						NYX_ACCESS_WRITE);
			}
		}
		KUNIT_EXPECT_EQ(test, vtd_model_fsts(model) & 2, 2);
	}
	KUNIT_EXPECT_EQ(test, diag_read(unit, 2), 2);
	KUNIT_EXPECT_FALSE(test, diag_state(unit).overflow);
	fault(model, 3);
	fault(model, 4);
	KUNIT_EXPECT_TRUE(test, diag_state(unit).overflow);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 4);
	/* They were not reported as faults of a unit that is driven. */
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
}

/* Records far from the other registers are mapped as well: 256 from 3ff0h on. */
static void large_window(struct kunit *test)
{
	struct vtd_model *model = model_new(test, 0xd2ff8fff2f0606ULL);
	const struct nyx_diag_unit *unit = looked_at(test, model);

	KUNIT_EXPECT_EQ(test, model->window, 0x5000);
	model->next = 255;
	fault(model, 1);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 1);
}

static void absent_unit(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP);

	model->gone = true;
	KUNIT_EXPECT_EQ(test, look(model), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_diag_units));
	KUNIT_EXPECT_EQ(test, 1,
			diag_notes("vtd3: its registers do not respond: without diagnose=1 "));
	KUNIT_EXPECT_EQ(test, model->window, 0);
}

/* A unit that vanishes later shows nothing that it did not report. */
static void vanishing_unit(struct kunit *test)
{
	struct vtd_model *model = model_new(test, CAP_OF(4));
	const struct nyx_diag_unit *unit = looked_at(test, model);

	model->gone = true;
	KUNIT_EXPECT_FALSE(test, diag_state(unit).responds);
	KUNIT_EXPECT_FALSE(test, diag_state(unit).translation);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
}

/* A unit that the module cannot drive is shown, with the reason. SAGAW is 12:8. */
static void unsupported_unit(struct kunit *test)
{
	struct vtd_model *model = model_new(test, MODEL_CAP & ~0x1f00ULL);
	const struct nyx_diag_unit *unit = looked_at(test, model);

	KUNIT_EXPECT_FALSE(test, unit->supported);
	KUNIT_EXPECT_EQ(test, unit->caps.levels, 0);
	KUNIT_EXPECT_EQ(test, 1,
			diag_notes("levels (CAP.SAGAW): without diagnose=1 the unit stays off"));
}

static struct kunit_case nyx_vtd_diagnose_cases[] = {
	KUNIT_CASE(idle_unit),
	KUNIT_CASE(enabled_unit),
	KUNIT_CASE(used_unit),
	KUNIT_CASE(faults_stay),
	KUNIT_CASE(large_window),
	KUNIT_CASE(absent_unit),
	KUNIT_CASE(vanishing_unit),
	KUNIT_CASE(unsupported_unit),
	{}
};

static struct kunit_suite nyx_vtd_diagnose_suite = {
	.name = "nyx_vtd_diagnose",
	.test_cases = nyx_vtd_diagnose_cases,
};

kunit_test_suite(nyx_vtd_diagnose_suite);
