// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains of PASIDs, on units that cache PASID entries and devices with a device TLB.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/bits.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/flush.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "inval/ats.h"
#include "fake_unit.h"
#include "../unit_core.h"

enum { DEVICES = 2, MAX_ID = 8, BITS = 3 };

/**
 * struct kind - a kind of unit
 * @name: name of the test with it
 * @per_device: as in nyx_walk_caps
 * @first: domains have first-stage tables
 */
struct kind {
	const char *name;
	bool per_device;
	bool first;
};

static const struct kind kinds[] = {
	{ "second-stage tables", false, false },
	{ "first-stage tables", false, true },
	{ "a domain ID per device", true, true },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/**
 * struct fake - a unit with two devices, which have PASIDs and ATS
 * @unit: the unit
 * @devices: the devices
 */
struct fake {
	struct fake_unit unit;
	struct fake_device devices[DEVICES];
};

static struct nyx_cmd no_cmd(const struct nyx_unit *unit,
			     const struct nyx_device *ndev,
			     struct nyx_range range)
{
	return (struct nyx_cmd) { };
}

/* Invalidates all that the unit caches with the tag, and then device TLBs. */
static void flush(struct fake_unit *unit, const struct nyx_flush *flush)
{
	struct nyx_cmd cmds[NYX_QUEUE_BATCH] = { };
	int rid, pasid;

	for (rid = 0; rid < FAKE_RIDS; rid++)
		for (pasid = 0; pasid < FAKE_PASIDS; pasid++)
			if (unit->pasids[rid][pasid].cached ==
			    flush->domain_id &&
			    (!flush->first || flush->pasid == pasid))
				unit->pasids[rid][pasid].cached = 0;
	nyx_flush_submit(&unit->unit, flush, cmds, 1, no_cmd, 1);
}

static int fake_init(struct kunit *test)
{
	static const struct kind second = { };
	const struct kind *kind = test->param_value ?: &second;
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	test->priv = fake;
	unit_core_reset();
	unit_core.pasid_bits = BITS;
	nyx_domains_open();
	fake_unit_init(test, &fake->unit, "fake0");
	fake->unit.on_flush = flush;
	fake->unit.no_post = true;
	fake->unit.unit.identity_id = MAX_ID;
	fake->unit.unit.caps = (struct nyx_unit_caps) {
		.format = &nyx_pt_vtdss,
		.pgsizes = SZ_4K,
		.levels = BIT(4),
		.addr_bits = 48,
		.phys_bits = 46,
		.max_domain_id = MAX_ID - 1,
		.coherent = true,
		.passthrough = true,
		.first = {
			.format = &nyx_pt_x86,
			.pgsizes = SZ_4K,
			.levels = BIT(4),
			.addr_bits = 47,
			.per_device = kind->per_device,
		},
		.pasid_bits = 20,
	};
	if (kind->first && !kind->per_device) {
		fake->unit.unit.caps.format = &nyx_pt_x86;
		fake->unit.unit.caps.addr_bits = 47;
	}
	for (i = 0; i < DEVICES; i++) {
		fake_device_init(&fake->devices[i], &fake->unit, i + 1);
		fake_device_add(&fake->devices[i]);
		KUNIT_ASSERT_EQ(test, 0,
				nyx_device_set_identity(&fake->devices[i].ndev));
	}
	return 0;
}

static void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;
	int i;

	for (i = 0; i < DEVICES; i++) {
		nyx_pasids_stop(&fake->devices[i].ndev);
		nyx_device_set_blocked(&fake->devices[i].ndev);
		nyx_pasids_exit(&fake->devices[i].ndev);
	}
	INIT_LIST_HEAD(&nyx_devices);
	if (!READ_ONCE(fake->unit.unit.dead))
		KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake->unit.unit.domain_ids));
	KUNIT_EXPECT_EQ(test, unit_core.pasids_on, 0);
}

