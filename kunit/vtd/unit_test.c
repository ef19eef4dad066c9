// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding units, bringing them up and down, and every way in which that fails,
 * on models of units.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/string.h>
#include <nyx/unit.h>

#include "../seq_text.h"
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

/* Whether anybody has claimed a page of registers. */
static bool is_claimed(struct vtd_model *model, unsigned int page)
{
	phys_addr_t phys = model->base + page * 0x1000;
	struct resource *res = request_mem_region(phys, 0x1000, "test");

	if (!res)
		return true;
	release_mem_region(phys, 0x1000);
	return false;
}

static void finds(struct kunit *test)
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
	/* Nothing but capabilities and status was read, and nothing written. */
	KUNIT_EXPECT_EQ(test, model->accesses, 4);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	vtd_model_free(model);

	model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	KUNIT_EXPECT_FALSE(test, is_claimed(model, 0));
}

/* Registers in pages behind the first are claimed and mapped as well. */
static void finds_large_window(struct kunit *test)
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
	unsigned long gone_in;
	bool register_based;
	/* A page of registers that somebody else has claimed; 0: none. */
	unsigned int claimed;
	int ret;
};

static const struct refusal refusals[] = {
	{ "nothing there", .gone = true, .ret = -ENXIO },
	{ "gone after VER", .gone_in = 2, .ret = -ENXIO },
	{ "gone after CAP", .gone_in = 3, .ret = -ENXIO },
	{ "gone after ECAP", .gone_in = 4, .ret = -ENXIO },
	{ "VER all ones", .ver = ~0U, .ret = -ENXIO },
	{ "CAP all ones", .cap = ~0ULL, .ret = -ENXIO },
	{ "ECAP all ones", .ecap = ~0ULL, .ret = -ENXIO },
	{ "DMA remapping runs", .gsts = 0x80000000, .ret = -EBUSY },
	{ "interrupt remapping runs", .gsts = 0x02000000, .ret = -EBUSY },
	{ "the queue runs", .gsts = 0x04000000, .ret = -EBUSY },
	{ "no table depth", .cap = 0xd2008c222f0006ULL, .ret = -EOPNOTSUPP },
	{ "no queue, no registers", .ver = 0x60, .ecap = 0xf00f48ULL,
	  .ret = -EOPNOTSUPP },
	{ "registers wanted, none there", .ver = 0x60, .register_based = true,
	  .ret = -EOPNOTSUPP },
	{ "claimed", .claimed = 1, .ret = -EBUSY },
	{ "claimed in the second page", .cap = 0xd2008d002f0606ULL,
	  .claimed = 2, .ret = -EBUSY },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

/* And nothing is left behind. */
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
	model->gone_in = r->gone_in;
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

/* One's troubles are not the other's. */
static void several_units(struct kunit *test)
{
	const struct nyx_flush flush = { .domain_id = 1, .last = ~0ULL };
	struct vtd_model *a = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct vtd_model *b = vtd_model_new(test, MODEL_CAP | MODEL_CAP_CM,
					    MODEL_ECAP & ~MODEL_ECAP_QI);
	struct nyx_unit *unit;

	vtd_model_probe(a);
	vtd_model_probe(b);
	vtd_model_start(a);
	vtd_model_start(b);
	KUNIT_EXPECT_STRNEQ(test, a->vu->unit.name, b->vu->unit.name);
	KUNIT_EXPECT_NE(test, a->root, b->root);
	a->gone = true;
	a->vu->unit.ops->flush(&a->vu->unit, &flush);
	KUNIT_EXPECT_TRUE(test, a->vu->unit.dead);
	unit = &b->vu->unit;
	KUNIT_EXPECT_FALSE(test, unit->dead);
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, b->nr_events, 1);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	vtd_model_free(a);
	unit->ops->flush(unit, &flush);
	KUNIT_EXPECT_EQ(test, b->nr_events, 2);
}

static void expect_idle(struct vtd_model *model)
{
	/* TES and QIES are off, and the interrupt was given back. */
	KUNIT_EXPECT_EQ(model->test, model->gsts & 0x84000000, 0);
	KUNIT_EXPECT_EQ(model->test, unit_core.irqs, 0);
}

/* A command is never taken up: it is undone, and can be tried again. */
static void start_fails(struct kunit *test)
{
	static const u32 deaf[] = { 0x04000000, 0x40000000 };
	struct vtd_model *model;
	struct nyx_unit *unit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deaf); i++) {
		model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
		vtd_model_probe(model);
		unit = &model->vu->unit;
		model->deaf = deaf[i];
		KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ETIMEDOUT);
		expect_idle(model);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.stuck);
		model->deaf = 0;
		vtd_model_start(model);
		KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);
		vtd_model_free(model);
	}
}

static void start_fails_without_interrupt(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	unit_core.irq_fails = true;
	KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ENOSPC);
	expect_idle(model);
	KUNIT_EXPECT_EQ(test, model->nr_events, 0);
	unit_core.irq_fails = false;
	vtd_model_start(model);
}

