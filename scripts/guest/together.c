// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two devices of different groups in one VFIO container. Prints "together" when
 * both have the address space of the container.
 *
 * Then each line "write" on standard input makes the first device, an edu device,
 * write to a page that is not mapped for it, and "changed" or "unchanged" is
 * printed. Any other line ends the program.
 */
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "edu.h"
#include "pci.h"
#include "vfio.h"

static void say(const char *text)
{
	printf("%s\n", text);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct vfio first, second;
	volatile void *bar;
	char line[16];
	void *page;

	if (argc != 4) {
		fprintf(stderr, "usage: together DEVICE GROUP OTHER-GROUP\n");
		return 2;
	}
	vfio_claim(&first, argv[2]);
	vfio_open(&first, argv[1]);
	vfio_claim_group(&second, argv[3]);
	if (ioctl(second.group, VFIO_GROUP_SET_CONTAINER, &first.container))
		die("VFIO_GROUP_SET_CONTAINER of the second group");
	say("together");
	bar = vfio_map_bar0(&first, EDU_BAR_SIZE);
	page = new_memory(PAGE_BYTES);
	fill(page, PAGE_BYTES, 1);
	while (fgets(line, sizeof(line), stdin) && !strcmp(line, "write\n")) {
		edu_dma(bar, EDU_WRITE_MEMORY, physical_address(page),
			EDU_BUFFER_SIZE);
		say(same(page, PAGE_BYTES, 1) ? "unchanged" : "changed");
	}
	return 0;
}
