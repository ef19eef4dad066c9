// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested domains: on two units that have the same parent, who may use them, and what
 * entries contain.
 */
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/isolation.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "forensics/history.h"
#include "nested_fixture.h"

#define PARENT IOMMU_HWPT_ALLOC_NEST_PARENT

static void refused(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct nyx_unit_caps *caps = &fake->units[0].unit.caps;
	struct device *dev = &fake->devices[0].dev;
	struct iommu_domain *plain = nyx_domain_alloc_flags(dev, 0, NULL);
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct nyx_guest_table table = { .root = SZ_4K, .levels = 4 };
	static const struct iommu_domain_ops other_ops;
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	unsigned int bit;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, plain);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, plain, &table, 0)), -EINVAL);
	/* The domain of another driver. */
	parent->ops = &other_ops;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EINVAL);
	parent->ops = &nyx_paging_ops;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, nested, &table, 0)), -EINVAL);
	nested->ops->free(nested);
	for (bit = 0; bit < 32; bit++)
		if (BIT(bit) != IOMMU_HWPT_ALLOC_PASID)
			KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
					PTR_ERR(nested_alloc(fake, parent, &table, BIT(bit))));
	table.flags = NESTED_REFUSED;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EFAULT);
	table.flags = 0;
	table.levels = 5;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EINVAL);
	table.levels = 4;
	/* The second stage translates 39 bits. */
	table.root = BIT_ULL(39);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EINVAL);
	table.root = SZ_4K;
	caps->levels = BIT(4);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EINVAL);
	caps->levels = BIT(3);
	fake->devices[0].ndev.pasid_bits = 0;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nested_alloc(fake, parent, &table, IOMMU_HWPT_ALLOC_PASID)));
	fake->devices[0].ndev.pasid_bits = 3;
	caps->nested = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR(nested_alloc(fake, parent, &table, 0)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, PTR_ERR(nyx_domain_alloc_flags(dev, PARENT, NULL)),
			-EOPNOTSUPP);
	caps->nested = true;
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(parent)->nested));
	parent->ops->free(parent);
	plain->ops->free(plain);
}

/* Read-only mappings of a second stage are refused (hw_info tells). */
static void read_only(struct kunit *test)
{
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct nyx_pt *pt = &to_nyx_domain(parent)->pt;
	size_t mapped = 0;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			nyx_pt_map(pt, SZ_4K, SZ_4K, SZ_4K, IOMMU_READ, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			parent->ops->map_pages(parent, SZ_4K, SZ_4K, SZ_4K, 1,
					       IOMMU_READ | IOMMU_CACHE,
					       GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 0);
	KUNIT_EXPECT_EQ(test, nyx_pt_iova_to_phys(pt, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, 0,
			nyx_pt_map(pt, SZ_4K, SZ_4K, SZ_4K, IOMMU_WRITE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0,
			nyx_pt_map(pt, SZ_8K, SZ_8K, SZ_4K,
				   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	parent->ops->free(parent);
}

static void attaches(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *a = nested_new(test, parent, 0);
	struct iommu_domain *b = nested_new(test, parent, SZ_8K);
	struct nyx_guest_table table = { .levels = 4, .flags = 1 };
	struct iommu_domain *special = nested_alloc(fake, parent, &table, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, special);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, parent), 0);
	KUNIT_EXPECT_NULL(test, nested_entry(fake, 0)->guest);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, b), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 2, b), 0);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_PTR_EQ(test, nested_entry(fake, 0)->pt, &to_nyx_domain(parent)->pt);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->guest->root, 0);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 1)->guest->root, SZ_8K);
	KUNIT_EXPECT_TRUE(test, nested_entry(fake, 0)->pasids);
	KUNIT_EXPECT_TRUE(test, nested_entry(fake, 0)->ats);
	/* Devices with a table in common share its tag. */
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 1)->domain_id,
			nested_entry(fake, 2)->domain_id);
	/* A different table has a different tag; the host keeps its own. */
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 2, parent), 0);
	KUNIT_EXPECT_NE(test, nested_entry(fake, 1)->domain_id,
			nested_entry(fake, 2)->domain_id);
	/* The unit has to support what the guest uses. */
	KUNIT_EXPECT_EQ(test, nested_attach(fake, 1, special), -EINVAL);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 1)->guest->root, SZ_8K);
	KUNIT_EXPECT_EQ(test, nested_attach(fake, 0, special), 0);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->guest->flags, 1);
	fake->units[1].unit.caps.nested = false;
	KUNIT_EXPECT_EQ(test, nested_attach(fake, 2, a), -EINVAL);
	fake->units[1].unit.caps.nested = true;

	/* Devices of one guest share its memory. */
	KUNIT_EXPECT_EQ(test, nyx_isolation(to_nyx_domain(parent), NYX_ENTRY_TABLE),
			NYX_ISOLATION_SHARED);
	fake_device_leave(&fake->devices[1]);
	fake_device_leave(&fake->devices[2]);
	KUNIT_EXPECT_EQ(test, nyx_isolation(to_nyx_domain(parent), NYX_ENTRY_TABLE),
			NYX_ISOLATION_STRICT);
	fake_device_leave(&fake->devices[0]);
	special->ops->free(special);
	b->ops->free(b);
	a->ops->free(a);
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(parent)->nested));
	parent->ops->free(parent);
}

