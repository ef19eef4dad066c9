// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation of a device that does not respond to invalidations of its device
 * TLB.
 * Numbers are those of the AMD IOMMU specification (48882).
 */
#include <linux/io.h>
#include <linux/kthread.h>
#include <nyx/invalidate.h>
#include <nyx/pt.h>

#include "../cx16.h"
#include "../unit_core.h"
#include "amd/amd.h"
#include "ats_fixture.h"
#include "model.h"

#define ALIAS 0x0500
/* IR and IW; I */
#define PASSES (3ULL << 61)
#define ATS BIT_ULL(32)

static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

static const u64 *entry_of(struct amd_model *model, u16 rid)
{
	return model->au->devtab.segment[0][rid].q;
}

/* V, TV, one level of an empty table; DomainID 0. */
static void expect_blocked(struct amd_model *model, u16 rid)
{
	const u64 *q = entry_of(model, rid);

	KUNIT_EXPECT_EQ(model->test, q[0],
			0x203 | virt_to_phys(model->au->devtab.nowhere));
	KUNIT_EXPECT_EQ(model->test, q[1], 0);
}

/* V, TV, four levels, IR, IW. */
static void expect_table(struct amd_model *model, u16 rid,
			 const struct nyx_entry *entry, u64 ats)
{
	const u64 *q = entry_of(model, rid);

	KUNIT_EXPECT_EQ(model->test, q[0], PASSES | 0x803 |
			virt_to_phys(entry->pt->root));
	KUNIT_EXPECT_EQ(model->test, q[1], ats | entry->domain_id);
}

/* An unresponsive device is blocked before the flush ends; others are not. */
static void unresponsive_device(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct amd_model *model = ats->model;

	expect_table(model, OWN, &ats->entry, ATS);
	model->unresponsive = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_blocked(model, OWN);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->q[1], 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_TRUE(test, ats->own->isolated);
	expect_table(model, OTHER, &ats->entry, ATS);
	KUNIT_EXPECT_FALSE(test, ats->other->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->other->isolated);
	KUNIT_EXPECT_FALSE(test, model->au->unit.dead);

	/* Later flushes skip it. */
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->iotlb_cmds, 1);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OTHER)->iotlb_cmds, 2);
	/* It can be attached again, but without ATS. */
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	expect_table(model, OWN, &ats->entry, 0);
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
	KUNIT_EXPECT_EQ(test, amd_model_find(model, OWN)->iotlb_cmds, 1);
	/* The old timeout does not block it a second time. */
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&model->au->unit, OWN), 0);
	expect_table(model, OWN, &ats->entry, 0);
}

/* A posted flush reads the event log after the wait, too. */
static void posted_flush(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct nyx_unit *unit = &ats->model->au->unit;
	const struct nyx_flush all = {
		.domain_id = 7,
		.last = U64_MAX,
		.ats = &ats->list,
	};
	struct nyx_flush_ticket ticket;
	u16 device_id;

	ats->model->unresponsive = OWN;
	KUNIT_ASSERT_TRUE(test, unit->ops->flush_post(unit, &all, &ticket));
	KUNIT_EXPECT_EQ(test, unit->ops->flush_await(unit, &ticket, &device_id),
			0);
	expect_blocked(ats->model, OWN);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	expect_table(ats->model, OTHER, &ats->entry, ATS);
}

/*
 * A device that ignores an invalidation that was composed before its ATS was
 * disabled is not marked, and gets ATS again when it responds with ATS enabled.
 */
static void silent_without_ats(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &blocked), 0);
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->au->unit, OWN), 0);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_enabled);
	expect_table(ats->model, OWN, &ats->entry, ATS);

	/* It does not even respond then. */
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &blocked), 0);
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->au->unit, OWN), 0);
	ats->model->unresponsive = OWN;
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_enabled);
	expect_table(ats->model, OWN, &ats->entry, 0);
}

/* The TLB of a device without power is empty, and it would not respond. */
static void without_power(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	ats->model->unresponsive = OWN;
	unit_core.off = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(ats->model, OWN)->iotlb_cmds, 0);
	KUNIT_EXPECT_GE(test, amd_model_find(ats->model, OTHER)->iotlb_cmds, 1);
	KUNIT_EXPECT_FALSE(test, ats->own->ats_lost);
	expect_table(ats->model, OWN, &ats->entry, ATS);
}

