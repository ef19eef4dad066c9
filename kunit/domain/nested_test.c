// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nested domains: on two units that have the same parent, what entries contain, and what is
 * invalidated when user space or the host changes a table.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/iommu.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/flush.h>
#include <nyx/isolation.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fake_unit.h"
#include "../unit_core.h"

enum { DEVICES = 3, TYPE = 5, REFUSED = 7, FLUSHES = 16, NO_TLB = U8_MAX };

#define PARENT IOMMU_HWPT_ALLOC_NEST_PARENT

/**
 * struct fake - two units, one device below the first and two below the second
 * @units: the units
 * @ops: their operations
 * @devices: the devices, which have ATS
 * @flushes: the last flushes of units
 * @tlbs: for each, the range of a device TLB that was invalidated last, by requester ID,
 *	or one of order NO_TLB
 * @nr_flushes: number of them
 */
struct fake {
	struct fake_unit units[2];
	struct nyx_unit_ops ops;
	struct fake_device devices[DEVICES];
	struct nyx_flush flushes[FLUSHES];
	struct nyx_range tlbs[FLUSHES][FAKE_RIDS];
	unsigned int nr_flushes;
};

static struct nyx_cmd note_tlb(const struct nyx_unit *unit,
			       const struct nyx_device *ndev,
			       struct nyx_range range)
{
	struct fake *fake = kunit_get_current_test()->priv;

	fake->tlbs[fake->nr_flushes][ndev->rid] = range;
	return (struct nyx_cmd) { };
}

static void note_flush(struct fake_unit *unit, const struct nyx_flush *flush)
{
	struct fake *fake = kunit_get_current_test()->priv;
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] = { };
	int rid;

	KUNIT_ASSERT_LT(kunit_get_current_test(), fake->nr_flushes, FLUSHES);
	for (rid = 0; rid < FAKE_RIDS; rid++)
		fake->tlbs[fake->nr_flushes][rid].order = NO_TLB;
	fake->flushes[fake->nr_flushes] = *flush;
	nyx_flush_submit(&unit->unit, flush, cmds, 1, note_tlb, 1);
	fake->nr_flushes++;
}

/* User space passes the table, or the flush, as the core sees it. */
static int read_table(const struct iommu_user_data *data,
		      struct nyx_guest_table *table)
{
	*table = *(const struct nyx_guest_table __force *)data->uptr;
	return table->flags == REFUSED ? -EFAULT : 0;
}

/* The second unit does not support all flags. */
static bool supports(const struct nyx_unit *unit,
		     const struct nyx_guest_table *table)
{
	struct fake *fake = kunit_get_current_test()->priv;

	return !table->flags || unit == &fake->units[0].unit;
}

static int read_invalidation(const struct iommu_user_data_array *array,
			     u32 index, struct nyx_flush *flush)
{
	*flush = ((const struct nyx_flush __force *)array->uptr)[index];
	return flush->domain_id == REFUSED ? -EINVAL : 0;
}

static const struct nyx_nested_ops nested_ops = {
	.read_table = read_table,
	.supports = supports,
	.invalidation = TYPE,
	.read_invalidation = read_invalidation,
};

static int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	struct nyx_device *ndev;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	unit_core_reset();
	unit_core.pasid_bits = 3;
	nyx_domains_open();
	for (i = 0; i < 2; i++) {
		fake_unit_init(test, &fake->units[i], i ? "fake1" : "fake0");
		fake->units[i].on_flush = note_flush;
		fake->units[i].no_post = true;
		fake->ops = *fake->units[i].unit.ops;
		fake->units[i].unit.caps = (struct nyx_unit_caps) {
			.format = &nyx_pt_vtdss,
			.pgsizes = SZ_4K,
			.levels = BIT(3),
			.addr_bits = 39,
			.phys_bits = 46,
			/* So that IDs of the units differ. */
			.max_domain_id = i ? 7 : 6,
			.coherent = true,
			.passthrough = true,
			.dirty = true,
			.snoop = true,
			.nested = true,
			.first = {
				.format = &nyx_pt_x86,
				.pgsizes = SZ_4K,
				.levels = BIT(4),
				.addr_bits = 47,
			},
			.pasid_bits = 3,
		};
	}
	fake->ops.nested = &nested_ops;
	fake->units[0].unit.ops = &fake->ops;
	fake->units[1].unit.ops = &fake->ops;
	KUNIT_ASSERT_EQ(test, ida_alloc_min(&fake->units[1].unit.domain_ids, 1,
					    GFP_KERNEL), 1);
	for (i = 0; i < DEVICES; i++) {
		fake_device_init(&fake->devices[i], &fake->units[i > 0], i + 1);
		ndev = &fake->devices[i].ndev;
		ndev->pasid = true;
		ndev->ats_supported = true;
		ndev->ats_qdep = 32;
		ndev->dev->iommu_group = (void *)(unsigned long)(i + 1);
		nyx_pasids_init(ndev);
		list_add_tail_rcu(&ndev->node, &nyx_devices);
	}
	return 0;
}

