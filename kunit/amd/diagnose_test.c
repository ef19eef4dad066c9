// SPDX-License-Identifier: GPL-2.0-only
/*
 * Diagnostics only, on a model of a unit that must not be written to. Numbers
 * are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <linux/ioport.h>

#include "../diagnose.h"
#include "../seq_text.h"
#include "../unit_core.h"
#include "amd/diagnose.h"
#include "amd/ivrs.h"
#include "model.h"

/* IOTLBSup, NpCache and EFRSup of the capability header. */
#define CAP (BIT(24) | BIT(26) | BIT(27) | 3 << 16 | 0x0f)

/* A log of 1024 entries, which are four pages (EventLen, bits 59:56). */
#define LOG_LEN 10
#define ENTRIES 1024

/* IO_PAGE_FAULT of 00:1f.<n>; PR is bit 52, RW bit 53. */
#define PAGE_FAULT(n) (2ULL << 60 | 3ULL << 52 | (0xf8 + (n)))

struct machine {
	struct amd_model *model;
	struct amd_ivrs ivrs;
	struct amd_ivrs_unit unit[4];
};

static struct machine *machine_new(struct kunit *test)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	diag_free_later(test);
	m->model = amd_model_new(test, IA_SUP, 0xffff);
	m->model->cap = CAP;
	m->model->read_only = true;
	m->ivrs.va_bits = 64;
	m->ivrs.unit = m->unit;
	m->ivrs.nr_unit = ARRAY_SIZE(m->unit);
	m->unit[3] = (struct amd_ivrs_unit) {
		.base = m->model->base,
		.segment = 0x1234,
		.device_id = 2,
		.type = 0x11,
	};
	return m;
}

static const struct nyx_diag_unit *looked_at(struct kunit *test,
					     struct machine *m)
{
	KUNIT_ASSERT_EQ(test, amd_diag_unit(&m->ivrs, 3), 0);
	KUNIT_ASSERT_NOT_NULL(test, diag_only());
	return diag_only();
}

/* An idle unit: everything is shown, nothing is claimed, and there is no note. */
static void idle_unit(struct kunit *test)
{
	struct machine *machine = machine_new(test);
	const struct nyx_diag_unit *unit = looked_at(test, machine);
	struct seq_file *m = nyx_seq_text_unit(test);
	struct nyx_diag_state state = diag_state(unit);

	KUNIT_EXPECT_STREQ(test, unit->name, "amd3");
	KUNIT_EXPECT_EQ(test, unit->segment, 0x1234);
	KUNIT_EXPECT_EQ(test, unit->phys, machine->model->base);
	KUNIT_EXPECT_TRUE(test, unit->supported);
	KUNIT_EXPECT_TRUE(test, state.responds);
	KUNIT_EXPECT_FALSE(test, state.translation || state.has_intr ||
			   state.queue || state.overflow);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_diag_notes));
	KUNIT_EXPECT_NOT_NULL(test, request_mem_region(unit->phys, 0x4000,
						       "test"));
	release_mem_region(unit->phys, 0x4000);
	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\nEFR      0x030 0x0000000000000040 -\n"));
	m->count = 0;
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\nCapHdr   IotlbSup 0x1\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf,
					   "\n-        intr     not_remapped_by_this_module\n"));
}

/* IommuEn is bit 0 of the Control Register, CmdBufEn bit 12. */
static void enabled_unit(struct kunit *test)
{
	struct machine *m = machine_new(test);
	const struct nyx_diag_unit *unit;
	struct nyx_diag_state state;
	unsigned int i;

	for (i = 1; i < 4; i++) {
		m->model->control = (i & 1) | (i & 2 ? BIT(12) : 0);
		unit = looked_at(test, m);
		state = diag_state(unit);
		KUNIT_EXPECT_EQ(test, state.translation, i & 1);
		KUNIT_EXPECT_EQ(test, state.queue, !!(i & 2));
		KUNIT_EXPECT_EQ(test, diag_notes("amd3: is enabled already: "),
				1);
		nyx_diag_release();
	}
	m->model->control = 0;
}

/* A driver that claimed the registers does not prevent that they are read. */
static void used_unit(struct kunit *test)
{
	static const char *const note =
		"amd3: another driver claimed its registers: without diagnose=1 ";
	struct machine *m = machine_new(test);

	m->model->control = 1;
	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(m->model->base, 0x4000,
						       "other"));
	KUNIT_EXPECT_TRUE(test, diag_state(looked_at(test, m)).translation);
	KUNIT_EXPECT_EQ(test, diag_notes(note), 1);
	KUNIT_EXPECT_EQ(test, diag_notes("is enabled already"), 0);
	release_mem_region(m->model->base, 0x4000);
	m->model->control = 0;
}

