// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests of devices, which nobody allowed, on a model of the unit.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "model.h"

#define OWN 0x0345
/* The PPR log's overflow, interrupt and run bits of the Status Register. */
#define OVERFLOW 0x20
#define INTERRUPT 0x40
#define RUN 0x80
#define ENTRIES 512

/* IASup, PPRSup */
static struct amd_model *model_new(struct kunit *test)
{
	struct amd_model *model = amd_model_new(test, 0x42, 0xffff);

	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);
	return model;
}

/* The unit logs a request: code 1, a tag of ten bits, an address. */
static void request(struct amd_model *model, u16 rid, u16 tag, u64 flags,
		    u64 addr)
{
	u64 *entry = phys_to_virt(model->ppr_base & 0x000ffffffffff000ULL);
	u32 next = (model->ppr_tail + 1) % ENTRIES;

	if (next == model->ppr_head) {
		model->status |= OVERFLOW;
		return;
	}
	entry += 2 * model->ppr_tail;
	entry[1] = addr;
	entry[0] = 1ULL << 60 | flags | (u64)tag << 32 | rid;
	model->ppr_tail = next;
	model->status |= INTERRUPT;
}

/* It is a fault, and is answered: Invalid Request (1), with the group's index. */
static void last_of_group(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	/* Bit 9 of the tag: the last; WP is bit 53. */
	request(model, OWN, 0x3a5, BIT_ULL(53), 0x123456789000);
	amd_event_service(model->au);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, OWN);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].access, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_TRUE(test, unit_core.faults[0].has_iova);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].iova, 0x123456789000);
	KUNIT_EXPECT_FALSE(test, unit_core.faults[0].has_pasid);
	KUNIT_EXPECT_EQ(test, model->answers, 1);
	KUNIT_EXPECT_EQ(test, model->answer[0], 7ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->answer[1], 0x11a5ULL << 32);
	/* It was taken out, and acknowledged. */
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
	KUNIT_EXPECT_EQ(test, model->status & INTERRUPT, 0);
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 1);
}

/* One that others of its group follow is not answered by itself. */
static void not_the_last(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	request(model, OWN, 0x1a5, 0, 0x1000);
	request(model, OWN, 0x1a5, 0, 0x2000);
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 2);
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].access, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].iova, 0x2000);
	KUNIT_EXPECT_EQ(test, model->answers, 0);
}

/* GN is bit 56; PASID bits 15:0 are bits 31:16, bits 19:16 are bits 45:42. */
static void with_pasid(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	request(model, OWN, 0x200, BIT_ULL(56) | 0xbeefULL << 16 |
		0xaULL << 42, 0x7000);
	amd_event_service(model->au);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_TRUE(test, unit_core.faults[0].has_pasid);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].pasid, 0xabeef);
	/* PASID at bit 32; GN is bit 2 of the upper half. */
	KUNIT_EXPECT_EQ(test, model->answer[0],
			7ULL << 60 | 0xabeefULL << 32 | OWN);
	KUNIT_EXPECT_EQ(test, model->answer[1], 0x1000ULL << 32 | 4);
}

/* The log wraps, and what was read is not read again. */
static void wraps(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < 3 * ENTRIES; i++) {
		request(model, OWN, 0x200 | (i & 0x1ff), 0, (u64)i << 12);
		if (i % 100 != 99)
			continue;
		amd_event_service(model->au);
		KUNIT_EXPECT_EQ(test, unit_core.nr_faults, i + 1);
		KUNIT_EXPECT_EQ(test, model->answers, i + 1);
		KUNIT_EXPECT_EQ(test, model->answer[1] >> 32,
				0x1000 | (i & 0x1ff));
	}
}

/* A log that overflowed is read, told of, and started again. */
static void overflow(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < ENTRIES + 3; i++)
		request(model, OWN, 0, 0, (u64)i << 12);
	KUNIT_EXPECT_EQ(test, model->status & OVERFLOW, OVERFLOW);
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES - 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, model->status & (OVERFLOW | RUN), RUN);
	request(model, OWN, 0, 0, 0x5000);
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

/* The tail tells of a request that never comes: lost, and no device's fault. */
static void late(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	model->ppr_tail++;
	request(model, OWN, 0x200, 0, 0x5000);
	amd_event_service(model->au);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, OWN);
	KUNIT_EXPECT_EQ(test, model->answers, 1);
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
}

/* An entry of another code says nothing of a page: nobody is accused. */
static void reserved_code(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	model->au->device_id = 0x0002;
	/* 0 becomes 1, 2 becomes 3, and so on to 15. */
	request(model, OWN, 0x200, 2ULL << 60, 0x5000);
	request(model, OWN, 0x200, 14ULL << 60, 0x5000);
	request(model, OWN, 0x200, 0, 0x6000);
	amd_event_service(model->au);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 3);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, 0x0002);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].code, 3);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].access, NYX_ACCESS_UNKNOWN);
	KUNIT_EXPECT_FALSE(test, unit_core.faults[0].has_iova);
	KUNIT_EXPECT_STREQ(test, unit_core.faults[0].reason,
			   "Reserved PPR log code");
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].code, 15);
	KUNIT_EXPECT_EQ(test, unit_core.faults[2].rid, OWN);
	KUNIT_EXPECT_EQ(test, model->answers, 1);
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
}

/* The bit of either log is set while it is cleared: else no more would come. */
static void interrupt_again(struct kunit *test)
{
	/* EventLogInt, PPRInt */
	static const u32 bits[] = { 2, INTERRUPT };
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		model->status |= bits[i];
		model->again = bits[i];
		amd_event_service(model->au);
		KUNIT_EXPECT_EQ(test, model->again, 0);
		KUNIT_EXPECT_EQ(test, model->status & bits[i], 0);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(last_of_group),
	KUNIT_CASE(not_the_last),
	KUNIT_CASE(with_pasid),
	KUNIT_CASE(wraps),
	KUNIT_CASE(overflow),
	KUNIT_CASE(late),
	KUNIT_CASE(reserved_code),
	KUNIT_CASE(interrupt_again),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_ppr",
	.test_cases = cases,
};

kunit_test_suite(suite);
