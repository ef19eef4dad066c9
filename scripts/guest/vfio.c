// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"
#include "vfio.h"

/* Returns the last address of the last IOVA range of the container. */
static uint64_t last_iova(int container)
{
	static char space[4096];
	struct vfio_iommu_type1_info *info = (void *)space;
	struct vfio_iommu_type1_info_cap_iova_range *ranges;
	struct vfio_info_cap_header *cap;
	uint32_t offset;

	info->argsz = sizeof(space);
	if (ioctl(container, VFIO_IOMMU_GET_INFO, info))
		die("VFIO_IOMMU_GET_INFO");
	if (!(info->flags & VFIO_IOMMU_INFO_CAPS))
		return 0x1ffffffff;
	for (offset = info->cap_offset; offset; offset = cap->next) {
		cap = (void *)(space + offset);
		if (cap->id != VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
			continue;
		ranges = (void *)cap;
		return ranges->iova_ranges[ranges->nr_iovas - 1].end;
	}
	return 0x1ffffffff;
}

/* VFIO takes ownership of the group's DMA. */
void vfio_claim_group(struct vfio *vfio, const char *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	vfio->group = open(path, O_RDWR);
	if (vfio->group < 0)
		die(path);
	if (ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status) ||
	    !(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		die("group is not viable");
}

/* The same, with a container of its own. The group has no address space. */
void vfio_claim(struct vfio *vfio, const char *group)
{
	vfio_claim_group(vfio, group);
	vfio->container = open("/dev/vfio/vfio", O_RDWR);
	if (vfio->container < 0)
		die("/dev/vfio/vfio");
	if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container))
		die("VFIO_GROUP_SET_CONTAINER");
}

/* Opens a device of the claimed group. */
void vfio_open(struct vfio *vfio, const char *bdf)
{
	if (ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("VFIO_SET_IOMMU");
	vfio->device = ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (vfio->device < 0)
		die("VFIO_GROUP_GET_DEVICE_FD");
	vfio->last_iova = last_iova(vfio->container);
	vfio->coherent = ioctl(vfio->container, VFIO_CHECK_EXTENSION,
			       VFIO_DMA_CC_IOMMU);
}

volatile void *vfio_map_bar0(struct vfio *vfio, size_t size)
{
	struct vfio_region_info bar = {
		.argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX,
	};
	struct vfio_region_info config = {
		.argsz = sizeof(config), .index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command = PCI_COMMAND_MEMORY_MASTER;
	void *map;

	if (ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &bar) ||
	    ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &config))
		die("VFIO_DEVICE_GET_REGION_INFO");
	if (pwrite(vfio->device, &command, sizeof(command),
		   config.offset + PCI_COMMAND) != sizeof(command))
		die("PCI command register");
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vfio->device,
		   bar.offset);
	if (map == MAP_FAILED)
		die("map BAR 0");
	return map;
}

void vfio_map(struct vfio *vfio, void *memory, uint64_t iova, size_t size,
	      int access)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = size,
	};

	if (access & VFIO_READ)
		map.flags |= VFIO_DMA_MAP_FLAG_READ;
	if (access & VFIO_WRITE)
		map.flags |= VFIO_DMA_MAP_FLAG_WRITE;
	if (ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &map))
		die("VFIO_IOMMU_MAP_DMA");
}

void vfio_unmap(struct vfio *vfio, uint64_t iova, size_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = iova, .size = size,
	};

	if (ioctl(vfio->container, VFIO_IOMMU_UNMAP_DMA, &unmap) ||
	    unmap.size != size)
		die("VFIO_IOMMU_UNMAP_DMA");
}
