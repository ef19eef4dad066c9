// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explanations of faults: what a domain's page table and history say about an
 * address.
 */
#include <kunit/test.h>
#include <linux/rculist.h>
#include <linux/sched/clock.h>
#include <linux/sizes.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/fault.h>

#include "forensics/explain.h"
#include "forensics/history.h"

enum {
	SIZE = 64,
	RW = IOMMU_READ | IOMMU_WRITE,
};

/* Faults occur this much later, because local_clock() may be coarse. */
#define LATER 5000ULL

#define IOVA 0xffff0000ULL
#define PHYS 0x12340000ULL

/**
 * struct fake - a device, and a neighbour with another domain
 * @test: the test
 * @domains: their domains
 * @ndevs: their records
 * @devs: the devices
 * @ex: the explanation of the last fault
 */
struct fake {
	struct kunit *test;
	struct nyx_domain domains[2];
	struct nyx_device ndevs[2];
	struct device devs[2];
	struct nyx_explanation ex;
};

static void fake_free(void *data)
{
	struct fake *fake = data;
	int i;

	INIT_LIST_HEAD(&nyx_devices);
	for (i = 0; i < 2; i++) {
		nyx_history_free(rcu_dereference_protected(fake->domains[i].history,
							   true));
		nyx_pt_destroy(&fake->domains[i].pt);
	}
}

static struct fake *fake_new(struct kunit *test)
{
	static const struct nyx_pt_cfg cfg = {
		.levels = 4,
		.va_bits = 48,
		.oa_bits = 46,
		.pgsizes = SZ_4K | SZ_2M,
		.coherent = true,
		.nid = NUMA_NO_NODE,
	};
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->test = test;
	INIT_LIST_HEAD(&nyx_devices);
	for (i = 0; i < 2; i++) {
		fake->domains[i].pt.id = 6 + i;
		KUNIT_ASSERT_EQ(test, 0, nyx_pt_init(&fake->domains[i].pt,
						     &nyx_pt_vtdss, &cfg,
						     GFP_KERNEL));
		fake->devs[i].init_name = i ? "neighbour" : "device";
		fake->ndevs[i].dev = &fake->devs[i];
		fake->ndevs[i].domain = &fake->domains[i];
		list_add_tail_rcu(&fake->ndevs[i].node, &nyx_devices);
	}
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_free,
							   fake));
	return fake;
}

/* Records all operations on the device's domain. */
static struct fake *fake_recorded(struct kunit *test)
{
	struct fake *fake = fake_new(test);
	struct nyx_history *history = nyx_history_new(SIZE);

	KUNIT_ASSERT_NOT_NULL(test, history);
	nyx_history_set_complete(history);
	rcu_assign_pointer(fake->domains[0].history, history);
	return fake;
}

static void driver_maps(struct fake *fake, u64 iova, u64 paddr, u64 len,
			int prot)
{
	KUNIT_ASSERT_EQ(fake->test, 0, nyx_pt_map(&fake->domains[0].pt, iova,
						  paddr, len, prot,
						  GFP_KERNEL));
	nyx_history_map(&fake->domains[0], iova, paddr, len, prot);
}

static void driver_unmaps(struct fake *fake, u64 iova, u64 len)
{
	KUNIT_ASSERT_EQ(fake->test, len, nyx_pt_unmap(&fake->domains[0].pt,
						      iova, len, NULL));
	nyx_history_unmap(&fake->domains[0], iova, len);
}

static const struct nyx_explanation *explain(struct fake *fake, u64 iova,
					     enum nyx_access access)
{
	struct nyx_fault fault = {
		.access = access,
		.iova = iova,
		.has_iova = true,
	};

	guard(rcu)();
	nyx_explain(&fake->ndevs[0], &fault, local_clock() + LATER, &fake->ex);
	return &fake->ex;
}

static void expect(struct fake *fake, enum nyx_why why, u64 iova,
		   enum nyx_access access)
{
	KUNIT_EXPECT_EQ(fake->test, why, explain(fake, iova, access)->why);
}

/*
 * The explanation describes the recorded operation. Its caller is not known:
 * User-mode Linux is built without frame pointers and finds none.
 */
static void expect_op(struct fake *fake, u64 size)
{
	const struct nyx_explanation *ex = &fake->ex;

	KUNIT_EXPECT_TRUE(fake->test, ex->recorded);
	KUNIT_EXPECT_LT(fake->test, ex->cpu, nr_cpu_ids);
	KUNIT_EXPECT_EQ(fake->test, size, ex->size);
	KUNIT_EXPECT_GE(fake->test, ex->ago_ns, LATER);
}

