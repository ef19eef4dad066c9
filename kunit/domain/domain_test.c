// SPDX-License-Identifier: GPL-2.0-only
/*
 * One domain on several units: flushes, domain IDs, and the reuse of IDs.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/rculist.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "fake_unit.h"

enum { IDS = 4, DEVICES = 3 };

/**
 * struct caching_unit - a unit that caches translations
 * @fake: the unit
 * @cached: for each domain ID the table that the unit may cache
 */
struct caching_unit {
	struct fake_unit fake;
	const struct nyx_pt *cached[IDS + 1];
};

/**
 * struct fake - two units, one device below the first and two below the second
 * @units: the units
 * @devices: 0 is below unit 0, the others below unit 1
 */
struct fake {
	struct caching_unit units[2];
	struct fake_device devices[DEVICES];
};

/*
 * The invalidation of an entry covers one device only: the cache holds the
 * table until the whole domain ID is flushed.
 */
static void cache_table(struct fake_unit *fake, u16 rid,
			const struct nyx_entry *want)
{
	const struct nyx_pt **cached =
		container_of(fake, struct caching_unit, fake)->cached;
	struct kunit *test = kunit_get_current_test();

	if (want->kind != NYX_ENTRY_TABLE)
		return;
	KUNIT_ASSERT_LE(test, want->domain_id, IDS);
	KUNIT_ASSERT_GE(test, want->domain_id, 1);
	/* Else the unit would use translations of another domain. */
	if (cached[want->domain_id])
		KUNIT_EXPECT_PTR_EQ(test, cached[want->domain_id], want->pt);
	cached[want->domain_id] = want->pt;
}

static void empty_cache(struct fake_unit *fake, const struct nyx_flush *flush)
{
	if (!flush->start && flush->last == U64_MAX)
		container_of(fake, struct caching_unit,
			     fake)->cached[flush->domain_id] = NULL;
}

static struct nyx_unit *fake_unit(struct fake *fake, int i)
{
	return &fake->units[i].fake.unit;
}

static struct fake *fake_new(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	nyx_domains_open();
	for (i = 0; i < 2; i++) {
		struct fake_unit *unit = &fake->units[i].fake;

		fake_unit_init(test, unit, i ? "fake1" : "fake0");
		unit->on_change = cache_table;
		unit->on_flush = empty_cache;
		unit->unit.caps = (struct nyx_unit_caps) {
			.format = &nyx_pt_vtdss,
			.pgsizes = SZ_4K | SZ_2M,
			.levels = 0x18,
			.addr_bits = 48,
			.phys_bits = 46,
			.max_domain_id = IDS,
			.coherent = true,
		};
	}
	for (i = 0; i < DEVICES; i++)
		fake_device_init(&fake->devices[i], &fake->units[i > 0].fake, i);
	return fake;
}

static struct iommu_domain *new_domain(struct kunit *test, struct fake *fake)
{
	struct iommu_domain *domain = nyx_domain_alloc_paging(&fake->devices[0].dev);

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

static void sync(struct iommu_domain *domain, u64 start, u64 last)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	gather.start = start;
	gather.end = last;
	nyx_paging_ops.iotlb_sync(domain, &gather);
}

/* Expects one flush since the last call, of this ID and range. */
static void expect_flush(struct kunit *test, struct fake_unit *fake, u16 id,
			 u64 start, u64 last)
{
	KUNIT_EXPECT_EQ(test, fake->flushes, 1);
	KUNIT_EXPECT_EQ(test, fake->last.domain_id, id);
	KUNIT_EXPECT_EQ(test, fake->last.start, start);
	KUNIT_EXPECT_EQ(test, fake->last.last, last);
	/* The unit may have to wait for a device, and then the caller sleeps. */
	KUNIT_EXPECT_FALSE(test, fake->in_rcu);
	fake->flushes = 0;
}

static void on_two_units(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *other = new_domain(test, fake);
	struct iommu_domain *domain = new_domain(test, fake);

	/* So that the domain has different IDs on the two units. */
	KUNIT_ASSERT_EQ(test, 0, attach(other, fake, 2));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	sync(domain, SZ_4K, SZ_8K - 1);
	expect_flush(test, &fake->units[0].fake, 1, SZ_4K, SZ_8K - 1);
	expect_flush(test, &fake->units[1].fake, 2, SZ_4K, SZ_8K - 1);
	sync(other, SZ_1M, SZ_2M - 1);
	KUNIT_EXPECT_EQ(test, fake->units[0].fake.flushes, 0);
	expect_flush(test, &fake->units[1].fake, 1, SZ_1M, SZ_2M - 1);

	leave(fake, 1);
	expect_flush(test, &fake->units[1].fake, 2, 0, U64_MAX);
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[0].fake, 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].fake.flushes, 0);
	/* The ID is free, and no translation is tagged with it. */
	KUNIT_EXPECT_EQ(test, 0, attach(other, fake, 0));
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_EXPECT_TRUE(test, fake->units[1].cached[2]);

	leave(fake, 0);
	leave(fake, 1);
	leave(fake, 2);
	nyx_paging_ops.free(domain);
	nyx_paging_ops.free(other);
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake_unit(fake, 0)->domain_ids));
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake_unit(fake, 1)->domain_ids));
}

