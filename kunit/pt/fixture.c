// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "fixture.h"
#include "lib/cache.h"
#include "pt/table.h"

void (*nyx_kunit_cache_flush)(void *virt, size_t len);
bool (*nyx_kunit_table_alloc)(void);
void (*nyx_kunit_table_free)(u64 *table);
void (*nyx_kunit_exchange)(void);

/* The hooks do not get the page table. Only one test runs at a time. */
static struct pt_fixture *current_fx;

/* The kernel's count of page-table pages, including per-CPU differences. */
static long count_pages(void)
{
	struct pglist_data *pgdat = first_online_pgdat();
	long n = atomic_long_read(&vm_node_stat[NR_IOMMU_PAGES]);
#ifdef CONFIG_SMP
	int cpu;

	for_each_online_cpu(cpu) {
		struct per_cpu_nodestat *stat =
			per_cpu_ptr(pgdat->per_cpu_nodestats, cpu);

		n += stat->vm_node_stat_diff[NR_IOMMU_PAGES];
	}
#endif
	return n;
}

/*
 * From time to time, a CPU moves its difference to the total; meanwhile it is
 * in neither. So a result is valid only if it is the same some time later: longer
 * than a busy host keeps a CPU of User-mode Linux from running.
 */
static long pt_pages(void)
{
	long n, again = count_pages();

	do {
		n = again;
		usleep_range(5000, 6000);
		again = count_pages();
	} while (again != n);
	return n;
}

/* Pages that are leaked are counted for ever, so a valid result can be awaited. */
static void expect_pages(struct kunit *test, long expected)
{
	unsigned int tries = 100;
	long n = count_pages();

	while (n != expected && --tries) {
		usleep_range(5000, 6000);
		n = count_pages();
	}
	KUNIT_EXPECT_EQ_MSG(test, n, expected, "pages are leaked");
}

/* Accesses of the hardware during a call, which fill its caches. */
static void pt_peek(struct pt_fixture *fx)
{
	struct pt_hw_leaf leaf;

	if (!fx->peek_len)
		return;
	pt_hw_access(&fx->hw, fx->peek, &leaf);
	pt_hw_access(&fx->hw, fx->peek + fx->peek_len - 1, &leaf);
	pt_hw_access(&fx->hw, fx->peek + ++fx->peeks * 11 * SZ_4K %
		     fx->peek_len, &leaf);
}

static void pt_on_flush(void *virt, size_t len)
{
	struct pt_fixture *fx = current_fx;

	/* There must be no flush for a walker that snoops. */
	KUNIT_EXPECT_FALSE(fx->test, fx->hw.snoops);
	/* Give other CPUs time to use entries that are not flushed. */
	if (fx->parallel && !(jiffies & 1))
		udelay(1);
	if (fx->flushes_left && !--fx->flushes_left)
		fx->interrupt(fx);
	pt_hw_flush(&fx->hw, virt, len);
	pt_peek(fx);
}

static bool pt_on_alloc(void)
{
	struct pt_fixture *fx = current_fx;

	pt_peek(fx);
	if (fx->allocs_left && !--fx->allocs_left)
		fx->interrupt(fx);
	if (atomic_read(&fx->fail_in) && atomic_dec_and_test(&fx->fail_in)) {
		atomic_inc(&fx->failed);
		return false;
	}
	return true;
}

static void pt_on_exchange(void)
{
	struct pt_fixture *fx = current_fx;

	if (fx->exchanges_left && !--fx->exchanges_left)
		fx->interrupt(fx);
}

static void pt_on_free(u64 *table)
{
	struct pt_fixture *fx = current_fx;

	atomic_inc(&fx->direct_frees);
	if (!fx->parallel)
		KUNIT_EXPECT_TRUE(fx->test, pt_hw_free_table(&fx->hw, table));
}

static void pt_sync(struct iommu_domain *domain,
		    struct iommu_iotlb_gather *gather)
{
	struct pt_fixture *fx = container_of(domain, struct pt_fixture,
					     pt.iommu.domain);
	struct iommu_pages_list *freelist = nyx_gather_freelist(gather);
	struct page *page;