static struct iommu_domain *new_domain(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct iommu_domain *domain =
		nyx_domain_alloc_flags(&fake->devices[0].dev,
				       IOMMU_HWPT_ALLOC_PASID, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	return domain;
}

/* As the IOMMU core calls it. */
static int set(struct iommu_domain *domain, struct fake_device *device,
	       u32 pasid)
{
	return domain->ops->set_dev_pasid(domain, &device->dev, pasid, NULL);
}

static void unset(struct fake_device *device, u32 pasid)
{
	set(&nyx_blocked_domain, device, pasid);
}

/* Domain ID with which the domain is attached to a PASID. */
static u16 id_of(struct fake_device *device, u32 pasid)
{
	const struct nyx_pasid *use = xa_load(&device->ndev.pasids, pasid);

	return use ? use->entry.domain_id : 0;
}

/* Lets a device use ATS, as an attached domain does. */
static struct iommu_domain *use_ats(struct kunit *test,
				    struct fake_device *device)
{
	struct iommu_domain *domain = new_domain(test);

	KUNIT_ASSERT_EQ(test, fake_device_attach(device, domain), 0);
	KUNIT_ASSERT_TRUE(test, device->ndev.ats_enabled);
	return domain;
}

static void attach(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *a = new_domain(test), *b = new_domain(test);
	u16 id;

	KUNIT_EXPECT_EQ(test, fake_request(device, 3), 0);
	KUNIT_ASSERT_EQ(test, set(a, device, 3), 0);
	id = id_of(device, 3);
	KUNIT_EXPECT_NE(test, id, 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 3), id);
	KUNIT_EXPECT_EQ(test, fake_request(device, 4), 0);

	/* A second domain replaces the first, of which nothing is cached. */
	KUNIT_ASSERT_EQ(test, set(b, device, 3), 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 3), id_of(device, 3));
	KUNIT_EXPECT_PTR_EQ(test, fake->unit.pasids[1][3].entry.pt,
			    &to_nyx_domain(b)->pt);
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(a)->links));
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(a)->pasids));
	a->ops->free(a);

	unset(device, 3);
	KUNIT_EXPECT_EQ(test, fake_request(device, 3), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(b)->links));
	unset(device, 3);
	b->ops->free(b);
}

/* Tags of translations do not depend on what other PASIDs and devices use. */
static void domain_ids(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct fake *fake = test->priv;
	struct fake_device *devices = fake->devices;
	struct iommu_domain *a = new_domain(test), *b = new_domain(test);

	KUNIT_ASSERT_EQ(test, set(a, &devices[0], 1), 0);
	KUNIT_ASSERT_EQ(test, set(a, &devices[0], 2), 0);
	KUNIT_ASSERT_EQ(test, set(a, &devices[1], 1), 0);
	KUNIT_ASSERT_EQ(test, set(b, &devices[1], 2), 0);
	/* Devices with a table in common share its tag. */
	KUNIT_EXPECT_EQ(test, id_of(&devices[0], 1) == id_of(&devices[1], 1),
			!kind->per_device);
	/* The tag of second-stage tables has no PASID. */
	if (!kind->first)
		KUNIT_EXPECT_EQ(test, id_of(&devices[0], 1),
				id_of(&devices[0], 2));
	/* Different tables have different tags. */
	KUNIT_EXPECT_NE(test, id_of(&devices[0], 2), id_of(&devices[1], 2));
	if (kind->per_device) {
		KUNIT_EXPECT_EQ(test, id_of(&devices[0], 1),
				id_of(&devices[0], 2));
		KUNIT_EXPECT_EQ(test, id_of(&devices[0], 1),
				fake->unit.entries[1].domain_id);
		KUNIT_EXPECT_EQ(test, id_of(&devices[1], 1),
				fake->unit.entries[2].domain_id);
	}
	unset(&devices[0], 1);
	unset(&devices[0], 2);
	unset(&devices[1], 1);
	unset(&devices[1], 2);
	a->ops->free(a);
	b->ops->free(b);
}

