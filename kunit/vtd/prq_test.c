// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page request queue. Numbers are those of the VT-d specification (revision 5.1,
 * 7.4.1, 7.7.1 and 11.4.10).
 */
#include <kunit/device.h>
#include <linux/prandom.h>
#include <nyx/entry.h>
#include <nyx/page_request.h>

#include "../log_text.h"
#include "../seed.h"
#include "core.h"
#include "fault/page_request.h"
#include "model.h"
#include "vtd/dsc.h"
#include "vtd/event.h"
#include "vtd/prq.h"
#include "vtd/scalable.h"
#include "vtd/vtd.h"

#define OWN 0x0208
#define ENTRIES 1024

#define SCALABLE_ECAP (MODEL_ECAP | MODEL_ECAP_DT | MODEL_ECAP_SCALABLE | \
		       MODEL_ECAP_PASID | MODEL_ECAP_PSS(20))
#define PRQ_ECAP (SCALABLE_ECAP | MODEL_ECAP_PRS | MODEL_ECAP_PDS)

static struct vtd_model *running(struct kunit *test)
{
	struct vtd_model *model = vtd_model_running(test, MODEL_CAP, PRQ_ECAP);

	KUNIT_ASSERT_TRUE(test, model->vu->unit.caps.page_requests);
	KUNIT_EXPECT_EQ(test, model->pqa & 0xfff, 3);
	vtd_event_mask(model->vu, false);
	return model;
}

/* A device that may send page requests. */
static struct nyx_device *add(struct vtd_model *model)
{
	struct nyx_device *ndev = vtd_core_device(model->test, model, OWN);

	ndev->page_requests = true;
	ndev->page_users = 1;
	return ndev;
}

/* A request to read page @nr of PASID 77h, the last of group @nr. */
static void send(struct vtd_model *model, u16 rid, u64 nr, bool late)
{
	vtd_model_page_request(model, 0x0000007700000101ULL | (u64)rid << 16,
			       nr << 12 | (nr & 0x1ff) << 3 | 0x5, late);
}

static void decode(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int i;

	nyx_kunit_seed(test, &rnd);
	for (i = 0; i < 10000; i++) {
		u64 lo = (u64)prandom_u32_state(&rnd) << 32 |
			 prandom_u32_state(&rnd);
		u64 hi = (u64)prandom_u32_state(&rnd) << 32 |
			 prandom_u32_state(&rnd);
		struct nyx_page_request req;

		if (i % 4)
			lo = (lo & ~0xffULL) | 1;
		KUNIT_ASSERT_EQ(test, vtd_prq_decode(lo, hi, &req),
				(lo & 0xff) == 1);
		KUNIT_ASSERT_EQ(test, req.has_pasid, lo >> 8 & 1);
		KUNIT_ASSERT_EQ(test, req.rid, lo >> 16 & 0xffff);
		KUNIT_ASSERT_EQ(test, req.pasid,
				lo >> 8 & 1 ? lo >> 32 & 0xfffff : 0);
		KUNIT_ASSERT_EQ(test, req.exec, lo >> 52 & 1);
		KUNIT_ASSERT_EQ(test, req.priv, lo >> 53 & 1);
		KUNIT_ASSERT_EQ(test, req.read, hi & 1);
		KUNIT_ASSERT_EQ(test, req.write, hi >> 1 & 1);
		KUNIT_ASSERT_EQ(test, req.last, hi >> 2 & 1);
		KUNIT_ASSERT_EQ(test, req.group, hi >> 3 & 0x1ff);
		KUNIT_ASSERT_EQ(test, req.iova, hi & ~0xfffULL);
	}
}