static void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	for (i = 0; i < DEVICES; i++) {
		nyx_pasids_stop(&fake->devices[i].ndev);
		fake_device_leave(&fake->devices[i]);
		nyx_pasids_exit(&fake->devices[i].ndev);
		fake->devices[i].dev.iommu_group = NULL;
	}
	INIT_LIST_HEAD(&nyx_devices);
	ida_free(&fake->units[1].unit.domain_ids, 1);
	for (i = 0; i < 2; i++)
		if (!READ_ONCE(fake->units[i].unit.dead))
			KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->units[i].unit.domain_ids));
}

static struct iommu_domain *new_parent(struct kunit *test, u32 flags)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain =
		nyx_domain_alloc_flags(&fake->devices[0].dev, PARENT | flags,
				       NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return domain;
}

static struct iommu_domain *alloc(struct fake *fake, struct iommu_domain *parent,
				  const struct nyx_guest_table *table, u32 flags)
{
	const struct iommu_user_data data = { .uptr = (void __user *)table };

	return nyx_nested_alloc(&fake->devices[0].dev, parent, flags, &data);
}

static struct iommu_domain *new_nested(struct kunit *test,
				       struct iommu_domain *parent, u64 root)
{
	const struct nyx_guest_table table = { .root = root, .levels = 4 };
	struct iommu_domain *domain = alloc(test->priv, parent, &table, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_EXPECT_EQ(test, domain->type, IOMMU_DOMAIN_NESTED);
	return domain;
}

static int attach(struct fake *fake, int device, struct iommu_domain *domain)
{
	return domain->ops->attach_dev(domain, &fake->devices[device].dev, NULL);
}

static const struct nyx_entry *entry_of(const struct fake *fake, int device)
{
	return &fake->units[device > 0].entries[device + 1];
}

static void refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct nyx_unit_caps *caps = &fake->units[0].unit.caps;
	struct device *dev = &fake->devices[0].dev;
	struct iommu_domain *plain = nyx_domain_alloc_flags(dev, 0, NULL);
	struct iommu_domain *parent = new_parent(test, 0);
	struct nyx_guest_table table = { .root = SZ_4K, .levels = 4 };
	unsigned int bit;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, plain);
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, plain, &table, 0)), -EINVAL);
	for (bit = 0; bit < 32; bit++)
		if (BIT(bit) != IOMMU_HWPT_ALLOC_PASID)
			KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
					PTR_ERR(alloc(fake, parent, &table, BIT(bit))));
	table.flags = REFUSED;
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, parent, &table, 0)), -EFAULT);
	table.flags = 0;
	table.levels = 5;
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, parent, &table, 0)), -EINVAL);
	table.levels = 4;
	/* The second stage translates 39 bits. */
	table.root = BIT_ULL(39);
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, parent, &table, 0)), -EINVAL);
	table.root = SZ_4K;
	caps->levels = BIT(4);
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, parent, &table, 0)), -EINVAL);
	caps->levels = BIT(3);
	fake->devices[0].ndev.pasid_bits = 0;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(alloc(fake, parent, &table, IOMMU_HWPT_ALLOC_PASID)));
	fake->devices[0].ndev.pasid_bits = 3;
	caps->nested = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR(alloc(fake, parent, &table, 0)), -EOPNOTSUPP);
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
	struct iommu_domain *parent = new_parent(test, 0);
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
	struct fake *fake = test->priv;
	struct iommu_domain *parent = new_parent(test, 0);
	struct iommu_domain *a = new_nested(test, parent, 0);
	struct iommu_domain *b = new_nested(test, parent, SZ_8K);
	struct nyx_guest_table table = { .levels = 4, .flags = 1 };
	struct iommu_domain *special = alloc(fake, parent, &table, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, special);
	KUNIT_ASSERT_EQ(test, attach(fake, 0, parent), 0);
	KUNIT_EXPECT_NULL(test, entry_of(fake, 0)->guest);
	KUNIT_ASSERT_EQ(test, attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, attach(fake, 1, b), 0);
	KUNIT_ASSERT_EQ(test, attach(fake, 2, b), 0);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_PTR_EQ(test, entry_of(fake, 0)->pt, &to_nyx_domain(parent)->pt);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->guest->root, 0);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 1)->guest->root, SZ_8K);
	KUNIT_EXPECT_TRUE(test, entry_of(fake, 0)->pasids);
	KUNIT_EXPECT_TRUE(test, entry_of(fake, 0)->ats);
	/* Devices with a table in common share its tag. */
	KUNIT_EXPECT_EQ(test, entry_of(fake, 1)->domain_id,
			entry_of(fake, 2)->domain_id);
	/* A different table has a different tag; the host keeps its own. */
	KUNIT_ASSERT_EQ(test, attach(fake, 2, parent), 0);
	KUNIT_EXPECT_NE(test, entry_of(fake, 1)->domain_id,
			entry_of(fake, 2)->domain_id);
	/* The unit has to support what the guest uses. */
	KUNIT_EXPECT_EQ(test, attach(fake, 1, special), -EINVAL);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 1)->guest->root, SZ_8K);
	KUNIT_EXPECT_EQ(test, attach(fake, 0, special), 0);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->guest->flags, 1);
	fake->units[1].unit.caps.nested = false;
	KUNIT_EXPECT_EQ(test, attach(fake, 2, a), -EINVAL);
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

