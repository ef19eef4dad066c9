// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking of a domain on two units: which entries record writes, and what is
 * flushed when. The leaves themselves are tested in pt/dirty_test.c.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/io.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fake_unit.h"

enum { DEVICES = 3 };

/**
 * struct fake - two units, one device below the first and two below the second
 * @units: the units
 * @devices: the devices
 * @stale: a unit may use cached translations that do not record writes
 */
struct fake {
	struct fake_unit units[2];
	struct fake_device devices[DEVICES];
	bool stale[2];
};

static struct fake *fake_of(const struct fake_unit *unit, int *i)
{
	struct fake *fake = kunit_get_current_test()->priv;

	*i = unit == &fake->units[1];
	return fake;
}

static void note_change(struct fake_unit *unit, u16 rid,
			const struct nyx_entry *want)
{
	int i;
	struct fake *fake = fake_of(unit, &i);

	fake->stale[i] = true;
}

/* The whole domain is flushed after the last change of an entry. */
static void note_flush(struct fake_unit *unit, const struct nyx_flush *flush)
{
	int i;
	struct fake *fake = fake_of(unit, &i);

	if (!flush->start && flush->last == U64_MAX && !flush->map)
		fake->stale[i] = false;
}

static int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	nyx_domains_open();
	for (i = 0; i < 2; i++) {
		fake_unit_init(test, &fake->units[i], i ? "fake1" : "fake0");
		fake->units[i].unit.caps = (struct nyx_unit_caps) {
			.format = &nyx_pt_amdv1,
			.pgsizes = GENMASK_ULL(38, 12),
			.levels = 0x18,
			.addr_bits = 48,
			.phys_bits = 46,
			.max_domain_id = 4,
			.coherent = true,
			.dirty = true,
		};
	}
	for (i = 0; i < DEVICES; i++) {
		fake_device_init(&fake->devices[i], &fake->units[i > 0], i);
		list_add_tail_rcu(&fake->devices[i].ndev.node, &nyx_devices);
	}
	return 0;
}

static void fake_exit(struct kunit *test)
{
	INIT_LIST_HEAD(&nyx_devices);
}

static struct iommu_domain *new_domain(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain =
		nyx_domain_alloc_flags(&fake->devices[0].dev,
				       IOMMU_HWPT_ALLOC_DIRTY_TRACKING, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return domain;
}

static int attach(struct iommu_domain *domain, struct fake *fake, int device)
{
	return fake_device_attach(&fake->devices[device], domain);
}

static void leave(struct fake *fake, int device)
{
	fake_device_leave(&fake->devices[device]);
}

static bool records(const struct fake *fake, int device)
{
	return fake->units[device > 0].entries[device].dirty;
}

static void flags(struct kunit *test)
{
	struct fake *fake = test->priv;
	static const struct iommu_user_data data = { };
	struct iommu_domain *domain;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		u32 flag = BIT(bit);

		if (flag == IOMMU_HWPT_ALLOC_DIRTY_TRACKING)
			continue;
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				PTR_ERR(nyx_domain_alloc_flags(&fake->devices[0].dev,
							       flag, NULL)));
	}
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_domain_alloc_flags(&fake->devices[0].dev, 0,
						       &data)));
	domain = nyx_domain_alloc_flags(&fake->devices[0].dev, 0, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_EXPECT_NULL(test, domain->dirty_ops);
	/* The IOMMU core refuses to map in a domain without a type. */
	KUNIT_EXPECT_EQ(test, domain->type, IOMMU_DOMAIN_UNMANAGED);
	nyx_paging_ops.free(domain);

	domain = new_domain(test);
	KUNIT_EXPECT_PTR_EQ(test, domain->dirty_ops, &nyx_dirty_ops);
	KUNIT_EXPECT_EQ(test, domain->pgsize_bitmap, SZ_4K | SZ_2M | SZ_1G);
	/* A unit without the capability would miss writes. */
	fake->units[1].unit.caps.dirty = false;
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(domain, fake, 1));
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 0));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
	fake->units[0].unit.caps.dirty = false;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_domain_alloc_flags(&fake->devices[0].dev,
						       IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
						       NULL)));
}