/* Its aliases allow ATS as well, so they are blocked, too. */
static void aliases(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	amd_model_alias(ats->model, ats->own, ALIAS);
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &ats->entry), 0);
	expect_table(ats->model, ALIAS, &ats->entry, ATS);
	ats->model->unresponsive = OWN;
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	expect_blocked(ats->model, OWN);
	expect_blocked(ats->model, ALIAS);
}

/* The device was removed from the core. Its entry is blocked nevertheless. */
static void unknown_device(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	list_del_rcu(&ats->own->node);
	synchronize_rcu();
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->au->unit, OWN), 0);
	expect_blocked(ats->model, OWN);
}

/* The devices that flush_meanwhile() flushes once. */
static struct ats_fixture *flush_once;

/* Another CPU flushes while a device is isolated. */
static void flush_meanwhile(struct amd_model *model, bool done)
{
	struct ats_fixture *ats = flush_once;

	if (done || !ats)
		return;
	flush_once = NULL;
	KUNIT_EXPECT_TRUE(model->test, ats->own->ats_lost);
	KUNIT_EXPECT_FALSE(model->test, ats->own->ats_refused);
	KUNIT_EXPECT_EQ(model->test, flush(ats), 0);
	/*
	 * The unit might have let its translated requests pass. So this flush
	 * completed the isolation, instead of waiting for the device again.
	 */
	KUNIT_EXPECT_EQ(model->test, amd_model_find(model, OWN)->iotlb_cmds, 0);
	KUNIT_EXPECT_TRUE(model->test, ats->own->ats_refused);
}

static void flush_during_isolation(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);

	flush_once = ats;
	ats->model->on_status = flush_meanwhile;
	KUNIT_EXPECT_EQ(test, nyx_isolate_device(&ats->model->au->unit, OWN), 0);
	KUNIT_EXPECT_NULL(test, flush_once);
	KUNIT_EXPECT_TRUE(test, ats->own->ats_refused);
	KUNIT_EXPECT_EQ(test, flush(ats), 0);
	KUNIT_EXPECT_EQ(test, amd_model_find(ats->model, OWN)->iotlb_cmds, 0);
}

/*
 * Another CPU has stored blocked entries, and waits for their invalidation. A
 * change that finds them blocked must invalidate them itself.
 */
static void change_during_isolation(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	u64 *q = ats->model->au->devtab.segment[0][OWN].q;

	KUNIT_EXPECT_EQ(test, amd_model_set(ats->other, &blocked), 0);
	KUNIT_EXPECT_TRUE(test, amd_model_reaches(ats->model, &ats->entry));
	ats->own->ats_lost = true;
	ats->own->isolated = true;
	q[0] = 0x203 | virt_to_phys(ats->model->au->devtab.nowhere);
	q[1] = 0;
	KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &blocked), 0);
	KUNIT_EXPECT_FALSE(test, amd_model_reaches(ats->model, &ats->entry));
	KUNIT_EXPECT_FALSE(test, ats->own->isolated);
}

/* A device is isolated at the @moment-th of @moments points of a change. */
static unsigned int moment, moments;
static struct nyx_device *isolated;

static void isolate_at_moment(struct amd_model *model, bool done)
{
	static bool within;

	if (within)
		return;
	within = true;
	/*
	 * From then on its entry refuses translated requests, unless it was
	 * blamed while its ATS was disabled, and has responded since.
	 */
	if (++moments > moment && !isolated->ats_enabled)
		KUNIT_EXPECT_EQ(model->test, entry_of(model, OWN)[1] & ATS, 0);
	if (moments == moment)
		KUNIT_EXPECT_EQ(model->test,
				nyx_isolate_device(&model->au->unit, OWN), 0);
	within = false;
}

