// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units that the IVRS table describes. Numbers are those of the AMD IOMMU
 * specification (48882).
 */
#include <linux/ioport.h>
#include <linux/list.h>

#include "../log_text.h"
#include "../seq_text.h"
#include "amd/amd.h"
#include "amd/ivrs.h"
#include "ivrs_table.h"
#include "model.h"

/* IOTLBSup, NpCache and EFRSup of the capability header. */
#define CAP (BIT(24) | BIT(26) | BIT(27) | 3 << 16 | 0x0f)

struct machine {
	struct amd_model *model[2];
	struct amd_ivrs ivrs;
	struct amd_host host;
	struct amd_unit *at[3];
	struct list_head units;
};

static void free_ivrs(void *ivrs)
{
	amd_ivrs_free(ivrs);
}

/* Two units in two segments, and one in a third without a register base. */
static struct machine *machine_new(struct kunit *test, u32 info)
{
	struct machine *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct fw_bytes *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, t);
	INIT_LIST_HEAD(&m->units);
	for (i = 0; i < 2; i++) {
		m->model[i] = amd_model_new(test, IA_SUP | (i ? XT_SUP : 0),
					    0xffff);
		m->model[i]->cap = CAP;
	}
	ivrs_table_start(t, 1, info);
	ivrs_table_ivhd(t, 0x10, 0x0002, m->model[0]->base, 0);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivhd(t, 0x10, 0x0003, m->model[1]->base, 1);
	ivrs_table_dev(t, 0x01, 0, 0);
	ivrs_table_ivhd(t, 0x10, 0x0004, 0, 2);
	ivrs_table_dev(t, 0x01, 0, 0);
	fw_bytes_end(t);
	KUNIT_ASSERT_EQ(test, amd_ivrs_parse(t->b, t->len, &m->ivrs, NULL,
					     NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_ivrs,
							&m->ivrs), 0);
	return m;
}

static int create(struct machine *m)
{
	return amd_units_create(&m->ivrs, &m->host, m->at, &m->units);
}

static void expect_none(struct kunit *test, struct machine *m)
{
	KUNIT_EXPECT_TRUE(test, list_empty(&m->units));
	KUNIT_EXPECT_EQ(test, m->model[0]->functions, 0);
	KUNIT_EXPECT_EQ(test, m->model[1]->functions, 0);
}

/* Each unit has its own name, address, segment and features. */
static void two_units(struct kunit *test)
{
	struct machine *m = machine_new(test, 0);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, create(m), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&m->units), 2);
	KUNIT_EXPECT_NULL(test, m->at[2]);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_NOT_NULL(test, m->at[i]);
		KUNIT_EXPECT_STREQ(test, m->at[i]->unit.name, i ? "amd1" : "amd0");
		KUNIT_EXPECT_EQ(test, m->at[i]->index, i);
		KUNIT_EXPECT_EQ(test, m->at[i]->unit.segment, i);
		KUNIT_EXPECT_EQ(test, m->at[i]->unit.phys, m->model[i]->base);
		KUNIT_EXPECT_EQ(test, m->at[i]->device_id, 2 + i);
		KUNIT_EXPECT_EQ(test, m->at[i]->efr, m->model[i]->efr);
		KUNIT_EXPECT_EQ(test, m->model[i]->functions, 1);
	}
	KUNIT_EXPECT_PTR_EQ(test, m->units.next, &m->at[0]->unit.node);
	amd_units_destroy(&m->units);
	expect_none(test, m);
	/* Their registers were released. */
	KUNIT_ASSERT_EQ(test, create(m), 0);
	amd_units_destroy(&m->units);
	expect_none(test, m);
}

