// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of IOMMUFD with one device, which is bound to vfio-pci: prints what the
 * kernel says of the device's unit, and the results of requests for page tables with
 * features and of reading the state of dirty pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/iommufd.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "cdev.h"
#include "pci.h"

#define SIZE (2 << 20)
#define IOVA 0x40000000ULL

static int iommufd;

/* Prints the result of a request; returns it, 0 or an error. */
static int report(const char *what, int ret)
{
	printf("%s: %s\n", what, ret ? strerror(errno) : "ok");
	return ret;
}

static void hw_info(uint32_t device)
{
	uint64_t data[8] = { 0 };
	struct iommu_hw_info info = {
		.size = sizeof(info),
		.dev_id = device,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)data,
	};

	if (report("info", ioctl(iommufd, IOMMU_GET_HW_INFO, &info)))
		return;
	printf("type: %u\n", info.out_data_type);
	/* VT-d: the first quadword has flags. */
	if (info.out_data_type == IOMMU_HW_INFO_TYPE_INTEL_VTD)
		printf("registers: 0x%016llx 0x%016llx\n",
		       (unsigned long long)data[1], (unsigned long long)data[2]);
	else
		printf("registers: 0x%016llx 0x%016llx\n",
		       (unsigned long long)data[0], (unsigned long long)data[1]);
	printf("dirty: %s\n",
	       info.out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING ? "yes" : "no");
}

/* Requests a page table; returns its ID, or 0. */
static uint32_t alloc(const char *what, uint32_t device, uint32_t ioas,
		      uint32_t flags)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = device,
		.pt_id = ioas,
	};

	return report(what, ioctl(iommufd, IOMMU_HWPT_ALLOC, &cmd)) ?
	       0 : cmd.out_hwpt_id;
}

static void dirty(uint32_t hwpt)
{
	struct iommu_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
		.hwpt_id = hwpt,
	};
	uint64_t bitmap[SIZE / 4096 / 64];
	struct iommu_hwpt_get_dirty_bitmap get = {
		.size = sizeof(get),
		.hwpt_id = hwpt,
		.iova = IOVA,
		.length = SIZE,
		.page_size = 4096,
		.data = (uintptr_t)bitmap,
	};

	report("track", ioctl(iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &set));
	report("bitmap", ioctl(iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &get));
}

static void map(uint32_t ioas)
{
	void *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = SIZE,
		.iova = IOVA,
	};

	if (memory == MAP_FAILED)
		die("memory");
	report("map", ioctl(iommufd, IOMMU_IOAS_MAP, &cmd));
}

int main(int argc, char **argv)
{
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };
	uint32_t id, hwpt;
	int device;

	if (argc != 2) {
		fprintf(stderr, "usage: hwpt DEVICE\n");
		return 2;
	}
	iommufd = open("/dev/iommu", O_RDWR);
	if (iommufd < 0)
		die("/dev/iommu");
	device = cdev_bind(argv[1], iommufd, &id);
	if (ioctl(iommufd, IOMMU_IOAS_ALLOC, &ioas))
		die("IOMMU_IOAS_ALLOC");

	hw_info(id);
	map(ioas.out_ioas_id);
	alloc("tracked", id, ioas.out_ioas_id,
	      IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	alloc("parent", id, ioas.out_ioas_id,
	      IOMMU_HWPT_ALLOC_NEST_PARENT);
	alloc("unknown", id, ioas.out_ioas_id, 1U << 31);
	hwpt = alloc("plain", id, ioas.out_ioas_id, 0);
	attach.pt_id = hwpt;
	report("attach", ioctl(device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach));
	dirty(hwpt);
	return 0;
}