static void isolate_at_each_moment(struct kunit *test)
{
	struct nyx_entry to[3];
	struct ats_fixture *ats;
	unsigned int i;
	const u64 *q;

	for (i = 0; i < ARRAY_SIZE(to); i++) {
		for (moment = 1; ; moment++) {
			ats = ats_two_devices(test);
			to[0] = blocked;
			to[1] = amd_model_table(ats->model, 8);
			to[2] = unit_core_identity(1);
			moments = 0;
			isolated = ats->own;
			ats->model->on_status = isolate_at_moment;
			KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &to[i]),
					0);
			ats->model->on_status = NULL;
			KUNIT_EXPECT_EQ(test, amd_model_set(ats->other,
							    &blocked), 0);
			KUNIT_EXPECT_FALSE(test,
					   amd_model_reaches(ats->model,
							     &ats->entry));
			if (moments < moment)
				break;
			KUNIT_EXPECT_EQ(test, ats->own->ats_refused,
					ats->own->ats_lost);
			KUNIT_EXPECT_EQ(test, ats->own->ats_enabled,
					!ats->own->ats_lost && to[i].ats);
			q = entry_of(ats->model, OWN);
			KUNIT_EXPECT_EQ(test, !!(q[1] & ATS),
					ats->own->ats_enabled);
			/* If it was stored again, it has the wanted value. */
			if (i)
				KUNIT_EXPECT_EQ(test, !(q[0] & PASSES),
						ats->own->isolated);
			if (q[0] & PASSES)
				KUNIT_EXPECT_EQ(test, q[1] & ~ATS,
						to[i].domain_id);
			else
				expect_blocked(ats->model, OWN);
			amd_model_free(ats->model);
		}
		KUNIT_EXPECT_GE(test, moment, 3);
		amd_model_free(ats->model);
	}
}

static void isolation_during_change(struct kunit *test)
{
	isolate_at_each_moment(test);
}

static void isolation_during_split_change(struct kunit *test)
{
	without_cx16(test);
	isolate_at_each_moment(test);
}

/* An entry is never a mixture of two states, whenever a device is isolated. */
struct mixture {
	struct ats_fixture *ats;
	struct nyx_entry to[2];
	unsigned int bad;
	u64 q[2];
};

static bool is_whole(struct mixture *mix)
{
	struct amd_model *model = mix->ats->model;
	const u64 *q = entry_of(model, OWN);
	unsigned int i;

	guard(raw_spinlock_irqsave)(&model->au->unit.store_lock);
	mix->q[0] = READ_ONCE(q[0]);
	mix->q[1] = READ_ONCE(q[1]);
	if (mix->q[0] == (0x203 | virt_to_phys(model->au->devtab.nowhere)))
		return !mix->q[1];
	for (i = 0; i < 2; i++)
		if (mix->q[0] == (PASSES | 0x803 |
				  virt_to_phys(mix->to[i].pt->root)))
			return (mix->q[1] & ~ATS) == mix->to[i].domain_id;
	return false;
}

static int isolate_repeatedly(void *arg)
{
	struct mixture *mix = arg;
	struct nyx_device *own = mix->ats->own;

	while (!kthread_should_stop()) {
		WRITE_ONCE(own->ats_lost, false);
		WRITE_ONCE(own->ats_stale, false);
		WRITE_ONCE(own->ats_refused, false);
		nyx_isolate_device(&mix->ats->model->au->unit, OWN);
		mix->bad += !is_whole(mix);
		cond_resched();
	}
	return 0;
}

static void change_repeatedly(struct kunit *test)
{
	struct ats_fixture *ats = ats_two_devices(test);
	struct mixture *mix = kunit_kzalloc(test, sizeof(*mix), GFP_KERNEL);
	struct task_struct *task;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mix);
	mix->ats = ats;
	mix->to[0] = amd_model_table(ats->model, 0x1111);
	mix->to[1] = amd_model_table(ats->model, 0xeeee);
	KUNIT_ASSERT_EQ(test, amd_model_set(ats->own, &mix->to[0]), 0);
	task = kthread_run(isolate_repeatedly, mix, "nyx_isolate");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 4000; i++) {
		KUNIT_EXPECT_EQ(test, amd_model_set(ats->own, &mix->to[i % 2]),
				0);
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, mix->bad, 0);
	KUNIT_EXPECT_FALSE(test, ats->model->au->unit.dead);
}

static void isolation_stress(struct kunit *test)
{
	change_repeatedly(test);
}

static void isolation_stress_split(struct kunit *test)
{
	without_cx16(test);
	change_repeatedly(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(unresponsive_device),
	KUNIT_CASE(posted_flush),
	KUNIT_CASE(silent_without_ats),
	KUNIT_CASE(without_power),
	KUNIT_CASE(aliases),
	KUNIT_CASE(unknown_device),
	KUNIT_CASE(flush_during_isolation),
	KUNIT_CASE(change_during_isolation),
	KUNIT_CASE(isolation_during_change),
	KUNIT_CASE(isolation_during_split_change),
	KUNIT_CASE(isolation_stress),
	KUNIT_CASE(isolation_stress_split),
	{ }
};

static struct kunit_suite suite = {
	.name = "nyx_amd_isolate",
	.test_cases = cases,
};

kunit_test_suite(suite);
