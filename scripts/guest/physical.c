// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies standard input to a physical address that the kernel does not use,
 * such as that of a firmware table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci.h"

int main(int argc, char **argv)
{
	char data[4096];
	size_t size;
	void *memory;

	if (argc != 2) {
		fprintf(stderr, "usage: physical ADDRESS <DATA\n");
		return 2;
	}
	size = fread(data, 1, sizeof(data), stdin);
	memory = map_physical(strtoull(argv[1], NULL, 0), size);
	memcpy(memory, data, size);
	return memcmp(memory, data, size) != 0;
}