	KUNIT_EXPECT_LT(fx->test, gather->start, gather->end);
	atomic_inc(&fx->syncs);
	if (!fx->parallel)
		pt_hw_invalidate(&fx->hw, gather->start, gather->end,
				 list_empty(&freelist->pages));
	list_for_each_entry(page, &freelist->pages, lru) {
		u64 *table = page_address(page);

		atomic_inc(&fx->synced_frees);
		if (!fx->parallel)
			KUNIT_EXPECT_TRUE_MSG(fx->test,
					      pt_hw_free_table(&fx->hw, table),
					      "a table is freed while the walker has cached a link to it");
	}
	iommu_put_pages_list(freelist);
}

static const struct iommu_domain_ops pt_domain_ops = {
	.iotlb_sync = pt_sync,
};

/**
 * pt_fixture_check() - check the invariants that hold between calls
 * @fx: the page table
 */
void pt_fixture_check(struct pt_fixture *fx)
{
	struct nyx_pt_stats stats;

	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ_MSG(fx->test, 0, pt_hw_each(&fx->hw, NULL, NULL),
			    "the walker found an invalid entry");
	KUNIT_EXPECT_EQ_MSG(fx->test, fx->hw.tables,
			    stats.tables_allocated - stats.tables_freed,
			    "tables are lost");
	KUNIT_EXPECT_EQ(fx->test, 0, fx->hw.early_links);
	if (!fx->parallel)
		KUNIT_EXPECT_EQ(fx->test, 0, atomic_read(&fx->direct_frees));
}

/* Destroys the page table and checks that no page is leaked. */
static void pt_fixture_destroy(void *data)
{
	struct pt_fixture *fx = data;
	struct nyx_pt_stats stats;

	pt_fixture_check(fx);
	nyx_pt_stats_read(&fx->pt, &stats);
	expect_pages(fx->test, fx->pages_before + stats.tables_allocated -
		     stats.tables_freed);
	/* As if the domain were detached and flushed. */
	memset(fx->hw.psc, 0, sizeof(fx->hw.psc));
	nyx_pt_destroy(&fx->pt);
	expect_pages(fx->test, fx->pages_before);
	nyx_kunit_cache_flush = NULL;
	nyx_kunit_table_alloc = NULL;
	nyx_kunit_table_free = NULL;
	nyx_kunit_exchange = NULL;
	pt_hw_cleanup(&fx->hw);
}

/* What the hardware knows of each format, by enum pt_kind_format. */
static const struct {
	const struct nyx_pt_format *fmt;
	pt_hw_decode decode;
	u64 accessed;
	u64 dirty;
} pt_formats[] = {
	[PT_VTDSS] = { &nyx_pt_vtdss, pt_hw_vtd, 0x100, 0x200 },
	[PT_AMDV1] = { &nyx_pt_amdv1, pt_hw_amd, 0x20, 0x40 },
	[PT_X86] = { &nyx_pt_x86, pt_hw_x86, 0x20, 0x40 },
};

static struct pt_fixture *pt_fixture_create(struct kunit *test,
					    const struct pt_kind *kind,
					    bool dirty)
{
	const struct nyx_pt_cfg cfg = {
		.levels = kind->levels,
		.va_bits = kind->va_bits,
		.oa_bits = kind->oa_bits,
		.pgsizes = kind->pgsizes,
		.coherent = kind->coherent,
		.dirty = dirty,
		.snoop = kind->snoop,
		.nid = NUMA_NO_NODE,
	};
	struct pt_fixture *fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fx);
	fx->test = test;
	fx->pages_before = pt_pages();
	fx->hw.decode = pt_formats[kind->format].decode;
	fx->hw.levels = kind->levels;
	fx->hw.haw = kind->oa_bits;
	fx->hw.snoops = kind->coherent;
	fx->hw.snoop_control = kind->snoop;
	fx->hw.records = dirty;
	fx->hw.set_accessed = pt_formats[kind->format].accessed;
	fx->hw.set_dirty = pt_formats[kind->format].dirty;
	KUNIT_ASSERT_EQ(test, 0, pt_hw_init(&fx->hw));

	current_fx = fx;
	nyx_kunit_cache_flush = pt_on_flush;
	nyx_kunit_table_alloc = pt_on_alloc;
	nyx_kunit_table_free = pt_on_free;
	nyx_kunit_exchange = pt_on_exchange;
	fx->pt.iommu.domain.ops = &pt_domain_ops;
	fx->pt.iommu.domain.type = IOMMU_DOMAIN_UNMANAGED;
	KUNIT_ASSERT_EQ(test, 0,
			nyx_pt_init(&fx->pt, pt_formats[kind->format].fmt, &cfg,
				    GFP_KERNEL));
	fx->hw.root = virt_to_phys(fx->pt.root);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, pt_fixture_destroy, fx));
	return fx;
}

