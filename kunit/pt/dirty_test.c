// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking: no write of a device is lost, and no page is reported that was
 * not written, as far as leaves allow.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/io.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../seed.h"
#include "fixture.h"

/* The tests map and write in this range. */
#define BASE	(2 * (u64)SZ_1G)
#define SPAN	((u64)SZ_1G)
#define PAGES	(SPAN / SZ_4K)

enum {
	ROUNDS = 300,
};

/**
 * struct tracked - pages in the range, and the calls that read their state
 * @fx: the page table and the hardware
 * @pending: written, and not recorded since
 * @recorded: recorded by the call in progress
 * @calls: number of times that it recorded a range
 * @late: address that write_late() writes
 * @work: a call on another CPU
 * @worked: it has ended
 */
struct tracked {
	struct pt_fixture *fx;
	unsigned long *pending;
	unsigned long *recorded;
	unsigned long calls;
	u64 late;
	struct work_struct work;
	bool worked;
};

/* The hook of the fixture has no argument. */
static struct tracked *current_tracked;

static struct tracked *tracked_new(struct kunit *test)
{
	struct tracked *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->pending = kunit_kzalloc(test, PAGES / 8, GFP_KERNEL);
	t->recorded = kunit_kzalloc(test, PAGES / 8, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->pending);
	KUNIT_ASSERT_NOT_NULL(test, t->recorded);
	t->fx = pt_fixture_new_dirty(test, test->param_value);
	current_tracked = t;
	return t;
}

/* A device writes. */
static int write(struct tracked *t, u64 iova)
{
	int ret = pt_hw_write(&t->fx->hw, iova);

	if (!ret)
		__set_bit((iova - BASE) / SZ_4K, t->pending);
	return ret;
}

static void record(u64 iova, u64 len, void *arg)
{
	struct tracked *t = arg;

	KUNIT_ASSERT_GE(t->fx->test, iova, BASE);
	KUNIT_ASSERT_LE(t->fx->test, iova + len, BASE + SPAN);
	bitmap_set(t->recorded, (iova - BASE) / SZ_4K, len / SZ_4K);
	t->calls++;
}

/* Each page that was written and not recorded is still marked in its leaf. */
static void expect_none_lost(struct tracked *t)
{
	struct pt_hw_leaf leaf;
	unsigned long page;

	for_each_set_bit(page, t->pending, PAGES) {
		u64 iova = BASE + page * SZ_4K;

		KUNIT_ASSERT_EQ(t->fx->test, 0,
				pt_hw_walk(&t->fx->hw, iova, &leaf));
		KUNIT_ASSERT_TRUE_MSG(t->fx->test, leaf.dirty,
				      "the write to %llx is lost", iova);
	}
}

/*
 * Reads the state of a range and flushes. A migration copies the recorded
 * pages after that, so the copy has all writes until now.
 */
static void read_dirty(struct tracked *t, u64 iova, u64 len, bool clear,
		       bool split)
{
	struct iommu_iotlb_gather gather;
	struct nyx_pt_dirty_read read = {
		.iova = iova,
		.last = iova + len - 1,
		.gather = clear ? &gather : NULL,
		.split = split,
		.record = record,
		.arg = t,
	};

	bitmap_zero(t->recorded, PAGES);
	t->calls = 0;
	iommu_iotlb_gather_init(&gather);
	KUNIT_ASSERT_EQ(t->fx->test, 0, nyx_pt_read_dirty(&t->fx->pt, &read));
	if (clear && gather.start < gather.end)
		iommu_iotlb_sync(&t->fx->pt.iommu.domain, &gather);
	if (clear)
		bitmap_andnot(t->pending, t->pending, t->recorded, PAGES);
	expect_none_lost(t);
}

static unsigned long nr_recorded(const struct tracked *t)
{
	return bitmap_weight(t->recorded, PAGES);
}

/* Expects that exactly this range was recorded. */
static void expect_recorded(struct tracked *t, u64 iova, u64 len)
{
	unsigned long first = (iova - BASE) / SZ_4K, n = len / SZ_4K;

	KUNIT_EXPECT_EQ(t->fx->test, n, nr_recorded(t));
	KUNIT_EXPECT_EQ(t->fx->test, first + n,
			find_next_zero_bit(t->recorded, PAGES, first));
}

static bool has_leaves(struct kunit *test, u64 size)
{
	const struct pt_kind *kind = test->param_value;

	return kind->pgsizes & size;
}

