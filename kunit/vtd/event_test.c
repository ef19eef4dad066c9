// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of the fault event and the page request event. Numbers are those of the VT-d
 * specification (revision 5.1, 11.4.7 and 11.4.10).
 */
#include <linux/msi.h>

#include "core.h"
#include "model.h"
#include "vtd/event.h"
#include "vtd/vtd.h"

#define IM 0x80000000

#define PRQ_ECAP (MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE | \
		  MODEL_ECAP_PASID | MODEL_ECAP_PSS(20) | MODEL_ECAP_PRS | \
		  MODEL_ECAP_PDS)

static void set_message(struct vtd_model *model, u32 data, u32 lo, u32 hi)
{
	const struct msi_msg msg = {
		.data = data,
		.address_lo = lo,
		.address_hi = hi,
	};

	vtd_event_set_message(model->vu, &msg);
	KUNIT_EXPECT_EQ(model->test, model->femsg[0], data);
	KUNIT_EXPECT_EQ(model->test, model->femsg[1], lo);
	KUNIT_EXPECT_EQ(model->test, model->femsg[2], hi);
}

static void expect_page_message(struct vtd_model *model, u32 data, u32 lo, u32 hi)
{
	KUNIT_EXPECT_EQ(model->test, model->pemsg[0], data);
	KUNIT_EXPECT_EQ(model->test, model->pemsg[1], lo);
	KUNIT_EXPECT_EQ(model->test, model->pemsg[2], hi);
}

static void expect_masked(struct vtd_model *model, bool fault, bool page)
{
	KUNIT_EXPECT_EQ(model->test, model->fectl & IM, fault ? IM : 0);
	KUNIT_EXPECT_EQ(model->test, model->pectl & IM, page ? IM : 0);
}

/* Both events have the same message, and are masked while it changes. */
static void both(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, PRQ_ECAP);

	expect_masked(model, true, true);
	set_message(model, 0x41, 0xfee01000, 0x100);
	expect_page_message(model, 0x41, 0xfee01000, 0x100);
	expect_masked(model, true, true);
	vtd_event_mask(model->vu, false);
	expect_masked(model, false, false);
	/* As if the interrupt moved to another CPU. */
	set_message(model, 0x52, 0xfee02000, 0);
	expect_page_message(model, 0x52, 0xfee02000, 0);
	expect_masked(model, false, false);
	vtd_event_mask(model->vu, true);
	expect_masked(model, true, true);
}

/* A unit without page requests has no such registers: the model refuses accesses. */
static void faults_alone(struct kunit *test)
{
	struct vtd_model *model =
		vtd_model_running(test, MODEL_CAP, PRQ_ECAP & ~MODEL_ECAP_PRS);

	set_message(model, 0x41, 0xfee01000, 0x100);
	vtd_event_mask(model->vu, false);
	set_message(model, 0x52, 0xfee02000, 0);
	expect_page_message(model, 0, 0, 0);
	expect_masked(model, false, true);
	vtd_event_mask(model->vu, true);
	expect_masked(model, true, true);
}

/* What happens while the events are masked is reported afterwards. */
static void held_back(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, PRQ_ECAP);

	vtd_model_page_request(model, 0x0000007702080101ULL, 0x1005, false);
	vtd_model_fault(model, 0x1000, 0x0000000600000208ULL);
	KUNIT_EXPECT_EQ(test, model->page_interrupts, 0);
	KUNIT_EXPECT_EQ(test, model->interrupts, 0);
	vtd_event_mask(model->vu, false);
	KUNIT_EXPECT_EQ(test, model->page_interrupts, 1);
	KUNIT_EXPECT_EQ(test, model->interrupts, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(both),
	KUNIT_CASE(faults_alone),
	KUNIT_CASE(held_back),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_vtd_event",
	.test_cases = cases,
};

kunit_test_suite(suite);
