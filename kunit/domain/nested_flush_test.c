// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested domains: what is invalidated when user space or the host changes a table, on two
 * units that have the same parent.
 */
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "nested_fixture.h"

/* Which of the flushes since @nr_flushes was 0 was for a device's domain ID. */
static int flush_of(const struct nested_fake *fake, int device)
{
	unsigned int i;

	for (i = 0; i < fake->nr_flushes; i++)
		if (fake->flushes[i].domain_id == nested_entry(fake, device)->domain_id)
			return i;
	return -1;
}

/* Expects an invalidation of all that is cached for the domain of a device. */
static void expect_second(struct kunit *test, int device)
{
	const struct nested_fake *fake = test->priv;
	int i = flush_of(fake, device);

	KUNIT_ASSERT_GE(test, i, 0);
	KUNIT_EXPECT_TRUE(test, fake->flushes[i].second);
	KUNIT_EXPECT_EQ(test, fake->flushes[i].start, 0);
	KUNIT_EXPECT_EQ(test, fake->flushes[i].last, U64_MAX);
	KUNIT_EXPECT_FALSE(test, fake->flushes[i].leaf_only);
	/* The device TLB caches the addresses before the first stage. */
	KUNIT_EXPECT_EQ(test, fake->tlbs[i][device + 1].order, 52);
}

/* When the host unmaps, no translation through its table stays anywhere. */
static void host_flushes(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *a = nested_new(test, parent, SZ_4K);
	struct iommu_domain *b = nested_new(test, parent, SZ_8K);
	struct iommu_iotlb_gather gather;

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, b), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 2, parent), 0);
	fake->nr_flushes = 0;
	iommu_iotlb_gather_init(&gather);
	gather.start = SZ_4K;
	gather.end = SZ_8K - 1;
	gather.pgsize = SZ_4K;
	parent->ops->iotlb_sync(parent, &gather);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 3);
	expect_second(test, 0);
	expect_second(test, 1);
	KUNIT_EXPECT_FALSE(test, fake->flushes[flush_of(fake, 2)].second);
	KUNIT_EXPECT_EQ(test, fake->flushes[flush_of(fake, 2)].last, SZ_8K - 1);
	KUNIT_EXPECT_EQ(test, fake->tlbs[flush_of(fake, 2)][3].order, 0);
	KUNIT_EXPECT_EQ(test, fake->tlbs[flush_of(fake, 2)][2].order, NO_TLB);

	/* Also with no device attached to the parent itself. */
	fake_device_leave(&fake->devices[2]);
	fake->nr_flushes = 0;
	parent->ops->flush_iotlb_all(parent);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 2);
	expect_second(test, 0);
	expect_second(test, 1);
	/* Units that need flushes after maps nest no domains. */
	to_nyx_domain(parent)->map_flush = true;
	fake->nr_flushes = 0;
	parent->ops->iotlb_sync_map(parent, SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 0);
	fake_device_leave(&fake->devices[0]);
	fake_device_leave(&fake->devices[1]);
	a->ops->free(a);
	b->ops->free(b);
	fake->nr_flushes = 0;
	parent->ops->flush_iotlb_all(parent);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 0);
	parent->ops->free(parent);
}

/* A unit that does not confirm a flush may walk the host's table for ever. */
static void host_flush_fails(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	struct nyx_flush all = { .last = U64_MAX };
	unsigned long leaked = nyx_leaked_tables();

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, nested), 0);
	fake->units[1].error = -EIO;
	KUNIT_EXPECT_EQ(test, nyx_domain_flush(to_nyx_domain(parent), &all), -EIO);
	fake->units[1].error = 0;
	KUNIT_EXPECT_TRUE(test, to_nyx_domain(parent)->leak_tables);
	KUNIT_EXPECT_EQ(test, nyx_domain_flush(to_nyx_domain(parent), &all), -EIO);
	fake_device_leave(&fake->devices[1]);
	nested->ops->free(nested);
	parent->ops->free(parent);
	KUNIT_EXPECT_GT(test, nyx_leaked_tables(), leaked);
}

/* On another CPU, a nested domain has left a unit that did not confirm it, and is freed. */
static void fail_meanwhile(struct nested_fake *fake)
{
	fake->devices[1].ndev.domain->parent->leak_tables = true;
}

static void host_flush_races(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	struct nyx_flush all = { .last = U64_MAX };

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, nested), 0);
	KUNIT_EXPECT_EQ(test, nyx_domain_flush(to_nyx_domain(parent), &all), 0);
	fake->on_flush = fail_meanwhile;
	KUNIT_EXPECT_EQ(test, nyx_domain_flush(to_nyx_domain(parent), &all), -EIO);
	fake->on_flush = NULL;
	to_nyx_domain(parent)->leak_tables = false;
	fake_device_leave(&fake->devices[1]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

/* Expects that the only flush was about all that is cached for a nested domain. */
static void expect_all(struct kunit *test, u16 domain_id, u32 pasid)
{
	struct nested_fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, fake->nr_flushes, 1);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].domain_id, domain_id);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].pasid, pasid);
	KUNIT_EXPECT_TRUE(test, fake->flushes[0].second);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].start, 0);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].last, U64_MAX);
}