/* Each size: the bit is that of the specification, and only D is cleared. */
static void dirty_sizes(struct kunit *test)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_1G };
	struct tracked *t = tracked_new(test);
	struct pt_fixture *fx = t->fx;
	struct pt_hw_leaf leaf;
	u64 before;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 size = sizes[i], at = BASE + (size < SZ_1G ? 3 * size : 0);

		if (!has_leaves(test, size))
			continue;
		KUNIT_ASSERT_EQ(test, 0, pt_map(fx, at, PT_FAR, size));
		KUNIT_ASSERT_EQ(test, 1, pt_leaves(fx, size));
		KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, at, &leaf));
		before = leaf.entry;
		read_dirty(t, BASE, SPAN, true, true);
		KUNIT_EXPECT_EQ(test, 0, t->calls);

		KUNIT_ASSERT_EQ(test, 0, write(t, at + size - SZ_4K));
		KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, at, &leaf));
		KUNIT_EXPECT_EQ(test, leaf.entry, before |
				fx->hw.set_accessed | fx->hw.set_dirty);
		read_dirty(t, BASE, SPAN, true, false);
		expect_recorded(t, at, size);
		KUNIT_EXPECT_EQ(test, 1, t->calls);
		KUNIT_ASSERT_EQ(test, 0, pt_hw_walk(&fx->hw, at, &leaf));
		KUNIT_EXPECT_EQ(test, leaf.entry, before | fx->hw.set_accessed);
		read_dirty(t, BASE, SPAN, true, false);
		KUNIT_EXPECT_EQ(test, 0, t->calls);
		KUNIT_EXPECT_EQ(test, size, pt_unmap(fx, at, size));
	}
}

/* Without a gather, the state stays as it is. */
static void dirty_no_clear(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	int i;

	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_16K));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE + SZ_4K));
	for (i = 0; i < 2; i++) {
		read_dirty(t, BASE, SPAN, false, true);
		expect_recorded(t, BASE + SZ_4K, SZ_4K);
	}
	read_dirty(t, BASE, SPAN, true, true);
	expect_recorded(t, BASE + SZ_4K, SZ_4K);
	/* A range without mappings is no error. */
	read_dirty(t, BASE + SZ_16M, SZ_16M, true, true);
	KUNIT_EXPECT_EQ(test, 0, t->calls);
}

/* Dirty superpages are split, one level each time they are found dirty. */
static void dirty_split(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	u64 at = BASE + 7 * SZ_2M + 5 * SZ_4K;

	if (!has_leaves(test, SZ_1G))
		kunit_skip(test, "needs 1 GiB leaves");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_1G));
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	read_dirty(t, BASE, SPAN, true, true);
	expect_recorded(t, BASE, SZ_1G);
	KUNIT_EXPECT_EQ(test, 512, pt_leaves(t->fx, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	read_dirty(t, BASE, SPAN, true, true);
	expect_recorded(t, BASE + 7 * SZ_2M, SZ_2M);
	KUNIT_EXPECT_EQ(test, 511, pt_leaves(t->fx, SZ_2M));
	KUNIT_EXPECT_EQ(test, 512, pt_leaves(t->fx, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	read_dirty(t, BASE, SPAN, true, true);
	expect_recorded(t, at, SZ_4K);
	KUNIT_EXPECT_EQ(test, PT_FAR + (at - BASE),
			nyx_pt_iova_to_phys(&t->fx->pt, at));
	KUNIT_EXPECT_EQ(test, SZ_1G, pt_unmap(t->fx, BASE, SZ_1G));
}

/* The rest of a leaf stays dirty if only a part of it is read. */
static void dirty_part(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	u64 size = has_leaves(test, SZ_1G) ? SZ_1G : SZ_2M;

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, size));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE + size - SZ_4K));
	read_dirty(t, BASE + SZ_16K, SZ_8K, false, true);
	expect_recorded(t, BASE + SZ_16K, SZ_8K);
	read_dirty(t, BASE + SZ_16K, SZ_8K, true, false);
	expect_recorded(t, BASE + SZ_16K, SZ_8K);
	read_dirty(t, BASE + SZ_16K, SZ_8K, true, false);
	KUNIT_EXPECT_EQ(test, 0, t->calls);
	/* A cached copy of the large leaf would not set the bit again. */
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE + SZ_16K));
	read_dirty(t, BASE, size, true, false);
	KUNIT_EXPECT_EQ(test, size / SZ_4K - 1, nr_recorded(t));
}

