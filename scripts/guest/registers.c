// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints registers: SIZE bytes from ADDRESS on, as numbers of 32 bits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pci.h"

int main(int argc, char **argv)
{
	volatile uint32_t *regs;
	size_t size, i;

	if (argc != 3) {
		fprintf(stderr, "usage: registers ADDRESS SIZE\n");
		return 2;
	}
	size = strtoull(argv[2], NULL, 0);
	regs = map_physical(strtoull(argv[1], NULL, 0), size);
	for (i = 0; i < size / 4; i++)
		printf("%04zx %08" PRIx32 "\n", i * 4, regs[i]);
	return 0;
}
