// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking over units that firmware left running, for all combinations of what
 * may be enabled. Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <linux/string.h>
#include <nyx/unit.h>

#include "../log_text.h"
#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/takeover.h"
#include "model.h"

/* Bits of the Control Register (MMIO offset 0018h). */
#define IOMMU_EN	BIT_ULL(0)
#define EVENT_LOG_EN	BIT_ULL(2)
#define EVENT_INT_EN	BIT_ULL(3)
#define CMD_BUF_EN	BIT_ULL(12)
#define PPR_LOG_EN	BIT_ULL(13)
#define PPR_INT_EN	BIT_ULL(14)
#define PPR_EN		BIT_ULL(15)

static const struct amd_host normal = { .takeover = true };
static const struct amd_host capturing = { .takeover = true, .capture = true };

/* The device that does DMA all the time. */
#define RID	0x0010

/**
 * struct left - a unit that firmware left running, and its memory
 * @model: the unit
 * @devtab: device table for 128 devices
 * @table: page tables of three levels
 * @ring: command buffer, event log and PPR log
 */
struct left {
	struct amd_model *model;
	u64 *devtab;
	u64 *table[3];
	u64 *ring[3];
};

static u64 *new_page(struct kunit *test)
{
	u64 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, virt_to_phys(page) & 0xfff, 0);
	return page;
}

static u64 *dte(struct left *left, u16 rid)
{
	return left->devtab + 4 * rid;
}

/*
 * PR, IR and IW; Next Level in bits 11:9. Pages of 1 GiB, 2 MiB and 4 KiB, one
 * of 16 KiB in four entries, and a table that skips a level.
 */
static void fill_tables(struct left *left)
{
	const u64 rights = 3ULL << 61 | 1;
	unsigned int i;

	left->table[2][1] = 1ULL << 30 | rights;
	left->table[2][2] = virt_to_phys(left->table[1]) | 2 << 9 | rights;
	left->table[1][3] = 2ULL << 30 | 3ULL << 21 | rights;
	left->table[1][4] = virt_to_phys(left->table[0]) | 1 << 9 | rights;
	left->table[0][5] = 2ULL << 30 | 4ULL << 21 | 5ULL << 12 | rights;
	for (i = 8; i < 12; i++)
		left->table[0][i] = 2ULL << 30 | 4ULL << 21 | 9ULL << 12 |
				    7 << 9 | rights;
	/* Not present, whatever the address. */
	left->table[0][6] = 0x1000;
}

static struct left *left_new(struct kunit *test, u64 control)
{
	struct left *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);
	struct amd_model *model;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, left);
	model = amd_model_new(test, IA_SUP | PPR_SUP, 0xffff);
	left->model = model;
	left->devtab = new_page(test);
	for (i = 0; i < 3; i++) {
		left->table[i] = new_page(test);
		left->ring[i] = new_page(test);
	}
	fill_tables(left);
	/* V, TV, IR and IW: Mode 0, and Mode 3 with tables */
	dte(left, RID)[0] = 3ULL << 61 | 3;
	dte(left, 0x20)[0] = virt_to_phys(left->table[2]) | 3ULL << 61 |
			     3 << 9 | 3;
	/* V without TV: the rest has no meaning. */
	dte(left, 0x21)[0] = 0x123 << 12 | 7 << 9 | 1;

	model->devtab[0] = virt_to_phys(left->devtab);
	model->cmd_base = virt_to_phys(left->ring[0]) | 8ULL << 56;
	model->log_base = virt_to_phys(left->ring[1]) | 8ULL << 56;
	model->ppr_base = virt_to_phys(left->ring[2]) | 8ULL << 56;
	model->cmd_head = 0x30;
	model->cmd_tail = 0x30;
	model->log_head = 5;
	model->log_tail = 5;
	amd_model_write(model, 0x18, control);
	model->watched = RID;
	return left;
}