/* Which of the flushes since @nr_flushes was 0 was for a device's domain ID. */
static int flush_of(const struct fake *fake, int device)
{
	unsigned int i;

	for (i = 0; i < fake->nr_flushes; i++)
		if (fake->flushes[i].domain_id == entry_of(fake, device)->domain_id)
			return i;
	return -1;
}

/* Expects an invalidation of all that is cached for the domain of a device. */
static void expect_second(struct kunit *test, int device)
{
	const struct fake *fake = test->priv;
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
	struct fake *fake = test->priv;
	struct iommu_domain *parent = new_parent(test, 0);
	struct iommu_domain *a = new_nested(test, parent, SZ_4K);
	struct iommu_domain *b = new_nested(test, parent, SZ_8K);
	struct iommu_iotlb_gather gather;

	KUNIT_ASSERT_EQ(test, attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, attach(fake, 1, b), 0);
	KUNIT_ASSERT_EQ(test, attach(fake, 2, parent), 0);
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
	struct fake *fake = test->priv;
	struct iommu_domain *parent = new_parent(test, 0);
	struct iommu_domain *nested = new_nested(test, parent, SZ_4K);
	struct nyx_flush all = { .last = U64_MAX };
	unsigned long leaked = nyx_leaked_tables();

	KUNIT_ASSERT_EQ(test, attach(fake, 1, nested), 0);
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
	struct fake *fake = test->priv;
	struct iommu_domain *parent = new_parent(test, 0);
	struct iommu_domain *a = new_nested(test, parent, SZ_4K);
	struct iommu_domain *b = new_nested(test, parent, SZ_8K);
	struct nyx_flush flushes[3] = {
		{ .start = SZ_4K, .last = SZ_8K - 1, .leaf_only = true },
		{ .last = U64_MAX },
		{ .domain_id = REFUSED },
	};
	u32 nr = 2;

	KUNIT_ASSERT_EQ(test, attach(fake, 0, a), 0);
	KUNIT_ASSERT_EQ(test, attach(fake, 1, b), 0);
	fake->nr_flushes = 0;
	KUNIT_EXPECT_EQ(test, invalidate(a, flushes, &nr, TYPE), 0);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_ASSERT_EQ(test, fake->nr_flushes, 2);
	KUNIT_EXPECT_EQ(test, fake->flushes[0].domain_id, entry_of(fake, 0)->domain_id);
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
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, TYPE), -EINVAL);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_flushes, 2);
	nr = 2;
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, TYPE + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, TYPE), 0);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, TYPE + 1), -EINVAL);

	/* A unit out of service. */
	fake->units[1].error = -EIO;
	nr = 2;
	KUNIT_EXPECT_FALSE(test, to_nyx_domain(parent)->leak_tables);
	KUNIT_EXPECT_EQ(test, invalidate(b, flushes, &nr, TYPE), -EIO);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_TRUE(test, to_nyx_domain(parent)->leak_tables);
	fake->units[1].error = 0;
	fake_device_leave(&fake->devices[0]);
	fake_device_leave(&fake->devices[1]);
	a->ops->free(a);
	b->ops->free(b);
	parent->ops->free(parent);
}