/* Devices that are attached before, meanwhile and afterwards. */
static void on_and_off(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *other, *domain = new_domain(test);

	other = new_domain(test);
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_ASSERT_EQ(test, 0, attach(other, fake, 2));
	KUNIT_EXPECT_FALSE(test, records(fake, 0));
	fake->units[0].on_change = note_change;
	fake->units[1].on_change = note_change;
	fake->units[0].on_flush = note_flush;
	fake->units[1].on_flush = note_flush;

	KUNIT_EXPECT_EQ(test, 0, nyx_dirty_ops.set_dirty_tracking(domain, true));
	KUNIT_EXPECT_TRUE(test, records(fake, 0));
	KUNIT_EXPECT_TRUE(test, records(fake, 1));
	KUNIT_EXPECT_FALSE(test, records(fake, 2));
	KUNIT_EXPECT_FALSE(test, fake->stale[0]);
	KUNIT_EXPECT_FALSE(test, fake->stale[1]);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 2));
	KUNIT_EXPECT_TRUE(test, records(fake, 2));
	KUNIT_ASSERT_EQ(test, 0, attach(other, fake, 1));
	KUNIT_EXPECT_FALSE(test, records(fake, 1));

	/* Again: nothing to do. */
	fake->units[0].changes = 0;
	KUNIT_EXPECT_EQ(test, 0, nyx_dirty_ops.set_dirty_tracking(domain, true));
	KUNIT_EXPECT_EQ(test, 0, fake->units[0].changes);

	KUNIT_EXPECT_EQ(test, 0,
			nyx_dirty_ops.set_dirty_tracking(domain, false));
	KUNIT_EXPECT_FALSE(test, records(fake, 0));
	KUNIT_EXPECT_FALSE(test, records(fake, 2));
	KUNIT_EXPECT_FALSE(test, fake->stale[0]);
	leave(fake, 0);
	leave(fake, 1);
	leave(fake, 2);
	nyx_paging_ops.free(domain);
	nyx_paging_ops.free(other);
}

/* A device that is cut off meanwhile gets the state when it is restored. */
static void restored(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain = new_domain(test);
	struct nyx_device *ndev = &fake->devices[0].ndev;

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	WRITE_ONCE(ndev->cut_off, NYX_DISABLED);
	KUNIT_ASSERT_EQ(test, 0, nyx_device_stop(ndev));
	KUNIT_ASSERT_EQ(test, fake->units[0].entries[0].kind,
			NYX_ENTRY_BLOCKED);
	KUNIT_EXPECT_EQ(test, 0, nyx_dirty_ops.set_dirty_tracking(domain, true));
	KUNIT_EXPECT_EQ(test, fake->units[0].entries[0].kind,
			NYX_ENTRY_BLOCKED);
	WRITE_ONCE(ndev->cut_off, NYX_ACTIVE);
	KUNIT_EXPECT_EQ(test, 0, nyx_device_restore(ndev));
	KUNIT_EXPECT_TRUE(test, records(fake, 0));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
}

/* Either all devices are tracked, or none is. */
static void dead_unit(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain = new_domain(test);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	WRITE_ONCE(fake->units[1].unit.dead, true);
	KUNIT_EXPECT_EQ(test, -EIO,
			nyx_dirty_ops.set_dirty_tracking(domain, true));
	KUNIT_EXPECT_FALSE(test, records(fake, 0));
	KUNIT_EXPECT_FALSE(test, to_nyx_domain(domain)->dirty);
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

/* Sets D, bit 6, in the 2 MiB leaf at 0 of a table of four levels. */
static u64 *dirty_leaf(struct iommu_domain *domain)
{
	u64 *table = to_nyx_domain(domain)->pt.root;
	int level;

	for (level = 3; level > 1; level--)
		table = phys_to_virt(table[0] & GENMASK_ULL(51, 12));
	table[0] |= 0x40;
	return table;
}

static void reads(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain = new_domain(test);
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap dirty = { .gather = &gather };
	const struct iommu_dirty_ops *ops = &nyx_dirty_ops;
	u64 *leaf;

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0,
			nyx_pt_map(&to_nyx_domain(domain)->pt, 0, SZ_2M, SZ_2M,
				   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	leaf = dirty_leaf(domain);
	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, 0,
			ops->read_and_clear_dirty(domain, 0, SZ_2M,
						  IOMMU_DIRTY_NO_CLEAR, &dirty));
	KUNIT_EXPECT_TRUE(test, *leaf & 0x40);
	KUNIT_EXPECT_GT(test, gather.start, gather.end);

	/* Before tracking is enabled, leaves stay as large as they are. */
	KUNIT_EXPECT_EQ(test, 0, ops->read_and_clear_dirty(domain, 0, SZ_2M, 0,
							   &dirty));
	KUNIT_EXPECT_FALSE(test, *leaf & 0x40);
	KUNIT_EXPECT_EQ(test, *leaf & 0xe00, 0);
	KUNIT_EXPECT_EQ(test, gather.start, 0);
	KUNIT_EXPECT_EQ(test, gather.end, SZ_2M - 1);

	KUNIT_EXPECT_EQ(test, 0, ops->set_dirty_tracking(domain, true));
	dirty_leaf(domain);
	KUNIT_EXPECT_EQ(test, 0, ops->read_and_clear_dirty(domain, 0, SZ_2M, 0,
							   &dirty));
	/* Next Level, bits 11:9, is 1: a table replaced the leaf. */
	KUNIT_EXPECT_EQ(test, *leaf & 0xe00, 0x200);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			ops->read_and_clear_dirty(domain, 0, 0, 0, &dirty));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(flags),
	KUNIT_CASE(on_and_off),
	KUNIT_CASE(restored),
	KUNIT_CASE(dead_unit),
	KUNIT_CASE(reads),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_dirty",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
