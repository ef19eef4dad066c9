// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recording of operations on domains: when it is on, for which domains, what is
 * recorded, and the invalidations of a hunt.
 */
#include <kunit/test.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <trace/events/nyx.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fake_unit.h"
#include "forensics/history.h"

enum { DEVICES = 2, RW = IOMMU_READ | IOMMU_WRITE };

#define IOVA 0xffff0000ULL
#define PHYS 0x12340000ULL

/**
 * struct fake - two devices below a unit, each with its own domain
 * @test: the test
 * @unit: the unit
 * @ndevs: records of the devices
 * @devs: the devices
 * @iommu: the IOMMU core's data of the devices
 * @domains: their domains
 */
struct fake {
	struct kunit *test;
	struct fake_unit unit;
	struct nyx_device ndevs[DEVICES];
	struct device devs[DEVICES];
	struct dev_iommu iommu[DEVICES];
	struct iommu_domain *domains[DEVICES];
};

static void set_all(enum nyx_record_mode mode)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_record_all(mode);
}

static void block(struct fake *fake, int i)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

	guard(mutex)(&fake->ndevs[i].entry_lock);
	nyx_device_set_entry(&fake->ndevs[i], &blocked, NULL);
}

static void free_domain(struct fake *fake, int i)
{
	if (!fake->domains[i])
		return;
	block(fake, i);
	nyx_paging_ops.free(fake->domains[i]);
	fake->domains[i] = NULL;
}

static void fake_free(void *data)
{
	struct fake *fake = data;
	int i;

	set_all(NYX_RECORD_OFF);
	for (i = 0; i < DEVICES; i++)
		free_domain(fake, i);
	INIT_LIST_HEAD(&nyx_devices);
}

static void new_domain(struct fake *fake, int i)
{
	fake->domains[i] = nyx_domain_alloc_paging(&fake->devs[i]);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fake->test, fake->domains[i]);
	fake->domains[i]->type = IOMMU_DOMAIN_DMA_FQ;
	KUNIT_ASSERT_EQ(fake->test, 0,
			nyx_paging_ops.attach_dev(fake->domains[i],
						  &fake->devs[i], NULL));
}

static struct fake *fake_new(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->test = test;
	nyx_domains_open();
	INIT_LIST_HEAD(&nyx_devices);
	fake_unit_init(test, &fake->unit, "fake");
	fake->unit.unit.caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = SZ_4K | SZ_2M,
		.levels = 0x18,
		.addr_bits = 48,
		.phys_bits = 46,
		.max_domain_id = DEVICES,
		.coherent = true,
	};
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_free,
							   fake));
	for (i = 0; i < DEVICES; i++) {
		struct nyx_device *ndev = &fake->ndevs[i];

		ndev->dev = &fake->devs[i];
		ndev->dev->iommu = &fake->iommu[i];
		ndev->unit = &fake->unit.unit;
		ndev->rid = i;
		ndev->rids[0] = i;
		ndev->nr_rids = 1;
		mutex_init(&ndev->entry_lock);
		INIT_LIST_HEAD(&ndev->ats_node);
		xa_init(&ndev->pasids);
		fake->iommu[i].priv = ndev;
		list_add_tail_rcu(&ndev->node, &nyx_devices);
	}
	for (i = 0; i < DEVICES; i++)
		new_domain(fake, i);
	return fake;
}

static struct nyx_domain *domain_of(struct fake *fake, int i)
{
	return to_nyx_domain(fake->domains[i]);
}

static void map(struct fake *fake, int i)
{
	KUNIT_ASSERT_EQ(fake->test, 0, nyx_pt_map(&domain_of(fake, i)->pt, IOVA,
						  PHYS, SZ_8K, RW,
						  GFP_KERNEL));
}

/* Unmaps as the IOMMU core does with a deferred flush. */
static void unmap(struct fake *fake, int i)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	gather.queued = true;
	KUNIT_ASSERT_EQ(fake->test, SZ_8K,
			nyx_pt_unmap(&domain_of(fake, i)->pt, IOVA, SZ_8K,
				     &gather));
}

