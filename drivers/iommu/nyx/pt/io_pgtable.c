// SPDX-License-Identifier: GPL-2.0-only
/*
 * The io_pgtable face of a page table, for kernels whose core hands over runs
 * of one page size. The engine picks leaf sizes itself, so all that it needs is
 * the range.
 */
#include <linux/overflow.h>

#include <nyx/pt.h>

#include "io_pgtable.h"

static struct nyx_pt *nyx_pt_from_iop(struct io_pgtable_ops *ops)
{
	return container_of(ops, struct nyx_pt, iop.ops);
}

static int nyx_pt_map_pages(struct io_pgtable_ops *ops, unsigned long iova,
			    phys_addr_t paddr, size_t pgsize, size_t pgcount,
			    int prot, gfp_t gfp, size_t *mapped)
{
	struct nyx_pt *pt = nyx_pt_from_iop(ops);
	size_t len;

	if (check_mul_overflow(pgsize, pgcount, &len))
		return -ERANGE;
	return pt->iommu.ops->map_range(&pt->iommu, iova, paddr, len, prot, gfp,
					mapped);
}

static size_t nyx_pt_unmap_pages(struct io_pgtable_ops *ops, unsigned long iova,
				 size_t pgsize, size_t pgcount,
				 struct iommu_iotlb_gather *gather)
{
	size_t len;

	if (check_mul_overflow(pgsize, pgcount, &len))
		return 0;
	return nyx_pt_unmap(nyx_pt_from_iop(ops), iova, len, gather);
}

static phys_addr_t nyx_pt_iop_iova_to_phys(struct io_pgtable_ops *ops,
					   unsigned long iova)
{
	return nyx_pt_iova_to_phys(nyx_pt_from_iop(ops), iova);
}

/* Copied into nyx_pt.iop.ops. */
const struct io_pgtable_ops nyx_pt_iop_ops = {
	.map_pages = nyx_pt_map_pages,
	.unmap_pages = nyx_pt_unmap_pages,
	.iova_to_phys = nyx_pt_iop_iova_to_phys,
};
