// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests, which the driver refuses, as it enables PRI for no device.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <linux/time64.h>

#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/event.h"
#include "fault/page_request.h"
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
	struct amd_model *model = amd_model_new(test, IA_SUP | PPR_SUP, 0xffff);

	amd_model_start(model);
	KUNIT_EXPECT_EQ(test, model->status & RUN, RUN);
	return model;
}

/* The unit logs a request: code 1, a tag of ten bits, and an address. */
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

/*
 * A request is a fault. The response is Invalid Request (1), with the group
 * index.
 */
static void last_of_group(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	/* Bit 9 of the tag marks the last request of a group; WP is bit 53. */
	request(model, OWN, 0x3a5, BIT_ULL(53), 0x123456789000);
	nyx_fault_service(&model->au->unit);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, OWN);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].access, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_TRUE(test, unit_core.faults[0].has_iova);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].iova, 0x123456789000);
	KUNIT_EXPECT_FALSE(test, unit_core.faults[0].has_pasid);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 1);
	KUNIT_EXPECT_EQ(test, model->response[0], 7ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->response[1], 0x11a5ULL << 32);
	/* The entry was consumed, and the interrupt was acknowledged. */
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
	KUNIT_EXPECT_EQ(test, model->status & INTERRUPT, 0);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 1);
}

/* Only the last request of a group gets a response. */
static void not_the_last(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	request(model, OWN, 0x1a5, 0, 0x1000);
	request(model, OWN, 0x1a5, 0, 0x2000);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 2);
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].access, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].iova, 0x2000);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 0);
}

/* GN is bit 56; PASID bits 15:0 are bits 31:16, bits 19:16 are bits 45:42. */
static void with_pasid(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	/* A stop marker, which wants no access, gets no response. */
	request(model, OWN, 0x200, BIT_ULL(56) | 0xbeefULL << 16, 0);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 0);

	request(model, OWN, 0x200, BIT_ULL(56) | BIT_ULL(53) | 0xbeefULL << 16 |
		0xaULL << 42, 0x7000);
	nyx_fault_service(&model->au->unit);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_TRUE(test, unit_core.faults[0].has_pasid);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].pasid, 0xabeef);
	/* PASID at bit 32; GN is bit 2 of the upper half. */
	KUNIT_EXPECT_EQ(test, model->response[0],
			7ULL << 60 | 0xabeefULL << 32 | OWN);
	KUNIT_EXPECT_EQ(test, model->response[1], 0x1000ULL << 32 | 4);
}

/* The log wraps, and no entry is read twice. */
static void wraps(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < 3 * ENTRIES; i++) {
		request(model, OWN, 0x200 | (i & 0x1ff), 0, (u64)i << 12);
		if (i % 100 != 99)
			continue;
		nyx_fault_service(&model->au->unit);
		KUNIT_EXPECT_EQ(test, unit_core.nr_faults, i + 1);
		KUNIT_EXPECT_EQ(test, model->nr_responses, i + 1);
		KUNIT_EXPECT_EQ(test, model->response[1] >> 32,
				0x1000 | (i & 0x1ff));
	}
}

/* A log that overflowed is read, reported, and restarted. */
static void overflow(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < ENTRIES + 3; i++)
		request(model, OWN, 0, 0, (u64)i << 12);
	KUNIT_EXPECT_EQ(test, model->status & OVERFLOW, OVERFLOW);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES - 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, model->status & (OVERFLOW | RUN), RUN);
	request(model, OWN, 0, 0, 0x5000);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, ENTRIES);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);
}

/*
 * The unit moves the tail, but never writes the entry: reported as an overflow.
 */
static void entry_never_written(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	model->ppr_tail++;
	request(model, OWN, 0x200, 0, 0x5000);
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, OWN);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 1);
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
}

/* An entry with a reserved code is a fault of the unit, not of a device. */
static void reserved_code(struct kunit *test)
{
	struct amd_model *model = model_new(test);

	model->au->device_id = 0x0002;
	/* request() sets code bit 0: 2 becomes 3, and 14 becomes 15. */
	request(model, OWN, 0x200, 2ULL << 60, 0x5000);
	request(model, OWN, 0x200, 14ULL << 60, 0x5000);
	request(model, OWN, 0x200, 0, 0x6000);
	nyx_fault_service(&model->au->unit);
	KUNIT_ASSERT_EQ(test, unit_core.nr_faults, 3);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, 0x0002);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].code, 3);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].access, NYX_ACCESS_UNKNOWN);
	KUNIT_EXPECT_FALSE(test, unit_core.faults[0].has_iova);
	KUNIT_EXPECT_STREQ(test, unit_core.faults[0].reason,
			   "Reserved PPR log code");
	KUNIT_EXPECT_EQ(test, unit_core.faults[1].code, 15);
	KUNIT_EXPECT_EQ(test, unit_core.faults[2].rid, OWN);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 1);
	KUNIT_EXPECT_EQ(test, model->ppr_head, model->ppr_tail);
}

