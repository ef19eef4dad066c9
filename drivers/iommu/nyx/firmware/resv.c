// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reserved regions of devices. iommu_dma_get_resv_regions() is of no use here:
 * it adds no regions on x86, and requires an fwspec, which Nyx does not set up.
 */
#include <linux/device.h>

#include "resv.h"

/* Writes to this range are interrupt messages on all x86 machines. */
#define MSI_BASE	0xfee00000
#define MSI_SIZE	0x00100000

/**
 * nyx_resv_add() - add a reserved region of a device
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to
 * @base: first address
 * @size: bytes
 * @prot: IOMMU_READ, IOMMU_WRITE and so on, for regions with identity mappings
 * @type: the type of the region
 *
 * If there is no memory, logs an error and does not add the region.
 *
 * Context: May sleep.
 */
void nyx_resv_add(struct device *dev, struct list_head *head, u64 base,
		  u64 size, int prot, enum iommu_resv_type type)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(base, size, prot, type, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, head);
	else
		dev_err(dev, "out of memory: %#llx-%#llx is not reserved\n",
			base, base + size - 1);
}

/**
 * nyx_resv_add_msi() - add the address range of interrupt messages
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to
 *
 * Context: May sleep.
 */
void nyx_resv_add_msi(struct device *dev, struct list_head *head)
{
	nyx_resv_add(dev, head, MSI_BASE, MSI_SIZE, 0, IOMMU_RESV_MSI);
}