static void encode(struct kunit *test)
{
	struct nyx_page_request req = {
		.rid = 0x1234,
		.has_pasid = true,
		.pasid = 0xabcde,
		.group = 0x1ff,
		.iova = 0x5000,
		.last = true,
	};
	struct nyx_cmd dsc = vtd_dsc_page_response(&req, NYX_PAGE_SUCCESS);

	KUNIT_EXPECT_EQ(test, dsc.lo, 0x000abcde12340019ULL);
	KUNIT_EXPECT_EQ(test, dsc.hi, 0xff8ULL);
	dsc = vtd_dsc_page_response(&req, NYX_PAGE_INVALID);
	KUNIT_EXPECT_EQ(test, dsc.lo, 0x000abcde12341019ULL);
	req.has_pasid = false;
	dsc = vtd_dsc_page_response(&req, NYX_PAGE_FAILURE);
	KUNIT_EXPECT_EQ(test, dsc.lo, 0x000000001234f009ULL);
	dsc = vtd_dsc_drain_requests();
	KUNIT_EXPECT_EQ(test, dsc.lo, 0xc5ULL);
	KUNIT_EXPECT_EQ(test, dsc.hi, 0ULL);
}

/* Units that cannot log page requests, or have no device that sends any. */
static void capability(struct kunit *test)
{
	static const u64 without[] = {
		SCALABLE_ECAP,
		PRQ_ECAP & ~MODEL_ECAP_DT,
		PRQ_ECAP & ~MODEL_ECAP_PDS,
		PRQ_ECAP & ~MODEL_ECAP_SMTS,
	};
	struct vtd_model *model;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(without); i++) {
		model = vtd_model_running(test, MODEL_CAP, without[i]);
		KUNIT_EXPECT_FALSE(test, model->vu->unit.caps.page_requests);
		KUNIT_EXPECT_EQ(test, model->pqa, 0);
		nyx_page_requests_read(&model->vu->unit);
		KUNIT_EXPECT_FALSE(test, vtd_prq_pending(model->vu));
	}
}

/* All requests arrive once and in order, around the end of the queue. */
static void requests(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;
	const struct iommu_fault_page_request *prm =
		&unit_core.last_report.fault.prm;
	u64 nr;

	add(model);
	for (nr = 1; nr <= ENTRIES + 100; nr++) {
		send(model, OWN, nr, false);
		KUNIT_ASSERT_EQ(test, model->page_interrupts, nr);
		KUNIT_ASSERT_EQ(test, unit->ops->read_faults(unit), 1);
		KUNIT_ASSERT_EQ(test, unit_core.reports, nr);
		KUNIT_ASSERT_EQ(test, prm->addr, nr << 12);
		KUNIT_ASSERT_EQ(test, prm->pasid, 0x77);
		KUNIT_ASSERT_EQ(test, prm->grpid, nr & 0x1ff);
		KUNIT_ASSERT_EQ(test, model->pqh, model->pqt);
		KUNIT_ASSERT_EQ(test, unit->ops->read_faults(unit), 0);
	}
	/* Several at once. */
	for (nr = 1; nr <= 50; nr++)
		send(model, OWN, nr, false);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, ENTRIES + 150);
	KUNIT_EXPECT_EQ(test, prm->addr, 50 << 12);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
}

/* The last response that the unit was told to send; 0 if there is none. */
static u64 last_response(const struct vtd_model *model)
{
	unsigned int i = model->nr_events;

	while (i--)
		if (model->events[i].kind == EVENT_DSC &&
		    (model->events[i].a & 0xf) == 9)
			return model->events[i].a;
	return 0;
}

/* Requests that cannot succeed are faults, and get a response. */
static void refused(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;

	send(model, OWN + 1, 5, false);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].rid, OWN + 1);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].iova, 5 << 12);
	KUNIT_EXPECT_EQ(test, unit_core.faults[0].pasid, 0x77);
	KUNIT_EXPECT_EQ(test, last_response(model), 0x0000007702091019ULL);

	add(model);
	/* With supervisor privilege, and of an unknown type. */
	vtd_model_page_request(model, 0x0020007702080101ULL, 0x7005, false);
	unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 2);
	KUNIT_EXPECT_EQ(test, last_response(model), 0x0000007702081019ULL);
	vtd_model_page_request(model, 0x0000007802080102ULL, 0x7005, false);
	unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 3);
	KUNIT_EXPECT_EQ(test, last_response(model), 0x0000007802081019ULL);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 0);
	/* A stop marker gets no response, also with supervisor privilege. */
	vtd_model_page_request(model, 0x0020007a02080101ULL, 0x7004, false);
	unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 3);
	KUNIT_EXPECT_EQ(test, last_response(model), 0x0000007802081019ULL);
	/* Not the last one of its group. */
	vtd_model_page_request(model, 0x0020007902080101ULL, 0x7001, false);
	unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 4);
	KUNIT_EXPECT_EQ(test, last_response(model), 0x0000007802081019ULL);
}