/* Without memory for smaller leaves, more is recorded, and nothing is lost. */
static void dirty_no_memory(struct kunit *test)
{
	struct tracked *t = tracked_new(test);

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE + SZ_8K));
	atomic_set(&t->fx->fail_in, 1);
	read_dirty(t, BASE, SZ_8K, true, true);
	expect_recorded(t, BASE, SZ_8K);
	atomic_set(&t->fx->fail_in, 1);
	read_dirty(t, BASE, SZ_2M, true, true);
	expect_recorded(t, BASE, SZ_2M);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&t->fx->failed));
	KUNIT_EXPECT_EQ(test, 1, pt_leaves(t->fx, SZ_2M));
	read_dirty(t, BASE, SZ_2M, true, true);
	KUNIT_EXPECT_EQ(test, 0, t->calls);
}

static void write_late(struct pt_fixture *fx)
{
	struct tracked *t = current_tracked;

	KUNIT_EXPECT_EQ(fx->test, 0, write(t, t->late));
}

/*
 * The hardware writes another part of the leaf before each of the exchanges of a
 * call in turn: a leaf that is clean, one that is dirty, and one that it has cached.
 */
static void dirty_late(struct kunit *test)
{
	u64 size = has_leaves(test, SZ_2M) ? SZ_2M : SZ_4K;
	struct tracked *t = tracked_new(test);
	struct pt_fixture *fx = t->fx;
	int n, how;

	t->late = BASE + size - SZ_4K;
	fx->interrupt = write_late;
	for (how = 0; how < 12; how++) {
		bool split = how & 1, part = how & 2, over = false;
		int before = how >> 2;

		for (n = 0; !over; n++) {
			KUNIT_ASSERT_EQ(test, 0,
					pt_map(fx, BASE, PT_FAR, 2 * size));
			if (before > 0)
				KUNIT_ASSERT_EQ(test, 0, write(t, BASE));
			KUNIT_ASSERT_EQ(test, 0, write(t, BASE + size));
			if (before > 1)
				KUNIT_ASSERT_EQ(test, 0, write(t, t->late));
			fx->exchanges_left = n + 1;
			read_dirty(t, part ? t->late : BASE, size, true, split);
			over = fx->exchanges_left;
			fx->exchanges_left = 0;
			/* Later writes are found, too. */
			KUNIT_ASSERT_EQ(test, 0, write(t, t->late));
			read_dirty(t, BASE, 2 * size, true, split);
			KUNIT_EXPECT_TRUE(test, bitmap_empty(t->pending, PAGES));
			KUNIT_ASSERT_EQ(test, 2 * size,
					pt_unmap(fx, BASE, 2 * size));
		}
		/* A clean range needs no exchange. */
		KUNIT_EXPECT_EQ(test, n > 1, before || (part && size > SZ_4K));
	}
	/* Tables of splits that came too late were never in the tree. */
	atomic_set(&fx->direct_frees, 0);
}

/* An unmap splits a leaf in which the hardware sets the bit meanwhile. */
static void dirty_unmap(struct kunit *test)
{
	struct tracked *t = tracked_new(test);

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_2M));
	t->late = BASE + SZ_1M;
	t->fx->interrupt = write_late;
	t->fx->exchanges_left = 1;
	KUNIT_EXPECT_EQ(test, SZ_4K, pt_unmap(t->fx, BASE, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, t->fx->exchanges_left);
	atomic_set(&t->fx->direct_frees, 0);
	KUNIT_EXPECT_EQ(test, -ENOENT, write(t, BASE));
	expect_none_lost(t);
	read_dirty(t, BASE, SPAN, true, true);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(t->pending, PAGES));
}

/*
 * Another CPU has split the leaf and not flushed it yet. The hardware may still use
 * the large leaf, whose bit it knows to be set.
 */
static void dirty_unflushed(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	struct iommu_iotlb_gather gather;
	u64 at = BASE + SZ_1M;

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, SZ_4K,
			nyx_pt_unmap(&t->fx->pt, BASE, SZ_4K, &gather));
	read_dirty(t, at, SZ_4K, true, true);
	expect_recorded(t, at, SZ_4K);
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	expect_none_lost(t);
	iommu_iotlb_sync(&t->fx->pt.iommu.domain, &gather);
}