/* A flush reaches what the unit and the device TLBs cache of each PASID. */
static void flush_all(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *devices = fake->devices;
	struct iommu_domain *rids[DEVICES] = {
		use_ats(test, &devices[0]), use_ats(test, &devices[1])
	};
	struct iommu_domain *domain = new_domain(test);
	int i;

	KUNIT_ASSERT_EQ(test, set(domain, &devices[0], 1), 0);
	KUNIT_ASSERT_EQ(test, set(domain, &devices[0], 2), 0);
	/* What a flush under way has yet to invalidate is not for a new device TLB. */
	fake_request(&devices[0], 2);
	KUNIT_ASSERT_EQ(test, set(domain, &devices[1], 2), 0);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][2].cached, 0);
	for (i = 0; i < 2; i++) {
		fake_request(&devices[0], 1);
		fake_request(&devices[0], 2);
		fake_request(&devices[1], 2);
		KUNIT_EXPECT_EQ(test, fake_request(&devices[1], 2), U16_MAX);
	}
	fake->unit.tlbs = 0;
	domain->ops->flush_iotlb_all(domain);
	/* One for each PASID, in the flush of the link to which it belongs. */
	KUNIT_EXPECT_EQ(test, fake->unit.tlbs, 3);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][1].cached, 0);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][2].cached, 0);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[2][2].cached, 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.pasids[1][1].tlb);
	KUNIT_EXPECT_FALSE(test, fake->unit.pasids[1][2].tlb);
	KUNIT_EXPECT_FALSE(test, fake->unit.pasids[2][2].tlb);

	/* The device TLB is emptied before the domain is gone. */
	fake_request(&devices[0], 1);
	unset(&devices[0], 1);
	KUNIT_EXPECT_EQ(test, fake_request(&devices[0], 1), 0);

	unset(&devices[0], 2);
	unset(&devices[1], 2);
	for (i = 0; i < DEVICES; i++) {
		nyx_device_set_identity(&devices[i].ndev);
		rids[i]->ops->free(rids[i]);
	}
	domain->ops->free(domain);
}

/* Changes of the entry of the device concern all of its PASIDs. */
static void change_entry(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *rid = use_ats(test, device);
	struct iommu_domain *domain = new_domain(test);
	u16 id;

	KUNIT_ASSERT_EQ(test, set(domain, device, 1), 0);
	id = id_of(device, 1);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), id);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), U16_MAX);

	/* The IOMMU core does this before a reset. */
	KUNIT_ASSERT_EQ(test, nyx_device_set_blocked(&device->ndev), 0);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][1].cached, 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), 0);
	/* And these while the device is blocked, and after it. */
	unset(device, 1);
	KUNIT_ASSERT_EQ(test, set(domain, device, 1), 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), 0);
	KUNIT_ASSERT_EQ(test, fake_device_attach(device, rid), 0);
	id = id_of(device, 1);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), id);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), U16_MAX);

	KUNIT_ASSERT_EQ(test, nyx_device_set_identity(&device->ndev), 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), id);
	/* Enabling ATS invalidates what a flush may have left to it. */
	scoped_guard(mutex, &device->ndev.entry_lock) {
		KUNIT_EXPECT_EQ(test, nyx_ats_enable(&device->ndev, id), 0);
		KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][1].cached, 0);
		KUNIT_EXPECT_EQ(test, nyx_ats_disable(&device->ndev), 0);
	}
	KUNIT_ASSERT_EQ(test, fake_device_attach(device, rid), 0);

	unset(device, 1);
	nyx_device_set_identity(&device->ndev);
	rid->ops->free(rid);
	domain->ops->free(domain);
}

static void cut_off(struct kunit *test)
{
	static const struct nyx_cut cut = { .state = NYX_DISABLED };
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *domain = new_domain(test);
	struct nyx_device *ndev = &device->ndev;

	KUNIT_ASSERT_EQ(test, set(domain, device, 1), 0);
	KUNIT_EXPECT_NE(test, fake_request(device, 1), 0);
	ndev->cut_off = cut.state;
	KUNIT_EXPECT_EQ(test, nyx_device_stop(ndev), 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), 0);
	KUNIT_EXPECT_EQ(test, fake->unit.pasids[1][1].cached, 0);
	ndev->cut_off = NYX_ACTIVE;
	KUNIT_EXPECT_EQ(test, nyx_device_restore(ndev), 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), id_of(device, 1));
	unset(device, 1);
	domain->ops->free(domain);
}