static void pasids(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *parent = nested_new_parent(test, IOMMU_HWPT_ALLOC_PASID);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	const struct nyx_entry *entry = &fake->units[0].pasids[1][2].entry;
	struct nyx_fault fault = { .iova = SZ_4K, .has_iova = true, .pasid = 2 };
	unsigned int i, found = 0;

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	/* The kernel cannot explain faults with the table of a guest. */
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, nyx_fault_domain(&device->ndev, &fault));
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, parent), 0);
	KUNIT_ASSERT_EQ(test, 0, nested->ops->set_dev_pasid(nested, &device->dev, 2,
							    NULL));
	fault.has_pasid = true;
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, nyx_fault_domain(&device->ndev, &fault));
	KUNIT_EXPECT_PTR_EQ(test, entry->pt, &to_nyx_domain(parent)->pt);
	KUNIT_EXPECT_EQ(test, entry->guest->root, SZ_4K);
	KUNIT_EXPECT_NE(test, entry->domain_id, nested_entry(fake, 0)->domain_id);
	KUNIT_EXPECT_EQ(test, fake_request(device, 2), entry->domain_id);
	fake->nr_flushes = 0;
	fake->units[0].tlbs = 0;
	parent->ops->flush_iotlb_all(parent);
	for (i = 0; i < fake->nr_flushes; i++)
		found += fake->flushes[i].second && fake->flushes[i].pasid == 2 &&
			 fake->flushes[i].domain_id == entry->domain_id;
	KUNIT_EXPECT_EQ(test, found, 1);
	KUNIT_EXPECT_EQ(test, fake->units[0].tlbs, 1);
	nyx_pasid_remove(&device->ndev, 2);
	fake_device_leave(device);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

/* Tracking of the host concerns devices that reach its table through a guest's. */
static void dirty(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent =
		nested_new_parent(test, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	KUNIT_EXPECT_FALSE(test, nested_entry(fake, 0)->dirty);
	KUNIT_EXPECT_EQ(test, parent->dirty_ops->set_dirty_tracking(parent, true), 0);
	KUNIT_EXPECT_TRUE(test, nested_entry(fake, 0)->dirty);
	KUNIT_EXPECT_TRUE(test, fake->flushes[fake->nr_flushes - 1].second);
	/* And those that are attached later. */
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 1, nested), 0);
	KUNIT_EXPECT_TRUE(test, nested_entry(fake, 1)->dirty);
	KUNIT_EXPECT_EQ(test, parent->dirty_ops->set_dirty_tracking(parent, false), 0);
	KUNIT_EXPECT_FALSE(test, nested_entry(fake, 0)->dirty);
	KUNIT_EXPECT_FALSE(test, nested_entry(fake, 1)->dirty);
	fake_device_leave(&fake->devices[0]);
	fake_device_leave(&fake->devices[1]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

/* What the host does with the table of the parent is recorded. */
static void recorded(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct nyx_device *ndev = &fake->devices[0].ndev;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	KUNIT_ASSERT_EQ(test, nyx_record_device(ndev, NYX_RECORD_ON), 0);
	KUNIT_EXPECT_TRUE(test, rcu_access_pointer(to_nyx_domain(parent)->history));
	KUNIT_EXPECT_FALSE(test, rcu_access_pointer(to_nyx_domain(nested)->history));
	parent->ops->flush_iotlb_all(parent);
	KUNIT_EXPECT_EQ(test, nyx_history_mark(to_nyx_domain(parent)), 1);
	KUNIT_EXPECT_EQ(test, nyx_record_device(ndev, NYX_RECORD_OFF), 0);
	/* Also if the device is attached while operations are recorded. */
	fake_device_leave(&fake->devices[0]);
	KUNIT_ASSERT_EQ(test, nyx_record_device(ndev, NYX_RECORD_ON), 0);
	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	KUNIT_EXPECT_TRUE(test, rcu_access_pointer(to_nyx_domain(parent)->history));
	KUNIT_EXPECT_EQ(test, nyx_record_device(ndev, NYX_RECORD_OFF), 0);
	fake_device_leave(&fake->devices[0]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

/* A reset blocks the device, and attaches the domain again. */
static void blocked(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *parent = nested_new_parent(test, 0);
	struct iommu_domain *nested = nested_new(test, parent, SZ_4K);
	struct nyx_device *ndev = &fake->devices[0].ndev;

	KUNIT_ASSERT_EQ(test, nested_attach(fake, 0, nested), 0);
	ndev->cut_off = NYX_DISABLED;
	KUNIT_EXPECT_EQ(test, nyx_device_stop(ndev), 0);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->kind, NYX_ENTRY_BLOCKED);
	ndev->cut_off = NYX_ACTIVE;
	KUNIT_EXPECT_EQ(test, nyx_device_restore(ndev), 0);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_EQ(test, nested_entry(fake, 0)->guest->root, SZ_4K);
	fake_device_leave(&fake->devices[0]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refused),
	KUNIT_CASE(read_only),
	KUNIT_CASE(attaches),
	KUNIT_CASE(pasids),
	KUNIT_CASE(dirty),
	KUNIT_CASE(recorded),
	KUNIT_CASE(blocked),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_nested",
	.init = nested_fake_init,
	.exit = nested_fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
