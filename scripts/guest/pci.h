/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access to devices and memory of the test machine from userspace.
 */
#ifndef NYX_GUEST_PCI_H
#define NYX_GUEST_PCI_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096

/*
 * Offset of the command register, and its bits for memory space and bus
 * mastering: PCI Local Bus Specification, section 6.2.2.
 */
#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY_MASTER 0x6

void die(const char *what);
volatile void *pci_map_bar0(const char *bdf, size_t size);
void *map_physical(uint64_t address, size_t size);
void *new_memory(size_t size);
uint64_t physical_address(const void *virt);
void fill(void *memory, size_t size, uint8_t seed);
int same(const void *memory, size_t size, uint8_t seed);

#endif /* NYX_GUEST_PCI_H */