/* The tracepoints and the flush are back to one no-op instruction each. */
static void expect_off(struct fake *fake)
{
	KUNIT_EXPECT_FALSE(fake->test, nyx_history_on());
	KUNIT_EXPECT_FALSE(fake->test, trace_nyx_map_enabled());
	KUNIT_EXPECT_FALSE(fake->test, trace_nyx_unmap_enabled());
}

static bool is_recorded(struct fake *fake, int i)
{
	return rcu_access_pointer(domain_of(fake, i)->history);
}

/* Number of operations on a domain that are in its history. */
static unsigned int recorded(struct fake *fake, int i)
{
	struct nyx_op op;
	unsigned int n = 0;

	while (nyx_history_read(domain_of(fake, i), n + 1, &op))
		n++;
	return n;
}

static void off_records_nothing(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	expect_off(fake);
	map(fake, 0);
	unmap(fake, 0);
	nyx_paging_ops.flush_iotlb_all(fake->domains[0]);
	KUNIT_EXPECT_FALSE(test, is_recorded(fake, 0));
	KUNIT_EXPECT_EQ(test, 0, recorded(fake, 0));
}

static void on_records_each_operation(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct nyx_domain *domain = domain_of(fake, 0);
	struct nyx_op op;

	KUNIT_ASSERT_EQ(test, 0, nyx_record_device(&fake->ndevs[0],
						   NYX_RECORD_ON));
	map(fake, 0);
	/* An invalidation of new mappings is of no interest. */
	domain->map_flush = true;
	nyx_paging_ops.iotlb_sync_map(fake->domains[0], IOVA, SZ_8K);
	unmap(fake, 0);
	/* An invalidation that was not confirmed is not complete. */
	fake->unit.error = -EIO;
	nyx_paging_ops.flush_iotlb_all(fake->domains[0]);
	fake->unit.error = 0;
	KUNIT_EXPECT_EQ(test, 2, recorded(fake, 0));
	nyx_paging_ops.flush_iotlb_all(fake->domains[0]);

	KUNIT_ASSERT_EQ(test, 3, recorded(fake, 0));
	nyx_history_read(domain, 1, &op);
	KUNIT_EXPECT_EQ(test, NYX_OP_MAP, op.kind);
	KUNIT_EXPECT_EQ(test, IOVA, op.iova);
	KUNIT_EXPECT_EQ(test, IOVA + SZ_8K - 1, op.last);
	KUNIT_EXPECT_EQ(test, PHYS, op.paddr);
	KUNIT_EXPECT_EQ(test, RW, op.prot);
	nyx_history_read(domain, 2, &op);
	KUNIT_EXPECT_EQ(test, NYX_OP_UNMAP, op.kind);
	KUNIT_EXPECT_EQ(test, IOVA, op.iova);
	KUNIT_EXPECT_EQ(test, IOVA + SZ_8K - 1, op.last);
	nyx_history_read(domain, 3, &op);
	KUNIT_EXPECT_EQ(test, NYX_OP_FLUSH, op.kind);
	KUNIT_EXPECT_EQ(test, 2, op.covers);
	/* A map that fails changes nothing. */
	map(fake, 0);
	KUNIT_EXPECT_NE(test, 0, nyx_pt_map(&domain->pt, IOVA, PHYS, SZ_8K, RW,
					    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 4, recorded(fake, 0));
	/* Other domains are not recorded. */
	map(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, recorded(fake, 1));
}

/* The probes stay as long as any domain is recorded. */
static void last_off_ends_it(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_ON);
	nyx_record_device(&fake->ndevs[1], NYX_RECORD_ON);
	/* A second time: counted once. */
	nyx_record_device(&fake->ndevs[1], NYX_RECORD_ON);
	nyx_record_device(&fake->ndevs[0], NYX_RECORD_OFF);
	KUNIT_EXPECT_TRUE(test, nyx_history_on());
	map(fake, 0);
	map(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, recorded(fake, 0));
	KUNIT_EXPECT_EQ(test, 1, recorded(fake, 1));
	nyx_record_device(&fake->ndevs[1], NYX_RECORD_OFF);
	expect_off(fake);
	KUNIT_EXPECT_FALSE(test, is_recorded(fake, 1));
}