/*
 * The unit sets the interrupt bit of a log again while it is cleared. Left set,
 * it would suppress later interrupts.
 */
static void interrupt_set_while_cleared(struct kunit *test)
{
	/* EventLogInt, PPRInt */
	static const u32 bits[] = { 2, INTERRUPT };
	struct amd_model *model = model_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		model->status |= bits[i];
		model->sticky = bits[i];
		nyx_fault_service(&model->au->unit);
		KUNIT_EXPECT_EQ(test, model->sticky, 0);
		KUNIT_EXPECT_EQ(test, model->status & bits[i], 0);
	}
}

/*
 * The unit does not execute the response. Nothing was unmapped, so it is out of
 * service, but not contained. The same if all its registers read as ones.
 */
static void response_fails(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	struct nyx_unit *unit = &model->au->unit;

	model->au->queue.timeout_ns = NSEC_PER_MSEC;
	model->stalled = true;
	model->stays_stalled = true;
	request(model, OWN, 0x200, 0, 0x1000);
	nyx_fault_service(unit);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_FALSE(test, unit->contained);
	model->stays_stalled = false;
}

static void gone(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	struct nyx_unit *unit = &model->au->unit;

	model->gone = true;
	nyx_fault_service(unit);
	KUNIT_EXPECT_TRUE(test, unit->dead);
	KUNIT_EXPECT_FALSE(test, unit->contained);
}

/* The log does not stop: ATS, and with it page requests, are turned off. */
static void cannot_restart(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	struct nyx_unit *unit = &model->au->unit;

	model->status |= OVERFLOW;
	model->frozen = RUN;
	nyx_fault_service(unit);
	KUNIT_EXPECT_FALSE(test, unit->dead);
	KUNIT_EXPECT_TRUE(test, unit->ats_off);
}

/* Requests of a device that may send them go to the framework, and are no faults. */
static void expected(struct kunit *test)
{
	struct amd_model *model = model_new(test);
	struct nyx_unit *unit = &model->au->unit;
	struct nyx_device *ndev = unit_core_device(test, unit, OWN);
	const struct iommu_fault_page_request *prm =
		&unit_core.last_report.fault.prm;
	struct iommu_page_response msg = { .code = IOMMU_PAGE_RESP_SUCCESS };
	struct dev_iommu iommu = { .priv = ndev };

	ndev->page_requests = true;
	ndev->page_users = 1;
	ndev->dev->iommu = &iommu;
	request(model, OWN, 0x3a5, BIT_ULL(56) | BIT_ULL(53) | 0xbeefULL << 16 |
		0xaULL << 42, 0x7654321000);
	nyx_fault_service(unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_ASSERT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_EQ(test, prm->addr, 0x7654321000);
	KUNIT_EXPECT_EQ(test, prm->grpid, 0x1a5);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 0);
	nyx_page_response(ndev->dev, &unit_core.last_report, &msg);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 1);
	/* Success is 0. Without the capability the response has no PASID (GN). */
	KUNIT_EXPECT_EQ(test, model->response[0], 7ULL << 60 | OWN);
	KUNIT_EXPECT_EQ(test, model->response[1], 0x1a5ULL << 32);
	ndev->response_pasid = true;
	nyx_page_response(ndev->dev, &unit_core.last_report, &msg);
	KUNIT_EXPECT_EQ(test, model->nr_responses, 2);
	KUNIT_EXPECT_EQ(test, model->response[0],
			7ULL << 60 | 0xabeefULL << 32 | OWN);
	KUNIT_EXPECT_EQ(test, model->response[1], 0x1a5ULL << 32 | 4);

	/* The log is read when requests are drained. */
	request(model, OWN, 0x3a6, 0, 0x1000);
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 2);
	KUNIT_EXPECT_EQ(test, prm->addr, 0x1000);
	ndev->dev->iommu = NULL;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(last_of_group),
	KUNIT_CASE(not_the_last),
	KUNIT_CASE(with_pasid),
	KUNIT_CASE(expected),
	KUNIT_CASE(wraps),
	KUNIT_CASE(overflow),
	KUNIT_CASE(entry_never_written),
	KUNIT_CASE(reserved_code),
	KUNIT_CASE(interrupt_set_while_cleared),
	KUNIT_CASE(response_fails),
	KUNIT_CASE(gone),
	KUNIT_CASE_SLOW(cannot_restart),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_ppr",
	.test_cases = cases,
};

kunit_test_suite(suite);
