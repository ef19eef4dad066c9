// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"

/* Exit status 3: the test could not run. Status 1 is a failed test. */
void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(3);
}

static int pci_open(const char *bdf, const char *file)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, file);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die(path);
	return fd;
}

/* Maps BAR 0 of a device that has no driver, and enables bus mastering. */
volatile void *pci_map_bar0(const char *bdf, size_t size)
{
	uint16_t command = PCI_COMMAND_MEMORY_MASTER;
	int config = pci_open(bdf, "config");
	int resource = pci_open(bdf, "resource0");
	void *bar;

	if (pwrite(config, &command, sizeof(command), PCI_COMMAND) !=
	    sizeof(command))
		die("PCI command register");
	bar = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, resource, 0);
	if (bar == MAP_FAILED)
		die("map BAR 0");
	close(config);
	close(resource);
	return bar;
}

/* Maps memory that the kernel does not use. @address may be unaligned. */
void *map_physical(uint64_t address, size_t size)
{
	size_t offset = address % PAGE_BYTES;
	int fd = open("/dev/mem", O_RDWR);
	char *map;

	if (fd < 0)
		die("/dev/mem");
	map = mmap(NULL, offset + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   address - offset);
	if (map == MAP_FAILED)
		die("map physical memory");
	close(fd);
	return map + offset;
}

/* Allocates memory that is locked, present and aligned to its size. */
void *new_memory(size_t size)
{
	void *memory = aligned_alloc(size, size);

	if (!memory)
		die("allocate memory");
	madvise(memory, size, MADV_HUGEPAGE);
	memset(memory, 0, size);
	if (mlock(memory, size))
		die("lock memory");
	return memory;
}

/*
 * Documentation/admin-guide/mm/pagemap.rst in the kernel: bit 63 is set if the
 * page is present; bits 54-0 are its frame number.
 */
uint64_t physical_address(const void *virt)
{
	uint64_t entry, address = (uintptr_t)virt;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    address / PAGE_BYTES * sizeof(entry)) !=
		      sizeof(entry))
		die("/proc/self/pagemap");
	close(fd);
	if (!(entry >> 63) || !(entry & ((1ULL << 55) - 1)))
		die("page without a frame");
	return (entry & ((1ULL << 55) - 1)) * PAGE_BYTES + address % PAGE_BYTES;
}

static uint8_t pattern(size_t index, uint8_t seed)
{
	return seed + index * 7 + index / 256;
}

void fill(void *memory, size_t size, uint8_t seed)
{
	uint8_t *byte = memory;
	size_t i;

	for (i = 0; i < size; i++)
		byte[i] = pattern(i, seed);
}

int same(const void *memory, size_t size, uint8_t seed)
{
	const volatile uint8_t *byte = memory;
	size_t i;

	for (i = 0; i < size; i++)
		if (byte[i] != pattern(i, seed))
			return 0;
	return 1;
}