static void mapped(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);

	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	expect(fake, NYX_WHY_MAPPED, IOVA + SZ_8K - 1, NYX_ACCESS_WRITE);
	expect_op(fake, SZ_8K);
	expect(fake, NYX_WHY_MAPPED, IOVA, NYX_ACCESS_ATOMIC);
	expect(fake, NYX_WHY_MAPPED, IOVA, NYX_ACCESS_UNKNOWN);
}

static void lacks_a_permission(struct kunit *test)
{
	static const struct {
		int prot;
		enum nyx_access access;
		enum nyx_why why;
	} cases[] = {
		{ IOMMU_READ, NYX_ACCESS_WRITE, NYX_WHY_READ_ONLY },
		{ IOMMU_READ, NYX_ACCESS_ATOMIC, NYX_WHY_READ_ONLY },
		{ IOMMU_READ, NYX_ACCESS_READ, NYX_WHY_MAPPED },
		{ IOMMU_READ, NYX_ACCESS_EXECUTE, NYX_WHY_MAPPED },
		{ IOMMU_WRITE, NYX_ACCESS_READ, NYX_WHY_WRITE_ONLY },
		{ IOMMU_WRITE, NYX_ACCESS_EXECUTE, NYX_WHY_WRITE_ONLY },
		{ IOMMU_WRITE, NYX_ACCESS_ATOMIC, NYX_WHY_WRITE_ONLY },
		{ IOMMU_WRITE, NYX_ACCESS_WRITE, NYX_WHY_MAPPED },
		{ IOMMU_WRITE, NYX_ACCESS_UNKNOWN, NYX_WHY_MAPPED },
	};
	struct fake *fake = fake_recorded(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		driver_maps(fake, IOVA, PHYS, SZ_4K, cases[i].prot);
		expect(fake, cases[i].why, IOVA, cases[i].access);
		expect_op(fake, SZ_4K);
		driver_unmaps(fake, IOVA, SZ_4K);
	}
}

static void unmapped(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);
	struct nyx_domain *domain = &fake->domains[0];
	u64 mark;

	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	mark = nyx_history_mark(domain);
	driver_unmaps(fake, IOVA, SZ_8K);
	expect(fake, NYX_WHY_UNMAPPED, IOVA + SZ_4K, NYX_ACCESS_WRITE);
	expect_op(fake, SZ_8K);
	KUNIT_EXPECT_FALSE(test, fake->ex.flushed);
	/* A flush that began before the unmap, and one of another range. */
	nyx_history_flush(domain, 0, U64_MAX, mark);
	nyx_history_flush(domain, IOVA, IOVA + SZ_4K - 1,
			  nyx_history_mark(domain));
	expect(fake, NYX_WHY_UNMAPPED, IOVA + SZ_4K, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_FALSE(test, fake->ex.flushed);
	nyx_history_flush(domain, IOVA, IOVA + SZ_8K - 1,
			  nyx_history_mark(domain));
	expect(fake, NYX_WHY_UNMAPPED, IOVA + SZ_4K, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_TRUE(test, fake->ex.flushed);
	KUNIT_EXPECT_LE(test, fake->ex.flushed_ago_ns, fake->ex.ago_ns);
	/* It was mapped again after that. */
	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	expect(fake, NYX_WHY_MAPPED, IOVA, NYX_ACCESS_READ);
	driver_unmaps(fake, IOVA, SZ_8K);
	expect(fake, NYX_WHY_UNMAPPED, IOVA, NYX_ACCESS_READ);
	KUNIT_EXPECT_FALSE(test, fake->ex.flushed);
}

/* The first of several flushes that cover an unmap is the one that counts. */
static void first_flush_counts(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);
	struct nyx_domain *domain = &fake->domains[0];
	struct nyx_op first, last;

	driver_maps(fake, IOVA, PHYS, SZ_4K, RW);
	driver_unmaps(fake, IOVA, SZ_4K);
	nyx_history_flush(domain, 0, U64_MAX, 2);
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 3, &first));
	while (local_clock() == first.time_ns)
		cpu_relax();
	nyx_history_flush(domain, 0, U64_MAX, 3);
	KUNIT_ASSERT_TRUE(test, nyx_history_read(domain, 4, &last));
	expect(fake, NYX_WHY_UNMAPPED, IOVA, NYX_ACCESS_READ);
	KUNIT_EXPECT_GE(test, fake->ex.flushed_ago_ns,
			last.time_ns - first.time_ns + LATER);
}