/**
 * pt_fixture_new() - create an empty page table
 * @test: the test; aborted if there is no memory
 * @kind: the kind of hardware
 *
 * The page table is destroyed at the end of the test.
 *
 * Return: the page table.
 */
struct pt_fixture *pt_fixture_new(struct kunit *test, const struct pt_kind *kind)
{
	return pt_fixture_create(test, kind, false);
}

/**
 * pt_fixture_new_dirty() - create an empty page table with dirty tracking
 * @test: the test; aborted if there is no memory
 * @kind: the kind of hardware, from pt_dirty_gen_params()
 *
 * As pt_fixture_new(); the hardware records writes.
 *
 * Return: the page table.
 */
struct pt_fixture *pt_fixture_new_dirty(struct kunit *test,
					const struct pt_kind *kind)
{
	return pt_fixture_create(test, kind, true);
}

/**
 * pt_fixture_free() - destroy a page table before the end of the test
 * @fx: the page table
 */
void pt_fixture_free(struct pt_fixture *fx)
{
	kunit_release_action(fx->test, pt_fixture_destroy, fx);
}

static void pt_sum_leaf(const struct pt_hw_leaf *leaf, void *arg)
{
	u64 *sum = arg;

	*sum = *sum * 0x100000001b3ULL + leaf->iova;
	*sum = *sum * 0x100000001b3ULL + leaf->size;
	*sum = *sum * 0x100000001b3ULL + leaf->paddr + leaf->read +
	       2 * leaf->write + 4 * leaf->snoop;
}

/**
 * pt_fixture_sum() - hash of all mappings, to detect changes
 * @fx: the page table
 *
 * Return: the hash.
 */
u64 pt_fixture_sum(struct pt_fixture *fx)
{
	u64 sum = 0;

	pt_hw_each(&fx->hw, pt_sum_leaf, &sum);
	return sum;
}

/**
 * pt_map() - map a range for reading and writing
 * @fx: the page table
 * @iova: first IOVA
 * @paddr: first physical address
 * @len: bytes
 *
 * Return: the result of nyx_pt_map().
 */
int pt_map(struct pt_fixture *fx, u64 iova, u64 paddr, u64 len)
{
	return nyx_pt_map(&fx->pt, iova, paddr, len, IOMMU_READ | IOMMU_WRITE,
			  GFP_KERNEL);
}

/**
 * pt_unmap() - unmap and flush a range
 * @fx: the page table
 * @iova: first IOVA
 * @len: bytes
 *
 * Return: the result of nyx_pt_unmap().
 */
size_t pt_unmap(struct pt_fixture *fx, u64 iova, u64 len)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	iommu_iotlb_gather_init(&gather);
	unmapped = nyx_pt_unmap(&fx->pt, iova, len, &gather);
	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	return unmapped;
}

struct pt_count {
	u64 size;
	unsigned long n;
};

static void pt_count_leaf(const struct pt_hw_leaf *leaf, void *arg)
{
	struct pt_count *count = arg;

	if (!count->size || leaf->slot == count->size)
		count->n += leaf->size / leaf->slot;
}

/**
 * pt_count() - count the entries of leaves in one level or in all levels
 * @fx: the page table
 * @size: number of bytes that one entry of the level translates; 0 for all
 *	levels
 *
 * Return: the number of entries. It is the number of leaves, if each is one
 *	entry.
 */
unsigned long pt_count(struct pt_fixture *fx, u64 size)
{
	struct pt_count count = { .size = size };

	pt_hw_each(&fx->hw, pt_count_leaf, &count);
	return count.n;
}

static void pt_count_size(const struct pt_hw_leaf *leaf, void *arg)
{
	struct pt_count *count = arg;

	if (leaf->size == count->size)
		count->n++;
}

/**
 * pt_leaves() - count the leaves of one size
 * @fx: the page table
 * @size: size of the leaves to count, bytes
 *
 * Return: the number of leaves.
 */
unsigned long pt_leaves(struct pt_fixture *fx, u64 size)
{
	struct pt_count count = { .size = size };

	pt_hw_each(&fx->hw, pt_count_size, &count);
	return count.n;
}
