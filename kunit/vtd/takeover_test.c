// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking over units that firmware left running, on models of units, for all
 * combinations of what may be enabled.
 */
#include <linux/string.h>

#include "../log_text.h"
#include "left_fixture.h"
#include "quirks/quirks.h"
#include "vtd/probe.h"

/*
 * The driver is loaded, from probing to enabling. DMA of the device passes at
 * every step, and so do its interrupts once the unit is started.
 */
static void take_over(struct left *left)
{
	struct nyx_entry identity = unit_core_identity(1);
	struct vtd_model *model = left->model;
	struct kunit *test = model->test;
	struct nyx_device *ndev;
	struct nyx_unit *unit;

	unit = vtd_model_start_disabled(model);
	expect_interrupt(left, "started");
	ndev = unit_core_device(test, unit, RID);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &identity), 0);
	expect_interrupt(left, "entries set");
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	expect_interrupt(left, "enabled");

	KUNIT_EXPECT_EQ(test, model->walk.blocked, 0);
	KUNIT_EXPECT_EQ(test, model->root,
			virt_to_phys(model->vu->tables.root));
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | QIES), TES | QIES);
	KUNIT_EXPECT_EQ(test, model->iqa & ~0xfffULL,
			virt_to_phys(model->vu->qi.ring));
	KUNIT_EXPECT_EQ(test, !!(model->gsts & IRES), unit_core.intr_remap);
	if (unit_core.intr_remap)
		KUNIT_EXPECT_EQ(test, model->intr.table & ~0xfffULL,
				virt_to_phys(model->vu->irt.base));
	/* The memory of the other system was not changed. */
	KUNIT_EXPECT_NULL(test, memchr_inv(left->queue, 0, 4096));
	KUNIT_EXPECT_NULL(test, memchr_inv(left->irt, 0, 4096));
	vtd_walk_check(model);

	unit->ops->disable(unit);
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | QIES | IRES), 0);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	vtd_model_free(model);
}

static void all_combinations(struct kunit *test)
{
	static const u32 bits[] = { TES, IRES, QIES, CFIS };
	struct left *left;
	unsigned int i, j;
	u32 gsts;

	for (i = 0; i < 32; i++) {
		for (gsts = 0, j = 0; j < ARRAY_SIZE(bits); j++)
			gsts |= i & BIT(j) ? bits[j] : 0;
		left = left_new(test, gsts);
		/* vtd_model_new() resets it. */
		unit_core.intr_remap = i & 16;
		unit_core.intr_sources = true;
		take_over(left);
	}
}

