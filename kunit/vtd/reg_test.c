// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a unit, invalidation through registers (6.5.1), write buffers
 * (6.8) and protected memory regions (11.4.8), on a model of the unit.
 */
#include <nyx/unit.h>

#include "model.h"
#include "vtd/flush.h"
#include "vtd/gcmd.h"
#include "vtd/reginv.h"
#include "vtd/vtd.h"

#define ECAP_REG (MODEL_ECAP & ~MODEL_ECAP_QI)

static void expect_event(struct vtd_model *model, unsigned int n,
			 enum model_event_kind kind, u64 a, u64 b)
{
	KUNIT_ASSERT_LT(model->test, n, model->nr_events);
	KUNIT_EXPECT_EQ(model->test, model->events[n].kind, kind);
	KUNIT_EXPECT_EQ(model->test, model->events[n].a, a);
	if (kind == EVENT_IOTLB)
		KUNIT_EXPECT_EQ(model->test, model->events[n].b, b);
}

/* The order of 6.6 and 6.5.2: queue, root table, all forgotten, translation. */
static void brings_up_in_order(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	expect_event(model, 0, EVENT_GCMD, 0x04000000, 0);
	expect_event(model, 1, EVENT_GCMD, 0x44000000, 0);
	expect_event(model, 2, EVENT_DSC, 0x11, 0);
	expect_event(model, 3, EVENT_DSC, 0xd2, 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 5);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x44000000);
	KUNIT_EXPECT_EQ(test, model->rtaddr,
			virt_to_phys(model->vu->tables.root));

	vtd_model_forget_events(model);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	expect_event(model, 0, EVENT_GCMD, 0x84000000, 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);

	vtd_model_forget_events(model);
	unit->ops->disable(unit);
	expect_event(model, 0, EVENT_GCMD, 0x04000000, 0);
	/* The last descriptor is a wait descriptor. */
	KUNIT_EXPECT_EQ(test, model->events[1].a & 0xf, 5);
	expect_event(model, 2, EVENT_GCMD, 0, 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 3);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x40000000);
}

/* CCMD: ICC 63, CIRG 62:61, FM 33:32, SID 31:16, DID 15:0 (11.4.6.1). */
static void context_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	struct nyx_cmd dsc = vtd_dsc_cc_global();
	int bit;

	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 0, EVENT_CCMD, 0xa000000000000000, 0);
	dsc = vtd_dsc_cc_device(0x1234, 0xabcd);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 1, EVENT_CCMD, 0xe0000000abcd1234, 0);
	for (bit = 0; bit < 16; bit++) {
		vtd_model_forget_events(model);
		dsc = vtd_dsc_cc_device(1 << bit, 0);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		expect_event(model, 0, EVENT_CCMD,
			     0xe000000000000000 + (1ULL << bit), 0);
		dsc = vtd_dsc_cc_device(0, 1 << bit);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		expect_event(model, 1, EVENT_CCMD,
			     0xe000000000000000 + (0x10000ULL << bit), 0);
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
	expect_event(model, 0, EVENT_IOTLB, 0x9000000000000000, 0);
	dsc = vtd_dsc_iotlb_global(0x80);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 1, EVENT_IOTLB, 0x9002000000000000, 0);
	dsc = vtd_dsc_iotlb_global(0x40);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 2, EVENT_IOTLB, 0x9001000000000000, 0);
	dsc = vtd_dsc_iotlb_page(0x1234, 0xabcde000, 1, true, 0xc0);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 3, EVENT_IOTLB, 0xb003123400000000, 0xabcde041);
	dsc = vtd_dsc_iotlb_page(0x1234, 0xabcde000, 0, false, 0xc0);
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
	expect_event(model, 4, EVENT_IOTLB, 0xb003123400000000, 0xabcde000);
	for (bit = 0; bit < 16; bit++) {
		vtd_model_forget_events(model);
		dsc = vtd_dsc_iotlb_domain(1 << bit, 0);
		KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), 0);
		expect_event(model, 0, EVENT_IOTLB,
			     0xa000000000000000 + (0x100000000ULL << bit),
			     0xabcde000);
	}
}

/* All of a submission, one by one, and not one more after an error. */
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
	expect_event(model, 0, EVENT_CCMD, 0xe000000000020001, 0);
	expect_event(model, 1, EVENT_IOTLB, 0xa000000300000000, 0);
	expect_event(model, 2, EVENT_IOTLB, 0xa000000400000000, 0);

	vtd_model_forget_events(model);
	model->reg_refuse = 1;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	model->reg_refuse = 1;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, dscs + 1, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 2);
	/* Beyond registers. */
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dev, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, model->nr_events, 2);
}

