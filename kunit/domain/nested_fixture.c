// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two units that share a parent of nested domains, for tests of the core.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/iommu.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/flush.h>

#include "domain/domain.h"
#include "nested_fixture.h"
#include "../unit_core.h"

static struct nyx_cmd note_tlb(const struct nyx_unit *unit,
			       const struct nyx_device *ndev,
			       struct nyx_range range)
{
	struct nested_fake *fake = kunit_get_current_test()->priv;

	fake->tlbs[fake->nr_flushes][ndev->rid] = range;
	return (struct nyx_cmd) { };
}

static void note_flush(struct fake_unit *unit, const struct nyx_flush *flush)
{
	struct nested_fake *fake = kunit_get_current_test()->priv;
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] = { };
	int rid;

	KUNIT_ASSERT_LT(kunit_get_current_test(), fake->nr_flushes, FLUSHES);
	for (rid = 0; rid < FAKE_RIDS; rid++)
		fake->tlbs[fake->nr_flushes][rid].order = NO_TLB;
	fake->flushes[fake->nr_flushes] = *flush;
	nyx_flush_submit(&unit->unit, flush, cmds, 1, note_tlb, 1);
	fake->nr_flushes++;
	if (fake->on_flush)
		fake->on_flush(fake);
}

/* User space passes the table, or the flush, as the core sees it. */
static int read_table(const struct iommu_user_data *data,
		      struct nyx_guest_table *table)
{
	*table = *(const struct nyx_guest_table __force *)data->uptr;
	return table->flags == NESTED_REFUSED ? -EFAULT : 0;
}

/* The second unit does not support all flags. */
static bool supports(const struct nyx_unit *unit,
		     const struct nyx_guest_table *table)
{
	struct nested_fake *fake = kunit_get_current_test()->priv;

	return !table->flags || unit == &fake->units[0].unit;
}

static int read_invalidation(const struct iommu_user_data_array *array,
			     u32 index, struct nyx_flush *flush)
{
	*flush = ((const struct nyx_flush __force *)array->uptr)[index];
	return flush->domain_id == NESTED_REFUSED ? -EINVAL : 0;
}

static const struct nyx_nested_ops nested_ops = {
	.read_table = read_table,
	.supports = supports,
	.invalidation = NESTED_TYPE,
	.read_invalidation = read_invalidation,
};

/**
 * nested_fake_init() - kunit_suite.init of tests with nested domains
 * @test: the test; its priv is set to a struct nested_fake
 *
 * Context: May sleep.
 * Return: 0.
 */
int nested_fake_init(struct kunit *test)
{
	struct nested_fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
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
		fake->devices[i].dev.iommu_group = (void *)(unsigned long)(i + 1);
		fake_device_add(&fake->devices[i]);
	}
	return 0;
}

/**
 * nested_fake_exit() - kunit_suite.exit after nested_fake_init()
 * @test: the test, which has freed all domains
 *
 * Context: May sleep.
 */
void nested_fake_exit(struct kunit *test)
{
	struct nested_fake *fake = test->priv;
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

/**
 * nested_new_parent() - allocate a domain that others can be nested on
 * @test: the test
 * @flags: further flags, IOMMU_HWPT_ALLOC_*
 *
 * Context: May sleep.
 * Return: the domain, which the caller frees. The test ends if there is none.
 */
struct iommu_domain *nested_new_parent(struct kunit *test, u32 flags)
{
	struct nested_fake *fake = test->priv;
	struct iommu_domain *domain =
		nyx_domain_alloc_flags(&fake->devices[0].dev, IOMMU_HWPT_ALLOC_NEST_PARENT | flags,
				       NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return domain;
}

/**
 * nested_alloc() - try to allocate a nested domain for the first device
 * @fake: the units
 * @parent: the parent
 * @table: what user space passes
 * @flags: IOMMU_HWPT_ALLOC_*
 *
 * Context: May sleep.
 * Return: as nyx_nested_alloc().
 */
struct iommu_domain *nested_alloc(struct nested_fake *fake, struct iommu_domain *parent,
				  const struct nyx_guest_table *table, u32 flags)
{
	const struct iommu_user_data data = { .uptr = (void __user *)table };

	return nyx_nested_alloc(&fake->devices[0].dev, parent, flags, &data);
}

/**
 * nested_new() - allocate a nested domain
 * @test: the test
 * @parent: the parent
 * @root: address of the root of the guest's table
 *
 * Context: May sleep.
 * Return: the domain, which the caller frees. The test ends if there is none.
 */
struct iommu_domain *nested_new(struct kunit *test, struct iommu_domain *parent,
				u64 root)
{
	const struct nyx_guest_table table = { .root = root, .levels = 4 };
	struct iommu_domain *domain = nested_alloc(test->priv, parent, &table, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_EXPECT_EQ(test, domain->type, IOMMU_DOMAIN_NESTED);
	return domain;
}

/**
 * nested_attach() - attach a domain
 * @fake: the units
 * @device: index of the device
 * @domain: the domain
 *
 * Context: May sleep.
 * Return: the result of the operation.
 */
int nested_attach(struct nested_fake *fake, int device, struct iommu_domain *domain)
{
	return domain->ops->attach_dev(domain, &fake->devices[device].dev, NULL);
}

/**
 * nested_entry() - what a unit reads for a device
 * @fake: the units
 * @device: index of the device
 *
 * Context: Any.
 * Return: the entry.
 */
const struct nyx_entry *nested_entry(const struct nested_fake *fake, int device)
{
	return &fake->units[device > 0].entries[device + 1];
}