static void overflow(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;
	u64 nr;

	add(model);
	for (nr = 1; nr <= ENTRIES + 3; nr++)
		send(model, OWN, nr, false);
	KUNIT_EXPECT_EQ(test, model->prs, 3);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, ENTRIES - 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_STREQ(test, unit_core.steps, "L");
	KUNIT_EXPECT_EQ(test, model->prs, 0);
	send(model, OWN, nr, false);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, ENTRIES);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
}

/* Fills the queue while the driver handles the first request. */
static void fill(void *arg)
{
	struct vtd_model *model = arg;
	u64 nr;

	unit_core.on_fault = NULL;
	for (nr = 0; nr < ENTRIES; nr++)
		send(model, OWN, nr, false);
}

/*
 * Requests that arrived after the driver had read the tail may complete groups, so they
 * are handled before groups that are not complete are dropped.
 */
static void overflow_meanwhile(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;

	add(model);
	unit_core.on_fault = fill;
	/* Refused, without a response. */
	vtd_model_page_request(model, 0x0000007702090101ULL, 0x7001, false);
	unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(test, unit_core.reports, ENTRIES - 2);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_STREQ(test, unit_core.steps, "L");
	KUNIT_EXPECT_EQ(test, model->prs, 0);
}

/*
 * An earlier kernel has set up the page request queue, and did not handle the last event. The
 * driver begins with an empty queue of its own.
 */
static void left_over(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, PRQ_ECAP);
	struct nyx_unit *unit;

	model->pqa = 0x7003;
	model->pqh = 0x20;
	model->pqt = 0x60;
	model->prs = 3;
	vtd_model_probe(model);
	vtd_model_start(model);
	unit = &model->vu->unit;
	vtd_event_mask(model->vu, false);
	add(model);
	send(model, OWN, 1, false);
	KUNIT_EXPECT_EQ(test, model->page_interrupts, 1);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_EQ(test, unit_core.last_report.fault.prm.addr, 1 << 12);
}

/* A request that the unit has received, but not written, is handled, too. */
static void drain(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_device *ndev = add(model);

	send(model, OWN, 9, true);
	KUNIT_EXPECT_EQ(test, model->vu->unit.ops->read_faults(&model->vu->unit), 0);
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_EQ(test, unit_core.last_report.fault.prm.addr, 9 << 12);
	/* And once more, without any. */
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_STREQ(test, unit_core.steps, "FF");
}

/* Number of drains that the unit has executed. */
static unsigned int count_drains(const struct vtd_model *model)
{
	return vtd_model_count(model, EVENT_DSC, ~0ULL, 0xc5);
}

#define LATE "the log of page requests was full in each of 8 attempts"

/* A drain during which the queue overflowed proves nothing, and is repeated (7.10). */
static void drain_again(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_device *ndev = add(model);
	unsigned int lines = log_text_count(test, LATE);
	u64 nr;

	send(model, OWN, 9, true);
	model->drain_overflows = 2;
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, count_drains(model), 3);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 1);
	KUNIT_EXPECT_STREQ(test, unit_core.steps, "LLF");
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 2);

	/* A queue that is full already. */
	for (nr = 1; nr < ENTRIES; nr++)
		send(model, OWN, nr, false);
	send(model, OWN, 9, true);
	vtd_model_clear_events(model);
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, count_drains(model), 2);
	KUNIT_EXPECT_EQ(test, unit_core.reports, ENTRIES);
	KUNIT_EXPECT_EQ(test, model->prs, 0);
	KUNIT_EXPECT_EQ(test, log_text_count(test, LATE), lines);

	/* Other devices fill the queue again and again. */
	vtd_model_clear_events(model);
	model->drain_overflows = 1000;
	scoped_guard(mutex, &ndev->entry_lock)
		nyx_page_requests_drain(ndev);
	KUNIT_EXPECT_EQ(test, count_drains(model), 8);
	KUNIT_EXPECT_EQ(test, log_text_count(test, LATE), lines + 1);
}

