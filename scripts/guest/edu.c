// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "edu.h"

#define EDU_DMA_SOURCE 0x80
#define EDU_DMA_DESTINATION 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN 0x1
#define EDU_DMA_TO_MEMORY 0x2
#define EDU_BUFFER 0x40000

static volatile uint64_t *edu_register(volatile void *bar, size_t offset)
{
	return (volatile uint64_t *)((volatile char *)bar + offset);
}

/* Waits until the device does no DMA. A process that was killed may have started one. */
void edu_wait(volatile void *bar)
{
	volatile uint64_t *command = edu_register(bar, EDU_DMA_COMMAND);
	int tries;

	for (tries = 0; tries < 3000; tries++) {
		if (!(*command & EDU_DMA_RUN))
			return;
		usleep(10000);
	}
	fprintf(stderr, "edu does not finish its DMA\n");
	exit(3);
}

/*
 * The device starts the DMA a tenth of a second after the command. It clears
 * the run bit at the end, whether or not the DMA succeeded.
 */
void edu_dma(volatile void *bar, enum edu_direction direction, uint64_t address,
	     size_t count)
{
	edu_dma_at(bar, direction, address, 0, count);
}

/* The same with a place in the device's buffer. */
void edu_dma_at(volatile void *bar, enum edu_direction direction,
		uint64_t address, size_t offset, size_t count)
{
	volatile uint64_t *command = edu_register(bar, EDU_DMA_COMMAND);

	if (direction == EDU_READ_MEMORY) {
		*edu_register(bar, EDU_DMA_SOURCE) = address;
		*edu_register(bar, EDU_DMA_DESTINATION) = EDU_BUFFER + offset;
	} else {
		*edu_register(bar, EDU_DMA_SOURCE) = EDU_BUFFER + offset;
		*edu_register(bar, EDU_DMA_DESTINATION) = address;
	}
	*edu_register(bar, EDU_DMA_COUNT) = count;
	*command = EDU_DMA_RUN |
		   (direction == EDU_WRITE_MEMORY ? EDU_DMA_TO_MEMORY : 0);
	usleep(100000);
	edu_wait(bar);
}
