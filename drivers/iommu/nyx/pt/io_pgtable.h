/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The io_pgtable_ops of a page table, for IOMMU cores that map and unmap runs
 * of pages of one size; part of engine.h. The engine chooses leaf sizes itself,
 * so only the length of the run matters.
 */
#ifndef NYX_PT_IO_PGTABLE_H
#define NYX_PT_IO_PGTABLE_H

#include <linux/overflow.h>

static struct nyx_pt *nyx_pt_from_iop(struct io_pgtable_ops *ops)
{
	return container_of(ops, struct nyx_pt, iop);
}

static int nyx_pt_map_pages(struct io_pgtable_ops *ops, unsigned long iova,
			    phys_addr_t paddr, size_t pgsize, size_t pgcount,
			    int prot, gfp_t gfp, size_t *mapped)
{
	size_t len;

	if (check_mul_overflow(pgsize, pgcount, &len))
		return -ERANGE;
	return nyx_pt_map_range(&nyx_pt_from_iop(ops)->iommu, iova, paddr, len,
				prot, gfp, mapped);
}

static size_t nyx_pt_unmap_pages(struct io_pgtable_ops *ops, unsigned long iova,
				 size_t pgsize, size_t pgcount,
				 struct iommu_iotlb_gather *gather)
{
	size_t len;

	if (check_mul_overflow(pgsize, pgcount, &len))
		return 0;
	return nyx_pt_unmap_range(&nyx_pt_from_iop(ops)->iommu, iova, len,
				  gather);
}

static phys_addr_t nyx_pt_iop_iova_to_phys(struct io_pgtable_ops *ops,
					   unsigned long iova)
{
	return nyx_pt_lookup(nyx_pt_from_iop(ops), iova);
}

#endif /* NYX_PT_IO_PGTABLE_H */