/* The unit vanishes at every point on the way up. */
static void start_vanishes(struct kunit *test)
{
	unsigned long at, total = ~0UL, before;
	struct vtd_model *model;
	struct nyx_unit *unit;
	int ret;

	for (at = 1; at <= total; at++) {
		model = vtd_model_new(test, MODEL_CAP | MODEL_CAP_PMR,
				      MODEL_ECAP);
		vtd_model_probe(model);
		unit = &model->vu->unit;
		before = model->accesses;
		model->gone_in = at;
		ret = unit->ops->start(unit);
		if (!ret) {
			unit->started = true;
			ret = unit->ops->enable(unit);
		} else {
			KUNIT_EXPECT_EQ(test, unit_core.irqs, 0);
		}
		if (!model->gone) {
			KUNIT_EXPECT_EQ(test, ret, 0);
			total = model->accesses - before;
			model->gone_in = 0;
		} else if (ret) {
			KUNIT_EXPECT_TRUE(test, ret == -ENODEV || ret == -EIO);
		}
		vtd_model_free(model);
		KUNIT_ASSERT_EQ(test, unit_core.irqs, 0);
		/* A stage where the end is not known yet has one all the same */
		KUNIT_ASSERT_LT(test, at, 200);
	}
	KUNIT_EXPECT_GT(test, total, 10);
}

static void enable_fails(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	model->deaf = 0x80000000;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
	/* Off, it can be asked to go on again. */
	model->deaf = 0;
	KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->gsts, 0xc4000000);
}

/* As at reboot: with interrupts off, whatever state the unit is in. */
static void disable_with_interrupts_off(struct kunit *test)
{
	struct vtd_model *model;
	struct nyx_unit *unit;
	unsigned long flags;
	int how;

	for (how = 0; how < 4; how++) {
		model = vtd_model_running(test, MODEL_CAP, MODEL_ECAP);
		unit = &model->vu->unit;
		if (how == 1)
			model->held = true;
		if (how == 2)
			model->gone = true;
		if (how == 3)
			model->deaf = 0x84000000;
		model->vu->qi.timeout_ns = 1000000;
		local_irq_save(flags);
		unit->ops->disable(unit);
		local_irq_restore(flags);
		if (how < 2)
			KUNIT_EXPECT_EQ(test, model->gsts & 0x84000000, 0);
		KUNIT_EXPECT_EQ(test, unit->dead, how != 0);
		/* What it may still use is not freed. */
		KUNIT_EXPECT_EQ(test, model->vu->unit.stuck, how >= 2);
		vtd_model_free(model);
	}
}

/* Off and on again, many times: nothing is lost on the way. */
static void off_and_on(struct kunit *test)
{
	const struct nyx_flush flush = { .domain_id = 1, .last = ~0ULL };
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP,
						    MODEL_ECAP);
	struct nyx_device *ndev = vtd_core_device(test, model, 0x0100);
	struct nyx_entry entry = unit_core_table(test, 1, false);
	struct nyx_unit *unit = &model->vu->unit;
	int i;

	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &entry), 0);
	for (i = 0; i < 20; i++) {
		unit->ops->disable(unit);
		/* A flush on a unit that is off has nothing to do. */
		vtd_model_forget_events(model);
		unit->ops->flush(unit, &flush);
		KUNIT_EXPECT_EQ(test, model->nr_events, 0);
		KUNIT_EXPECT_EQ(test, unit->ops->enable(unit), 0);
		vtd_walk_check(model);
	}
	KUNIT_EXPECT_FALSE(test, unit->dead);
}

static bool has(const struct seq_file *m, const char *line)
{
	return strstr(m->buf, line);
}

/* For debugfs: every register by its name, and none that is not there. */
static void shows(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP |
						    (3ULL << 40), MODEL_ECAP);
	struct nyx_unit *unit = &model->vu->unit;
	struct seq_file *m = nyx_seq_text(test);

	m->buf = kunit_kzalloc(test, 0x4001, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
	m->size = 0x4000;
	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_TRUE(test, has(m, "register offset value fields\n"));
	KUNIT_EXPECT_TRUE(test, has(m, "VER      0x000 0x0000000000000010 MAX=0x1,MIN=0x0\n"));
	KUNIT_EXPECT_TRUE(test, has(m, "GSTS     0x01c 0x00000000c4000000 TES=0x1,"));
	KUNIT_EXPECT_TRUE(test, has(m, "RTPS=0x1,WBFS=0x0,QIES=0x1,IRES=0x0,"));
	KUNIT_EXPECT_TRUE(test, has(m, "FRCD3    0x250 "));
	KUNIT_EXPECT_FALSE(test, has(m, "FRCD4"));

	m->count = 0;
	unit->ops->show_capabilities(unit, m);
	KUNIT_EXPECT_TRUE(test, has(m, "CAP      MGAW     0x2f\n"));
	KUNIT_EXPECT_TRUE(test, has(m, "CAP      NFR      0x3\n"));
	KUNIT_EXPECT_TRUE(test, has(m, "ECAP     QI       0x1\n"));

	/* Gone, it shows ones, and that is all. */
	model->gone = true;
	m->count = 0;
	unit->ops->show_registers(unit, m);
	KUNIT_EXPECT_TRUE(test, has(m, "RTADDR   0x020 0xffffffffffffffff "));
}

static struct kunit_case nyx_vtd_unit_cases[] = {
	KUNIT_CASE(finds),
	KUNIT_CASE(finds_large_window),
	KUNIT_CASE_PARAM(refuses, refusals_gen_params),
	KUNIT_CASE(several_units),
	KUNIT_CASE_SLOW(start_fails),
	KUNIT_CASE(start_fails_without_interrupt),
	KUNIT_CASE(start_vanishes),
	KUNIT_CASE_SLOW(enable_fails),
	KUNIT_CASE_SLOW(disable_with_interrupts_off),
	KUNIT_CASE(off_and_on),
	KUNIT_CASE(shows),
	{}
};

static struct kunit_suite nyx_vtd_unit_suite = {
	.name = "nyx_vtd_unit",
	.test_cases = nyx_vtd_unit_cases,
};

kunit_test_suite(nyx_vtd_unit_suite);
