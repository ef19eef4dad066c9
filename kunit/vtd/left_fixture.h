/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Units that firmware or a crashed kernel left running.
 */
#ifndef NYX_KUNIT_VTD_LEFT_FIXTURE_H
#define NYX_KUNIT_VTD_LEFT_FIXTURE_H

#include <linux/io.h>
#include <nyx/unit.h>

#include "core.h"
#include "model.h"
#include "vtd/vtd.h"

/* Bits of GSTS (11.4.4.2): TES, IRES, QIES, and RTPS, IRTPS, CFIS. */
#define TES	0x80000000u
#define IRES	0x02000000u
#define QIES	0x04000000u
#define RTPS	0x40000000u
#define IRTPS	0x01000000u
#define CFIS	0x00800000u

/* The device that does DMA all the time. */
#define RID	0x0110

/**
 * struct left - a unit that firmware left running, and its memory
 * @model: the unit
 * @root: root table
 * @context: context table of bus 1
 * @table: second-stage tables of three levels
 * @queue: invalidation queue
 * @irt: interrupt remapping table of 256 entries
 */
struct left {
	struct vtd_model *model;
	u64 *root;
	u64 *context;
	u64 *table[3];
	u64 *queue;
	u64 *irt;
};

static inline u64 *new_page(struct kunit *test)
{
	u64 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, virt_to_phys(page) & 0xfff, 0);
	return page;
}

/* Pages of 1 GiB, 2 MiB and 4 KiB that lead to themselves. */
static inline void fill_tables(struct left *left)
{
	left->table[2][1] = 1ULL << 30 | 0x83;
	left->table[2][2] = virt_to_phys(left->table[1]) | 3;
	left->table[1][3] = 2ULL << 30 | 3ULL << 21 | 0x81;
	left->table[1][4] = virt_to_phys(left->table[0]) | 3;
	left->table[0][5] = 2ULL << 30 | 4ULL << 21 | 5ULL << 12 | 2;
	/* Neither R nor W: not present, whatever the address. */
	left->table[0][6] = 0x1000;
}

/* The unit snoops, because firmware's flushes are not modelled. */
static inline struct left *left_new(struct kunit *test, u32 gsts)
{
	struct left *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);
	struct vtd_model *model;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, left);
	model = vtd_model_new(test, MODEL_CAP, MODEL_ECAP | MODEL_ECAP_C);
	left->model = model;
	left->root = new_page(test);
	left->context = new_page(test);
	for (i = 0; i < 3; i++)
		left->table[i] = new_page(test);
	left->queue = new_page(test);
	left->irt = new_page(test);
	fill_tables(left);
	left->root[2 * (RID >> 8)] = virt_to_phys(left->context) | 1;
	/* Pass-through, 4 levels, domain 5 (9.3) */
	left->context[2 * (RID & 0xff)] = 2 << 2 | 1;
	left->context[2 * (RID & 0xff) + 1] = 5 << 8 | 2;
	/* Another device, with tables of three levels */
	left->context[0] = virt_to_phys(left->table[2]) | 1;
	left->context[1] = 6 << 8 | 1;

	model->gsts = gsts;
	if (gsts & TES) {
		model->gsts |= RTPS;
		model->rtaddr = virt_to_phys(left->root);
		model->root = model->rtaddr;
		model->cc_flushed = true;
		model->iotlb_flushed = true;
	}
	if (gsts & QIES) {
		model->iqa = virt_to_phys(left->queue);
		model->head = 3;
		model->tail = 3;
	}
	if (gsts & IRES) {
		model->gsts |= IRTPS;
		model->intr.irta = virt_to_phys(left->irt) | 7;
		model->intr.table = model->intr.irta;
		model->intr.flushed = true;
	}
	vtd_walk_add(model, RID);
	return left;
}

/* An interrupt in compatibility format, as this kernel uses them. */
static inline void expect_interrupt(struct left *left, const char *when)
{
	struct vtd_delivery d = vtd_intr_request(left->model, RID, 0xfee01000,
						 0x41);

	KUNIT_EXPECT_EQ_MSG(left->model->test, d.reason, 0, "%s", when);
	KUNIT_EXPECT_EQ_MSG(left->model->test, d.vector, 0x41, "%s", when);
}

#endif /* NYX_KUNIT_VTD_LEFT_FIXTURE_H */