static void past_the_end(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);

	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	expect(fake, NYX_WHY_PAST_END, IOVA + SZ_8K + 64, NYX_ACCESS_READ);
	expect_op(fake, SZ_8K);
	KUNIT_EXPECT_EQ(test, 64, fake->ex.distance);
	expect(fake, NYX_WHY_PAST_END, IOVA + SZ_8K, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, 0, fake->ex.distance);
	expect(fake, NYX_WHY_PAST_END, IOVA + SZ_8K + SZ_4K - 1,
	       NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + SZ_8K + SZ_4K,
	       NYX_ACCESS_READ);
}

/* The fault is read when the mapping is gone. */
static void past_the_end_of_unmapped(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);

	/* The entries of the first mapping are not in the history. */
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fake->domains[0].pt, IOVA, PHYS,
					    SZ_8K, RW, GFP_KERNEL));
	driver_unmaps(fake, IOVA, SZ_8K);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + SZ_8K + 64, NYX_ACCESS_READ);

	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	driver_unmaps(fake, IOVA, SZ_8K);
	expect(fake, NYX_WHY_PAST_UNMAPPED, IOVA + SZ_8K + 64,
	       NYX_ACCESS_READ);
	expect_op(fake, SZ_8K);
	KUNIT_EXPECT_EQ(test, 64, fake->ex.distance);
	expect(fake, NYX_WHY_PAST_UNMAPPED, IOVA + SZ_8K, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, 0, fake->ex.distance);
	expect(fake, NYX_WHY_PAST_UNMAPPED, IOVA + SZ_8K + SZ_4K - 1,
	       NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + SZ_8K + SZ_4K,
	       NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA - 1, NYX_ACCESS_READ);
	/* The mapping that ended there last, of several with one unmap. */
	driver_maps(fake, IOVA, PHYS, SZ_4K, RW);
	driver_maps(fake, IOVA + SZ_4K, PHYS, SZ_4K, RW);
	driver_unmaps(fake, IOVA, SZ_8K);
	expect(fake, NYX_WHY_PAST_UNMAPPED, IOVA + SZ_8K, NYX_ACCESS_READ);
	expect_op(fake, SZ_4K);
	/* No unmap removed all of it. */
	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	driver_unmaps(fake, IOVA + SZ_4K, SZ_4K);
	driver_unmaps(fake, IOVA, SZ_4K);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + SZ_8K, NYX_ACCESS_READ);
	/* An unmap that is not recorded yet. */
	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	KUNIT_ASSERT_EQ(test, SZ_8K, nyx_pt_unmap(&fake->domains[0].pt, IOVA,
						  SZ_8K, NULL));
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + SZ_8K, NYX_ACCESS_READ);
}

static void before_the_start(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);

	driver_maps(fake, IOVA, PHYS, SZ_4K, RW);
	expect(fake, NYX_WHY_BEFORE_START, IOVA - 1, NYX_ACCESS_READ);
	expect_op(fake, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, fake->ex.distance);
	expect(fake, NYX_WHY_BEFORE_START, IOVA - SZ_4K, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, 4096, fake->ex.distance);
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA - SZ_4K - 1, NYX_ACCESS_READ);
	/* Between two mappings, the one before is preferred. */
	driver_maps(fake, IOVA - SZ_8K, PHYS, SZ_4K, RW);
	expect(fake, NYX_WHY_PAST_END, IOVA - 1, NYX_ACCESS_READ);
}

static void physical_address(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);

	driver_maps(fake, IOVA, PHYS, SZ_8K, RW);
	expect(fake, NYX_WHY_PHYSICAL, PHYS + SZ_4K + 8, NYX_ACCESS_READ);
	expect_op(fake, SZ_8K);
	KUNIT_EXPECT_EQ(test, IOVA + SZ_4K + 8, fake->ex.iova);
	expect(fake, NYX_WHY_PHYSICAL, PHYS, NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NEVER_MAPPED, PHYS + SZ_8K, NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NEVER_MAPPED, PHYS - 1, NYX_ACCESS_READ);
	/* The page is no longer mapped for the device, but another one is. */
	driver_unmaps(fake, IOVA, SZ_8K);
	driver_maps(fake, IOVA, PHYS + SZ_1M, SZ_8K, RW);
	expect(fake, NYX_WHY_NEVER_MAPPED, PHYS, NYX_ACCESS_READ);
}