/* One log line per unit says that it is taken over. */
static void is_logged(struct kunit *test)
{
	static const char *const line =
		"left DMA remapping enabled: taking the unit over";
	unsigned int lines = log_text_count(test, line);

	take_over(left_new(test, TES | QIES | IRES));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
	take_over(left_new(test, 0));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

/* Until the driver's entries are complete, the unit has firmware's. */
static void keeps_tables_until_enabled(struct kunit *test)
{
	struct left *left = left_new(test, TES | QIES);
	struct nyx_unit *unit = vtd_model_start_disabled(left->model);

	KUNIT_EXPECT_EQ(test, left->model->gsts & TES, TES);
	KUNIT_EXPECT_EQ(test, left->model->root, virt_to_phys(left->root));
	KUNIT_EXPECT_EQ(test, left->model->iqa & ~0xfffULL,
			virt_to_phys(left->model->vu->qi.ring));
	/* If loading fails, they stay. */
	unit->ops->stop(unit);
	unit->started = false;
	KUNIT_EXPECT_EQ(test, left->model->gsts & (TES | QIES), TES);
	KUNIT_EXPECT_EQ(test, left->model->root, virt_to_phys(left->root));
	KUNIT_EXPECT_EQ(test, left->model->walk.blocked, 0);
}

/* The type of descriptors that refuse() refuses, as if it could not be read. */
static u8 refused_type;

static int refuse(struct vtd_model *model, u64 lo, u64 hi)
{
	return (lo & 0xf) == refused_type ? 1 : -1;
}

static void no_queue(struct vtd_model *model)
{
	model->halted = true;
}

static void no_registers(struct vtd_model *model)
{
	model->reg_stuck = true;
}

static void refuses_iotlb(struct vtd_model *model)
{
	refused_type = 2;
	model->refuse = refuse;
}

static void refuses_iec(struct vtd_model *model)
{
	refused_type = 4;
	model->refuse = refuse;
}

struct failure {
	const char *name;
	void (*prepare)(struct vtd_model *model);
	u64 ecap;
};

static const struct failure failures[] = {
	{ "no answer, queue", no_queue },
	{ "no answer, registers", no_registers, .ecap = MODEL_ECAP_QI },
	{ "refused IOTLB invalidation", refuses_iotlb },
	{ "refused IEC invalidation", refuses_iec },
};

KUNIT_ARRAY_PARAM_DESC(failures, failures, name);

/*
 * The unit does not confirm its first invalidation. It is not contained, which
 * would stop the device until translation is disabled.
 */
static void invalidation_fails(struct kunit *test)
{
	const struct failure *f = test->param_value;
	struct left *left = left_new(test, TES);
	struct nyx_entry identity = unit_core_identity(1);
	struct vtd_model *model = left->model;
	struct nyx_device *ndev;
	struct nyx_unit *unit;

	unit_core.intr_remap = true;
	model->ecap &= ~f->ecap;
	unit = vtd_model_start_disabled(model);
	ndev = unit_core_device(test, unit, RID);
	KUNIT_EXPECT_EQ(test, vtd_core_set(model, ndev, &identity), 0);
	f->prepare(model);
	model->vu->qi.timeout_ns = NSEC_PER_MSEC;
	model->vu->command_ns = NSEC_PER_MSEC;
	KUNIT_EXPECT_NE(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_FALSE(test, unit->contained);
	KUNIT_EXPECT_FALSE(test, unit->stuck);
	KUNIT_EXPECT_EQ(test, model->walk.blocked, 0);
	KUNIT_EXPECT_EQ(test, model->gsts & (TES | IRES | QIES), 0);
	expect_interrupt(left, "after the failure");
}

/* Firmware's queue stopped at an error (IQE), and never becomes empty. */
static void queue_stopped(struct kunit *test)
{
	struct left *left = left_new(test, QIES);

	left->model->tail = 7;
	left->model->fsts = 0x10;
	take_over(left);
}

/* TTM 3 */
static void aborts_all(struct left *left)
{
	left->model->rtaddr |= 3 << 10;
}

/* The unit aborts all DMA, so translation may be disabled. */
static void abort_mode(struct kunit *test)
{
	struct left *left = left_new(test, TES | QIES);

	left->root[2 * (RID >> 8)] = 0;
	aborts_all(left);
	vtd_model_probe(left->model);
	vtd_model_start(left->model);
	KUNIT_EXPECT_EQ(test, left->model->rtaddr & 0xfff, 0);
	KUNIT_EXPECT_EQ(test, left->model->gsts & TES, TES);
}

struct refusal {
	const char *name;
	void (*prepare)(struct left *left);
	bool forbidden;
	bool capture;
	bool tboot;
	bool graphics;
	u32 gsts;
	int ret;
	const char *line;
};

static void other_1g(struct left *left)
{
	left->table[2][1] = 2ULL << 30 | 0x83;
}

static void other_2m(struct left *left)
{
	left->table[1][3] ^= 1ULL << 21;
}

static void other_4k(struct left *left)
{
	left->table[0][5] ^= 1ULL << 12;
}

static void scalable(struct left *left)
{
	left->model->rtaddr |= 1 << 10;
}

static void device_tlb(struct left *left)
{
	left->context[0] |= 1 << 2;
}

static void no_context(struct left *left)
{
	left->root[4] = 0x000ffffffffff001ULL;
}

static void no_root(struct left *left)
{
	left->model->rtaddr = 0x000ffffffffff000ULL;
}

static void no_table(struct left *left)
{
	left->table[2][7] = 0x000ffffffffff003ULL;
}

static void six_levels(struct left *left)
{
	left->context[1] = 6 << 8 | 5;
}

static const struct refusal refusals[] = {
	{ "1 GiB elsewhere", other_1g, .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "its tables translate to other addresses" },
	{ "2 MiB elsewhere", other_2m, .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "its tables translate to other addresses" },
	{ "4 KiB elsewhere", other_4k, .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "its tables translate to other addresses" },
	{ "scalable mode", scalable, .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "its tables have an unknown format" },
	{ "device TLB", device_tlb, .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "its tables have an unknown format" },
	{ "context table without memory", no_context, .gsts = TES,
	  .ret = -EOPNOTSUPP, .line = "its tables cannot be read" },
	{ "page table without memory", no_table, .gsts = TES,
	  .ret = -EOPNOTSUPP, .line = "its tables cannot be read" },
	{ "undefined number of levels", six_levels, .gsts = TES,
	  .ret = -EOPNOTSUPP, .line = "its tables have an unknown format" },
	{ "graphics that must stay enabled", aborts_all, .graphics = true,
	  .gsts = TES, .ret = -EOPNOTSUPP,
	  .line = "it aborts all DMA and must not be disabled" },
	{ "capture, scalable mode", scalable, .capture = true, .gsts = TES,
	  .ret = -EOPNOTSUPP,
	  .line = "the crashed kernel used scalable mode" },
	{ "capture, scalable mode, disabled", scalable, .capture = true,
	  .gsts = QIES | RTPS, .ret = -EOPNOTSUPP,
	  .line = "the crashed kernel used scalable mode" },
	{ "capture, no root table", no_root, .capture = true, .gsts = TES,
	  .ret = -EOPNOTSUPP, .line = "its tables cannot be read" },
	{ "capture, forbidden", .forbidden = true, .capture = true,
	  .gsts = TES, .ret = -EBUSY,
	  .line = "left DMA remapping enabled, and takeover=0" },
	{ "forbidden, translation", .forbidden = true, .gsts = TES,
	  .ret = -EBUSY, .line = "left DMA remapping enabled, and takeover=0" },
	{ "forbidden, interrupts", .forbidden = true, .gsts = IRES,
	  .ret = -EBUSY,
	  .line = "left interrupt remapping enabled, and takeover=0" },
	{ "forbidden, queue", .forbidden = true, .gsts = QIES, .ret = -EBUSY,
	  .line = "left queued invalidation enabled, and takeover=0" },
	{ "tboot", .tboot = true, .gsts = QIES, .ret = -EBUSY,
	  .line = "tboot started the machine" },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

/* The unit is left as it is, with one log line that has the reason. */
static void refuses(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct left *left = left_new(test, r->gsts);
	const struct vtd_site site = {
		.base = left->model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.takeover = !r->forbidden,
		.capture = r->capture,
		.tboot = r->tboot,
		.graphics = r->graphics,
		.quirks = r->graphics ? NYX_QUIRK_GRAPHICS_ON : 0,
	};
	unsigned int lines = log_text_count(test, r->line);
	u32 gsts = left->model->gsts;

	if (r->prepare)
		r->prepare(left);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(vtd_unit_create(&site)), r->ret);
	KUNIT_EXPECT_EQ(test, left->model->nr_events, 0);
	KUNIT_EXPECT_EQ(test, left->model->gsts, gsts);
	KUNIT_EXPECT_EQ(test, log_text_count(test, r->line), lines + 1);
}

/* An idle unit needs no permission. */
static void idle(struct kunit *test)
{
	struct left *left = left_new(test, 0);
	const struct vtd_site site = {
		.base = left->model->base,
		.nid = NUMA_NO_NODE,
		.host_bits = 46,
		.tboot = true,
	};

	left->model->vu = vtd_unit_create(&site);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, left->model->vu);
}

static struct kunit_case nyx_vtd_takeover_cases[] = {
	KUNIT_CASE_SLOW(all_combinations),
	KUNIT_CASE(is_logged),
	KUNIT_CASE(keeps_tables_until_enabled),
	KUNIT_CASE_PARAM(invalidation_fails, failures_gen_params),
	KUNIT_CASE_SLOW(queue_stopped),
	KUNIT_CASE(abort_mode),
	KUNIT_CASE_PARAM(refuses, refusals_gen_params),
	KUNIT_CASE(idle),
	{}
};

static struct kunit_suite nyx_vtd_takeover_suite = {
	.name = "nyx_vtd_takeover",
	.test_cases = nyx_vtd_takeover_cases,
};

kunit_test_suite(nyx_vtd_takeover_suite);
