// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stray DMA: edu reads or writes a page that is not mapped for it.
 *
 * The page belongs to this program, so its physical address and content are
 * known. If an address is given, the page there is used, which the kernel must
 * not use. Without translation the write would reach memory.
 *
 * DEVICE may be the address of BAR 0 instead, for a device that the kernel has
 * removed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edu.h"
#include "pci.h"

int main(int argc, char **argv)
{
	volatile void *bar;
	uint64_t address;
	void *page;
	int write, changed;

	if (argc < 3 || argc > 4 ||
	    (strcmp(argv[2], "read") && strcmp(argv[2], "write"))) {
		fprintf(stderr, "usage: stray DEVICE read|write [ADDRESS]\n");
		return 2;
	}
	write = !strcmp(argv[2], "write");
	bar = strncmp(argv[1], "0x", 2) ? pci_map_bar0(argv[1], EDU_BAR_SIZE) :
	      map_physical(strtoull(argv[1], NULL, 0), EDU_BAR_SIZE);
	if (argc == 4) {
		address = strtoull(argv[3], NULL, 0);
		page = map_physical(address, PAGE_BYTES);
	} else {
		page = new_memory(PAGE_BYTES);
		address = physical_address(page);
	}
	fill(page, PAGE_BYTES, 1);
	edu_dma(bar, write ? EDU_WRITE_MEMORY : EDU_READ_MEMORY, address,
		EDU_BUFFER_SIZE);
	changed = !same(page, PAGE_BYTES, 1);
	printf("address=0x%" PRIx64 " memory=%s\n", address,
	       changed ? "changed" : "unchanged");
	return 0;
}