/* Tables that do not allow PASIDs are refused while PASIDs are in use. */
static void other_table(struct kunit *test)
{
	struct fake *fake = test->priv;
	const struct kind *kind = test->param_value;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *other = nyx_domain_alloc_paging(&device->dev);
	struct iommu_domain *domain = new_domain(test);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_ASSERT_EQ(test, set(domain, device, 1), 0);
	KUNIT_EXPECT_EQ(test, fake_device_attach(device, other),
			kind->per_device ? -EBUSY : 0);
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), id_of(device, 1));
	unset(device, 1);
	KUNIT_EXPECT_EQ(test, fake_device_attach(device, other), 0);
	KUNIT_EXPECT_EQ(test, set(domain, device, 1),
			kind->per_device ? -EOPNOTSUPP : 0);
	unset(device, 1);
	nyx_device_set_identity(&device->ndev);
	other->ops->free(other);
	domain->ops->free(domain);
}

static void errors(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *domain = new_domain(test);
	unsigned long ids;

	KUNIT_EXPECT_EQ(test, set(domain, device, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, set(domain, device, BIT(BITS)), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->unit.provides, 0);
	KUNIT_EXPECT_EQ(test, set(domain, device, BIT(BITS) - 1), 0);
	unset(device, BIT(BITS) - 1);

	fake->unit.provide_error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, set(domain, device, 1), -ENOMEM);
	fake->unit.provide_error = 0;

	to_nyx_domain(domain)->pt.cfg.oa_bits = 52;
	KUNIT_EXPECT_EQ(test, set(domain, device, 1), -EINVAL);
	to_nyx_domain(domain)->pt.cfg.oa_bits = 46;

	if (!fake->unit.unit.caps.first.per_device) {
		ids = fake->unit.unit.caps.max_domain_id;
		while (ids--)
			ida_alloc_range(&fake->unit.unit.domain_ids, 1,
					MAX_ID - 1, GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, set(domain, device, 1), -ENOSPC);
		ida_destroy(&fake->unit.unit.domain_ids);
	}
	KUNIT_EXPECT_TRUE(test, xa_empty(&device->ndev.pasids));
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(domain)->links));
	KUNIT_EXPECT_TRUE(test, list_empty(&to_nyx_domain(domain)->pasids));
	KUNIT_EXPECT_EQ(test, fake_request(device, 1), 0);
	domain->ops->free(domain);
}

/* After a process has ended, its page table is never used again. */
static void process_end(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *devices = fake->devices;
	struct iommu_domain *rid = use_ats(test, &devices[0]);
	struct iommu_domain *domain = new_domain(test);

	KUNIT_ASSERT_EQ(test, set(domain, &devices[0], 1), 0);
	KUNIT_ASSERT_EQ(test, set(domain, &devices[1], 1), 0);
	fake_request(&devices[0], 1);
	KUNIT_EXPECT_EQ(test, fake_request(&devices[0], 1), U16_MAX);
	KUNIT_EXPECT_NE(test, fake_request(&devices[1], 1), 0);

	nyx_pasids_end(to_nyx_domain(domain));
	KUNIT_EXPECT_EQ(test, fake_request(&devices[0], 1), 0);
	KUNIT_EXPECT_EQ(test, fake_request(&devices[1], 1), 0);
	/* As after a reset of the device, and on a third PASID. */
	unset(&devices[0], 1);
	KUNIT_EXPECT_EQ(test, set(domain, &devices[0], 1), 0);
	KUNIT_EXPECT_EQ(test, set(domain, &devices[0], 2), 0);
	KUNIT_EXPECT_EQ(test, fake_request(&devices[0], 1), 0);
	KUNIT_EXPECT_EQ(test, fake_request(&devices[0], 2), 0);

	unset(&devices[0], 1);
	unset(&devices[0], 2);
	unset(&devices[1], 1);
	nyx_device_set_identity(&devices[0].ndev);
	rid->ops->free(rid);
	domain->ops->free(domain);
}

