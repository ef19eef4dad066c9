// SPDX-License-Identifier: GPL-2.0-only
/*
 * Millions of random calls of the page-table engine. An array models the
 * contents of the page table. The test compares with it the results of the
 * calls, the entries in memory, and the translations of the hardware, whose
 * caches keep everything that is not invalidated.
 */
#include <linux/io.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../seed.h"
#include "fixture.h"

enum {
	SLOTS = 4096,
	COMPARE_EVERY = 4096,
};

struct run {
	const char *name;
	int kind;
	u64 base;
	u64 granule;
	unsigned long calls;
};

static const struct run runs[] = {
	{ "4 KiB, 4 levels, coherent", 2, SZ_1G - 3 * (u64)SZ_2M, SZ_4K,
	  300000 },
	{ "4 KiB, 3 levels, not coherent", 1, 7 * (u64)SZ_1G - SZ_2M, SZ_4K,
	  250000 },
	{ "2 MiB, 5 levels, coherent", 4, (256ULL << 40) - 3 * (u64)SZ_1G,
	  SZ_2M, 200000 },
	{ "2 MiB, 4 levels, not coherent", 3, (512ULL << 30) - 2 * (u64)SZ_1G,
	  SZ_2M, 150000 },
	{ "4 KiB, 5 levels, not coherent", 5, (256ULL << 40) - 5 * (u64)SZ_2M,
	  SZ_4K, 100000 },
	{ "4 KiB, no 1 GiB", 6, 0, SZ_4K, 50000 },
	{ "4 KiB only", 7, 4 * (u64)SZ_2M, SZ_4K, 50000 },
	{ "AMD, 4 KiB, 4 levels, coherent", 9, SZ_1G - 3 * (u64)SZ_2M, SZ_4K,
	  300000 },
	{ "AMD, 4 KiB, 3 levels, coherent", 8, 7 * (u64)SZ_1G - SZ_2M, SZ_4K,
	  150000 },
	{ "AMD, 2 MiB, 5 levels, coherent", 10,
	  (256ULL << 40) - 3 * (u64)SZ_1G, SZ_2M, 150000 },
	{ "AMD, 4 KiB, 6 levels", 11, (1ULL << 57) - 5 * (u64)SZ_2M, SZ_4K,
	  100000 },
	{ "AMD, 4 KiB, end of 64 bits, not coherent", 12,
	  -(u64)SLOTS * SZ_4K, SZ_4K, 100000 },
	{ "AMD, 2 MiB, end of 64 bits, not coherent", 12,
	  -(u64)SLOTS * SZ_2M, SZ_2M, 50000 },
	{ "AMD, 4 KiB, 4 levels, not coherent", 13, SZ_1G - 3 * (u64)SZ_2M,
	  SZ_4K, 100000 },
	{ "AMD, up to 8 MiB", 14, 0, SZ_4K, 50000 },
	{ "AMD, 4 KiB only", 15, 4 * (u64)SZ_2M, SZ_4K, 50000 },
	{ "x86, 4 KiB, 4 levels, coherent", 16, SZ_1G - 3 * (u64)SZ_2M, SZ_4K,
	  150000 },
	{ "x86, 4 KiB, 4 levels, not coherent", 17, SZ_1G - 3 * (u64)SZ_2M,
	  SZ_4K, 100000 },
	{ "x86, 2 MiB, 5 levels, coherent", 18,
	  (256ULL << 40) - 3 * (u64)SZ_1G, SZ_2M, 100000 },
	{ "x86, 4 KiB, end of 56 bits, not coherent", 19,
	  (1ULL << 56) - (u64)SLOTS * SZ_4K, SZ_4K, 50000 },
};

/*
 * slot: the address and prot to which each page or large page translates, or 0.
 * stale: it was unmapped, but is not flushed.
 */
struct model {
	struct kunit *test;
	const struct run *run;
	struct pt_fixture *fx;
	struct rnd_state rnd;
	struct iommu_iotlb_gather gather;
	u64 *slot;
	bool *stale;
	unsigned long op;
	bool bad;
};

static u32 rnd(struct model *m, u32 n)
{
	return prandom_u32_state(&m->rnd) % n;
}

static void complain(struct model *m, const char *what, u64 iova, u64 saw,
		     u64 want)
{
	if (!m->bad)
		KUNIT_FAIL(m->test, "call %lu: %s at %llx is %llx, not %llx",
			   m->op, what, iova, saw, want);
	m->bad = true;
}

static u64 iova_of(const struct model *m, unsigned int i)
{
	return m->run->base + i * m->run->granule;
}

static u64 leaf_value(const struct model *m, const struct pt_hw_leaf *leaf,
		      u64 iova)
{
	return (leaf->paddr + iova - leaf->iova) |
	       (leaf->read ? IOMMU_READ : 0) |
	       (leaf->write ? IOMMU_WRITE : 0) |
	       (leaf->snoop ? IOMMU_CACHE : 0);
}