/* Units are enabled and disabled independently. */
static void two_units_enabled(struct kunit *test)
{
	struct machine *m = machine_new(test, 0);
	struct nyx_unit *unit;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, create(m), 0);
	for (i = 0; i < 2; i++) {
		unit = &m->at[i]->unit;
		KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
		KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
		KUNIT_EXPECT_EQ(test, m->model[i]->control & 1, 1);
		KUNIT_EXPECT_EQ(test, m->model[1]->control & 1, i);
	}
	KUNIT_EXPECT_NE(test, m->model[0]->devtab[0], m->model[1]->devtab[0]);
	KUNIT_EXPECT_NE(test, m->model[0]->cmd_base, m->model[1]->cmd_base);
	for (i = 0; i < 2; i++) {
		unit = &m->at[i]->unit;
		unit->ops->disable(unit);
		unit->ops->stop(unit);
		KUNIT_EXPECT_EQ(test, m->model[0]->control & 1, 0);
		KUNIT_EXPECT_EQ(test, m->model[1]->control & 1, !i);
	}
	amd_units_destroy(&m->units);
	expect_none(test, m);
}

/*
 * A unit was left running. Without permission to take it over, none is used, and
 * the log has the remedy.
 */
static void left_running(struct kunit *test)
{
	static const char *const line =
		"enabled, and takeover=0: load without takeover=0";
	struct machine *m = machine_new(test, 0);
	unsigned int lines = log_text_count(test, line);

	/* EventLogEn */
	m->model[1]->control = 4;
	KUNIT_EXPECT_EQ(test, create(m), -EBUSY);
	expect_none(test, m);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	/* The unit was not changed. */
	KUNIT_EXPECT_EQ(test, m->model[1]->control, 4);
	m->host.takeover = true;
	KUNIT_EXPECT_EQ(test, create(m), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&m->units), 2);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	amd_units_destroy(&m->units);
	m->model[1]->control = 0;
}

/* With SEV-SNP no unit is used, running or not. */
static void with_snp(struct kunit *test)
{
	static const char *const line = "SEV-SNP is enabled: ";
	struct machine *m = machine_new(test, 0);
	unsigned int lines = log_text_count(test, line);

	m->host.snp = true;
	m->host.takeover = true;
	KUNIT_EXPECT_EQ(test, create(m), -EBUSY);
	expect_none(test, m);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

/* Only the second unit can be used; the slots of the others stay NULL. */
static void expect_second_only(struct kunit *test, struct machine *m)
{
	KUNIT_ASSERT_EQ(test, create(m), 0);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&m->units), 1);
	KUNIT_EXPECT_NULL(test, m->at[0]);
	KUNIT_EXPECT_NULL(test, m->at[2]);
	KUNIT_ASSERT_NOT_NULL(test, m->at[1]);
	KUNIT_EXPECT_STREQ(test, m->at[1]->unit.name, "amd1");
	KUNIT_EXPECT_EQ(test, m->model[0]->functions, 0);
	KUNIT_EXPECT_EQ(test, m->model[0]->control, 0);
	amd_units_destroy(&m->units);
	m->at[1] = NULL;
	expect_none(test, m);
}

/* A unit that cannot be used stays off, with one log line; others are used. */
static void one_unit_off(struct kunit *test)
{
	static const char *const gone = "amd0: no response at";
	struct machine *m = machine_new(test, 0);
	unsigned int lines = log_text_count(test, gone);

	m->model[0]->gone = true;
	expect_second_only(test, m);
	KUNIT_EXPECT_EQ(test, log_text_count(test, gone), lines + 1);
	m->model[0]->gone = false;
	m->model[0]->hidden = true;
	expect_second_only(test, m);
	m->model[0]->hidden = false;
	/* Another driver uses its registers. */
	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(m->model[0]->base, 0x1000,
						       "other"));
	expect_second_only(test, m);
	release_mem_region(m->model[0]->base, 0x1000);
	/* HATS 3 is reserved. */
	m->model[0]->efr |= 3 << 10;
	expect_second_only(test, m);
}

/* No unit can be used. */
static void no_unit(struct kunit *test)
{
	struct machine *m = machine_new(test, 0);

	m->model[0]->hidden = true;
	m->model[1]->gone = true;
	KUNIT_EXPECT_EQ(test, create(m), -ENXIO);
	expect_none(test, m);
}