/* A unit that loses its registers starts with an empty queue. */
static void wake(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;
	u64 pqa = model->pqa;

	add(model);
	send(model, OWN, 1, false);
	unit->ops->read_faults(unit);
	unit->ops->disable(unit);
	/* As after a sleep. */
	model->gsts = 0;
	model->tail = 0;
	model->iqa = 0;
	model->pqa = 0;
	model->pqh = 0;
	model->pqt = 0;
	KUNIT_ASSERT_EQ(test, unit->ops->wake(unit), 0);
	KUNIT_ASSERT_EQ(test, unit->ops->enable(unit), 0);
	KUNIT_EXPECT_EQ(test, model->pqa, pqa);
	send(model, OWN, 2, false);
	KUNIT_EXPECT_EQ(test, unit->ops->read_faults(unit), 1);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 2);
	KUNIT_EXPECT_EQ(test, unit_core.last_report.fault.prm.addr, 2 << 12);
}

/* A start that fails leaves no address of freed memory in the unit. */
static void start_fails(struct kunit *test)
{
	struct vtd_model *model = vtd_model_new(test, MODEL_CAP, PRQ_ECAP);
	struct nyx_unit *unit;

	vtd_model_probe(model);
	unit = &model->vu->unit;
	unit_core.irq_fails = true;
	KUNIT_EXPECT_NE(test, unit->ops->start(unit), 0);
	KUNIT_EXPECT_EQ(test, model->pqa, 0);
}

/* A unit that is gone reads as all ones. */
static void gone(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_unit *unit = &model->vu->unit;

	add(model);
	send(model, OWN, 1, false);
	model->gone = true;
	nyx_page_requests_read(unit);
	KUNIT_EXPECT_EQ(test, unit_core.reports, 0);
	KUNIT_EXPECT_EQ(test, unit_core.nr_faults, 0);
	KUNIT_EXPECT_FALSE(test, vtd_prq_pending(model->vu));
}

/* Only an entry that allows ATS allows page requests (9.4). */
static void entries(struct kunit *test)
{
	struct vtd_model *model = running(test);
	struct nyx_entry entry = unit_core_table(test, 5, true);
	const struct nyx_unit_caps *caps = &model->vu->unit.caps;
	struct nyx_entry identity = {
		.kind = NYX_ENTRY_IDENTITY,
		.domain_id = 3,
		.pasids = true,
		.ats = true,
		.page_requests = true,
	};

	KUNIT_EXPECT_EQ(test, vtd_scalable_encode(&entry, caps).context, 0x5);
	entry.page_requests = true;
	KUNIT_EXPECT_EQ(test, vtd_scalable_encode(&entry, caps).context, 0x15);
	entry.ats = false;
	KUNIT_EXPECT_EQ(test, vtd_scalable_encode(&entry, caps).context, 0x1);
	KUNIT_EXPECT_EQ(test, vtd_scalable_encode(&identity, caps).context,
			0x1d);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(decode),
	KUNIT_CASE(encode),
	KUNIT_CASE(capability),
	KUNIT_CASE(requests),
	KUNIT_CASE(refused),
	KUNIT_CASE(overflow),
	KUNIT_CASE(overflow_meanwhile),
	KUNIT_CASE(left_over),
	KUNIT_CASE(drain),
	KUNIT_CASE(drain_again),
	KUNIT_CASE(wake),
	KUNIT_CASE(start_fails),
	KUNIT_CASE(gone),
	KUNIT_CASE(entries),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_vtd_prq",
	.test_cases = cases,
};

kunit_test_suite(suite);
