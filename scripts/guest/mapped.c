// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests DMA to addresses that are mapped through VFIO: DMA with sufficient
 * permissions reaches memory, other DMA does not.
 *
 * Prints a line for each test: "ok NAME" or "not ok NAME - REASON". After a
 * test that must cause a fault, prints "fault NAME ADDRESS read|write" and waits
 * for a line on standard input. The first line is "claimed", after which it
 * waits too: VFIO has claimed the group, and the device still has no address
 * space. The line "coherent 1" means that all DMA snoops CPU caches.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edu.h"
#include "pci.h"
#include "vfio.h"

#define BIG (2UL << 20)
#define LOW_IOVA 0x100000000ULL

static volatile void *bar;
static struct vfio vfio;

static void check(const char *name, int good, const char *why)
{
	if (good)
		printf("ok %s\n", name);
	else
		printf("not ok %s - %s\n", name, why);
	fflush(stdout);
}

/* Waits until edu.sh has handled the last line: see check_mapped(). */
static void wait_for_continue(void)
{
	char line[16];

	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

static void expect_fault(const char *name, uint64_t iova, const char *access)
{
	printf("fault %s 0x%" PRIx64 " %s\n", name, iova, access);
	wait_for_continue();
}

/* Copies a page through the device's buffer. */
static void copy(uint64_t from, uint64_t to)
{
	edu_dma(bar, EDU_READ_MEMORY, from, EDU_BUFFER_SIZE);
	edu_dma(bar, EDU_WRITE_MEMORY, to, EDU_BUFFER_SIZE);
}

static void test_done(void *a, uint64_t iova_a, void *b, uint64_t iova_b)
{
	fill(a, PAGE_BYTES, 10);
	fill(b, PAGE_BYTES, 20);
	copy(iova_a, iova_b);
	check("mapped-dma-done", same(b, PAGE_BYTES, 10),
	      "the written page differs from the read page");
}

static void test_read_only(void *b, uint64_t iova_b)
{
	void *page = new_memory(PAGE_BYTES);
	uint64_t iova = LOW_IOVA + 16 * PAGE_BYTES;

	/* edu's buffer has another pattern; memory must keep this one. */
	fill(page, PAGE_BYTES, 30);
	vfio_map(&vfio, page, iova, PAGE_BYTES, VFIO_READ);
	edu_dma(bar, EDU_WRITE_MEMORY, iova, EDU_BUFFER_SIZE);
	check("read-only-mapping-refuses-writes", same(page, PAGE_BYTES, 30),
	      "memory changed");
	/*
	 * The write is tested first: after QEMU has cached the translation for
	 * a read, it blocks the write without a fault.
	 */
	expect_fault("read-only-fault", iova, "write");
	copy(iova, iova_b);
	check("read-only-mapping-reads", same(b, PAGE_BYTES, 30),
	      "the device did not read the page's content");
	vfio_unmap(&vfio, iova, PAGE_BYTES);
}

static void test_unmapped(void *a, uint64_t iova_a, void *b, uint64_t iova_b)
{
	/* Fills edu's buffer with pattern 40. */
	fill(b, PAGE_BYTES, 40);
	edu_dma(bar, EDU_READ_MEMORY, iova_b, EDU_BUFFER_SIZE);
	fill(a, PAGE_BYTES, 41);
	vfio_unmap(&vfio, iova_a, PAGE_BYTES);
	edu_dma(bar, EDU_WRITE_MEMORY, iova_a, EDU_BUFFER_SIZE);
	check("unmapped-write-stopped", same(a, PAGE_BYTES, 41),
	      "memory changed after it was unmapped");
	expect_fault("unmapped-write-fault", iova_a, "write");

	edu_dma(bar, EDU_READ_MEMORY, iova_a, EDU_BUFFER_SIZE);
	edu_dma(bar, EDU_WRITE_MEMORY, iova_b, EDU_BUFFER_SIZE);
	check("unmapped-read-stopped", !same(b, PAGE_BYTES, 41),
	      "the device read memory after it was unmapped");
	expect_fault("unmapped-read-fault", iova_a, "read");
}

/* A large page at the top of the unit's address space. */
static void test_large(void *b, uint64_t iova_b)
{
	char *big = new_memory(BIG);
	uint64_t iova = (vfio.last_iova + 1 - BIG) & ~(BIG - 1);
	char *page = big + BIG - PAGE_BYTES;

	/* VFIO in 6.12 cannot unmap a range that ends at 2^64. */
	if (iova + BIG == 0)
		iova -= BIG;
	printf("note large mapping at 0x%" PRIx64 "\n", iova);
	vfio_map(&vfio, big, iova, BIG, VFIO_READ | VFIO_WRITE);
	fill(page, PAGE_BYTES, 50);
	copy(iova + BIG - PAGE_BYTES, iova_b);
	check("large-mapping-reads", same(b, PAGE_BYTES, 50),
	      "the device did not read the last page's content");
	fill(b, PAGE_BYTES, 51);
	copy(iova_b, iova);
	check("large-mapping-writes", same(big, PAGE_BYTES, 51),
	      "the device's write did not reach the first page");
	fill(big, PAGE_BYTES, 52);
	vfio_unmap(&vfio, iova, BIG);
	edu_dma(bar, EDU_WRITE_MEMORY, iova, EDU_BUFFER_SIZE);
	check("large-mapping-unmapped", same(big, PAGE_BYTES, 52),
	      "memory changed after it was unmapped");
	expect_fault("large-mapping-fault", iova, "write");
}

int main(int argc, char **argv)
{
	uint64_t iova_a = LOW_IOVA, iova_b = LOW_IOVA + PAGE_BYTES;
	void *a, *b;

	if (argc != 3) {
		fprintf(stderr, "usage: mapped DEVICE GROUP\n");
		return 2;
	}
	vfio_claim(&vfio, argv[2]);
	printf("claimed\n");
	wait_for_continue();
	vfio_open(&vfio, argv[1]);
	printf("coherent %d\n", vfio.coherent);
	bar = vfio_map_bar0(&vfio, EDU_BAR_SIZE);
	a = new_memory(PAGE_BYTES);
	b = new_memory(PAGE_BYTES);
	vfio_map(&vfio, a, iova_a, PAGE_BYTES, VFIO_READ | VFIO_WRITE);
	vfio_map(&vfio, b, iova_b, PAGE_BYTES, VFIO_READ | VFIO_WRITE);
	test_done(a, iova_a, b, iova_b);
	test_read_only(b, iova_b);
	test_large(b, iova_b);
	test_unmapped(a, iova_a, b, iova_b);
	vfio_unmap(&vfio, iova_b, PAGE_BYTES);
	return 0;
}