static u64 *log_new(struct kunit *test, struct amd_model *model)
{
	u64 *log = kunit_kzalloc(test, ENTRIES * 16, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	KUNIT_ASSERT_EQ(test, virt_to_phys(log) & 0xfff, 0);
	model->log_base = virt_to_phys(log) | (u64)LOG_LEN << 56;
	/* EventLogRun */
	model->status = 8;
	return log;
}

static void expect_pending(struct kunit *test, const struct nyx_diag_unit *unit,
			   unsigned int nr)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, diag_read(unit, 0), nr);
	for (i = 0; i < nr && i < ARRAY_SIZE(diag_faults.fault); i++) {
		KUNIT_EXPECT_EQ(test, diag_faults.fault[i].rid, 0xf8 + i % 8);
		KUNIT_EXPECT_EQ(test, diag_faults.fault[i].iova, i << 12);
		KUNIT_EXPECT_EQ(test, diag_faults.fault[i].code, 2);
		KUNIT_EXPECT_EQ(test, diag_faults.fault[i].access, NYX_ACCESS_WRITE);
	}
}

/*
 * Pending events are decoded from head to tail, across pages and the end of the
 * log, and stay in the log.
 */
static void faults_stay(struct kunit *test)
{
	static const unsigned int heads[] = { 0, 250, 256, 1020, 1023 };
	static const unsigned int counts[] = { 1, 6, 20, 600, 1023 };
	struct machine *m = machine_new(test);
	struct amd_model *model = m->model;
	const struct nyx_diag_unit *unit = looked_at(test, m);
	unsigned int h, c, i;

	for (h = 0; h < ARRAY_SIZE(heads); h++) {
		for (c = 0; c < ARRAY_SIZE(counts); c++) {
			log_new(test, model);
			model->log_head = heads[h];
			model->log_tail = heads[h];
			for (i = 0; i < counts[c]; i++)
				amd_model_log(model, PAGE_FAULT(i % 8), i << 12);
			expect_pending(test, unit, counts[c]);
			expect_pending(test, unit, counts[c]);
			KUNIT_EXPECT_EQ(test, model->log_head, heads[h]);
			KUNIT_EXPECT_EQ(test, model->status & 2, 2);
		}
	}
	KUNIT_EXPECT_EQ(test, diag_read(unit, 300), 300);
	KUNIT_EXPECT_FALSE(test, diag_state(unit).overflow);
	amd_model_log(model, PAGE_FAULT(0), 0);
	KUNIT_EXPECT_TRUE(test, diag_state(unit).overflow);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
}

/* A log that is not memory, pointers outside of it, and events without a code. */
static void wrong_log(struct kunit *test)
{
	struct machine *m = machine_new(test);
	struct amd_model *model = m->model;
	const struct nyx_diag_unit *unit = looked_at(test, m);
	u64 *log;

	/* The base register is 0: there is no log. */
	model->log_tail = 5;
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
	log = log_new(test, model);
	model->log_tail = 0;
	amd_model_log(model, PAGE_FAULT(0), 0);
	amd_model_log(model, PAGE_FAULT(1), 0x1000);
	amd_model_log(model, PAGE_FAULT(1), 0x1000);
	log[2] = 0;
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 2);
	model->log_tail = ENTRIES;
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
	model->log_tail = 3;
	model->log_head = ENTRIES;
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
	model->log_head = 0;
	model->log_base = 0x000ffffffffff000ULL | (u64)LOG_LEN << 56;
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
}

static void expect_absent(struct kunit *test, struct machine *m,
			  const char *note)
{
	KUNIT_EXPECT_EQ(test, amd_diag_unit(&m->ivrs, 3), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_diag_units));
	KUNIT_EXPECT_EQ(test, diag_notes(note), 1);
}

static void absent_unit(struct kunit *test)
{
	struct machine *m = machine_new(test);

	m->model->gone = true;
	expect_absent(test, m, "amd3: its registers do not respond: without diagnose=1 ");
	m->model->gone = false;
	m->model->hidden = true;
	expect_absent(test, m, "amd3: its PCI function is hidden or no IOMMU: ");
}

static void vanishing_unit(struct kunit *test)
{
	struct machine *m = machine_new(test);
	const struct nyx_diag_unit *unit = looked_at(test, m);

	m->model->gone = true;
	KUNIT_EXPECT_FALSE(test, diag_state(unit).responds);
	KUNIT_EXPECT_FALSE(test, diag_state(unit).translation);
	KUNIT_EXPECT_EQ(test, diag_read(unit, 0), 0);
}

/* A unit that the module cannot drive is shown, with the reason. */
static void unsupported_unit(struct kunit *test)
{
	struct machine *m = machine_new(test);
	const struct nyx_diag_unit *unit;

	m->model->no_msi = true;
	/* HATS 3 is reserved. */
	m->model->efr |= 3 << 10;
	unit = looked_at(test, m);
	KUNIT_EXPECT_FALSE(test, unit->supported);
	KUNIT_EXPECT_EQ(test, 1,
			diag_notes("IVHD.HATDis): without diagnose=1 the unit stays off"));
	KUNIT_EXPECT_EQ(test, 1,
			diag_notes("no MSI, so there is no fault interrupt: without diagnose=1 "));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(idle_unit),
	KUNIT_CASE(enabled_unit),
	KUNIT_CASE(used_unit),
	KUNIT_CASE(faults_stay),
	KUNIT_CASE(wrong_log),
	KUNIT_CASE(absent_unit),
	KUNIT_CASE(vanishing_unit),
	KUNIT_CASE(unsupported_unit),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_diagnose",
	.test_cases = cases,
};

kunit_test_suite(suite);