/* Both units have their commands before the first of them is awaited. */
static void units_work_at_the_same_time(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct fake_unit *first = &fake->units[0].fake;
	struct fake_unit *second = &fake->units[1].fake;
	struct iommu_domain *domain = new_domain(test, fake);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, first, 1, 0, SZ_4K - 1);
	/* A single unit is not worth two calls. */
	KUNIT_EXPECT_EQ(test, first->posted_at, 0);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, first, 1, 0, SZ_4K - 1);
	expect_flush(test, second, 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_GT(test, first->posted_at, 0);
	KUNIT_EXPECT_LT(test, first->posted_at, first->awaited_at);
	KUNIT_EXPECT_LT(test, first->posted_at, second->awaited_at);
	KUNIT_EXPECT_LT(test, second->posted_at, first->awaited_at);
	KUNIT_EXPECT_LT(test, second->posted_at, second->awaited_at);

	/* A unit that cannot post is flushed while the other one works. */
	first->no_post = true;
	sync(domain, 0, SZ_8K - 1);
	expect_flush(test, first, 1, 0, SZ_8K - 1);
	expect_flush(test, second, 1, 0, SZ_8K - 1);

	/* After an error the whole flush is repeated. */
	first->no_post = false;
	second->await_error = -EAGAIN;
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, first, 1, 0, SZ_4K - 1);
	expect_flush(test, second, 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, second->globals, 0);
	/* A device that blocked the queue is isolated before that. */
	second->await_error = -ETIME;
	second->await_rid = 3;
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, first, 1, 0, SZ_4K - 1);
	expect_flush(test, second, 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, second->globals, 1);
	KUNIT_EXPECT_EQ(test, first->globals, 0);
	KUNIT_EXPECT_FALSE(test, to_nyx_domain(domain)->leak_tables);

	second->await_error = 0;
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

/* Two devices below a unit share a link, until the last of them leaves. */
static void one_link_for_two(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 2));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[1].fake, 1, 0, SZ_4K - 1);
	leave(fake, 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].fake.flushes, 0);
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[1].fake, 1, 0, SZ_4K - 1);
	leave(fake, 2);
	expect_flush(test, &fake->units[1].fake, 1, 0, U64_MAX);
	nyx_paging_ops.free(domain);
}

/* A device cannot be attached if its unit cannot walk the table. */
static void not_served(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	struct nyx_unit_caps *caps = &fake_unit(fake, 1)->caps;
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
	KUNIT_EXPECT_NULL(test, fake->devices[1].ndev.domain);
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake_unit(fake, 1)->domain_ids));
	sync(domain, 0, SZ_4K - 1);
	expect_flush(test, &fake->units[0].fake, 1, 0, SZ_4K - 1);
	KUNIT_EXPECT_EQ(test, fake->units[1].fake.flushes, 0);

	*caps = good;
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

/* The first 4 KiB leaf of a table of four levels. */
static u64 first_leaf(struct iommu_domain *domain)
{
	u64 *table = to_nyx_domain(domain)->pt.root;
	int level;

	for (level = 3; level; level--)
		table = phys_to_virt(table[0] & GENMASK_ULL(51, 12));
	return table[0];
}

static int map_page(struct iommu_domain *domain)
{
	return nyx_pt_map(&to_nyx_domain(domain)->pt, 0, SZ_1M, SZ_4K,
			  IOMMU_READ, GFP_KERNEL);
}

/* Of the two units only the second lacks the control of snooping. */
static void forces_snooping(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	fake_unit(fake, 0)->caps.snoop = true;
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	KUNIT_EXPECT_FALSE(test, nyx_paging_ops.enforce_cache_coherency(domain));
	leave(fake, 1);

	/* Mappings without the bit would remain. */
	KUNIT_ASSERT_EQ(test, 0, map_page(domain));
	KUNIT_EXPECT_EQ(test, first_leaf(domain), 0x100001);
	KUNIT_EXPECT_FALSE(test, nyx_paging_ops.enforce_cache_coherency(domain));
	KUNIT_ASSERT_EQ(test, SZ_4K, nyx_pt_unmap(&to_nyx_domain(domain)->pt, 0,
						  SZ_4K, NULL));

	KUNIT_EXPECT_TRUE(test, nyx_paging_ops.enforce_cache_coherency(domain));
	KUNIT_ASSERT_EQ(test, 0, map_page(domain));
	/* SNP (bit 11), even though the mapping lacks IOMMU_CACHE. */
	KUNIT_EXPECT_EQ(test, first_leaf(domain), 0x100801);
	KUNIT_EXPECT_TRUE(test, nyx_paging_ops.enforce_cache_coherency(domain));
	/* The bit is reserved there. */
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(domain, fake, 1));
	fake_unit(fake, 1)->caps.snoop = true;
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 1));
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