/* Compares a slot with the tables, iova_to_phys, and a device's request. */
static void check_slot(struct model *m, int i)
{
	u64 iova, want, saw = 0;
	struct pt_hw_leaf leaf;
	int ret;

	if (i < 0 || i >= SLOTS)
		return;
	iova = iova_of(m, i);
	want = m->slot[i];

	ret = pt_hw_walk(&m->fx->hw, iova, &leaf);
	if (ret && ret != -ENOENT)
		complain(m, "the walk's fault", iova, -ret, ENOENT);
	if (!ret)
		saw = leaf_value(m, &leaf, iova);
	if (saw != want)
		complain(m, "the table", iova, saw, want);

	iova += rnd(m, SZ_4K);
	saw = nyx_pt_iova_to_phys(&m->fx->pt, iova);
	if (saw != (want ? (want & ~0xfffULL) + (iova & 0xfff) : 0))
		complain(m, "iova_to_phys", iova, saw, want);

	iova = iova_of(m, i) + rnd(m, m->run->granule / SZ_4K) * SZ_4K;
	ret = pt_hw_access(&m->fx->hw, iova, &leaf);
	if (m->stale[i])
		return;
	saw = ret ? 0 : leaf_value(m, &leaf, iova);
	if (want)
		want += iova - iova_of(m, i);
	if (saw != want)
		complain(m, "the device's translation", iova, saw, want);
}

static void check_range(struct model *m, int first, int n)
{
	int i;

	check_slot(m, first - 1);
	check_slot(m, first);
	for (i = 0; i < 3; i++)
		check_slot(m, first + rnd(m, n));
	check_slot(m, first + n - 1);
	check_slot(m, first + n);
}

static void flush(struct model *m)
{
	iommu_iotlb_sync(&m->fx->pt.iommu.domain, &m->gather);
	memset(m->stale, 0, SLOTS * sizeof(*m->stale));
}

struct compare {
	struct model *m;
	unsigned int next;
};

static void compare_leaf(const struct pt_hw_leaf *leaf, void *arg)
{
	struct compare *c = arg;
	struct model *m = c->m;
	u64 at;

	for (at = 0; at < leaf->size; at += m->run->granule) {
		u64 iova = leaf->iova + at;

		while (c->next < SLOTS && !m->slot[c->next])
			c->next++;
		if (c->next == SLOTS || iova != iova_of(m, c->next)) {
			complain(m, "an extra leaf", iova, leaf->paddr, 0);
			return;
		}
		if (leaf_value(m, leaf, iova) != m->slot[c->next])
			complain(m, "a leaf", iova, leaf_value(m, leaf, iova),
				 m->slot[c->next]);
		c->next++;
	}
}

static void compare_all(struct model *m)
{
	struct compare c = { .m = m };

	pt_fixture_check(m->fx);
	pt_hw_each(&m->fx->hw, compare_leaf, &c);
	while (c.next < SLOTS && !m->slot[c.next])
		c.next++;
	if (c.next < SLOTS)
		complain(m, "a missing leaf", iova_of(m, c.next), 0,
			 m->slot[c.next]);
}

/* Mostly short ranges, some long ones, and some that fit large leaves. */
static void pick_range(struct model *m, int *first, int *n)
{
	u32 how = rnd(m, 20);

	if (how < 13) {
		*n = 1 + rnd(m, 16);
		*first = rnd(m, SLOTS);
	} else if (how < 17) {
		*n = 1 + rnd(m, 600);
		*first = rnd(m, SLOTS);
	} else {
		*n = 512 * (1 + rnd(m, 3));
		*first = 512 * rnd(m, SLOTS / 512);
	}
	*n = min(*n, SLOTS - *first);
}

static u64 pick_paddr(struct model *m, int first, int n)
{
	u64 granule = m->run->granule;
	u64 room = (1ULL << pt_kinds[m->run->kind].oa_bits) - PT_FAR -
		   SLOTS * granule - SZ_1G;
	u64 paddr = (u64)prandom_u32_state(&m->rnd) << 20 |
		    prandom_u32_state(&m->rnd);

	paddr = PT_FAR + round_down(paddr % room, granule);
	if (rnd(m, 2))
		return paddr;
	/* The same offset in a GiB as the IOVA, so that large leaves fit. */
	return round_down(paddr, SZ_1G) + iova_of(m, first) % SZ_1G;
}

