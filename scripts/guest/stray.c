// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stray DMA: edu is told to read or write a page that nobody mapped for it.
 *
 * The page is this program's own, so that its physical address and content are
 * known. Writing it would succeed if the device were not held back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edu.h"
#include "pci.h"

int main(int argc, char **argv)
{
	volatile void *bar;
	uint64_t address;
	void *page;
	int write, changed;

	if (argc != 3 || (strcmp(argv[2], "read") && strcmp(argv[2], "write"))) {
		fprintf(stderr, "usage: stray DEVICE read|write\n");
		return 2;
	}
	write = !strcmp(argv[2], "write");
	bar = pci_map_bar0(argv[1], EDU_BAR_SIZE);
	page = new_memory(PAGE_BYTES);
	fill(page, PAGE_BYTES, 1);
	address = physical_address(page);
	edu_dma(bar, write ? EDU_WRITE_MEMORY : EDU_READ_MEMORY, address,
		EDU_BUFFER_SIZE);
	changed = !same(page, PAGE_BYTES, 1);
	printf("address=0x%" PRIx64 " memory=%s\n", address,
	       changed ? "changed" : "unchanged");
	return 0;
}
