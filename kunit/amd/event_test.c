// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the event log. Numbers are those of the AMD IOMMU specification
 * (48882).
 */
#include <linux/io.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "model.h"

#define RID 0x0345
#define ENTRIES 32768
/* EventOverflow, EventLogInt and EventLogRun of the Status Register. */
#define OVERFLOW 1
#define INTERRUPT 2
#define RUN 8
/* IO_PAGE_FAULT; PR is bit 52, RW bit 53, PE bit 54. */
#define PAGE_FAULT (2ULL << 60 | RID)

/* Each entry becomes a fault, with all its fields. */
static void page_fault(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);

	amd_model_log(model, PAGE_FAULT | 7ULL << 52, 0x123456789abc);
	amd_model_log(model, PAGE_FAULT, 0x1000);
	nyx_fault_service(&model->au->unit);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 2);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, RID);
	KUNIT_EXPECT_TRUE(test, unit_core.faults[0].has_iova);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].iova, 0x123456789abc);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].access, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_STREQ(test, unit_core.faults[0].reason,
			   "IO_PAGE_FAULT: lack of permission");
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].iova, 0x1000);
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].access, NYX_ACCESS_READ);
	/* The entries were consumed, and the interrupt was acknowledged. */
	KUNIT_EXPECT_EQ(test, model->log_head, 2);
	KUNIT_EXPECT_EQ(test, model->status & INTERRUPT, 0);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 2);
}

/* After the last entry of the log comes the first one. */
static void wraps(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	unsigned int round, i, nr = 0;

	for (round = 0; round < 3; round++) {
		/*
		 * Skip the rest of the log, then log 20 events around its end.
		 */
		model->log_head = ENTRIES - 7;
		model->log_tail = ENTRIES - 7;
		model->au->event.head = ENTRIES - 7;
		model->au->timeouts.seen = ENTRIES * (round + 1) - 7;
		for (i = 0; i < 20; i++)
			amd_model_log(model, PAGE_FAULT, (nr + i) << 12);
		nyx_fault_service(&model->au->unit);
		KUNIT_ASSERT_EQ(test, unit_core.nr_faults, nr + 20);
		for (i = 0; i < 20; i++, nr++)
			KUNIT_EXPECT_EQ(test, unit_core.faults[nr].iova,
					nr << 12);
		KUNIT_EXPECT_EQ(test, model->log_head, 13);
	}
	/*
	 * Entries that were read are zeroed, as the unit may move the tail
	 * before it writes the next entry.
	 */
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(model->au->event.ring, 0,
					     ENTRIES * 16), NULL);
}

/* A full log is read to its end, reported, and restarted. */
static void overflow(struct kunit *test)
{
	struct amd_model *model = amd_model_running(test);
	unsigned int i;

	for (i = 0; i < ENTRIES + 2; i++)
		amd_model_log(model, PAGE_FAULT, (u64)i << 12);
	KUNIT_EXPECT_EQ(test, model->dropped, 3);
	KUNIT_EXPECT_EQ(test, model->status & OVERFLOW, OVERFLOW);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES - 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, model->status & (OVERFLOW | RUN), RUN);
	amd_model_log(model, PAGE_FAULT, 0x5000);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES);
	KUNIT_EXPECT_EQ(test, model->dropped, 3);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(page_fault),
	KUNIT_CASE(wraps),
	KUNIT_CASE_SLOW(overflow),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_event",
	.test_cases = cases,
};

kunit_test_suite(suite);