static bool has(const struct seq_file *m, const char *line)
{
	return strstr(m->buf, line);
}

/* The debugfs file with capabilities, field by field. */
static void shows_capabilities(struct kunit *test)
{
	struct machine *m = machine_new(test, 0);
	struct seq_file *text = nyx_seq_text_unit(test);
	struct nyx_unit *unit;

	/* CapRev 1, without HtTunnel and CapExt. */
	m->model[1]->cap = 0x0d0b000f;
	/* IASup, HATS 2, GATS 1, PASmax 13h, DevTblSegSup 3, SNPSup */
	m->model[1]->efr = 0x800000d300001840;
	KUNIT_ASSERT_EQ(test, create(m), 0);
	unit = &m->at[1]->unit;
	unit->ops->show_capabilities(unit, text);
	KUNIT_EXPECT_TRUE(test, has(text, "register field    value\n"
				    "CapHdr   CapRev   0x1\n"
				    "CapHdr   IotlbSup 0x1\n"
				    "CapHdr   HtTunnel 0x0\n"
				    "CapHdr   NpCache  0x1\n"
				    "CapHdr   EFRSup   0x1\n"
				    "CapHdr   CapExt   0x0\n"
				    "EFR      PreFSup  0x0\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      IASup    0x1\n"
				    "EFR      GASup    0x0\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      HATS     0x2\n"
				    "EFR      GATS     0x1\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      PASmax   0x13\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      DevTblSegSup 0x3\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      SNPSup   0x1\n"
				    "EFR2     TMPMSup  0x0\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR2     HTRangeIgnore 0x0\n"
				    "-        intr     the_IVRS_table_names_no_I/O_APIC\n"));
	amd_units_destroy(&m->units);
}

/* The debugfs file with registers has no segments that are not in use. */
static void shows_registers(struct kunit *test)
{
	struct machine *m = machine_new(test, 0);
	struct seq_file *text = nyx_seq_text_unit(test);
	struct nyx_unit *unit;

	/* DevTblSegSup 1: two segments, of 1 MiB each. */
	m->model[1]->efr = 0x4000000040;
	amd_model_scatter(m->model[1], 1);
	KUNIT_ASSERT_EQ(test, create(m), 0);
	unit = &m->at[1]->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	unit->ops->show_registers(unit, text);
	KUNIT_EXPECT_TRUE(test, has(text, "register offset value fields\n"
				    "DevTabBase 0x000 0x"));
	KUNIT_EXPECT_TRUE(test, has(text, "0ff Size=0xff\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "IommuEn=0x1,HtTunEn=0x0,EventLogEn=0x1,"));
	KUNIT_EXPECT_TRUE(test, has(text, "EFR      0x030 0x0000004000000040 -\n"));
	KUNIT_EXPECT_TRUE(test, has(text, "Status   0x2020 0x0000000000000018 "));
	KUNIT_EXPECT_TRUE(test, has(text, "DevTabBase1 0x100 0x"));
	KUNIT_EXPECT_FALSE(test, has(text, "DevTabBase2"));
	/* A unit that reads as all ones is shown, without side effects. */
	m->model[1]->gone = true;
	text->count = 0;
	unit->ops->show_registers(unit, text);
	KUNIT_EXPECT_TRUE(test, has(text, "Control  0x018 0xffffffffffffffff "));
	m->model[1]->gone = false;
	unit->ops->disable(unit);
	unit->ops->stop(unit);
	amd_units_destroy(&m->units);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(two_units),
	KUNIT_CASE(two_units_enabled),
	KUNIT_CASE(left_running),
	KUNIT_CASE(with_snp),
	KUNIT_CASE(one_unit_off),
	KUNIT_CASE(no_unit),
	KUNIT_CASE(shows_capabilities),
	KUNIT_CASE(shows_registers),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_probe",
	.test_cases = cases,
};

kunit_test_suite(suite);