/* AMD's leaves force snooping in any case, so mappings may exist. */
static void always_snoops(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain;

	fake_unit(fake, 0)->caps.snoop = true;
	fake_unit(fake, 0)->caps.format = &nyx_pt_amdv1;
	domain = new_domain(test, fake);
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, map_page(domain));
	KUNIT_EXPECT_TRUE(test, first_leaf(domain) & BIT_ULL(60));
	KUNIT_EXPECT_TRUE(test, nyx_paging_ops.enforce_cache_coherency(domain));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
}

/* One unit that caches non-present entries is enough. */
static void flushes_on_map(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	nyx_paging_ops.iotlb_sync_map(domain, SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, fake->units[0].fake.flushes, 0);

	fake_unit(fake, 1)->caps.map_flush = true;
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	nyx_paging_ops.iotlb_sync_map(domain, SZ_4K, SZ_4K);
	KUNIT_EXPECT_TRUE(test, fake->units[1].fake.last.map);
	expect_flush(test, &fake->units[1].fake, 1, SZ_4K, SZ_8K - 1);
	sync(domain, SZ_4K, SZ_8K - 1);
	KUNIT_EXPECT_FALSE(test, fake->units[1].fake.last.map);
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

static int map_identity(struct iommu_domain *domain, u64 base, size_t pgsize,
			size_t count, size_t *mapped)
{
	*mapped = 0;
	return nyx_paging_ops.map_pages(domain, base, base, pgsize, count,
					IOMMU_READ | IOMMU_WRITE, GFP_KERNEL,
					mapped);
}

/*
 * The IOMMU core of 6.12 cannot see that IOVA 0 is mapped to address 0. It maps
 * the page again for each region of firmware that contains it.
 */
static void page_0_again(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	size_t mapped;
	u64 iova;

	KUNIT_ASSERT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 1, &mapped));
	KUNIT_EXPECT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 1, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, SZ_4K);
	/* more pages, and a leaf that contains the page */
	KUNIT_EXPECT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 16, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, SZ_64K);
	for (iova = 1; iova < SZ_64K; iova += SZ_4K)
		KUNIT_EXPECT_EQ(test, nyx_paging_ops.iova_to_phys(domain, iova),
				iova);
	KUNIT_EXPECT_EQ(test, nyx_paging_ops.iova_to_phys(domain, SZ_64K), 0);
	nyx_paging_ops.free(domain);

	domain = new_domain(test, fake);
	KUNIT_ASSERT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 1, &mapped));
	KUNIT_EXPECT_EQ(test, 0, map_identity(domain, 0, SZ_2M, 1, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, SZ_2M);
	KUNIT_EXPECT_EQ(test, nyx_paging_ops.iova_to_phys(domain, SZ_2M - 1),
			SZ_2M - 1);
	KUNIT_EXPECT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 1, &mapped));
	nyx_paging_ops.free(domain);
}

/* Other pages, and page 0 with another address, are not mapped twice. */
static void other_pages_once(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	size_t mapped;

	KUNIT_ASSERT_EQ(test, 0, map_identity(domain, SZ_4K, SZ_4K, 1, &mapped));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map_identity(domain, SZ_4K, SZ_4K, 1, &mapped));
	/* page 0 is not mapped */
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map_identity(domain, 0, SZ_4K, 2, &mapped));
	KUNIT_EXPECT_EQ(test, nyx_paging_ops.iova_to_phys(domain, 1), 0);
	KUNIT_ASSERT_EQ(test, 0, map_identity(domain, 0, SZ_4K, 1, &mapped));
	/* page 0 is mapped, and so is another one */
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map_identity(domain, 0, SZ_4K, 2, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 0);
	nyx_paging_ops.free(domain);

	domain = new_domain(test, fake);
	KUNIT_ASSERT_EQ(test, 0,
			nyx_paging_ops.map_pages(domain, 0, SZ_4K, SZ_4K, 1,
						 IOMMU_READ, GFP_KERNEL,
						 &mapped));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map_identity(domain, 0, SZ_4K, 1, &mapped));
	nyx_paging_ops.free(domain);
}

