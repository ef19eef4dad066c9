// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cycles of quarantine: edu does DMA that is not mapped for it, is cut off at its
 * first fault, and is recovered by a command.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edu.h"
#include "pci.h"

#define UNMAPPED 0x12345000
#define RESET "/sys/kernel/debug/nyx/reset"

static int has_state(const char *device, const char *state)
{
	char path[128], text[32];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/nyx/state",
		 device);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		die(path);
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size < 0)
		die(path);
	text[size] = '\0';
	return !strncmp(text, state, strlen(state));
}

static void reset(const char *device)
{
	int fd = open(RESET, O_WRONLY);

	if (fd < 0 || write(fd, device, strlen(device)) < 0)
		die(RESET);
	close(fd);
}

int main(int argc, char **argv)
{
	volatile void *bar;
	int i, times, tries;

	if (argc != 3) {
		fprintf(stderr, "usage: cycle DEVICE TIMES\n");
		return 2;
	}
	times = atoi(argv[2]);
	bar = pci_map_bar0(argv[1], EDU_BAR_SIZE);
	for (i = 0; i < times; i++) {
		edu_dma(bar, EDU_WRITE_MEMORY, UNMAPPED, EDU_BUFFER_SIZE);
		for (tries = 0; !has_state(argv[1], "QUARANTINED"); tries++) {
			if (tries == 20000)
				return 1;
			usleep(1000);
		}
		/*
		 * One DMA may cause many faults. Those that are still in the
		 * log of the unit count after the recovery, too.
		 */
		for (tries = 0; !has_state(argv[1], "ACTIVE"); tries++) {
			if (tries == 100)
				return 1;
			reset(argv[1]);
			usleep(10000);
		}
	}
	printf("cycles=%d\n", i);
	return 0;
}