static void pasids(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *parent = new_parent(test, IOMMU_HWPT_ALLOC_PASID);
	struct iommu_domain *nested = new_nested(test, parent, SZ_4K);
	const struct nyx_entry *entry = &fake->units[0].pasids[1][2].entry;
	struct nyx_fault fault = { .iova = SZ_4K, .has_iova = true, .pasid = 2 };
	unsigned int i, found = 0;

	KUNIT_ASSERT_EQ(test, attach(fake, 0, nested), 0);
	/* The kernel cannot explain faults with the table of a guest. */
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, nyx_fault_domain(&device->ndev, &fault));
	KUNIT_ASSERT_EQ(test, attach(fake, 0, parent), 0);
	KUNIT_ASSERT_EQ(test, 0, nested->ops->set_dev_pasid(nested, &device->dev, 2,
							    NULL));
	fault.has_pasid = true;
	scoped_guard(rcu)
		KUNIT_EXPECT_NULL(test, nyx_fault_domain(&device->ndev, &fault));
	KUNIT_EXPECT_PTR_EQ(test, entry->pt, &to_nyx_domain(parent)->pt);
	KUNIT_EXPECT_EQ(test, entry->guest->root, SZ_4K);
	KUNIT_EXPECT_NE(test, entry->domain_id, entry_of(fake, 0)->domain_id);
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
	struct fake *fake = test->priv;
	struct iommu_domain *parent =
		new_parent(test, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	struct iommu_domain *nested = new_nested(test, parent, SZ_4K);

	KUNIT_ASSERT_EQ(test, attach(fake, 0, nested), 0);
	KUNIT_EXPECT_FALSE(test, entry_of(fake, 0)->dirty);
	KUNIT_EXPECT_EQ(test, parent->dirty_ops->set_dirty_tracking(parent, true), 0);
	KUNIT_EXPECT_TRUE(test, entry_of(fake, 0)->dirty);
	KUNIT_EXPECT_TRUE(test, fake->flushes[fake->nr_flushes - 1].second);
	/* And those that are attached later. */
	KUNIT_ASSERT_EQ(test, attach(fake, 1, nested), 0);
	KUNIT_EXPECT_TRUE(test, entry_of(fake, 1)->dirty);
	KUNIT_EXPECT_EQ(test, parent->dirty_ops->set_dirty_tracking(parent, false), 0);
	KUNIT_EXPECT_FALSE(test, entry_of(fake, 0)->dirty);
	KUNIT_EXPECT_FALSE(test, entry_of(fake, 1)->dirty);
	fake_device_leave(&fake->devices[0]);
	fake_device_leave(&fake->devices[1]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

/* A reset blocks the device, and attaches the domain again. */
static void blocked(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *parent = new_parent(test, 0);
	struct iommu_domain *nested = new_nested(test, parent, SZ_4K);
	struct nyx_device *ndev = &fake->devices[0].ndev;

	KUNIT_ASSERT_EQ(test, attach(fake, 0, nested), 0);
	ndev->cut_off = NYX_DISABLED;
	KUNIT_EXPECT_EQ(test, nyx_device_stop(ndev), 0);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->kind, NYX_ENTRY_BLOCKED);
	ndev->cut_off = NYX_ACTIVE;
	KUNIT_EXPECT_EQ(test, nyx_device_restore(ndev), 0);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->kind, NYX_ENTRY_TABLE);
	KUNIT_EXPECT_EQ(test, entry_of(fake, 0)->guest->root, SZ_4K);
	fake_device_leave(&fake->devices[0]);
	nested->ops->free(nested);
	parent->ops->free(parent);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refused),
	KUNIT_CASE(read_only),
	KUNIT_CASE(attaches),
	KUNIT_CASE(host_flushes),
	KUNIT_CASE(host_flush_fails),
	KUNIT_CASE(guest_flushes),
	KUNIT_CASE(pasids),
	KUNIT_CASE(dirty),
	KUNIT_CASE(blocked),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_nested",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
