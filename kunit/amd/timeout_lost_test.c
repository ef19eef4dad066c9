// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lost events, one of which may have been that a device did not respond.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include "../unit_core.h"
#include "amd/amd.h"
#include "amd/ats_off.h"
#include "amd/event.h"
#include "amd/timeout.h"
#include "ats_fixture.h"
#include "model.h"

/* EventOverflow, EventLogRun */
#define OVERFLOW 1
#define RUN 8

/* Page faults that fill the log of 32768 entries, one of which stays free. */
#define FULL 32767

/*
 * The log has overflowed. The driver has seen that it was full, as it does when
 * it reads a full log.
 */
static void set_overflow(struct ats_fixture *ats)
{
	ats->model->status |= OVERFLOW;
	ats->model->au->event.crowded = true;
}

static unsigned int iotlb_cmds(struct ats_fixture *ats)
{
	return amd_model_find(ats->model, OWN)->iotlb_cmds;
}

/* No loss: one INVALIDATE_IOTLB_PAGES, and nothing else is invalidated. */
static void no_loss(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->log_reads = 0;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), 1);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 0);
	/* The log in memory is empty, so its registers were not read. */
	KUNIT_EXPECT_EQ(test, ats->model->log_reads, 0);
	/* An earlier loss does not count. */
	ats->model->au->event.losses++;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), 2);
	KUNIT_EXPECT_EQ(test, ats->model->globals, 0);
}

/* The log has overflowed when the device does not respond. */
static void overflow(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->unresponsive = OWN;
	set_overflow(ats);
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, ats->model->dropped, 1);
	KUNIT_EXPECT_EQ(test, unit_core.overflows, 1);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), 2);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
}

/* The thread of the interrupt restarts the log before the flush reads it. */
static void serve(struct amd_model *model, bool done)
{
	if (!done || !model->dropped)
		return;
	model->on_status = NULL;
	nyx_fault_service(&model->au->unit);
	KUNIT_EXPECT_EQ(model->test, model->status & OVERFLOW, 0);
	KUNIT_EXPECT_EQ(model->test, model->status & RUN, RUN);
}

static void overflow_cleared_by_thread(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->unresponsive = OWN;
	set_overflow(ats);
	ats->model->on_status = serve;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_PTR_EQ(test, ats->model->on_status, NULL);
	KUNIT_EXPECT_EQ(test, ats->model->dropped, 1);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
}

/*
 * The log overflows, and the thread of the interrupt has removed its entries, but
 * has not restarted it. Nothing in memory shows that an event was dropped.
 */
static void drain(struct amd_model *model, bool done)
{
	struct nyx_unit *unit = &model->au->unit;
	unsigned int i;

	if (!done || !model->dropped)
		return;
	model->on_status = NULL;
	/* 16 entries at a time */
	for (i = 0; i < FULL; i += 16)
		unit->ops->read_faults(unit);
	KUNIT_EXPECT_EQ(model->test, model->log_head, model->log_tail);
	KUNIT_EXPECT_EQ(model->test, model->status & OVERFLOW, OVERFLOW);
	model->flood = 0;
}

static void overflow_drained(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->unresponsive = OWN;
	ats->model->flood = FULL + 1;
	ats->model->on_status = drain;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_NULL(test, ats->model->on_status);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), 2);
	/* From then on memory is enough again. */
	KUNIT_EXPECT_FALSE(test, ats->model->au->event.crowded);
}

/* The unit moves the tail, but never writes the entry: a loss. */
static void entry_never_written(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	/* Erratum 732 */
	ats->model->au->cpu_family = 0x15;
	ats->model->unresponsive = OWN;
	ats->model->unwritten = 1;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), 2);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
}

/* The log overflows at each try. After some tries, the device is blocked. */
static void storm(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->flood = FULL + 1;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_LE(test, iotlb_cmds(ats), 8);
	KUNIT_EXPECT_GT(test, unit_core.overflows, 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_FALSE(test, ats->model->au->unit.dead);
}

/*
 * The storm ends after two tries. The device has responded: it is not blocked.
 */
static void end_storm(struct amd_model *model, bool done)
{
	if (amd_model_find(model, OWN)->iotlb_cmds >= 2)
		model->flood = 0;
}

static void short_storm(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->flood = FULL + 1;
	ats->model->on_status = end_storm;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_GE(test, iotlb_cmds(ats), 2);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
}

/*
 * Faults of another device do not overflow the log, so this one is not blocked.
 */
static void other_device_faults(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);
	unsigned int i;

	ats->model->flood = 3000;
	for (i = 1; i <= 10; i++) {
		KUNIT_EXPECT_EQ(test, flush(ats), 0);
		KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), i);
	}
	KUNIT_EXPECT_EQ(test, ats->model->dropped, 0);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	/* A timeout among these faults is found. */
	ats->model->unresponsive = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), i + 1);
}

/* EventLen is 15, or less if there is no contiguous memory for that. */
static void log_size(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);
	struct amd_log log = { };

	KUNIT_EXPECT_EQ(test, ats->model->log_base >> 56, 15);
	KUNIT_EXPECT_EQ(test, amd_log_entries(&ats->model->au->event), 32768);
	/* The page allocator has no contiguous 256 MiB. */
	KUNIT_ASSERT_EQ(test, amd_log_init(&log, &amd_event_regs, 24,
					   NUMA_NO_NODE), 0);
	KUNIT_EXPECT_LT(test, log.len, 24);
	KUNIT_EXPECT_GE(test, log.len, 8);
	memset(log.ring, 1, 16UL << log.len);
	amd_log_destroy(&log);
	KUNIT_EXPECT_PTR_EQ(test, log.ring, NULL);
}

