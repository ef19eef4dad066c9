// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of VFIO with an edu device, which copies pages of the user's memory
 * until it is killed. The pages are chosen at random. Each copy is verified, and
 * pages that are not written must stay as they are. The memory is always mapped
 * at the same addresses: a translation of an earlier user that the unit still
 * caches leads to other pages.
 *
 * Prints "running" after the first copy, and "wrong PAGE" if a page is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "edu.h"
#include "pci.h"
#include "vfio.h"

#define IOVA 0x100000000ULL
#define PAGES 256

static char *memory;
static uint8_t seeds[PAGES];

static void refill(unsigned int page)
{
	seeds[page] = rand();
	fill(memory + page * PAGE_BYTES, PAGE_BYTES, seeds[page]);
}

static void check(unsigned int page)
{
	if (same(memory + page * PAGE_BYTES, PAGE_BYTES, seeds[page]))
		return;
	printf("wrong %u\n", page);
	exit(1);
}

int main(int argc, char **argv)
{
	struct vfio vfio = { };
	volatile void *bar;
	unsigned int i, from, to, copies;

	if (argc != 3) {
		fprintf(stderr, "usage: user DEVICE GROUP\n");
		return 2;
	}
	setlinebuf(stdout);
	srand(getpid());
	vfio_claim(&vfio, argv[2]);
	vfio_open(&vfio, argv[1]);
	bar = vfio_map_bar0(&vfio, EDU_BAR_SIZE);
	memory = new_memory(PAGES * PAGE_BYTES);
	vfio_map(&vfio, memory, IOVA, PAGES * PAGE_BYTES, VFIO_READ | VFIO_WRITE);
	for (i = 0; i < PAGES; i++)
		refill(i);
	edu_wait(bar);
	for (copies = 0; ; copies++) {
		from = rand() % PAGES;
		to = (from + 1 + rand() % (PAGES - 1)) % PAGES;
		edu_dma(bar, EDU_READ_MEMORY, IOVA + from * PAGE_BYTES, PAGE_BYTES);
		edu_dma(bar, EDU_WRITE_MEMORY, IOVA + to * PAGE_BYTES, PAGE_BYTES);
		seeds[to] = seeds[from];
		for (i = 0; i < PAGES; i++)
			check(i);
		refill(from);
		if (!copies)
			printf("running\n");
	}
}