/*
 * What is cached of the second stage is invalidated before a device with ATS joins others,
 * because a flush of the host may not have found it, and before a domain ID is reused.
 */
static void joins_and_leaves(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, IOMMU_HWPT_ALLOC_PASID);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	u16 domain_id;
	int i;

	for (i = 1; i < DEVICES; i++) {
		KUNIT_ASSERT_EQ(test, nested_attach(fake, i, parent), 0);
		KUNIT_ASSERT_TRUE(test, fake->devices[i].ndev.ats_enabled);
		fake->nr_flushes = 0;
		KUNIT_ASSERT_EQ(test, 0,
				nested->ops->set_dev_pasid(nested, &fake->devices[i].dev,
							   2, NULL));
		domain_id = fake->units[1].pasids[i + 1][2].entry.domain_id;
		expect_all(test, domain_id, 2);
	}
	fake->nr_flushes = 0;
	nyx_pasid_remove(&fake->devices[2].ndev, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 0);
	nyx_pasid_remove(&fake->devices[1].ndev, 2);
	expect_all(test, domain_id, 2);

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	domain_id = nested_entry(fake, 0)->domain_id;
	fake->nr_flushes = 0;
	fake_device_leave(&fake->devices[0]);
	expect_all(test, domain_id, 0);
	fake_device_leave(&fake->devices[1]);
	fake_device_leave(&fake->devices[2]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

static int invalidate(struct iommu_domain *domain, const struct nyx_flush *flushes,
		      u32 *nr, u32 type)
{
	struct iommu_user_data_array array = {
		.type = type,
		.uptr = (void __user *)flushes,
		.entry_len = sizeof(*flushes),
		.entry_num = *nr,
	};
	int ret = domain->ops->cache_invalidate_user(domain, &array);

	*nr = array.entry_num;
	return ret;
}

/* When the guest changes its table, that of one domain is invalidated. */
static void guest_flushes(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *a = nested_new(test, parent, SZ_4K);
	struct iommu_domain *b = nested_new(test, parent, SZ_8K);
	struct nyx_flush flushes[3] = {
		{ .start = SZ_4K, .last = SZ_8K - 1, .leaf_only = true },
		{ .last = U64_MAX },
		{ .domain_id = NESTED_REFUSED },
	};
	u32 nr = 2;

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, b), 0);
	fake->nr_flushes = 0;
	KUNIT_EXPECT_EQ(test, invalidate(a, flushes, &nr, NESTED_TYPE), 0);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_ASSERT_EQ(test, fake->nr_flushes, 2);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].domain_id, nested_entry(fake, 0)->domain_id);
	KUNIT_EXPECT_TRUE(test, fake->flushes[0].first);
	KUNIT_EXPECT_FALSE(test, fake->flushes[0].second);
	KUNIT_EXPECT_TRUE(test, fake->flushes[0].leaf_only);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].last, SZ_8K - 1);
	KUNIT_EXPECT_EQ(test, fake->tlbs[0][1].order, 0);
	KUNIT_EXPECT_EQ(test, fake->tlbs[0][1].addr, SZ_4K);
	KUNIT_EXPECT_EQ(test, fake->tlbs[1][1].order, 52);

	/* Those before the wrong one are complete; the type can be asked for. */
	nr = 3;
	fake->nr_flushes = 0;
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, NESTED_TYPE), -EINVAL);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 2);
	nr = 2;
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, NESTED_TYPE + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, NESTED_TYPE), 0);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, NESTED_TYPE + 1), -EINVAL);

	/* A unit out of service. */
	fake->units[1].error = -EIO;
	nr = 2;
	KUNIT_EXPECT_FALSE(test, to_nyx_domain(parent)->leak_tables);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, NESTED_TYPE), -EIO);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_TRUE(test, to_nyx_domain(parent)->leak_tables);
	fake->units[1].error = 0;
	fake_device_leave(&fake->devices[0]);
	fake_device_leave(&fake->devices[1]);
	a->ops->free(a);
	b->ops->free(b);
	parent->ops->free(parent);
}

/* A process that is killed does not wait for all that it asked for. */
static void killed(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	const struct nyx_flush flushes[3] = { };
	u32 nr = 3;
	int ret;

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	fake->nr_flushes = 0;
	sigaddset(&current->pending.signal, SIGKILL);
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	ret = invalidate(nested, flushes, &nr, NESTED_TYPE);
	flush_signals(current);
	KUNIT_EXPECT_EQ(test, ret, -EINTR);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 1);
	fake_device_leave(&fake->devices[0]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(host_flushes),
	KUNIT_CASE(host_flush_fails),
	KUNIT_CASE(host_flush_races),
	KUNIT_CASE(joins_and_leaves),
	KUNIT_CASE(guest_flushes),
	KUNIT_CASE(killed),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_nested_flush",
	.init = nested_fake_init,
	.exit = nested_fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