static void take_over(struct left *left)
{
	struct nyx_entry identity = unit_core_identity(1);
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;
	struct kunit *test = model->test;
	struct nyx_device *ndev;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, amd_takeover_check(model->au, &normal), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	/* Before the handler is installed, logs and their interrupts are off. */
	KUNIT_EXPECT_EQ(test, model->irq_control &
			(EVENT_LOG_EN | EVENT_INT_EN | CMD_BUF_EN | PPR_LOG_EN |
			 PPR_INT_EN), 0);
	ndev = amd_model_add(model, RID);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &identity), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);

	KUNIT_EXPECT_EQ(test, model->blocked, 0);
	KUNIT_EXPECT_EQ(test, model->control & 0xf00d, 0xf00d);
	KUNIT_EXPECT_NE(test, model->devtab[0] & ~0xfffULL,
			virt_to_phys(left->devtab));
	KUNIT_EXPECT_NE(test, model->cmd_base & ~0xfffULL,
			virt_to_phys(left->ring[0]) | 8ULL << 56);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(left->ring[i], 0, 4096));
	KUNIT_EXPECT_FALSE(test, unit->dead);
	amd_model_free(model);
}

static void all_combinations(struct kunit *test)
{
	static const u64 bits[] = {
		IOMMU_EN, EVENT_LOG_EN, EVENT_INT_EN, CMD_BUF_EN,
		PPR_LOG_EN | PPR_INT_EN | PPR_EN,
	};
	unsigned int i, j;
	u64 control;

	for (i = 0; i < 32; i++) {
		for (control = 0, j = 0; j < ARRAY_SIZE(bits); j++)
			control |= i & BIT(j) ? bits[j] : 0;
		take_over(left_new(test, control));
	}
}

/* The crashed kernel translated the device, with tables of three levels. */
static struct left *crashed_new(struct kunit *test, u64 control)
{
	struct left *left = left_new(test, control);

	left->table[1][3] ^= 1ULL << 21;
	dte(left, RID)[0] |= virt_to_phys(left->table[2]) | 3 << 9;
	/* DomainIDs */
	dte(left, RID)[1] = 5;
	dte(left, 0x20)[1] = 6;
	return left;
}

static void expect_copied(struct left *left, u16 rid, const u64 *old)
{
	struct amd_model *model = left->model;
	const u64 *entry = amd_model_entry(model, rid);
	struct kunit *test = model->test;

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_EXPECT_EQ(test, nyx_unit_foreign_has(&model->au->unit, rid), !!old);
	/* V and TV, and in a blocked entry neither IR nor IW */
	KUNIT_EXPECT_EQ(test, entry[0] & 3, 3);
	if (!old) {
		KUNIT_EXPECT_EQ(test, entry[0] & 3ULL << 61, 0);
		return;
	}
	KUNIT_EXPECT_EQ(test, entry[0], old[0]);
	KUNIT_EXPECT_EQ(test, entry[1], old[1]);
}

static void expect_reserved(struct kunit *test, struct nyx_unit *unit)
{
	int id, n;

	for (n = 0; n < 8; n++) {
		id = ida_alloc_range(&unit->domain_ids, 1,
				     unit->caps.max_domain_id, GFP_KERNEL);
		KUNIT_EXPECT_GT(test, id, 0);
		KUNIT_EXPECT_NE(test, id, 5);
		KUNIT_EXPECT_NE(test, id, 6);
	}
}

/* The driver is loaded; no DMA passes untranslated. */
static void start_capture(struct left *left)
{
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;
	struct kunit *test = model->test;

	KUNIT_ASSERT_EQ(test, amd_takeover_check(model->au, &capturing), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->control & 0xf00d, 0xf00d);
	KUNIT_EXPECT_NE(test, model->devtab[0] & ~0xfffULL,
			virt_to_phys(left->devtab));
	KUNIT_EXPECT_EQ(test, model->untranslated, 0);
}

/*
 * The crashed kernel's entries stay in use until a driver starts the device. Then
 * the unit caches nothing of them any more.
 */
static void capture(struct left *left)
{
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;
	struct kunit *test = model->test;
	struct nyx_device *ndev;
	struct nyx_entry own;

	start_capture(left);
	KUNIT_EXPECT_EQ(test, model->blocked, 0);
	expect_copied(left, RID, dte(left, RID));
	expect_copied(left, 0x20, dte(left, 0x20));
	expect_copied(left, 0x21, NULL);
	expect_copied(left, 0x22, NULL);
	expect_reserved(test, unit);

	ndev = amd_model_add(model, RID);
	own = amd_model_table(model, 9);
	bitmap_zero(model->entries, 65536);
	bitmap_zero(model->domains, 65536);
	KUNIT_EXPECT_EQ(test, amd_model_set(ndev, &own), 0);
	KUNIT_EXPECT_FALSE(test, nyx_unit_foreign_has(unit, RID));
	KUNIT_EXPECT_TRUE(test, test_bit(RID, model->entries));
	KUNIT_EXPECT_TRUE(test, test_bit(5, model->domains));
	KUNIT_EXPECT_EQ(test, model->blocked, 0);
	expect_copied(left, 0x20, dte(left, 0x20));
	amd_model_free(model);
}

