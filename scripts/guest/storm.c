// SPDX-License-Identifier: GPL-2.0-only
/*
 * A storm of stray DMA: an NVMe controller gets a command queue that is not
 * mapped for it. Each write to the queue's doorbell makes it read a command.
 *
 * Registers and fields: NVM Express base specification 1.4, section 3.1.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pci.h"

#define NVME_BAR_SIZE 0x4000
#define NVME_CC 0x14
#define NVME_CC_ENABLE 0x1
#define NVME_CC_QUEUE_ENTRIES ((4 << 20) | (6 << 16))
#define NVME_CSTS 0x1c
#define NVME_CSTS_READY 0x1
#define NVME_AQA 0x24
#define NVME_ASQ 0x28
#define NVME_ACQ 0x30
#define NVME_SQ0_TAIL 0x1000

/* Two queues of 32 entries, at these IOVAs. */
#define QUEUE_ENTRIES ((31 << 16) | 31)
#define COMMANDS 0x10000
#define COMPLETIONS 0x20000

static volatile uint32_t *bar;

static void nvme_write(unsigned int offset, uint32_t value)
{
	bar[offset / 4] = value;
}

static void nvme_enable(int on)
{
	int tries;

	nvme_write(NVME_CC, on ? NVME_CC_QUEUE_ENTRIES | NVME_CC_ENABLE : 0);
	for (tries = 0; tries < 3000; tries++) {
		if ((bar[NVME_CSTS / 4] & NVME_CSTS_READY) ==
		    (on ? NVME_CSTS_READY : 0))
			return;
		usleep(10000);
	}
	fprintf(stderr, "the controller does not become ready\n");
	exit(3);
}

int main(int argc, char **argv)
{
	int i, times;

	if (argc != 3) {
		fprintf(stderr, "usage: storm DEVICE TIMES\n");
		return 2;
	}
	times = atoi(argv[2]);
	bar = pci_map_bar0(argv[1], NVME_BAR_SIZE);
	nvme_enable(0);
	nvme_write(NVME_AQA, QUEUE_ENTRIES);
	nvme_write(NVME_ASQ, COMMANDS);
	nvme_write(NVME_ASQ + 4, 0);
	nvme_write(NVME_ACQ, COMPLETIONS);
	nvme_write(NVME_ACQ + 4, 0);
	nvme_enable(1);
	for (i = 0; i < times; i++)
		nvme_write(NVME_SQ0_TAIL, 1);
	nvme_enable(0);
	return 0;
}
