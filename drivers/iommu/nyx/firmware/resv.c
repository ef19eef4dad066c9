// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reserved regions. The kernel's own iommu_dma_get_resv_regions() has nothing
 * for x86, and follows the fwspec that devices here have not.
 */
#include <linux/device.h>

#include "resv.h"

/* Writes here are interrupts, on every x86 (its local APIC). */
#define MSI_BASE	0xfee00000
#define MSI_SIZE	0x00100000

/**
 * nyx_resv_add() - add a region to a device's reserved ones
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to
 * @base: first byte
 * @size: bytes
 * @prot: IOMMU_READ and the like, for what is mapped one to one
 * @type: what kind of region it is
 *
 * Context: May sleep. Where there is no memory, the log says so.
 */
void nyx_resv_add(struct device *dev, struct list_head *head, u64 base,
		  u64 size, int prot, enum iommu_resv_type type)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(base, size, prot, type, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, head);
	else
		dev_err(dev, "no memory to reserve %#llx to %#llx\n", base,
			base + size - 1);
}

/**
 * nyx_resv_add_msi() - add the window of message-signalled interrupts
 * @dev: the device
 * @head: list of struct iommu_resv_region to append to
 *
 * Context: May sleep.
 */
void nyx_resv_add_msi(struct device *dev, struct list_head *head)
{
	nyx_resv_add(dev, head, MSI_BASE, MSI_SIZE, 0, IOMMU_RESV_MSI);
}