/*
 * ATS is off: the unit refuses translated requests, and the entry is otherwise
 * unchanged. Later flushes send nothing to the device.
 */
static void expect_ats_off(struct kunit *test, struct ats_fixture *ats)
{
	struct amd_unit *au = ats->model->au;
	const u64 *q = amd_model_entry(ats->model, OWN);
	unsigned int cmds = iotlb_cmds(ats);

	KUNIT_EXPECT_FALSE(test, au->unit.dead);
	KUNIT_EXPECT_TRUE(test, au->unit.ats_off);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(ats->model, &ats->entry));
	KUNIT_EXPECT_EQ(test, q[1], 7);
	KUNIT_EXPECT_EQ(test, amd_model_find(ats->model, OWN)->q[1], 7);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
	/* EventLogEn */
	KUNIT_EXPECT_EQ(test, ats->model->control & 4, 4);
	flush_work(&au->ats_off_work);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), cmds);
	/* An attach does not enable it again. */
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
	KUNIT_EXPECT_EQ(test, q[1], 7);
	KUNIT_EXPECT_EQ(test, iotlb_cmds(ats), cmds);
}

/* The log does not stop when a flush restarts it. */
static void flush_cannot_restart(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->unresponsive = OWN;
	set_overflow(ats);
	ats->model->frozen = RUN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_ats_off(test, ats);
	/* The thread does not wait a second for the log each time. */
	set_overflow(ats);
	ats->model->status_reads = 0;
	nyx_fault_service(&ats->model->au->unit);
	KUNIT_EXPECT_LT(test, ats->model->status_reads, 10);
}

/* The log does not start when the thread of the interrupt restarts it. */
static void thread_cannot_restart(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->status &= ~RUN;
	set_overflow(ats);
	ats->model->frozen = RUN;
	nyx_fault_service(&ats->model->au->unit);
	expect_ats_off(test, ats);
}

/* The log fails between the commands of a flush and its search of the log. */
static void fail_log(struct amd_model *model, bool done)
{
	if (!done || !amd_model_find(model, OWN)->iotlb_cmds)
		return;
	model->on_status = NULL;
	nyx_fault_service(&model->au->unit);
}

static void fails_during_flush(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	ats->model->unresponsive = OWN;
	set_overflow(ats);
	ats->model->frozen = RUN;
	ats->model->on_status = fail_log;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_NULL(test, ats->model->on_status);
	expect_ats_off(test, ats);
}

/* ATS is turned off while a device is being attached. */
static void turn_off_at_enable(void *arg, struct nyx_device *ndev, bool on)
{
	struct amd_model *model = arg;

	if (!on)
		return;
	unit_core.on_ats = NULL;
	KUNIT_EXPECT_EQ(model->test, amd_ats_off(model->au), 0);
}

static void fails_during_attach(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);

	unit_core.model = ats->model;
	unit_core.on_ats = turn_off_at_enable;
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	KUNIT_EXPECT_PTR_EQ(test, unit_core.on_ats, NULL);
	expect_ats_off(test, ats);
}

/* The unit is being disabled: no wait for the log, and no error. */
static void disabled(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);
	struct amd_unit *au = ats->model->au;

	set_overflow(ats);
	ats->model->control = 0;
	KUNIT_EXPECT_EQ(test, amd_timeouts_check(au, au->event.losses),
			-EAGAIN);
	KUNIT_EXPECT_FALSE(test, au->unit.dead);
	KUNIT_EXPECT_EQ(test, ats->model->control, 0);
}

/* The unit reads as all ones: the log is not read. */
static void unit_gone(struct kunit *test)
{
	struct ats_fixture *ats = ats_one_device(test);
	struct amd_unit *au = ats->model->au;

	/* There may be a loss, so registers are read. */
	au->event.crowded = true;
	ats->model->gone = true;
	KUNIT_EXPECT_EQ(test, amd_timeouts_check(au, au->event.losses),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, au->timeouts.seen, 0);
	KUNIT_EXPECT_EQ(test, au->event.losses, 0);
	KUNIT_EXPECT_EQ(test, flush(ats), -EIO);
	KUNIT_EXPECT_TRUE(test, au->unit.dead);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_loss),
	KUNIT_CASE(overflow),
	KUNIT_CASE(overflow_cleared_by_thread),
	KUNIT_CASE_SLOW(overflow_drained),
	KUNIT_CASE(entry_never_written),
	KUNIT_CASE_SLOW(storm),
	KUNIT_CASE_SLOW(short_storm),
	KUNIT_CASE(other_device_faults),
	KUNIT_CASE(log_size),
	KUNIT_CASE_SLOW(flush_cannot_restart),
	KUNIT_CASE_SLOW(thread_cannot_restart),
	KUNIT_CASE_SLOW(fails_during_flush),
	KUNIT_CASE(fails_during_attach),
	KUNIT_CASE(disabled),
	KUNIT_CASE(unit_gone),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_timeout_lost",
	.test_cases = cases,
};

kunit_test_suite(suite);