static void do_map(struct model *m, int first, int n)
{
	int i, ret, want = 0, failed, prot;
	u64 paddr, value;

	paddr = pick_paddr(m, first, n);
	prot = 1 + rnd(m, 3);
	if (rnd(m, 2))
		prot |= IOMMU_CACHE;
	for (i = first; i < first + n; i++) {
		if (m->slot[i])
			want = -EEXIST;
		/* An IOVA is not reused before it is flushed. */
		if (m->stale[i])
			flush(m);
	}

	failed = atomic_read(&m->fx->failed);
	m->fx->peek = iova_of(m, first);
	m->fx->peek_len = n * m->run->granule;
	ret = nyx_pt_map(&m->fx->pt, iova_of(m, first), paddr,
			 n * m->run->granule, prot, GFP_KERNEL);
	m->fx->peek_len = 0;
	if (ret == -ENOMEM && atomic_read(&m->fx->failed) != failed)
		want = -ENOMEM;
	if (ret != want)
		complain(m, "map's result", iova_of(m, first), -ret, -want);
	value = paddr | pt_kind_prot(&pt_kinds[m->run->kind], prot);
	for (i = first; !want && i < first + n; i++, value += m->run->granule)
		m->slot[i] = value;
	m->op++;
	check_range(m, first, n);
}

static void do_unmap(struct model *m, int first, int n)
{
	u64 granule = m->run->granule, iova = iova_of(m, first), done;
	bool bare = !rnd(m, 8);
	int want, failed, i;

	for (want = 0; want < n && m->slot[first + want]; want++)
		;
	failed = atomic_read(&m->fx->failed);
	m->fx->peek = iova;
	m->fx->peek_len = n * granule;
	done = nyx_pt_unmap(&m->fx->pt, iova, n * granule,
			    bare ? NULL : &m->gather);
	m->fx->peek_len = 0;
	if (done != want * granule &&
	    (atomic_read(&m->fx->failed) == failed || done % granule ||
	     done > want * granule))
		complain(m, "unmap's result", iova, done, want * granule);
	for (i = first; i < first + done / granule; i++) {
		m->slot[i] = 0;
		m->stale[i] = true;
	}
	if (bare)
		pt_hw_invalidate(&m->fx->hw, 0, U64_MAX, true);
	if (bare || rnd(m, 2))
		flush(m);
	m->op++;
	check_range(m, first, n);
}

/* Unmaps all runs in a range, which leaves tables, then maps it at once. */
static void do_refill(struct model *m)
{
	int first = 512 * rnd(m, SLOTS / 512), n = 512, i;

	if (rnd(m, 2))
		n = min(n * (1 + (int)rnd(m, 3)), SLOTS - first);
	for (i = first; i < first + n && !m->bad; i++) {
		int run = 0;

		while (i + run < first + n && m->slot[i + run])
			run++;
		if (run)
			do_unmap(m, i, run);
	}
	do_map(m, first, n);
}

static void do_something(struct model *m)
{
	int first, n, tries;

	if (!rnd(m, 16) && !atomic_read(&m->fx->fail_in))
		atomic_set(&m->fx->fail_in, 1 + rnd(m, 4));
	if (!rnd(m, 100)) {
		do_refill(m);
	} else if (rnd(m, 2)) {
		pick_range(m, &first, &n);
		do_map(m, first, n);
	} else {
		for (tries = 0; tries < 4; tries++) {
			pick_range(m, &first, &n);
			if (m->slot[first] && m->slot[first + n - 1])
				break;
		}
		do_unmap(m, first, n);
	}
}

static void pt_random_calls(struct kunit *test)
{
	const struct run *run = test->param_value;
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned long compared = 0;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->test = test;
	m->run = run;
	m->slot = kunit_kcalloc(test, SLOTS, sizeof(*m->slot), GFP_KERNEL);
	m->stale = kunit_kcalloc(test, SLOTS, sizeof(*m->stale), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, m->slot && m->stale);
	m->fx = pt_fixture_new(test, &pt_kinds[run->kind]);
	nyx_kunit_seed(test, &m->rnd);
	iommu_iotlb_gather_init(&m->gather);

	while (m->op < run->calls && !m->bad) {
		do_something(m);
		if (m->op >= compared + COMPARE_EVERY) {
			compare_all(m);
			compared = m->op;
		}
	}
	flush(m);
	compare_all(m);
	/* The test is useful only if both are frequent. */
	KUNIT_EXPECT_GT(test, atomic_read(&m->fx->failed), run->calls / 4000);
	KUNIT_EXPECT_GT(test, atomic_read(&m->fx->synced_frees),
			run->calls / 2000);
	kunit_info(test, "%lu calls, %d failed for memory, %d tables freed\n",
		   m->op, atomic_read(&m->fx->failed),
		   atomic_read(&m->fx->synced_frees));
}

static void run_desc(const struct run *run, char *desc)
{
	strscpy(desc, run->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(run, runs, run_desc);

static struct kunit_case pt_model_cases[] = {
	KUNIT_CASE_PARAM_ATTR(pt_random_calls, run_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{ }
};

static struct kunit_suite pt_model_suite = {
	.name = "nyx_pt_model",
	.test_cases = pt_model_cases,
};

kunit_test_suite(pt_model_suite);
