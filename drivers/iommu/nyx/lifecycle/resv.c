// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that firmware reserves for a device, because it uses the device
 * itself: what the IOMMU core gets to know about it.
 *
 * The vendor lists the regions. Here they are adapted to the unit and to the
 * parameter relax_reserved.
 */
#include <linux/bits.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/minmax.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "firmware/relax.h"
#include "lifecycle.h"

static bool is_mapped(const struct iommu_resv_region *region)
{
	return region->type == IOMMU_RESV_DIRECT ||
	       region->type == IOMMU_RESV_DIRECT_RELAXABLE;
}

static u64 last_of(const struct iommu_resv_region *region)
{
	return region->start + region->length - 1;
}

/* Identity mappings need IOVAs and output addresses of this width. */
static bool fits(const struct nyx_unit *unit,
		 const struct iommu_resv_region *region)
{
	struct nyx_pt_cfg cfg;

	nyx_unit_table_config(unit, &cfg);
	return last_of(region) <= GENMASK_ULL(min(cfg.va_bits, cfg.oa_bits) - 1, 0);
}

/**
 * nyx_resv_is_direct() - test whether firmware uses a device all the time
 * @dev: a device with a unit
 *
 * Firmware may use USB controllers and displays only until the system takes
 * them over; the vendor marks their regions as relaxable.
 *
 * Context: May sleep.
 * Return: true if firmware reserves memory for the device, and neither the
 *	kind of the device nor the user relaxes that.
 */
bool nyx_resv_is_direct(struct device *dev)
{
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	bool direct = false;

	nyx_vendor->get_resv_regions(dev, &regions);
	list_for_each_entry(region, &regions, list)
		direct |= region->type == IOMMU_RESV_DIRECT;
	iommu_put_resv_regions(dev, &regions);
	return direct && !nyx_relax_has(dev);
}

/*
 * The IOMMU core keeps VFIO away from devices with mapped regions only, but the
 * device needs a region that cannot be mapped just as much.
 */
static void report_unmappable(struct nyx_device *ndev,
			      const struct iommu_resv_region *region)
{
	struct device *dev = ndev->dev;

	dev_err(dev, FW_BUG
		"reserved region %#llx to %#llx exceeds the address width of %s: not mapped, so DMA of firmware fails there: update the firmware\n",
		(u64)region->start, last_of(region), ndev->unit->name);
	if (region->type == IOMMU_RESV_DIRECT && ndev->direct)
		dev->iommu->require_direct = 1;
}

/**
 * nyx_resv_probed() - report the reserved memory of a device, and keep VFIO
 *	away from the device if firmware needs memory that cannot be mapped
 * @ndev: a device that the IOMMU core is probing; it is managed from now on
 *
 * Context: May sleep; called by iommu_ops.probe_device.
 */
void nyx_resv_probed(struct nyx_device *ndev)
{
	struct iommu_resv_region *region;
	struct device *dev = ndev->dev;
	LIST_HEAD(regions);

	nyx_vendor->get_resv_regions(dev, &regions);
	list_for_each_entry(region, &regions, list) {
		if (!is_mapped(region))
			continue;
		if (!fits(ndev->unit, region))
			report_unmappable(ndev, region);
		if (region->type == IOMMU_RESV_DIRECT && nyx_relax_has(dev))
			dev_warn(dev, "reserved region %#llx to %#llx is relaxed: while VFIO has the device, DMA of firmware (remote management, RAID, sensors) fails, or changes memory of the virtual machine\n",
				 (u64)region->start, last_of(region));
	}
	iommu_put_resv_regions(dev, &regions);
}

/**
 * nyx_get_resv_regions() - list the reserved regions of a device
 * @dev: a managed device
 * @head: list of struct iommu_resv_region to append to
 *
 * Implements iommu_ops.get_resv_regions. A region that the unit cannot map is
 * listed as reserved, so that its addresses stay unused; the IOMMU core would
 * refuse the unit if it had to map it.
 *
 * Context: May sleep.
 */
void nyx_get_resv_regions(struct device *dev, struct list_head *head)
{
	struct nyx_device *ndev = dev_iommu_priv_get(dev);
	struct iommu_resv_region *region;

	nyx_vendor->get_resv_regions(dev, head);
	list_for_each_entry(region, head, list) {
		if (!is_mapped(region))
			continue;
		if (!fits(ndev->unit, region))
			region->type = IOMMU_RESV_RESERVED;
		else if (nyx_relax_has(dev))
			region->type = IOMMU_RESV_DIRECT_RELAXABLE;
	}
}