/* Another call of the same kind, while a superpage is being unmapped. */
static void read_second(struct work_struct *work)
{
	struct tracked *t = container_of(work, struct tracked, work);
	struct pt_fixture *fx = t->fx;
	struct nyx_pt_dirty_read read = {
		.iova = BASE + SZ_2M,
		.last = BASE + 2 * SZ_2M - 1,
		.split = true,
	};
	struct iommu_iotlb_gather gather;
	struct pt_hw_leaf leaf;

	iommu_iotlb_gather_init(&gather);
	read.gather = &gather;
	KUNIT_EXPECT_EQ(fx->test, 0, nyx_pt_read_dirty(&fx->pt, &read));
	KUNIT_EXPECT_EQ(fx->test, 512, pt_leaves(fx, SZ_4K));
	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	/* The hardware caches the link to the table of smaller leaves. */
	KUNIT_EXPECT_EQ(fx->test, 0,
			pt_hw_access(&fx->hw, BASE + SZ_2M, &leaf));
	/* Pairs with the acquire in await_second(). */
	smp_store_release(&t->worked, true);
}

/* The unmap may not sleep, and this may. */
static void await_second(struct pt_fixture *fx)
{
	struct tracked *t = current_tracked;

	queue_work_on(cpumask_any_but(cpu_online_mask, smp_processor_id()),
		      system_percpu_wq, &t->work);
	/* Acquire: pairs with read_second(). */
	while (!smp_load_acquire(&t->worked))
		cpu_relax();
}

static void unmap_second(struct pt_fixture *fx)
{
	fx->interrupt = await_second;
	fx->exchanges_left = 1;
	KUNIT_EXPECT_EQ(fx->test, SZ_2M, pt_unmap(fx, BASE + SZ_2M, SZ_2M));
	KUNIT_EXPECT_EQ(fx->test, 0, fx->exchanges_left);
}

/*
 * While the first superpage is read, the second is unmapped, and a second call replaces
 * it by a table before it is cleared. Nothing of it must stay mapped.
 */
static void dirty_split_unmapped(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	struct pt_hw_leaf leaf;

	if (!has_leaves(test, SZ_2M) || num_online_cpus() < 2)
		kunit_skip(test, "needs superpages, and two CPUs");
	INIT_WORK(&t->work, read_second);
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, 2 * SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE + SZ_2M));
	bitmap_clear(t->pending, SZ_2M / SZ_4K, SZ_2M / SZ_4K);
	t->fx->interrupt = unmap_second;
	t->fx->exchanges_left = 1;
	read_dirty(t, BASE, SZ_2M, true, false);
	KUNIT_EXPECT_EQ(test, 1, pt_count(t->fx, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			pt_hw_access(&t->fx->hw, BASE + SZ_2M, &leaf));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			pt_hw_access(&t->fx->hw, BASE + 2 * SZ_2M - 1, &leaf));
}

static void unmap_whole(struct pt_fixture *fx)
{
	KUNIT_EXPECT_EQ(fx->test, SZ_2M, pt_unmap(fx, BASE, SZ_2M));
	bitmap_zero(current_tracked->pending, PAGES);
}

/* The reverse: a superpage is unmapped before a table can replace it. */
static void dirty_unmapped_split(struct kunit *test)
{
	struct tracked *t = tracked_new(test);

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE));
	t->fx->interrupt = unmap_whole;
	t->fx->exchanges_left = 1;
	read_dirty(t, BASE, SZ_2M, true, true);
	KUNIT_EXPECT_EQ(test, 0, pt_count(t->fx, 0));
	/* The table was never in the tree. */
	KUNIT_EXPECT_EQ(test, 1, atomic_xchg(&t->fx->direct_frees, 0));
}

static void split_late(struct pt_hw *hw)
{
	struct tracked *t = current_tracked;

	hw->late = NULL;
	KUNIT_EXPECT_EQ(t->fx->test, SZ_4K, pt_unmap(t->fx, BASE, SZ_4K));
}

/* The hardware has read a leaf that is split before it can set the bit. */
static void dirty_hw_late(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	u64 at = BASE + SZ_1M;

	if (!has_leaves(test, SZ_2M))
		kunit_skip(test, "needs superpages");
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_2M));
	t->fx->hw.late = split_late;
	KUNIT_ASSERT_EQ(test, 0, write(t, at));
	KUNIT_EXPECT_EQ(test, 511, pt_leaves(t->fx, SZ_4K));
	read_dirty(t, BASE, SPAN, true, true);
	expect_recorded(t, at, SZ_4K);
}

/* A call that unmaps the leaf before it can be cleared. */
static void unmap_now(struct pt_fixture *fx)
{
	KUNIT_EXPECT_EQ(fx->test, SZ_4K, pt_unmap(fx, BASE, SZ_4K));
	bitmap_zero(current_tracked->pending, PAGES);
}

