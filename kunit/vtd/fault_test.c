// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the primary fault log (7.2.1), on a model of the unit.
 */
#include <linux/sched.h>
#include <nyx/unit.h>

#include "../seq_text.h"
#include "core.h"
#include "model.h"
#include "vtd/fault.h"
#include "vtd/vtd.h"

/* NFR, bits 47:40 of CAP. */
#define CAP_OF(nr) ((MODEL_CAP & ~(0xffULL << 40)) | ((nr) - 1ULL) << 40)

/* A write by 00:1f.<n % 8> to page @n without permission. */
static void fault(struct vtd_model *model, unsigned int n)
{
	vtd_model_fault(model, (u64)n << 12, 0x5000000f8ULL + n % 8);
}

static void expect_faults(struct vtd_model *model, unsigned int nr)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(model->test, unit_core.nr_faults, nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(model->test, unit_core.faults[i].rid,
				0xf8 + i % 8);
		KUNIT_EXPECT_EQ(model->test, unit_core.faults[i].iova, i << 12);
		KUNIT_EXPECT_EQ(model->test, unit_core.faults[i].code, 5);
		KUNIT_EXPECT_EQ(model->test, unit_core.faults[i].access,
				NYX_ACCESS_WRITE);
	}
}

/* Logs of all sizes, from any first record. */
static void reads_in_order(struct kunit *test)
{
	static const unsigned int sizes[] = { 1, 2, 8, 256 };
	struct vtd_model *model;
	unsigned int nr, i, done = 0;
	size_t s;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		model = vtd_model_running(test, CAP_OF(sizes[s]), MODEL_ECAP);
		done = 0;
		/* The index of the first record changes with each step. */
		for (nr = 1; nr <= sizes[s] && done < 300; nr++) {
			for (i = 0; i < nr; i++)
				fault(model, done + i);
			nyx_fault_service(&model->vu->unit);
			done += nr;
			KUNIT_EXPECT_EQ(test, model->fsts & 0x1, 0);
			KUNIT_EXPECT_FALSE(test, vtd_model_fsts(model) & 0x2);
		}
		expect_faults(model, done);
		KUNIT_EXPECT_EQ(test, unit_core.overflows, 0);
		vtd_model_free(model);
	}
}

static void nothing_to_read(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, CAP_OF(8),
						    MODEL_ECAP);

	nyx_fault_service(&model->vu->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 0);
}

/* The unit records a further fault while the driver reports one. */
static void record_one_more(void *arg)
{
	struct vtd_model *model = arg;
	static unsigned int n;

	if (unit_core.nr_faults == 1)
		n = 4;
	if (n < 40)
		fault(model, n++);
}

static void reads_faults_recorded_meanwhile(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, CAP_OF(8),
						    MODEL_ECAP);
	unsigned int i;

	for (i = 0; i < 4; i++)
		fault(model, i);
	unit_core.on_fault = record_one_more;
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 40);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 0);
	KUNIT_EXPECT_FALSE(test, vtd_model_fsts(model) & 0x2);
}

/* An overflow is reported once, and later faults are recorded. */
static void overflow(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, CAP_OF(8),
						    MODEL_ECAP);
	unsigned int i;

	for (i = 0; i < 20; i++)
		fault(model, i);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x1, 1);
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 8);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x1, 0);
	fault(model, 8);
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 9);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
}

/* During an endless series of faults, the driver sleeps regularly. */
static void stop_after_2000(void *arg)
{
	struct vtd_model *model = arg;

	if (unit_core.nr_faults == 2000)
		WRITE_ONCE(model->vu->unit.fault_irq.stopping, true);
}

static void storm(struct kunit *test)
{
	static const unsigned int sizes[] = { 1, 8, 256 };
	struct vtd_model *model;
	unsigned long slept;
	size_t s;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		model = vtd_model_running(test, CAP_OF(sizes[s]), MODEL_ECAP);
		model->storm = 1000000;
		fault(model, 0);
		unit_core.on_fault = stop_after_2000;
		slept = current->nvcsw;
		nyx_fault_service(&model->vu->unit);
		/* It stops at the end of the log that it was reading. */
		KUNIT_EXPECT_GE(test, unit_core.nr_faults, 2000);
		KUNIT_EXPECT_LE(test, unit_core.nr_faults, 2000 + 256);
		KUNIT_EXPECT_GE(test, current->nvcsw - slept, 2000 / 512);
		KUNIT_EXPECT_GT(test, unit_core.overflows, 0);
		model->storm = 0;
		vtd_model_free(model);
	}
}

