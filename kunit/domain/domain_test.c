// SPDX-License-Identifier: GPL-2.0-only
/*
 * One domain on several units: who is told what, under which ID, and when an ID
 * can be somebody else's.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/reclaim.h"

enum { IDS = 4, DEVICES = 3 };

/**
 * struct fake_unit - a unit that remembers what it was told
 * @unit: what the core sees
 * @flushes: how many there were
 * @last: the last of them
 * @cached: for each domain ID the table that may be cached under it
 * @error: what it answers
 */
struct fake_unit {
	struct nyx_unit unit;
	unsigned int flushes;
	struct nyx_flush last;
	const struct nyx_pt *cached[IDS + 1];
	int error;
};

/**
 * struct fake - two units, and a device below the first and two below the other
 * @units: the units
 * @ndevs: the devices: 0 is below unit 0, the others below unit 1
 * @devs: the same, as the kernel knows them
 * @iommu: what links the two
 */
struct fake {
	struct fake_unit units[2];
	struct nyx_device ndevs[DEVICES];
	struct device devs[DEVICES];
	struct dev_iommu iommu[DEVICES];
};

static struct fake_unit *to_fake(struct nyx_unit *unit)
{
	return container_of(unit, struct fake_unit, unit);
}

static int fake_set_entry(struct nyx_unit *unit, struct nyx_device *ndev,
			  const struct nyx_entry *entry)
{
	struct fake_unit *fake = to_fake(unit);
	struct kunit *test = kunit_get_current_test();

	if (fake->error)
		return fake->error;
	if (entry->kind != NYX_ENTRY_TABLE)
		return 0;
	KUNIT_ASSERT_LE(test, entry->domain_id, IDS);
	KUNIT_ASSERT_GE(test, entry->domain_id, 1);
	/* Else it would translate by what it cached of another domain. */
	if (fake->cached[entry->domain_id])
		KUNIT_EXPECT_PTR_EQ(test, fake->cached[entry->domain_id],
				    entry->pt);
	fake->cached[entry->domain_id] = entry->pt;
	return 0;
}

static int fake_flush(struct nyx_unit *unit, const struct nyx_flush *flush)
{
	struct fake_unit *fake = to_fake(unit);

	fake->flushes++;
	fake->last = *flush;
	if (!fake->error && !flush->start && flush->last == U64_MAX)
		fake->cached[flush->domain_id] = NULL;
	return fake->error;
}

static bool fake_contain(struct nyx_unit *unit)
{
	return true;
}

static const struct nyx_unit_ops fake_ops = {
	.set_entry = fake_set_entry,
	.flush = fake_flush,
	.contain = fake_contain,
};

static void fake_cleanup(void *data)
{
	struct fake *fake = data;

	nyx_unit_cleanup(&fake->units[0].unit);
	nyx_unit_cleanup(&fake->units[1].unit);
}

static struct fake *fake_new(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	nyx_domains_open();
	for (i = 0; i < 2; i++) {
		struct nyx_unit *unit = &fake->units[i].unit;

		KUNIT_ASSERT_EQ(test, 0, nyx_unit_init(unit, &fake_ops));
		unit->nid = NUMA_NO_NODE;
		strscpy(unit->name, i ? "fake1" : "fake0");
		unit->caps = (struct nyx_unit_caps) {
			.format = &nyx_pt_vtdss,
			.pgsizes = SZ_4K | SZ_2M,
			.levels = 0x18,
			.addr_bits = 48,
			.phys_bits = 46,
			.max_domain_id = IDS,
			.coherent = true,
		};
	}
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, fake_cleanup, fake));
	for (i = 0; i < DEVICES; i++) {
		struct nyx_device *ndev = &fake->ndevs[i];

		ndev->dev = &fake->devs[i];
		ndev->dev->iommu = &fake->iommu[i];
		ndev->unit = &fake->units[i > 0].unit;
		mutex_init(&ndev->entry_lock);
		INIT_LIST_HEAD(&ndev->ats_node);
		fake->iommu[i].priv = ndev;
	}
	return fake;
}

static struct iommu_domain *new_domain(struct kunit *test, struct fake *fake)
{
	struct iommu_domain *domain = nyx_domain_alloc_paging(&fake->devs[0]);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return domain;
}

static int attach(struct iommu_domain *domain, struct fake *fake, int device)
{
	return nyx_paging_ops.attach_dev(domain, &fake->devs[device], NULL);
}

/* As the core does it when a device goes on another domain, or is blocked. */
static void leave(struct fake *fake, int device)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };

	guard(mutex)(&fake->ndevs[device].entry_lock);
	nyx_device_set_entry(&fake->ndevs[device], &blocked, NULL);
}

static void sync(struct iommu_domain *domain, u64 start, u64 last)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	gather.start = start;
	gather.end = last;
	nyx_paging_ops.iotlb_sync(domain, &gather);
}

/* The unit was told once since the last time, of this ID and range. */
static void expect_flush(struct kunit *test, struct fake_unit *fake, u16 id,
			 u64 start, u64 last)
{
	KUNIT_EXPECT_EQ(test, fake->flushes, 1);
	KUNIT_EXPECT_EQ(test, fake->last.domain_id, id);
	KUNIT_EXPECT_EQ(test, fake->last.start, start);
	KUNIT_EXPECT_EQ(test, fake->last.last, last);
	fake->flushes = 0;
}

