// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interfaces of a page table: its configuration, the IOMMU core's, that of
 * io_pgtable_ops, and walks.
 */
#include "fixture.h"

#define RW	(IOMMU_READ | IOMMU_WRITE)

/* Configurations that the format does not support are refused. */
static void pt_bad_configs(struct kunit *test)
{
	static const struct nyx_pt_cfg bad_amdv1[] = {
		{ 2, 30, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 7, 64, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 6, 65, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 5, 58, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 6, 64, 53, SZ_4K, true, false, NUMA_NO_NODE },
		{ 6, 64, 39, SZ_8K, true, false, NUMA_NO_NODE },
	};
	static const struct nyx_pt_cfg bad_x86[] = {
		{ 3, 38, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 6, 56, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 49, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 5, 56, 53, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 47, 39, SZ_2M, true, false, NUMA_NO_NODE },
	};
	static const struct nyx_pt_cfg bad[] = {
		{ 2, 30, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 6, 57, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 3, 40, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 49, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 5, 58, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 12, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 0, 39, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 48, 12, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 48, 53, SZ_4K, true, false, NUMA_NO_NODE },
		{ 4, 48, 39, 0, true, false, NUMA_NO_NODE },
		{ 4, 48, 39, SZ_2M, true, false, NUMA_NO_NODE },
		{ },
	};
	struct nyx_pt *pt = kunit_kzalloc(test, sizeof(*pt), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pt);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nyx_pt_init(pt, &nyx_pt_vtdss, &bad[i],
						GFP_KERNEL), "number %d", i);
	KUNIT_EXPECT_STREQ(test, "vtdss", nyx_pt_vtdss.name);
	KUNIT_EXPECT_EQ(test, 3, nyx_pt_vtdss.min_levels);
	KUNIT_EXPECT_EQ(test, 5, nyx_pt_vtdss.max_levels);
	KUNIT_EXPECT_EQ(test, 0x40201000, nyx_pt_vtdss.leaf_sizes);

	for (i = 0; i < ARRAY_SIZE(bad_amdv1); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nyx_pt_init(pt, &nyx_pt_amdv1,
						&bad_amdv1[i], GFP_KERNEL),
				    "number %d", i);
	KUNIT_EXPECT_STREQ(test, "amdv1", nyx_pt_amdv1.name);
	KUNIT_EXPECT_EQ(test, 3, nyx_pt_amdv1.min_levels);
	KUNIT_EXPECT_EQ(test, 6, nyx_pt_amdv1.max_levels);
	KUNIT_EXPECT_EQ(test, 0x7ffffff000, nyx_pt_amdv1.leaf_sizes);

	for (i = 0; i < ARRAY_SIZE(bad_x86); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    nyx_pt_init(pt, &nyx_pt_x86, &bad_x86[i],
						GFP_KERNEL), "number %d", i);
	KUNIT_EXPECT_STREQ(test, "x86", nyx_pt_x86.name);
	KUNIT_EXPECT_EQ(test, 4, nyx_pt_x86.min_levels);
	KUNIT_EXPECT_EQ(test, 5, nyx_pt_x86.max_levels);
	KUNIT_EXPECT_EQ(test, 0x40201000, nyx_pt_x86.leaf_sizes);
}

/* The members of the domain that the IOMMU core uses. */
static void pt_domain(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct iommu_domain *domain = &fx->pt.iommu.domain;
	struct pt_iommu_info info = { };

	KUNIT_EXPECT_PTR_EQ(test, (void *)domain, (void *)fx);
	KUNIT_EXPECT_EQ(test, kind->pgsizes, domain->pgsize_bitmap);
	KUNIT_EXPECT_EQ(test, 0, domain->geometry.aperture_start);
	KUNIT_EXPECT_EQ(test, pt_kind_last(kind),
			domain->geometry.aperture_end);
	KUNIT_EXPECT_TRUE(test, domain->geometry.force_aperture);
	KUNIT_EXPECT_NOT_NULL(test, domain->ops);
	fx->pt.iommu.ops->get_info(&fx->pt.iommu, &info);
	KUNIT_EXPECT_EQ(test, kind->pgsizes, info.pgsize_bitmap);
}

/* A size is used only if all smaller sizes are supported. */
static void pt_size_gaps(struct kunit *test)
{
	struct pt_kind kind = pt_kinds[2];
	struct pt_fixture *fx;

	kind.pgsizes = SZ_4K | SZ_1G | SZ_64K | SZ_8K;
	fx = pt_fixture_new(test, &kind);
	KUNIT_EXPECT_EQ(test, SZ_4K, fx->pt.iommu.domain.pgsize_bitmap);
	KUNIT_EXPECT_EQ(test, 0, pt_map(fx, SZ_1G, PT_FAR, SZ_2M));
	KUNIT_EXPECT_EQ(test, 512, pt_count(fx, SZ_4K));
}