/* Records of an earlier kernel are cleared at start, and not reported. */
static void clears_at_start(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, CAP_OF(8), MODEL_ECAP);
	unsigned int i;

	for (i = 0; i < 9; i++)
		fault(model, i);
	vtd_model_probe(model);
	vtd_model_start(model);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_EXPECT_EQ(test, vtd_model_fsts(model) & 0x3, 0);
	nyx_fault_service(&model->vu->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 0);
	fault(model, 0);
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 1);
}

/* FRI is the index of a clear record, or no index: records are still found. */
static void tolerates_wrong_index(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, CAP_OF(8),
						    MODEL_ECAP);

	fault(model, 0);
	fault(model, 1);
	model->fri = 5;
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 2);
	fault(model, 2);
	model->fri = 0xff;
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 3);
	KUNIT_EXPECT_FALSE(test, vtd_model_fsts(model) & 0x2);
}

/* The unit vanishes at every access: no invalid fault is reported. */
static void vanishes(struct kunit *test)
{
	struct vtd_model *model;
	unsigned long accesses, total;
	unsigned int at;

	model = vtd_model_running(test, CAP_OF(2), MODEL_ECAP);
	fault(model, 0);
	fault(model, 1);
	accesses = model->accesses;
	nyx_fault_service(&model->vu->unit);
	total = model->accesses - accesses;
	expect_faults(model, 2);
	vtd_model_free(model);

	for (at = 1; at <= total; at++) {
		model = vtd_model_running(test, CAP_OF(2), MODEL_ECAP);
		fault(model, 0);
		fault(model, 1);
		model->gone_after = at;
		nyx_fault_service(&model->vu->unit);
		KUNIT_EXPECT_LE(test, unit_core.nr_faults, 2);
		if (unit_core.nr_faults)
			expect_faults(model, unit_core.nr_faults);
		KUNIT_EXPECT_EQ(test, unit_core.overflows, 0);
		/* The log is not read again. */
		accesses = model->accesses;
		nyx_fault_service(&model->vu->unit);
		KUNIT_EXPECT_LE(test, model->accesses - accesses, 2);
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		vtd_model_free(model);
	}
}

/* The fault event also reports invalidation errors (7.3). */
static void handles_queue_errors(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);

	vtd_model_qi_event(model, 0x20);
	nyx_fault_service(&model->vu->unit);
	KUNIT_EXPECT_EQ(test, model->fsts & 0x70, 0);
	vtd_model_free(model);

	/* Without a queue they are ignored. */
	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP & ~MODEL_ECAP_QI);
	fault(model, 0);
	vtd_model_qi_event(model, 0x70);
	nyx_fault_service(&model->vu->unit);
	expect_faults(model, 1);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
}

/* debugfs shows the fields of each record, and does not clear it. */
static void shows_records(struct kunit *test)
{
	static const char *const lines[] = {
		"\nFRCD0    0x220 0x0000000012345000+0xeabcde05a00000f9 FI=0x12345,SID=0xf9,T2=0x0,PRIV=0x1,EXE=0x0,PP=0x1,FR=0x5,PV=0xabcde,AT=0x2,T1=0x1,F=0x1\n",
		"\nFRCD1    0x230 0x0000000000000000+0x0000000000000000 FI=0x0,",
	};
	struct vtd_model *model = vtd_model_running(test, CAP_OF(2), MODEL_ECAP);
	struct seq_file *m = nyx_seq_text_unit(test);
	size_t i;

	vtd_model_fault(model, 0x12345000, 0x6abcde05a00000f9);
	model->vu->unit.ops->show_registers(&model->vu->unit, m);
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		KUNIT_EXPECT_NOT_NULL(test, strstr(m->buf, lines[i]));
	nyx_fault_service(&model->vu->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 1);
}

static struct kunit_case nyx_vtd_fault_cases[] = {
	KUNIT_CASE(reads_in_order),
	KUNIT_CASE(nothing_to_read),
	KUNIT_CASE(reads_faults_recorded_meanwhile),
	KUNIT_CASE(overflow),
	KUNIT_CASE(storm),
	KUNIT_CASE(clears_at_start),
	KUNIT_CASE(tolerates_wrong_index),
	KUNIT_CASE(vanishes),
	KUNIT_CASE(handles_queue_errors),
	KUNIT_CASE(shows_records),
	{}
};

static struct kunit_suite nyx_vtd_fault_suite = {
	.name = "nyx_vtd_fault",
	.test_cases = nyx_vtd_fault_cases,
};

kunit_test_suite(nyx_vtd_fault_suite);