static void entry_refused(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);

	fake->units[1].fake.error = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, attach(domain, fake, 1));
	fake->units[1].fake.error = 0;
	KUNIT_EXPECT_NULL(test, fake->devices[1].ndev.domain);
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

	fake_unit(fake, 1)->caps.max_domain_id = 1;
	KUNIT_EXPECT_EQ(test, 0, attach(first, fake, 1));
	KUNIT_EXPECT_EQ(test, -ENOSPC, attach(second, fake, 2));
	KUNIT_EXPECT_NULL(test, fake->devices[2].ndev.domain);
	leave(fake, 1);
	KUNIT_EXPECT_EQ(test, 0, attach(second, fake, 2));
	leave(fake, 2);
	nyx_paging_ops.free(first);
	nyx_paging_ops.free(second);
}

/* Tables that a unit may still walk are never freed. */
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
	fake->units[1].fake.error = -EIO;
	leave(fake, 1);
	/* The other unit works, but uses the same table. */
	leave(fake, 0);
	KUNIT_EXPECT_EQ(test, 0, attach(domain, fake, 0));
	leave(fake, 0);
	nyx_paging_ops.free(domain);
	/* One page mapping needs four tables. */
	KUNIT_EXPECT_EQ(test, nyx_leaked_tables() - leaked, 4);
	/* The domain ID of the failed unit is not freed either. */
	KUNIT_EXPECT_FALSE(test, ida_is_empty(&fake_unit(fake, 1)->domain_ids));
	KUNIT_EXPECT_TRUE(test, ida_is_empty(&fake_unit(fake, 0)->domain_ids));
}

/* During a detach no domain can be allocated, and nothing leaks. */
static void none_while_closed(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	KUNIT_ASSERT_TRUE(test, nyx_domains_close());
	KUNIT_EXPECT_EQ(test, -ENODEV,
			PTR_ERR(nyx_domain_alloc_paging(&fake->devices[0].dev)));
	KUNIT_EXPECT_TRUE(test, list_empty(&nyx_domains));
}

static void none_for_no_device(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			PTR_ERR(nyx_domain_alloc_paging(NULL)));
}

/* At a restart: all IDs of one unit get identity, unless the unit is dead. */
static void identity_at_restart(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct iommu_domain *domain = new_domain(test, fake);
	const struct nyx_entry *entries = fake->units[1].fake.entries;
	unsigned long flags;
	LIST_HEAD(none);
	int i;

	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(domain, fake, 1));
	list_replace_init(&nyx_devices, &none);
	for (i = 0; i < DEVICES; i++)
		list_add_tail_rcu(&fake->devices[i].ndev.node, &nyx_devices);
	fake_unit(fake, 1)->identity_id = 4;
	fake_unit(fake, 1)->dead = true;
	nyx_unit_set_identity(fake_unit(fake, 1));
	KUNIT_EXPECT_EQ(test, entries[2].kind, NYX_ENTRY_BLOCKED);
	fake_unit(fake, 1)->dead = false;
	fake_unit(fake, 1)->caps.blocked_cached = true;
	fake->units[1].fake.globals = 0;
	local_irq_save(flags);
	nyx_unit_set_identity(fake_unit(fake, 1));
	local_irq_restore(flags);
	for (i = 0; i < FAKE_RIDS; i++)
		KUNIT_EXPECT_TRUE(test, entries[i].domain_id == 4 &&
				  entries[i].kind == NYX_ENTRY_IDENTITY);
	KUNIT_EXPECT_EQ(test, fake->units[1].fake.globals, 1);
	KUNIT_EXPECT_EQ(test, fake->units[0].fake.entries[0].kind,
			NYX_ENTRY_TABLE);
	INIT_LIST_HEAD(&nyx_devices);
	list_splice(&none, &nyx_devices);
	leave(fake, 0);
	leave(fake, 1);
	nyx_paging_ops.free(domain);
}

static struct kunit_case domain_cases[] = {
	KUNIT_CASE(on_two_units),
	KUNIT_CASE(units_work_at_the_same_time),
	KUNIT_CASE(one_link_for_two),
	KUNIT_CASE(not_served),
	KUNIT_CASE(forces_snooping),
	KUNIT_CASE(always_snoops),
	KUNIT_CASE(flushes_on_map),
	KUNIT_CASE(page_0_again),
	KUNIT_CASE(other_pages_once),
	KUNIT_CASE(entry_refused),
	KUNIT_CASE(no_id_left),
	KUNIT_CASE(flush_fails),
	KUNIT_CASE(none_while_closed),
	KUNIT_CASE(none_for_no_device),
	KUNIT_CASE(identity_at_restart),
	{ }
};

static struct kunit_suite domain_suite = {
	.name = "nyx_domain",
	.test_cases = domain_cases,
};

kunit_test_suite(domain_suite);