/* A domain that is freed takes its history with it. */
static void free_ends_it(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_ON);
	free_domain(fake, 0);
	expect_off(fake);
}

static void new_domains_follow_their_device(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_HUNT);
	free_domain(fake, 0);
	new_domain(fake, 0);
	KUNIT_EXPECT_TRUE(test, is_recorded(fake, 0));
	KUNIT_EXPECT_TRUE(test, domain_of(fake, 0)->hunt);
	KUNIT_EXPECT_FALSE(test, is_recorded(fake, 1));
}

static void all_includes_later_devices(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_OFF);
	list_del_rcu(&fake->ndevs[1].node);
	free_domain(fake, 1);
	set_all(NYX_RECORD_ON);
	/* It also replaces what was set for one device. */
	KUNIT_EXPECT_TRUE(test, is_recorded(fake, 0));
	new_domain(fake, 1);
	KUNIT_EXPECT_TRUE(test, is_recorded(fake, 1));
	KUNIT_EXPECT_EQ(test, NYX_RECORD_ON, nyx_record_mode(&fake->ndevs[1]));
	nyx_record_device(&fake->ndevs[1], NYX_RECORD_OFF);
	KUNIT_EXPECT_FALSE(test, is_recorded(fake, 1));
	set_all(NYX_RECORD_OFF);
	KUNIT_EXPECT_FALSE(test, is_recorded(fake, 0));
	expect_off(fake);
}

/* Whether the history has all that was ever mapped. */
static void knows_what_it_missed(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct nyx_history *history;
	int i;

	map(fake, 0);
	for (i = 0; i < 2; i++) {
		nyx_record_device(&fake->ndevs[i], NYX_RECORD_ON);
		history = rcu_dereference_protected(domain_of(fake, i)->history,
						    true);
		KUNIT_EXPECT_EQ(test, i, nyx_history_is_complete(history));
	}
}

/* In a hunt each unmap is invalidated at once, unless the core does that. */
static void hunt_invalidates_each_unmap(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct nyx_op op;

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_ON);
	map(fake, 0);
	unmap(fake, 0);
	KUNIT_EXPECT_EQ(test, 0, fake->unit.flushes);

	nyx_record_device(&fake->ndevs[0], NYX_RECORD_HUNT);
	map(fake, 0);
	unmap(fake, 0);
	KUNIT_EXPECT_EQ(test, 1, fake->unit.flushes);
	KUNIT_EXPECT_EQ(test, IOVA, fake->unit.last.start);
	KUNIT_EXPECT_EQ(test, IOVA + SZ_8K - 1, fake->unit.last.last);
	KUNIT_EXPECT_FALSE(test, fake->unit.last.leaf_only);
	/* The flush covers the unmap before it. */
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain_of(fake, 0), 5, &op));
	KUNIT_EXPECT_EQ(test, NYX_OP_FLUSH, op.kind);
	KUNIT_EXPECT_EQ(test, 4, op.covers);

	fake->domains[0]->type = IOMMU_DOMAIN_DMA;
	map(fake, 0);
	unmap(fake, 0);
	KUNIT_EXPECT_EQ(test, 1, fake->unit.flushes);

	fake->domains[0]->type = IOMMU_DOMAIN_DMA_FQ;
	nyx_record_device(&fake->ndevs[0], NYX_RECORD_ON);
	map(fake, 0);
	unmap(fake, 0);
	KUNIT_EXPECT_EQ(test, 1, fake->unit.flushes);
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(off_records_nothing),
	KUNIT_CASE(on_records_each_operation),
	KUNIT_CASE(last_off_ends_it),
	KUNIT_CASE(free_ends_it),
	KUNIT_CASE(new_domains_follow_their_device),
	KUNIT_CASE(all_includes_later_devices),
	KUNIT_CASE(knows_what_it_missed),
	KUNIT_CASE(hunt_invalidates_each_unmap),
	{ }
};

static struct kunit_suite record_suite = {
	.name = "nyx_domain_record",
	.test_cases = record_cases,
};

kunit_test_suite(record_suite);