/* What is refused is repeated coarser; if that is refused too, it is over. */
static void refused_commands(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dsc = vtd_dsc_iotlb_domain(3, 0);

	model->reg_refuse = 1;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), 0);
	expect_event(model, 1, EVENT_CCMD, 0xa000000000000000, 0);
	expect_event(model, 2, EVENT_IOTLB, 0x9003000000000000, 0);
	KUNIT_EXPECT_FALSE(test, model->vu->unit.dead);
	model->reg_refuse = 1000;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* It never completes. The wait ends, and nobody waits again. */
static void jammed_command(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, ECAP_REG);
	const struct nyx_cmd dsc = vtd_dsc_cc_global();
	unsigned long accesses;

	model->jammed = true;
	KUNIT_EXPECT_EQ(test, vtd_reginv(model->vu, &dsc, 1), -ETIMEDOUT);
	/* A command that is not completed must not be given anew. */
	model->ccmd = 0;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	accesses = model->accesses;
	KUNIT_EXPECT_EQ(test, nyx_invalidate(&model->vu->unit, &dsc, 1), -EIO);
	KUNIT_EXPECT_EQ(test, model->accesses, accesses);
}

/* It vanishes at every point: never is that taken for success. */
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
		model->gone_in = at;
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

/* A unit that does not run has nothing to forget. */
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

/* WBF is bit 27, and WBFS is set for as long as it takes (11.4.4.2). */
static void write_buffer(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    MODEL_CAP_RWBF, MODEL_ECAP);

	model->latency = 20;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 1);
	expect_event(model, 0, EVENT_GCMD, 0x8c000000, 0);
	KUNIT_EXPECT_EQ(test, model->busy, 0);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);

	/* Never done. */
	model->deaf = 0x08000000;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
	vtd_model_forget_events(model);
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	/* None to flush. */
	model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), 0);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	model = vtd_model_running(test, MODEL_CAP | MODEL_CAP_RWBF, MODEL_ECAP);
	model->gone = true;
	KUNIT_EXPECT_EQ(test, vtd_flush_write_buffer(model->vu), -EIO);
	KUNIT_EXPECT_TRUE(test, model->vu->unit.dead);
}

/* What others switched on stays on; one-shot bits are not written back. */
static void keeps_other_bits(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);

	/* RTPS, IRTPS, IRES and CFIS as well; CFI is kept by the driver. */
	model->gsts = 0xc7800000;
	model->vu->cfi = true;
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, false), 0);
	expect_event(model, 0, EVENT_GCMD, 0x06800000, 0);
	KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x40000000, true), 0);
	expect_event(model, 1, EVENT_GCMD, 0x46800000, 0);
	KUNIT_EXPECT_EQ(test, model->gsts, 0x47800000);
	model->gsts = 0x44000000;
	model->vu->cfi = false;
}

static void command_vanishes(struct kunit *test)
{
	struct vtd_model *model;
	unsigned int at;

	for (at = 1; at < 4; at++) {
		model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
		model->gone_in = at;
		KUNIT_EXPECT_EQ(test, vtd_gcmd(model->vu, 0x80000000, false),
				-ENODEV);
		vtd_model_free(model);
	}
}

/* EPM is bit 31, PRS bit 0; only where CAP has PLMR or PHMR (11.4.8.1). */
static void protected_memory(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR,
						MODEL_ECAP);
	struct nyx_unit *unit;

	model->pmen = 0x80000001;
	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	/* As long as nothing translates, it guards. */
	KUNIT_EXPECT_EQ(test, model->pmen, 0x80000001);
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->pmen, 0);
	vtd_model_free(model);

	/* Without the capability the register is left alone. */
	model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	model->pmen = 0x80000001;
	vtd_model_probe(model);
	vtd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->pmen, 0x80000001);
	vtd_model_free(model);

	/* It stays on: then so does nothing else. */
	model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR, MODEL_ECAP);
	model->pmen = 0x80000001;
	model->deaf = 1;
	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
}

static struct kunit_case nyx_vtd_reg_cases[] = {
	KUNIT_CASE(brings_up_in_order),
	KUNIT_CASE(context_command),
	KUNIT_CASE(iotlb_command),
	KUNIT_CASE(several_commands),
	KUNIT_CASE(refused_commands),
	KUNIT_CASE(jammed_command),
	KUNIT_CASE(vanishes),
	KUNIT_CASE(not_running),
	KUNIT_CASE(write_buffer),
	KUNIT_CASE(keeps_other_bits),
	KUNIT_CASE(command_vanishes),
	KUNIT_CASE(protected_memory),
	{}
};

static struct kunit_suite nyx_vtd_reg_suite = {
	.name = "nyx_vtd_reg",
	.test_cases = nyx_vtd_reg_cases,
};

kunit_test_suite(nyx_vtd_reg_suite);