static void on_two_units(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *other = new_domain(test, fake);
	struct iommu_domain *domain = new_domain(test, fake);

	/* So that the domain's IDs differ. */
	KUNIT_ASSERT_EQ(test, 0, attach(other, fake, 2));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	sync(domain, SZ_4K, SZ_8K - 1);
	expect_flush(test, &fake->units[0], 1, SZ_4K, SZ_8K - 1);
	expect_flush(test, &fake->units[1], 2, SZ_4K, SZ_8K - 1);
	sync(other, SZ_1M, SZ_2M - 1);
	KUNIT_EXPECT_EQ(test, fake->units[0].flushes, 0);
	expect_flush(test, &fake->units[1], 1, SZ_1M, SZ_2M - 1);

	leave(fake, 1);
	expect_flush(test, &fake->units[1], 2, 0, U64_MAX);
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[0], 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].flushes, 0);
	/* The ID is free, and nothing is cached under it. */
	KUNIT_EXPECT_EQ(test, 0, attach(other, fake, 0));
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_EXPECT_TRUE(test, fake->units[1].cached[2]);

	leave(fake, 0);
	leave(fake, 1);
	leave(fake, 2);
	nyx_paging_ops.free(domain);
	nyx_paging_ops.free(other);
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->units[0].unit.domain_ids));
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->units[1].unit.domain_ids));
}

/* Two devices below a unit are one link, until the last of them leaves. */
static void one_link_for_two(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 2));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[1], 1, 0, SZ_4K - 1);
	leave(fake, 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].flushes, 0);
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[1], 1, 0, SZ_4K - 1);
	leave(fake, 2);
	expect_flush(test, &fake->units[1], 1, 0, U64_MAX);
	nyx_paging_ops.free(domain);
}

/* A unit that cannot walk the table gets no device of the domain. */
static void not_served(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	struct nyx_unit_caps *caps = &fake->units[1].unit.caps;
	const struct nyx_unit_caps good = *caps;

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	caps->levels = 0x08;
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(domain, fake, 1));
	*caps = good;
	caps->coherent = false;
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(domain, fake, 1));
	*caps = good;
	caps->pgsizes = SZ_4K;
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(domain, fake, 1));
	KUNIT_EXPECT_NULL(test, fake->ndevs[1].domain);
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->units[1].unit.domain_ids));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[0], 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].flushes, 0);

	*caps = good;
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

/* One unit that caches what is not there is enough. */
static void flushes_on_map(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	nyx_paging_ops.iotlb_sync_map(domain, SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, fake->units[0].flushes, 0);

	fake->units[1].unit.caps.map_flush = true;
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	nyx_paging_ops.iotlb_sync_map(domain, SZ_4K, SZ_4K);
	KUNIT_EXPECT_TRUE(test, fake->units[1].last.map);
	expect_flush(test, &fake->units[1], 1, SZ_4K, SZ_8K - 1);
	sync(domain, SZ_4K, SZ_8K - 1);
	KUNIT_EXPECT_FALSE(test, fake->units[1].last.map);
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

static void entry_refused(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	fake->units[1].error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, attach(domain, fake, 1));
	fake->units[1].error = 0;
	KUNIT_EXPECT_NULL(test, fake->ndevs[1].domain);
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(domain)->links));
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

static void no_id_left(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *first = new_domain(test, fake);
	struct iommu_domain *second = new_domain(test, fake);

	fake->units[1].unit.caps.max_domain_id = 1;
	KUNIT_EXPECT_EQ(test, 0, attach(first, fake, 1));
	KUNIT_EXPECT_EQ(test, -ENOSPC, attach(second, fake, 2));
	KUNIT_EXPECT_NULL(test, fake->ndevs[2].domain);
	leave(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, attach(second, fake, 2));
	leave(fake, 2);
	nyx_paging_ops.free(first);
	nyx_paging_ops.free(second);
}

/* What a unit may still walk is nobody else's: no page of it is free again. */
static void flush_fails(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	long leaked = nyx_leaked_tables();

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&to_nyx_domain(domain)->pt, SZ_4K,
					    SZ_1M, SZ_4K, IOMMU_READ,
					    GFP_KERNEL));
	fake->units[1].error = -EIO;
	leave(fake, 1);
	/* The other unit is well, but the table is the same. */
	leave(fake, 0);
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 0));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
	/* Four levels, for one page. */
	KUNIT_EXPECT_EQ(test, nyx_leaked_tables() - leaked, 4);
	/* Nor is the ID, on the unit that failed. */
	KUNIT_EXPECT_FALSE(test, ida_is_empty(&fake->units[1].unit.domain_ids));
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->units[0].unit.domain_ids));
}

/* When devices are being given back there are no more, and nothing is left over. */
static void none_while_closed(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	KUNIT_ASSERT_TRUE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, -ENODEV,
			PTR_ERR(nyx_domain_alloc_paging(&fake->devs[0])));
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_domains));
}

static void none_for_no_device(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_domain_alloc_paging(NULL)));
}

static struct kunit_case domain_cases[] = {
	KUNIT_CASE(on_two_units),
	KUNIT_CASE(one_link_for_two),
	KUNIT_CASE(not_served),
	KUNIT_CASE(flushes_on_map),
	KUNIT_CASE(entry_refused),
	KUNIT_CASE(no_id_left),
	KUNIT_CASE(flush_fails),
	KUNIT_CASE(none_while_closed),
	KUNIT_CASE(none_for_no_device),
	{ }
};

static struct kunit_suite domain_suite = {
	.name = "nyx_domain",
	.test_cases = domain_cases,
};

kunit_test_suite(domain_suite);
