// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probing units, and messages for units that are refused, on models of units.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/ioport.h>

#include "../log_text.h"
#include "core.h"
#include "model.h"
#include "vtd/probe.h"
#include "vtd/vtd.h"

static struct vtd_unit *create(struct vtd_model *model, bool register_based)
{
	const struct vtd_site site = {
		.index = 3,
		.segment = 0x1234,
		.base = model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.register_based = register_based,
	};

	return vtd_unit_create(&site);
}

/* Whether a page of registers is claimed. */
static bool is_claimed(struct vtd_model *model, unsigned int page)
{
	phys_addr_t phys = model->base + page * 0x1000;
	struct resource *res = request_mem_region(phys, 0x1000, "test");

	if (!res)
		return true;
	release_mem_region(phys, 0x1000);
	return false;
}

static void probes(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct vtd_unit *vu = create(model, false);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vu);
	model->vu = vu;
	KUNIT_EXPECT_STREQ(test, vu->unit.name, "vtd3");
	KUNIT_EXPECT_EQ(test, vu->unit.segment, 0x1234);
	KUNIT_EXPECT_EQ(test, vu->unit.phys, model->base);
	KUNIT_EXPECT_EQ(test, vu->unit.caps.phys_bits, 46);
	KUNIT_EXPECT_TRUE(test, vu->use_qi);
	KUNIT_EXPECT_EQ(test, model->window, 0x1000);
	KUNIT_EXPECT_TRUE(test, is_claimed(model, 0));
	KUNIT_EXPECT_FALSE(test, is_claimed(model, 1));
	/* VER, CAP, ECAP and GSTS were read, and nothing was written. */
	KUNIT_EXPECT_EQ(test, model->accesses, 4);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	KUNIT_EXPECT_FALSE(test, is_claimed(model, 0));
}

/* All pages of registers are claimed and mapped. */
static void probes_large_window(struct kunit *test)
{
	static const struct {
		u64 cap;
		u64 ecap;
		size_t window;
	} cases[] = {
		/* One record at 1000h; 256 from 3ff0h on; IOTLB at 2ff0h. */
		{ 0xd2008d002f0606ULL, MODEL_ECAP, 0x2000 },
		{ 0xd2ff8fff2f0606ULL, MODEL_ECAP, 0x5000 },
		{ MODEL_CAP, 0xf2ff4aULL, 0x3000 },
	};
	struct vtd_model *model;
	size_t i, page;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		model = vtd_model_new(test, cases[i].cap, cases[i].ecap);
		vtd_model_probe(model);
		KUNIT_EXPECT_EQ(test, model->window, cases[i].window);
		for (page = 0; page < 8; page++)
			KUNIT_EXPECT_EQ(test, is_claimed(model, page),
					page * 0x1000 < cases[i].window);
		vtd_model_start(model);
		vtd_model_free(model);
	}
}

struct refusal {
	const char *name;
	u32 ver;
	u64 cap;
	u64 ecap;
	u32 gsts;
	bool gone;
	unsigned long gone_after;
	bool register_based;
	/* Number of a page of registers that is claimed already; 0: none. */
	unsigned int claimed;
	int ret;
};

static const struct refusal refusals[] = {
	{ "no unit", .gone = true, .ret = -ENXIO },
	{ "gone after VER", .gone_after = 2, .ret = -ENXIO },
	{ "gone after CAP", .gone_after = 3, .ret = -ENXIO },
	{ "gone after ECAP", .gone_after = 4, .ret = -ENXIO },
	{ "VER all ones", .ver = ~0U, .ret = -ENXIO },
	{ "CAP all ones", .cap = ~0ULL, .ret = -ENXIO },
	{ "ECAP all ones", .ecap = ~0ULL, .ret = -ENXIO },
	{ "DMA remapping is enabled", .gsts = 0x80000000, .ret = -EBUSY },
	{ "interrupt remapping is enabled", .gsts = 0x02000000, .ret = -EBUSY },
	{ "the queue is enabled", .gsts = 0x04000000, .ret = -EBUSY },
	{ "no table depth", .cap = 0xd2008c222f0006ULL, .ret = -EOPNOTSUPP },
	{ "no way to invalidate", .ver = 0x60, .ecap = 0xf00f48ULL,
	  .ret = -EOPNOTSUPP },
	{ "register-based, without registers", .ver = 0x60,
	  .register_based = true, .ret = -EINVAL },
	{ "registers claimed", .claimed = 1, .ret = -ENXIO },
	{ "second page of registers claimed", .cap = 0xd2008d002f0606ULL,
	  .claimed = 2, .ret = -ENXIO },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

/* A refused unit is not written to, and its registers are released. */
static void refuses(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct vtd_model *model = vtd_model_new(test, r->cap ?: MODEL_CAP,
						r->ecap ?: MODEL_ECAP);
	phys_addr_t other = model->base + 0x1000 * (r->claimed - 1);

	if (r->ver)
		model->ver = r->ver;
	model->gsts = r->gsts;
	model->gone = r->gone;
	model->gone_after = r->gone_after;
	if (r->claimed)
		KUNIT_ASSERT_NOT_NULL(test, request_mem_region(other, 0x1000,
							       "other"));
	KUNIT_EXPECT_EQ(test, PTR_ERR(create(model, r->register_based)),
			r->ret);
	if (r->claimed)
		release_mem_region(other, 0x1000);
	KUNIT_EXPECT_EQ(test, model->window, 0);
	KUNIT_EXPECT_FALSE(test, is_claimed(model, 0));
	KUNIT_EXPECT_FALSE(test, is_claimed(model, 1));
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
}

static void message_for_missing_capability(struct kunit *test)
{
	static const char *const line =
		"levels (CAP.SAGAW): use the built-in driver, or ";
	unsigned int lines = log_text_count(test, line);
	/* SAGAW is bits 12:8. */
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP & ~0x1f00ULL,
						MODEL_ECAP);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(model, false)),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static void message_for_absent_unit(struct kunit *test)
{
	static const char *const line =
		"disabled the unit: enable the IOMMU in the firmware setup, or ";
	unsigned int lines = log_text_count(test, line);
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);

	model->gone = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(model, false)), -ENXIO);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static void message_for_claimed_registers(struct kunit *test)
{
	static const char *const line =
		"vtd3: stays off: another driver claimed its registers at ";
	unsigned int lines = log_text_count(test, line);
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);

	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(model->base, 0x1000,
						       "other"));
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(model, false)), -ENXIO);
	release_mem_region(model->base, 0x1000);
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

static struct kunit_case nyx_vtd_probe_cases[] = {
	KUNIT_CASE(probes),
	KUNIT_CASE(probes_large_window),
	KUNIT_CASE_PARAM(refuses, refusals_gen_params),
	KUNIT_CASE(message_for_missing_capability),
	KUNIT_CASE(message_for_absent_unit),
	KUNIT_CASE(message_for_claimed_registers),
	{}
};

static struct kunit_suite nyx_vtd_probe_suite = {
	.name = "nyx_vtd_probe",
	.test_cases = nyx_vtd_probe_cases,
};

kunit_test_suite(nyx_vtd_probe_suite);
