/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's edu device (docs/specs/edu in QEMU): on command it does DMA between
 * memory and its own buffer.
 */
#ifndef NYX_GUEST_EDU_H
#define NYX_GUEST_EDU_H

#include <stddef.h>
#include <stdint.h>

#define EDU_BAR_SIZE 0x100000
#define EDU_BUFFER_SIZE 4096

enum edu_direction {
	EDU_READ_MEMORY,
	EDU_WRITE_MEMORY,
};

void edu_wait(volatile void *bar);
void edu_dma(volatile void *bar, enum edu_direction direction, uint64_t address,
	     size_t count);
void edu_dma_at(volatile void *bar, enum edu_direction direction,
		uint64_t address, size_t offset, size_t count);

#endif /* NYX_GUEST_EDU_H */
