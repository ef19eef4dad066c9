/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that are cut off and recovered, on a unit that only stores its entries.
 */
#ifndef NYX_KUNIT_QUARANTINE_FIXTURE_H
#define NYX_KUNIT_QUARANTINE_FIXTURE_H

#include <linux/iommu.h>
#include <linux/rculist.h>
#include <linux/sched/clock.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "../cut_off_fixture.h"
#include "../domain/fake_unit.h"
#include "../unit_core.h"
#include "domain/domain.h"
#include "quarantine/episodes.h"
#include "quarantine/quarantine.h"

#define SECOND 1000000000ULL
#define HOUR (3600 * SECOND)

enum { DEVICES = 3 };

/**
 * struct fake - a unit, three devices with ATS, and a domain
 * @unit: the unit
 * @devs: the devices
 * @iommu: the IOMMU core's data of the devices
 * @ndevs: their records
 * @domain: the domain that all are attached to
 * @stores: changes of entries that count_store() has seen
 * @stores_after_flag: those during which nyx_device.cut_off_cached was set
 * @intr_passes: the only interrupt of the unit passes
 * @intr_early: it began to pass while a cut-off device was still blocked, and while
 *	its faults did not count
 */
struct fake {
	struct fake_unit unit;
	struct device devs[DEVICES];
	struct dev_iommu iommu[DEVICES];
	struct nyx_device ndevs[DEVICES];
	struct nyx_domain *domain;
	int stores;
	int stores_after_flag;
	bool intr_passes;
	bool intr_early;
};

static inline int attach_to(struct fake *fake, int i,
			    struct iommu_domain *domain)
{
	return domain->ops->attach_dev(domain, &fake->devs[i], NULL);
}

static inline void init_device(struct fake *fake, int i)
{
	static const char *const names[] = { "first", "second", "third" };
	struct nyx_device *ndev = &fake->ndevs[i];
	struct device *dev = &fake->devs[i];

	device_initialize(dev);
	dev->init_name = names[i];
	dev->iommu = &fake->iommu[i];
	fake->iommu[i].priv = ndev;
	ndev->dev = dev;
	ndev->unit = &fake->unit.unit;
	ndev->rid = i;
	ndev->rids[0] = i;
	ndev->nr_rids = 1;
	ndev->ats_supported = true;
	ndev->state = NYX_DEVICE_MANAGED;
	kref_init(&ndev->refs);
	mutex_init(&ndev->entry_lock);
	INIT_LIST_HEAD(&ndev->ats_node);
	xa_init(&ndev->pasids);
	nyx_quarantine_init(ndev);
	list_add_tail_rcu(&ndev->node, &nyx_devices);
}

static inline int quarantine_test_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	struct iommu_domain *domain;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	unit_core_reset();
	fake_unit_init(test, &fake->unit, "fake0");
	nyx_domains_open();
	fake->unit.unit.caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = SZ_4K,
		.levels = 0x10,
		.addr_bits = 48,
		.phys_bits = 46,
		.max_domain_id = 2,
		.coherent = true,
		.passthrough = true,
	};
	for (i = 0; i < DEVICES; i++)
		init_device(fake, i);
	domain = nyx_domain_alloc_paging(&fake->devs[0]);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	fake->domain = to_nyx_domain(domain);
	for (i = 0; i < DEVICES; i++)
		KUNIT_ASSERT_EQ(test, attach_to(fake, i, domain), 0);
	return nyx_cut_off_init();
}

static inline void quarantine_test_exit(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	nyx_cut_off_exit();
	for (i = 0; i < DEVICES; i++)
		attach_to(fake, i, &nyx_blocked_domain);
	nyx_paging_ops.free(&fake->domain->pt.iommu.domain);
	INIT_LIST_HEAD(&nyx_devices);
}

/* Cuts device @i off as if it had faulted at @now, and does the work. */
static inline void quarantine(struct fake *fake, int i, u64 now)
{
	struct nyx_cut cut = cut_by_faults;

	cut.now_ns = now;
	cut_off(&fake->ndevs[i], &cut);
	nyx_cut_off_wait();
}

static inline int recover(struct nyx_device *ndev, const char *how)
{
	guard(mutex)(&nyx_devices_lock);
	return nyx_quarantine_recover(ndev, how);
}

static inline int retry(struct nyx_device *ndev, const char *how)
{
	guard(mutex)(&nyx_devices_lock);
	return nyx_quarantine_retry(ndev, how);
}

static inline void disable(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_quarantine_disable(ndev);
}

static inline void expect_cut_off(struct kunit *test, int i)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[i];

	KUNIT_EXPECT_TRUE(test, nyx_device_is_cut_off(ndev));
	KUNIT_EXPECT_EQ(test, fake->unit.entries[i].kind, NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_TRUE(test, fake->unit.entries[i].quiet);
	KUNIT_EXPECT_FALSE(test, ndev->ats_enabled);
	KUNIT_EXPECT_TRUE(test, list_empty(&ndev->ats_node));
	/* It stays in its domain. */
	KUNIT_EXPECT_PTR_EQ(test, ndev->domain, fake->domain);
}

/* The device uses its domain, with ATS. */
static inline void expect_works(struct kunit *test, int i)
{
	struct fake *fake = test->priv;
	struct nyx_device *ndev = &fake->ndevs[i];

	KUNIT_EXPECT_FALSE(test, nyx_device_is_cut_off(ndev));
	KUNIT_EXPECT_EQ(test, fake->unit.entries[i].kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_PTR_EQ(test, fake->unit.entries[i].pt,
			    (const struct nyx_pt *)&fake->domain->pt);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[i].quiet);
	KUNIT_EXPECT_TRUE(test, ndev->ats_enabled);
	KUNIT_EXPECT_FALSE(test, list_empty(&ndev->ats_node));
	KUNIT_EXPECT_PTR_EQ(test, ndev->domain, fake->domain);
}

static inline void expect_episode(struct kunit *test, unsigned int number,
				  const char *ended)
{
	struct nyx_episode episode;

	KUNIT_ASSERT_TRUE(test, nyx_episode_read(nyx_episode_newest(),
						 &episode));
	KUNIT_EXPECT_EQ(test, episode.number, number);
	KUNIT_EXPECT_STREQ(test, episode.ended ?: "", ended);
}

#endif /* NYX_KUNIT_QUARANTINE_FIXTURE_H */