static void dead_unit(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct iommu_domain *a = new_domain(test), *b = new_domain(test);

	KUNIT_ASSERT_EQ(test, set(a, device, 1), 0);
	WRITE_ONCE(fake->unit.unit.dead, true);
	fake->unit.error = -EIO;
	KUNIT_EXPECT_EQ(test, set(b, device, 1), -EIO);
	KUNIT_EXPECT_EQ(test, set(b, device, 2), -EIO);
	/* The page table of a process is freed when this returns. */
	KUNIT_EXPECT_FALSE(test, fake->unit.unit.contained);
	nyx_pasids_end(to_nyx_domain(a));
	KUNIT_EXPECT_TRUE(test, fake->unit.unit.contained);
	unset(device, 1);
	/* The unit may still walk the table. */
	KUNIT_EXPECT_TRUE(test, to_nyx_domain(a)->leak_tables);
	KUNIT_EXPECT_FALSE(test, to_nyx_domain(b)->leak_tables);
	a->ops->free(a);
	b->ops->free(b);
}

/* Which devices get PASIDs. */
static void offered(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct fake_device *device = &fake->devices[0];
	struct nyx_device *ndev = &device->ndev;
	struct iommu_domain *domain;

	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, BITS);
	nyx_pasids_stop(ndev);
	nyx_device_set_identity(ndev);
	nyx_pasids_exit(ndev);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[1].pasids);
	KUNIT_EXPECT_EQ(test, fake->unit.entries[1].domain_id, MAX_ID);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_domain_alloc_flags(&device->dev,
						       IOMMU_HWPT_ALLOC_PASID,
						       NULL)));

	ndev->untrusted = true;
	nyx_pasids_init(ndev);
	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, 0);
	ndev->untrusted = false;
	ndev->nr_rids = 2;
	nyx_pasids_init(ndev);
	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, 0);
	ndev->nr_rids = 1;
	fake->unit.unit.caps.pasid_bits = 0;
	nyx_pasids_init(ndev);
	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, 0);
	fake->unit.unit.caps.pasid_bits = 2;
	unit_core.pasid_bits = 0;
	nyx_pasids_init(ndev);
	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, 0);
	KUNIT_EXPECT_EQ(test, ndev->own_domain_id, 0);

	domain = nyx_domain_alloc_paging(&device->dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_EXPECT_EQ(test, set(domain, device, 1), -EOPNOTSUPP);
	domain->ops->free(domain);

	/* The default domain of its group may be one for PASIDs of another device. */
	domain = nyx_domain_alloc_flags(&fake->devices[1].dev,
					IOMMU_HWPT_ALLOC_PASID, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_EXPECT_EQ(test, fake_device_attach(device, domain), 0);
	KUNIT_EXPECT_FALSE(test, fake->unit.entries[1].pasids);
	nyx_device_set_identity(ndev);
	nyx_pasids_exit(ndev);
	domain->ops->free(domain);

	/* The unit may support fewer than the device. */
	unit_core.pasid_bits = BITS;
	nyx_pasids_init(ndev);
	KUNIT_EXPECT_EQ(test, ndev->pasid_bits, 2);
	KUNIT_EXPECT_EQ(test, !!ndev->own_domain_id,
			fake->unit.unit.caps.first.per_device);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(attach, kind_gen_params),
	KUNIT_CASE_PARAM(domain_ids, kind_gen_params),
	KUNIT_CASE_PARAM(flush_all, kind_gen_params),
	KUNIT_CASE_PARAM(change_entry, kind_gen_params),
	KUNIT_CASE_PARAM(cut_off, kind_gen_params),
	KUNIT_CASE_PARAM(other_table, kind_gen_params),
	KUNIT_CASE_PARAM(errors, kind_gen_params),
	KUNIT_CASE_PARAM(process_end, kind_gen_params),
	KUNIT_CASE_PARAM(dead_unit, kind_gen_params),
	KUNIT_CASE_PARAM(offered, kind_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "nyx_domain_pasid",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
