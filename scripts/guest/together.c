// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two devices of different groups in one VFIO container. Prints "together" when
 * both have the address space of the container, and then waits for the end of
 * standard input.
 */
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "pci.h"
#include "vfio.h"

int main(int argc, char **argv)
{
	struct vfio first, second;

	if (argc != 4) {
		fprintf(stderr, "usage: together DEVICE GROUP OTHER-GROUP\n");
		return 2;
	}
	vfio_claim(&first, argv[2]);
	vfio_open(&first, argv[1]);
	vfio_claim_group(&second, argv[3]);
	if (ioctl(second.group, VFIO_GROUP_SET_CONTAINER, &first.container))
		die("VFIO_GROUP_SET_CONTAINER of the second group");
	printf("together\n");
	fflush(stdout);
	getchar();
	return 0;
}
