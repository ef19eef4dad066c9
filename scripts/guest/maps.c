// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps memory for a device in one call, by a container of VFIO or by IOMMUFD, and
 * unmaps it in one call. The memory is the same file of 64 MiB again and again, or a
 * page of 1 GiB.
 *
 * Prints "KIND PAGE GIB MAP UNMAP TABLES": the nanoseconds that both calls took, and
 * the number of pages of tables that were allocated for the mapping. With "hold" it
 * prints "mapped" instead, and waits for a line before it unmaps.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/iommufd.h>
#include <linux/memfd.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cdev.h"
#include "pci.h"
#include "vfio.h"

#define GIB 0x40000000UL
#define FILE_SIZE (64UL << 20)
#define IOVA (64 * GIB)

static struct vfio vfio;
static int iommufd = -1;
static uint32_t ioas;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/*
 * Number of pages of tables that all units use. The counters of all CPUs are added to
 * it first.
 */
static long table_pages(void)
{
	int refresh = open("/proc/sys/vm/stat_refresh", O_WRONLY);
	char name[64];
	FILE *file;
	long value;

	if (refresh < 0 || write(refresh, "1", 1) != 1)
		die("stat_refresh");
	close(refresh);
	file = fopen("/proc/vmstat", "r");
	while (file && fscanf(file, "%63s %ld", name, &value) == 2)
		if (!strcmp(name, "nr_iommu_pages")) {
			fclose(file);
			return value;
		}
	die("nr_iommu_pages");
	return 0;
}

/*
 * Allocates the file's pages in random order, but all even ones before the odd ones.
 * Neighbours in memory are allocated one after the other, so an even page and the odd
 * one behind it, which a larger entry would map, are not neighbours. AMD v1 tables
 * have entries of each power of two.
 */
static void scatter(int fd, size_t page)
{
	size_t pairs = FILE_SIZE / page / 2, i, j;
	size_t *order = calloc(pairs, sizeof(*order));

	if (!order || ftruncate(fd, FILE_SIZE))
		die("file");
	for (i = 0; i < pairs; i++) {
		j = rand() % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < 2 * pairs; i++)
		if (fallocate(fd, 0, (2 * order[i % pairs] + i / pairs) * page, page))
			die("allocate pages");
	free(order);
}

/* Returns @size bytes at an address that is aligned to 1 GiB. */
static char *memory_of(const char *kind, size_t size)
{
	size_t page = *kind == '4' ? 4096 : *kind == '2' ? 2UL << 20 : GIB, part, at;
	unsigned int flags = 0;
	char *base;
	int fd;

	if (page == 2UL << 20)
		flags = MFD_HUGETLB | MFD_HUGE_2MB;
	else if (page == GIB)
		flags = MFD_HUGETLB | MFD_HUGE_1GB;
	fd = syscall(SYS_memfd_create, "maps", flags);
	if (fd < 0)
		die("memfd");
	part = page == GIB ? GIB : FILE_SIZE;
	if (page != GIB)
		scatter(fd, page);
	else if (ftruncate(fd, GIB))
		die("page of 1 GiB");
	base = mmap(NULL, size + GIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	if (base == MAP_FAILED)
		die("address space");
	base = (char *)(((uintptr_t)base + GIB - 1) & ~(GIB - 1));
	for (at = 0; at < size; at += part)
		if (mmap(base + at, part, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) == MAP_FAILED)
			die("map the file");
	return base;
}

static void open_iommufd(const char *bdf)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };

	iommufd = open("/dev/iommu", O_RDWR);
	if (iommufd < 0)
		die("/dev/iommu");
	vfio.device = cdev_bind(bdf, iommufd, NULL);
	if (ioctl(iommufd, IOMMU_IOAS_ALLOC, &alloc))
		die("IOMMU_IOAS_ALLOC");
	ioas = alloc.out_ioas_id;
	attach.pt_id = ioas;
	if (ioctl(vfio.device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach))
		die("VFIO_DEVICE_ATTACH_IOMMUFD_PT");
}

static void map(void *memory, size_t size)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = size,
		.iova = IOVA,
	};

	if (iommufd < 0)
		vfio_map(&vfio, memory, IOVA, size, VFIO_READ | VFIO_WRITE);
	else if (ioctl(iommufd, IOMMU_IOAS_MAP, &cmd))
		die("IOMMU_IOAS_MAP");
}

static void unmap(size_t size)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd), .ioas_id = ioas, .iova = IOVA, .length = size,
	};

	if (iommufd < 0)
		vfio_unmap(&vfio, IOVA, size);
	else if (ioctl(iommufd, IOMMU_IOAS_UNMAP, &cmd) || cmd.length != size)
		die("IOMMU_IOAS_UNMAP");
}

int main(int argc, char **argv)
{
	uint64_t begin, mapped, unmapped;
	long before, tables;
	char line[16];
	void *memory;
	size_t size;

	if (argc < 6) {
		fprintf(stderr, "usage: maps type1|iommufd DEVICE GROUP 4K|2M|1G GIB [hold]\n");
		return 2;
	}
	size = strtoul(argv[5], NULL, 0) * GIB;
	memory = memory_of(argv[4], size);
	if (!strcmp(argv[1], "iommufd")) {
		open_iommufd(argv[2]);
	} else {
		vfio_claim(&vfio, argv[3]);
		vfio_open(&vfio, argv[2]);
	}
	before = table_pages();
	begin = now();
	map(memory, size);
	mapped = now() - begin;
	tables = table_pages() - before;
	if (argc > 6) {
		printf("mapped\n");
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return 1;
	}
	begin = now();
	unmap(size);
	unmapped = now() - begin;
	if (argc == 6)
		printf("%s %s %s %llu %llu %ld\n", argv[1], argv[4], argv[5],
		       (unsigned long long)mapped, (unsigned long long)unmapped, tables);
	return 0;
}
