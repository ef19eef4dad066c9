// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register-based invalidation (6.5.1), on a model of the unit.
 */
#include <nyx/unit.h>

#include "model.h"
#include "vtd/flush.h"
#include "vtd/reginv.h"
#include "vtd/vtd.h"

#define ECAP_REG (MODEL_ECAP & ~MODEL_ECAP_QI)

static void expect_iotlb(struct vtd_model *model, unsigned int n, u64 iotlb,
			 u64 iva)
{
	vtd_model_expect_event(model, n, EVENT_IOTLB, iotlb);
	KUNIT_EXPECT_EQ(model->test, model->events[n].b, iva);
}

/* CCMD: ICC 63, CIRG 62:61, FM 33:32, SID 31:16, DID 15:0 (11.4.6.1). */
static void context_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	struct nyx_cmd dsc = vtd_dsc_cc_global();
	int bit;

	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	vtd_model_expect_event(model, 0, EVENT_CCMD, 0xa000000000000000);
	dsc = vtd_dsc_cc_device(0x1234, 0xabcd);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	vtd_model_expect_event(model, 1, EVENT_CCMD, 0xe0000000abcd1234);
	for (bit = 0; bit < 16; bit++) {
		vtd_model_clear_events(model);
		dsc = vtd_dsc_cc_device(1 << bit, 0);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		vtd_model_expect_event(model, 0, EVENT_CCMD,
				       0xe000000000000000 + (1ULL << bit));
		dsc = vtd_dsc_cc_device(0, 1 << bit);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		vtd_model_expect_event(model, 1, EVENT_CCMD,
				       0xe000000000000000 + (65536ULL << bit));
	}
}

/*
 * IOTLB: IVT 63, IIRG 61:60, DR 49, DW 48, DID 47:32 (11.4.6.3); IVA: ADDR
 * 63:12, IH 6, AM 5:0 (11.4.6.4).
 */
static void iotlb_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	struct nyx_cmd dsc = vtd_dsc_iotlb_global(0);
	int bit;

	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_iotlb(model, 0, 0x9000000000000000, 0);
	dsc = vtd_dsc_iotlb_global(0x80);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_iotlb(model, 1, 0x9002000000000000, 0);
	dsc = vtd_dsc_iotlb_global(0x40);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_iotlb(model, 2, 0x9001000000000000, 0);
	dsc = vtd_dsc_iotlb_page(0x1234, 0xabcde000, 1, true, 0xc0);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_iotlb(model, 3, 0xb003123400000000, 0xabcde041);
	dsc = vtd_dsc_iotlb_page(0x1234, 0xabcde000, 0, false, 0xc0);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_iotlb(model, 4, 0xb003123400000000, 0xabcde000);
	for (bit = 0; bit < 16; bit++) {
		vtd_model_clear_events(model);
		dsc = vtd_dsc_iotlb_domain(1 << bit, 0);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		expect_iotlb(model, 0,
			     0xa000000000000000 + (0x100000000ULL << bit),
			     0xabcde000);
	}
}

/* Commands are executed one by one until the first error. */
static void several_commands(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dscs[] = {
		vtd_dsc_cc_device(1, 2),
		vtd_dsc_iotlb_domain(3, 0),
		vtd_dsc_iotlb_domain(4, 0),
	};
	const struct nyx_cmd dev = vtd_dsc_dev_tlb(1, 0, 0, 0, 52);

	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs, 3), 0);
	vtd_model_expect_event(model, 0, EVENT_CCMD, 0xe000000000020001);
	expect_iotlb(model, 1, 0xa000000300000000, 0);
	expect_iotlb(model, 2, 0xa000000400000000, 0);

	vtd_model_clear_events(model);
	model->reg_refused = 1;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	model->reg_refused = 1;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs + 1, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 2);
	/* Registers cannot invalidate device TLBs. */
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dev, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 2);
}

/*
 * A refused command is replaced by global ones. If these are refused as well,
 * the unit is taken out of service.
 */
static void refused_commands(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dsc = vtd_dsc_iotlb_domain(3, 0);

	model->reg_refused = 1;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	vtd_model_expect_event(model, 1, EVENT_CCMD, 0xa000000000000000);
	expect_iotlb(model, 2, 0x9003000000000000, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	model->reg_refused = 1000;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* A command never completes: the wait is bounded and not repeated. */
static void stuck_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dsc = vtd_dsc_cc_global();
	unsigned long accesses;

	model->reg_stuck = true;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), -ETIMEDOUT);
	/* The model does not accept a command before the last one completed. */
	model->ccmd = 0;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
}

/* The unit vanishes at every access: this is never mistaken for success. */
static void vanishes(struct kunit *test)
{
	const struct nyx_cmd dscs[] = {
		vtd_dsc_cc_global(),
		vtd_dsc_iotlb_page(1, 0, 0, false, 0),
	};
	struct vtd_model *model;
	unsigned long accesses, total;
	unsigned int at;

	model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs, 2), 0);
	total = model->accesses - accesses;
	KUNIT_EXPECT_GT(test, total, 6);
	vtd_model_free(model);

	for (at = 1; at <= total; at++) {
		model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
		model->gone_after = at;
		KUNIT_EXPECT_EQ_MSG(test,
				    nyx_invalidate(&model->vu->unit, dscs, 2),
				    -EIO, "at access %u", at);
		KUNIT_EXPECT_TRUE(test, model->gone);
		KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
		accesses = model->accesses;
		KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, dscs, 2),
				-EIO);
		KUNIT_EXPECT_EQ(test, model->accesses, accesses);
		vtd_model_free(model);
	}
}

/* A disabled unit needs no invalidation. */
static void not_running(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dsc = vtd_dsc_cc_global();
	unsigned long accesses;

	model->vu->unit.ops->disable(&model->vu->unit);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
}

static struct kunit_case nyx_vtd_reginv_cases[] = {
	KUNIT_CASE(context_command),
	KUNIT_CASE(iotlb_command),
	KUNIT_CASE(several_commands),
	KUNIT_CASE(refused_commands),
	KUNIT_CASE(stuck_command),
	KUNIT_CASE(vanishes),
	KUNIT_CASE(not_running),
	{}
};

static struct kunit_suite nyx_vtd_reginv_suite = {
	.name = "nyx_vtd_reginv",
	.test_cases = nyx_vtd_reginv_cases,
};

kunit_test_suite(nyx_vtd_reginv_suite);
