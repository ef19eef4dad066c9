// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process ends while its domain is being detached from a PASID.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fake_unit.h"
#include "../unit_core.h"

enum { RID = 1, PASID = 1 };

/**
 * struct race - a detach, and the end of the process
 * @unit: the unit
 * @device: the device
 * @domain: the domain of the process
 * @task: the task in which the process ends; NULL until the detach is under way
 * @started: it runs
 * @ended: nyx_pasids_end() has returned
 * @cached: what the unit then cached of the PASID
 */
struct race {
	struct fake_unit unit;
	struct fake_device device;
	struct iommu_domain *domain;
	struct task_struct *task;
	bool started;
	struct completion ended;
	u16 cached;
};

static int end(void *data)
{
	struct race *race = data;

	WRITE_ONCE(race->started, true);
	nyx_pasids_end(to_nyx_domain(race->domain));
	race->cached = READ_ONCE(race->unit.pasids[RID][PASID].cached);
	complete(&race->ended);
	return 0;
}

/* Whether the task waits for a lock, or did not have to. */
static bool has_come_far(struct race *race)
{
	return completion_done(&race->ended) ||
	       (READ_ONCE(race->started) &&
		READ_ONCE(race->task->__state) == TASK_UNINTERRUPTIBLE);
}

/* The detach has blocked the entry, and is about to invalidate what is cached. */
static void on_submit(struct fake_unit *unit)
{
	struct race *race = container_of(unit, struct race, unit);

	unit->on_submit = NULL;
	race->task = kthread_run(end, race, "process");
	if (IS_ERR(race->task))
		return;
	while (!has_come_far(race))
		schedule_timeout_uninterruptible(1);
}

static struct race *new_race(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct nyx_device *ndev;

	KUNIT_ASSERT_NOT_NULL(test, race);
	init_completion(&race->ended);
	unit_core_reset();
	unit_core.pasid_bits = 3;
	nyx_domains_open();
	fake_unit_init(test, &race->unit, "fake0");
	race->unit.no_post = true;
	race->unit.unit.identity_id = 9;
	race->unit.unit.caps = fake_pasid_caps;
	fake_device_init(&race->device, &race->unit, RID);
	ndev = &race->device.ndev;
	ndev->pasid = true;
	nyx_pasids_init(ndev);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
	KUNIT_ASSERT_EQ(test, nyx_device_set_identity(ndev), 0);
	race->domain = nyx_domain_alloc_paging(&race->device.dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, race->domain);
	return race;
}

/* The page table is freed next, so the unit must cache nothing of it any more. */
static void waits_for_detach(struct kunit *test)
{
	struct race *race = new_race(test);
	struct fake_device *device = &race->device;
	struct nyx_device *ndev = &device->ndev;

	KUNIT_ASSERT_EQ(test, 0,
			race->domain->ops->set_dev_pasid(race->domain,
							 &device->dev, PASID,
							 NULL));
	KUNIT_ASSERT_NE(test, fake_request(device, PASID), 0);
	KUNIT_ASSERT_NE(test, race->unit.pasids[RID][PASID].cached, 0);
	race->cached = U16_MAX;
	race->unit.on_submit = on_submit;
	nyx_pasid_remove(ndev, PASID);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, race->task);
	wait_for_completion(&race->ended);
	KUNIT_EXPECT_EQ(test, race->cached, 0);

	race->domain->ops->free(race->domain);
	nyx_pasids_stop(ndev);
	nyx_device_set_blocked(ndev);
	nyx_pasids_exit(ndev);
	INIT_LIST_HEAD(&nyx_devices);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(waits_for_detach),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_pasid_end",
	.test_cases = cases,
};

kunit_test_suite(suite);
