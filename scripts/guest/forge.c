// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forges an interrupt: edu writes four bytes to an address in the interrupt
 * address range. Its buffer is zeroed, so the data of the message is 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "edu.h"
#include "pci.h"

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: forge DEVICE ADDRESS\n");
		return 2;
	}
	edu_dma(pci_map_bar0(argv[1], EDU_BAR_SIZE), EDU_WRITE_MEMORY,
		strtoull(argv[2], NULL, 0), 4);
	return 0;
}