static void other_domain(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);
	struct nyx_domain *nested = kunit_kzalloc(test, sizeof(*nested), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, nested);
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fake->domains[1].pt, IOVA, PHYS,
					    SZ_4K, RW, GFP_KERNEL));
	expect(fake, NYX_WHY_OTHER_DOMAIN, IOVA + 5, NYX_ACCESS_READ);
	KUNIT_EXPECT_EQ(test, 7, fake->ex.domain);
	KUNIT_EXPECT_STREQ(test, "neighbour", fake->ex.device);
	KUNIT_EXPECT_FALSE(test, fake->ex.recorded);
	/* A nested domain has no table in which the address could be looked for. */
	nested->parent = &fake->domains[1];
	fake->ndevs[1].domain = nested;
	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA + 5, NYX_ACCESS_READ);
	fake->ndevs[1].domain = &fake->domains[1];
	/* A record of the device's own domain explains more. */
	driver_maps(fake, IOVA, PHYS, SZ_4K, RW);
	driver_unmaps(fake, IOVA, SZ_4K);
	expect(fake, NYX_WHY_UNMAPPED, IOVA, NYX_ACCESS_READ);
}

static void unknown_address(struct kunit *test)
{
	struct fake *fake = fake_recorded(test);
	int i;

	expect(fake, NYX_WHY_NEVER_MAPPED, IOVA, NYX_ACCESS_READ);
	KUNIT_EXPECT_FALSE(test, fake->ex.recorded);
	/* The ring forgets, and with it how long it reaches back. */
	driver_maps(fake, IOVA, PHYS, SZ_4K, RW);
	driver_unmaps(fake, IOVA, SZ_4K);
	for (i = 0; i < SIZE; i++)
		nyx_history_flush(&fake->domains[0], 0, U64_MAX, 0);
	expect(fake, NYX_WHY_NOT_RECENTLY, IOVA, NYX_ACCESS_READ);
	KUNIT_EXPECT_GE(test, fake->ex.ago_ns, LATER);
	KUNIT_EXPECT_FALSE(test, fake->ex.recorded);
}

static void without_a_history(struct kunit *test)
{
	struct fake *fake = fake_new(test);

	expect(fake, NYX_WHY_NOT_MAPPED, IOVA, NYX_ACCESS_READ);
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fake->domains[0].pt, IOVA, PHYS,
					    SZ_4K, IOMMU_READ, GFP_KERNEL));
	expect(fake, NYX_WHY_READ_ONLY, IOVA, NYX_ACCESS_WRITE);
	KUNIT_EXPECT_FALSE(test, fake->ex.recorded);
	expect(fake, NYX_WHY_MAPPED, IOVA, NYX_ACCESS_READ);
	expect(fake, NYX_WHY_NOT_MAPPED, PHYS, NYX_ACCESS_READ);
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fake->domains[1].pt, 0x5000, PHYS,
					    SZ_4K, RW, GFP_KERNEL));
	expect(fake, NYX_WHY_OTHER_DOMAIN, 0x5000, NYX_ACCESS_READ);
}

static void not_explained(struct kunit *test)
{
	struct nyx_fault no_address = { .access = NYX_ACCESS_READ };
	struct fake *fake = fake_recorded(test);

	expect(fake, NYX_WHY_NONE, IOVA, NYX_ACCESS_INTERRUPT);
	scoped_guard(rcu)
		nyx_explain(&fake->ndevs[0], &no_address, 0, &fake->ex);
	KUNIT_EXPECT_EQ(test, NYX_WHY_NONE, fake->ex.why);
	/* Tables are being removed. */
	atomic_inc(&fake->domains[0].pt.removers);
	expect(fake, NYX_WHY_NONE, IOVA, NYX_ACCESS_READ);
	atomic_dec(&fake->domains[0].pt.removers);
	fake->ndevs[0].domain = NULL;
	expect(fake, NYX_WHY_NONE, IOVA, NYX_ACCESS_READ);
}

static struct kunit_case explain_cases[] = {
	KUNIT_CASE(mapped),
	KUNIT_CASE(lacks_a_permission),
	KUNIT_CASE(unmapped),
	KUNIT_CASE(first_flush_counts),
	KUNIT_CASE(past_the_end),
	KUNIT_CASE(past_the_end_of_unmapped),
	KUNIT_CASE(before_the_start),
	KUNIT_CASE(physical_address),
	KUNIT_CASE(other_domain),
	KUNIT_CASE(unknown_address),
	KUNIT_CASE(without_a_history),
	KUNIT_CASE(not_explained),
	{ }
};

static struct kunit_suite explain_suite = {
	.name = "nyx_forensics_explain",
	.test_cases = explain_cases,
};

kunit_test_suite(explain_suite);