static void dirty_unmapped(struct kunit *test)
{
	struct tracked *t = tracked_new(test);

	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SZ_4K));
	KUNIT_ASSERT_EQ(test, 0, write(t, BASE));
	t->fx->interrupt = unmap_now;
	t->fx->exchanges_left = 1;
	read_dirty(t, BASE, SPAN, true, true);
	KUNIT_EXPECT_EQ(test, 0, pt_count(t->fx, 0));
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_iova_to_phys(&t->fx->pt, BASE));
}

/* Random writes, reads, unmaps and maps. */
static void dirty_random(struct kunit *test)
{
	struct tracked *t = tracked_new(test);
	struct rnd_state rnd;
	unsigned int i, j;

	nyx_kunit_seed(test, &rnd);
	KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE, PT_FAR, SPAN));
	t->fx->interrupt = write_late;
	for (i = 0; i < ROUNDS; i++) {
		u64 at = prandom_u32_state(&rnd) % PAGES * SZ_4K;
		u64 len = SZ_4K << prandom_u32_state(&rnd) % 19;

		for (j = 0; j < 8; j++) {
			t->late = BASE + prandom_u32_state(&rnd) % PAGES * SZ_4K;
			KUNIT_ASSERT_EQ(test, 0, write(t, t->late));
		}
		len = min(len, SPAN - at);
		if (i % 8 == 7) {
			at = min(at, SPAN - SZ_64K);
			KUNIT_ASSERT_EQ(test, SZ_64K,
					pt_unmap(t->fx, BASE + at, SZ_64K));
			bitmap_clear(t->pending, at / SZ_4K, 16);
			KUNIT_ASSERT_EQ(test, 0, pt_map(t->fx, BASE + at,
							PT_FAR + at, SZ_64K));
			continue;
		}
		t->late = BASE + prandom_u32_state(&rnd) % PAGES * SZ_4K;
		t->fx->exchanges_left = prandom_u32_state(&rnd) % 4;
		read_dirty(t, BASE + at, len, i % 4, i % 3);
		t->fx->exchanges_left = 0;
	}
	read_dirty(t, BASE, SPAN, true, true);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(t->pending, PAGES));
	KUNIT_EXPECT_EQ(test, SPAN, pt_unmap(t->fx, BASE, SPAN));
	atomic_set(&t->fx->direct_frees, 0);
}

/* Ranges and page tables for which the state cannot be read. */
static void dirty_refused(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new_dirty(test, kind);
	struct nyx_pt_cfg cfg = fx->pt.cfg;
	struct nyx_pt_dirty_read read = { .iova = SZ_8K, .last = SZ_8K - 1 };
	struct nyx_pt pt = { };

	KUNIT_EXPECT_EQ(test, -EINVAL, nyx_pt_read_dirty(&fx->pt, &read));
	read.last = SZ_16K;
	KUNIT_EXPECT_EQ(test, -EINVAL, nyx_pt_read_dirty(&fx->pt, &read));
	read.last = fx->pt.last_iova;
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_read_dirty(&fx->pt, &read));
	if (fx->pt.last_iova != U64_MAX) {
		read.last += SZ_4K;
		KUNIT_EXPECT_EQ(test, -EINVAL,
				nyx_pt_read_dirty(&fx->pt, &read));
	}
	/* Each leaf is one entry. */
	KUNIT_EXPECT_EQ(test, fx->pt.iommu.domain.pgsize_bitmap,
			kind->pgsizes & (SZ_4K | SZ_2M | SZ_1G));
	cfg.coherent = false;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			nyx_pt_init(&pt, fx->pt.fmt, &cfg, GFP_KERNEL));
	pt_fixture_free(fx);

	fx = pt_fixture_new(test, kind);
	read.last = SZ_16K - 1;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, nyx_pt_read_dirty(&fx->pt, &read));
}

static struct kunit_case pt_dirty_cases[] = {
	KUNIT_CASE_PARAM(dirty_sizes, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_no_clear, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_split, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_part, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_no_memory, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_late, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_unmap, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_unflushed, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_split_unmapped, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_unmapped_split, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_hw_late, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_unmapped, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_random, pt_dirty_gen_params),
	KUNIT_CASE_PARAM(dirty_refused, pt_dirty_gen_params),
	{ }
};

static struct kunit_suite pt_dirty_suite = {
	.name = "nyx_pt_dirty",
	.test_cases = pt_dirty_cases,
};

kunit_test_suite(pt_dirty_suite);