static void capture_combinations(struct kunit *test)
{
	static const u64 bits[] = {
		EVENT_LOG_EN, EVENT_INT_EN, CMD_BUF_EN,
		PPR_LOG_EN | PPR_INT_EN | PPR_EN,
	};
	unsigned int i, j;
	u64 control;

	for (i = 0; i < 16; i++) {
		for (control = IOMMU_EN, j = 0; j < ARRAY_SIZE(bits); j++)
			control |= i & BIT(j) ? bits[j] : 0;
		capture(crashed_new(test, control));
	}
}

/* The crashed kernel did not use the unit. */
static void capture_of_idle(struct kunit *test)
{
	struct left *left = crashed_new(test, CMD_BUF_EN);
	struct nyx_unit *unit = &left->model->au->unit;

	KUNIT_ASSERT_EQ(test, amd_takeover_check(left->model->au, &capturing), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	KUNIT_EXPECT_NULL(test, unit->foreign);
}

/* GTEn and DevTblSegEn stay: two segments, each for half of the DeviceIDs. */
static void capture_of_segments(struct kunit *test)
{
	struct left *left = crashed_new(test, IOMMU_EN | 0x400010000);
	struct amd_model *model = left->model;
	u64 *second = new_page(test);

	model->au->efr |= DEV_TBL_SEG_SUP(1);
	model->devtab[1] = virt_to_phys(second);
	second[4 * 0x33] = 3ULL << 61 | 3;
	second[4 * 0x33 + 1] = 7;
	start_capture(left);
	KUNIT_EXPECT_EQ(test, model->control & 0x1c00010000, 0x400010000);
	expect_copied(left, RID, dte(left, RID));
	expect_copied(left, 0x8033, &second[4 * 0x33]);
	expect_copied(left, 0x33, NULL);
}

/* What the core does instead of disabling the unit: all DMA is blocked. */
static void give_up(struct left *left)
{
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;
	struct kunit *test = model->test;
	const u64 *entry;
	u32 rid;

	KUNIT_EXPECT_TRUE(test, unit->ops->block(unit, false));
	KUNIT_EXPECT_TRUE(test, unit->ops->block_end(unit));
	KUNIT_EXPECT_EQ(test, model->control & 0xf00d, IOMMU_EN);
	KUNIT_EXPECT_EQ(test, model->untranslated, 0);
	for (rid = 0; rid < 65536; rid++) {
		entry = amd_model_entry(model, rid);
		/* V and TV, and neither IR nor IW */
		KUNIT_ASSERT_EQ(test, entry[0] & 3, 3);
		KUNIT_ASSERT_EQ(test, entry[0] & 3ULL << 61, 0);
	}
}

/* The unit does not execute the first commands, so that loading fails. */
static void capture_not_enabled(struct kunit *test)
{
	struct left *left = crashed_new(test, IOMMU_EN);
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_ASSERT_EQ(test, amd_takeover_check(model->au, &capturing), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	unit->started = true;
	model->au->queue.timeout_ns = 1000000;
	model->stalled = true;
	model->stall_stops = 1;
	KUNIT_EXPECT_NE(test, unit->ops->enable(unit), 0);
	give_up(left);
}

/* A second load uses the unit, and nothing of the first one's tables. */
static void capture_twice(struct kunit *test)
{
	struct left *left = crashed_new(test, IOMMU_EN);
	struct nyx_entry identity = unit_core_identity(1);
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;
	struct amd_devtab first;

	start_capture(left);
	KUNIT_EXPECT_EQ(test, amd_model_set(amd_model_add(model, RID),
					    &identity), 0);
	give_up(left);
	/* Its memory is kept for the unit; this test frees it at the end. */
	first = model->au->devtab;
	unit->stuck = true;
	unit->ops->stop(unit);
	bitmap_free(unit->foreign);
	unit->foreign = NULL;
	model->au->crashed = false;
	unit_core.own = virt_to_phys(first.segment[0]);

	start_capture(left);
	KUNIT_EXPECT_NOT_NULL(test, unit->foreign);
	KUNIT_EXPECT_PTR_NE(test, model->au->devtab.nowhere, first.nowhere);
	expect_copied(left, RID, NULL);
	expect_copied(left, 0x20, NULL);
	amd_model_free(model);
	amd_devtab_destroy(&first);
}

struct damage {
	const char *name;
	u64 q0;
	u64 q1;
	u32 max_domain_id;
};

/* What is changed in the device's entry. */
static const struct damage damages[] = {
	{ "reserved bit 2", .q0 = 1 << 2 },
	{ "reserved bit 63", .q0 = 1ULL << 63 },
	{ "guest table", .q0 = 1ULL << 55 },
	{ "mode 7", .q0 = 4 << 9 },
	{ "no page table", .q0 = 0x000ffffff0000000ULL },
	{ "device TLB", .q1 = 1ULL << 32 },
	{ "large DomainID", .max_domain_id = 4 },
};

KUNIT_ARRAY_PARAM_DESC(damages, damages, name);

/* An entry that cannot be copied blocks the device, with one log line. */
static void capture_blocks(struct kunit *test)
{
	static const char *const line =
		"blocked until their drivers start, because their entries";
	unsigned int lines = log_text_count(test, line);
	const struct damage *d = test->param_value;
	struct left *left = crashed_new(test, IOMMU_EN);

	dte(left, RID)[0] ^= d->q0;
	dte(left, RID)[1] ^= d->q1;
	/* Not translated */
	dte(left, 0x20)[0] = 3ULL << 61 | 3;
	dte(left, 0x20)[1] = 2;
	if (d->max_domain_id)
		left->model->au->unit.caps.max_domain_id = d->max_domain_id;
	start_capture(left);
	expect_copied(left, RID, NULL);
	expect_copied(left, 0x20, dte(left, 0x20));
	KUNIT_EXPECT_EQ(test, log_text_count(test, line), lines + 1);
}

/* Until the driver's entries are complete, the unit has firmware's table. */
static void keeps_table_until_enabled(struct kunit *test)
{
	struct left *left = left_new(test, IOMMU_EN | EVENT_LOG_EN | CMD_BUF_EN);
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;

	KUNIT_ASSERT_EQ(test, amd_takeover_check(model->au, &normal), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->start(unit), 0);
	KUNIT_EXPECT_EQ(test, model->control & IOMMU_EN, IOMMU_EN);
	KUNIT_EXPECT_EQ(test, model->devtab[0], virt_to_phys(left->devtab));
	/* If loading fails, it stays. */
	unit->ops->stop(unit);
	KUNIT_EXPECT_EQ(test, model->control & IOMMU_EN, IOMMU_EN);
	KUNIT_EXPECT_EQ(test, model->devtab[0], virt_to_phys(left->devtab));
	KUNIT_EXPECT_EQ(test, model->blocked, 0);
	model->control = 0;
}

/* The command buffer does not stop: the unit is left alone. */
static void does_not_stop(struct kunit *test)
{
	struct left *left = left_new(test, IOMMU_EN | CMD_BUF_EN);
	struct amd_model *model = left->model;
	struct nyx_unit *unit = &model->au->unit;

	model->frozen = 0x10;
	KUNIT_ASSERT_EQ(test, amd_takeover_check(model->au, &normal), 0);
	KUNIT_EXPECT_EQ(test, unit->ops->start(unit), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, model->devtab[0], virt_to_phys(left->devtab));
	KUNIT_EXPECT_EQ(test, model->control & IOMMU_EN, IOMMU_EN);
	KUNIT_EXPECT_NULL(test, model->au->queue.ring);
	model->control = 0;
}

struct refusal {
	const char *name;
	void (*prepare)(struct left *left);
	bool forbidden;
	bool capture;
	bool encrypted;
	u64 control;
	int ret;
	const char *line;
};

static void other_2m(struct left *left)
{
	left->table[1][3] ^= 1ULL << 21;
}

static void other_16k(struct left *left)
{
	left->table[0][11] ^= 1ULL << 14;
}

static void guest_tables(struct left *left)
{
	dte(left, 0x20)[0] |= BIT_ULL(55);
}

static void device_tlb(struct left *left)
{
	dte(left, RID)[1] |= BIT_ULL(32);
}

static void seven_levels(struct left *left)
{
	dte(left, 0x20)[0] |= 7 << 9;
}

static void no_devtab(struct left *left)
{
	left->model->devtab[0] = 0x000ffffffffff000ULL;
}

static void no_second_segment(struct left *left)
{
	/* DevTblSegEn: two segments */
	left->model->control |= 1ULL << 34;
	left->model->devtab[1] = 0x000ffffffffff000ULL;
}

static void nine_segments(struct left *left)
{
	left->model->control |= 7ULL << 34;
}

static const struct refusal refusals[] = {
	{ "2 MiB elsewhere", other_2m, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP,
	  .line = "its tables translate to other addresses" },
	{ "16 KiB elsewhere", other_16k, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP,
	  .line = "its tables translate to other addresses" },
	{ "guest tables", guest_tables, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP, .line = "its tables have an unknown format" },
	{ "device TLB", device_tlb, .control = IOMMU_EN, .ret = -EOPNOTSUPP,
	  .line = "its tables have an unknown format" },
	{ "undefined mode", seven_levels, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP, .line = "its tables have an unknown format" },
	{ "device table without memory", no_devtab, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP, .line = "its tables cannot be read" },
	{ "segment without memory", no_second_segment, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP, .line = "its tables cannot be read" },
	{ "undefined number of segments", nine_segments, .control = IOMMU_EN,
	  .ret = -EOPNOTSUPP, .line = "its tables have an unknown format" },
	{ "capture, device table without memory", no_devtab, .capture = true,
	  .control = IOMMU_EN, .ret = -EOPNOTSUPP,
	  .line = "its tables cannot be read" },
	{ "capture, too many segments", nine_segments, .capture = true,
	  .control = IOMMU_EN, .ret = -EOPNOTSUPP,
	  .line = "its tables have an unknown format" },
	{ "capture, encrypted", .capture = true, .encrypted = true,
	  .control = IOMMU_EN, .ret = -EOPNOTSUPP,
	  .line = "memory is encrypted" },
	{ "capture, forbidden", .forbidden = true, .capture = true,
	  .control = IOMMU_EN, .ret = -EBUSY,
	  .line = "left translation enabled, and takeover=0" },
	{ "forbidden, translation", .forbidden = true, .control = IOMMU_EN,
	  .ret = -EBUSY, .line = "left translation enabled, and takeover=0" },
	{ "forbidden, command buffer", .forbidden = true,
	  .control = CMD_BUF_EN, .ret = -EBUSY,
	  .line = "left its command buffer enabled, and takeover=0" },
	{ "forbidden, event log", .forbidden = true, .control = EVENT_LOG_EN,
	  .ret = -EBUSY,
	  .line = "left its event log enabled, and takeover=0" },
};

KUNIT_ARRAY_PARAM_DESC(refusals, refusals, name);

/* The unit is left as it is, with one log line that has the reason. */
static void refuses(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct left *left = left_new(test, r->control);
	const struct amd_host host = {
		.takeover = !r->forbidden,
		.capture = r->capture,
		.encrypted = r->encrypted,
	};
	struct amd_model *model = left->model;
	unsigned int lines = log_text_count(test, r->line);
	u64 control;

	if (r->prepare)
		r->prepare(left);
	control = model->control;
	KUNIT_EXPECT_EQ(test, amd_takeover_check(model->au, &host), r->ret);
	KUNIT_EXPECT_EQ(test, model->control, control);
	KUNIT_EXPECT_EQ(test, log_text_count(test, r->line), lines + 1);
	model->control = 0;
}

/* An idle unit needs no permission. */
static void idle(struct kunit *test)
{
	static const struct amd_host forbidden = { };
	struct left *left = left_new(test, BIT_ULL(40));

	KUNIT_EXPECT_EQ(test, amd_takeover_check(left->model->au, &forbidden), 0);
	left->model->control = 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(all_combinations),
	KUNIT_CASE_SLOW(capture_combinations),
	KUNIT_CASE(capture_of_idle),
	KUNIT_CASE(capture_of_segments),
	KUNIT_CASE(capture_not_enabled),
	KUNIT_CASE(capture_twice),
	KUNIT_CASE_PARAM(capture_blocks, damages_gen_params),
	KUNIT_CASE(keeps_table_until_enabled),
	KUNIT_CASE_SLOW(does_not_stop),
	KUNIT_CASE_PARAM(refuses, refusals_gen_params),
	KUNIT_CASE(idle),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_takeover",
	.test_cases = cases,
};

kunit_test_suite(suite);