/* Calls of the IOMMU core, which passes ranges on this kernel. */
static void pt_core(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	struct iommu_domain *domain = &fx->pt.iommu.domain;
	u64 iova = SZ_1G - 3 * SZ_4K, len = SZ_2M + 5 * SZ_4K;
	struct nyx_pt_stats stats;

	KUNIT_ASSERT_PTR_EQ(test, iommupt_from_domain(domain), &fx->pt.iommu);
	KUNIT_EXPECT_EQ(test, 0, iommu_map(domain, iova, PT_FAR - 3 * SZ_4K,
					   len, RW, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kind->pgsizes & SZ_2M ? 1 : 0,
			pt_count(fx, SZ_2M));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			iommu_map(domain, iova - SZ_4K, PT_FAR, SZ_8K, RW,
				  GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			iommu_map(domain, 0, PT_FAR, SZ_4K, 0, GFP_KERNEL));
	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ(test, 1, stats.map_calls);
	KUNIT_EXPECT_EQ(test, len, stats.map_bytes);
	KUNIT_EXPECT_EQ(test, len, iommu_unmap(domain, iova, len));
	KUNIT_EXPECT_EQ(test, 0, iommu_unmap(domain, iova, len));
	nyx_pt_stats_read(&fx->pt, &stats);
	KUNIT_EXPECT_EQ(test, 1, stats.unmap_calls);
	KUNIT_EXPECT_EQ(test, len, stats.unmap_bytes);
}

/* Calls of io_pgtable_ops, for an IOMMU core that does not pass ranges. */
static void pt_io_pgtable(struct kunit *test)
{
	struct pt_fixture *fx = pt_fixture_new(test, test->param_value);
	struct io_pgtable_ops *ops = &fx->pt.iop;
	struct iommu_iotlb_gather gather;
	size_t mapped = 100;

	KUNIT_EXPECT_EQ(test, 0, ops->map_pages(ops, SZ_1G, PT_FAR, SZ_2M, 3, RW,
						GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, 100 + 3 * SZ_2M, mapped);
	KUNIT_EXPECT_EQ(test, 0, ops->map_pages(ops, SZ_1G + 3 * SZ_2M, PT_FAR,
						SZ_4K, 5, IOMMU_READ,
						GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, 100 + 3 * SZ_2M + 5 * SZ_4K, mapped);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			ops->map_pages(ops, SZ_1G, PT_FAR, SZ_4K, 1, RW,
				       GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			ops->map_pages(ops, 0, PT_FAR, SZ_2M, SIZE_MAX / 4096,
				       RW, GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, 100 + 3 * SZ_2M + 5 * SZ_4K, mapped);
	KUNIT_EXPECT_EQ(test, PT_FAR + 0x123456,
			ops->iova_to_phys(ops, SZ_1G + 0x123456));
	KUNIT_EXPECT_EQ(test, 0, ops->iova_to_phys(ops, SZ_1G - 1));

	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, 0, ops->unmap_pages(ops, SZ_1G, SZ_2M,
						  SIZE_MAX / 4096, &gather));
	KUNIT_EXPECT_EQ(test, 3 * SZ_2M,
			ops->unmap_pages(ops, SZ_1G, SZ_2M, 3, &gather));
	KUNIT_EXPECT_EQ(test, 5 * SZ_4K,
			ops->unmap_pages(ops, SZ_1G + 3 * SZ_2M, SZ_4K, 5,
					 &gather));
	KUNIT_EXPECT_EQ(test, SZ_1G, gather.start);
	KUNIT_EXPECT_EQ(test, SZ_1G + 3 * SZ_2M + 5 * SZ_4K - 1, gather.end);
	iommu_iotlb_sync(&fx->pt.iommu.domain, &gather);
	KUNIT_EXPECT_EQ(test, 0, pt_count(fx, 0));
}

struct list {
	struct nyx_pt_span leaf[16];
	int n;
	int stop;
};

static int list_leaf(const struct nyx_pt_span *leaf, void *arg)
{
	struct list *list = arg;

	if (list->n < ARRAY_SIZE(list->leaf))
		list->leaf[list->n] = *leaf;
	return ++list->n == list->stop ? -ECANCELED : 0;
}

/* A walk visits all leaves, from the first to the last IOVA. */
static void pt_walk(struct kunit *test)
{
	const struct pt_kind *kind = test->param_value;
	struct pt_fixture *fx = pt_fixture_new(test, kind);
	u64 last = pt_kind_last(kind) + 1 - SZ_4K;
	struct nyx_pt_span leaf;
	struct list list = { };

	if (kind->pgsizes == SZ_4K)
		kunit_skip(test, "needs large leaves");
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, 0, U64_MAX, list_leaf,
					     &list));
	KUNIT_EXPECT_EQ(test, 0, list.n);
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, 0, PT_FAR, SZ_4K,
					    IOMMU_READ, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, 5 * (u64)SZ_1G, PT_FAR,
					    SZ_2M + SZ_4K, RW | IOMMU_CACHE,
					    GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, nyx_pt_map(&fx->pt, last, PT_FAR, SZ_4K,
					    IOMMU_WRITE, GFP_KERNEL));

	KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, 0, U64_MAX, list_leaf,
					     &list));
	KUNIT_ASSERT_EQ(test, 4, list.n);
	KUNIT_EXPECT_EQ(test, 0, list.leaf[0].iova);
	KUNIT_EXPECT_EQ(test, PT_FAR, list.leaf[0].paddr);
	KUNIT_EXPECT_EQ(test, SZ_4K, list.leaf[0].len);
	KUNIT_EXPECT_EQ(test, pt_kind_prot(kind, IOMMU_READ),
			list.leaf[0].prot);
	KUNIT_EXPECT_EQ(test, 5 * (u64)SZ_1G, list.leaf[1].iova);
	KUNIT_EXPECT_EQ(test, SZ_2M, list.leaf[1].len);
	KUNIT_EXPECT_EQ(test, SZ_2M, list.leaf[1].pgsize);
	KUNIT_EXPECT_EQ(test, pt_kind_prot(kind, RW | IOMMU_CACHE),
			list.leaf[1].prot);
	KUNIT_EXPECT_EQ(test, PT_FAR + SZ_2M, list.leaf[2].paddr);
	KUNIT_EXPECT_EQ(test, SZ_4K, list.leaf[2].pgsize);
	KUNIT_EXPECT_EQ(test, last, list.leaf[3].iova);
	KUNIT_EXPECT_EQ(test, pt_kind_prot(kind, IOMMU_WRITE),
			list.leaf[3].prot);

	/* A walk of a part visits a leaf that is partly in it. */
	list.n = 0;
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, 5 * (u64)SZ_1G + SZ_4K,
					     5 * (u64)SZ_1G + SZ_2M - 1,
					     list_leaf, &list));
	KUNIT_EXPECT_EQ(test, 1, list.n);
	KUNIT_EXPECT_EQ(test, 5 * (u64)SZ_1G, list.leaf[0].iova);
	list.n = 0;
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, SZ_4K,
					     5 * (u64)SZ_1G - 1, list_leaf,
					     &list));
	if (last + SZ_4K)
		KUNIT_EXPECT_EQ(test, 0, nyx_pt_walk(&fx->pt, last + SZ_4K,
						     U64_MAX, list_leaf,
						     &list));
	KUNIT_EXPECT_EQ(test, 0, list.n);
	/* A look at one address finds the same leaf, or nothing. */
	KUNIT_EXPECT_EQ(test, 0, nyx_pt_peek(&fx->pt, last + SZ_4K - 1, &leaf));
	KUNIT_EXPECT_EQ(test, last, leaf.iova);
	KUNIT_EXPECT_EQ(test, SZ_4K, leaf.len);
	KUNIT_EXPECT_EQ(test, pt_kind_prot(kind, IOMMU_WRITE), leaf.prot);
	KUNIT_EXPECT_EQ(test, -ENOENT, nyx_pt_peek(&fx->pt, SZ_4K, &leaf));
	/* Tables are being removed. */
	atomic_inc(&fx->pt.removers);
	KUNIT_EXPECT_EQ(test, -EBUSY, nyx_pt_peek(&fx->pt, last, &leaf));
	atomic_dec(&fx->pt.removers);

	list.stop = 2;
	KUNIT_EXPECT_EQ(test, -ECANCELED, nyx_pt_walk(&fx->pt, 0, U64_MAX,
						      list_leaf, &list));
	KUNIT_EXPECT_EQ(test, 2, list.n);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fx->pt.walkers));
}

static struct kunit_case pt_face_cases[] = {
	KUNIT_CASE(pt_bad_configs),
	KUNIT_CASE_PARAM(pt_domain, pt_kind_gen_params),
	KUNIT_CASE(pt_size_gaps),
	KUNIT_CASE_PARAM(pt_core, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_io_pgtable, pt_kind_gen_params),
	KUNIT_CASE_PARAM(pt_walk, pt_kind_gen_params),
	{ }
};

static struct kunit_suite pt_face_suite = {
	.name = "nyx_pt_face",
	.test_cases = pt_face_cases,
};

kunit_test_suite(pt_face_suite);
