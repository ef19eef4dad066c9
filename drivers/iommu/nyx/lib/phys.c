// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading memory of another system, which may lie outside of the kernel's own.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/crash_dump.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <asm/processor.h>

#include "phys.h"

/*
 * Firmware reports not only its own memory as reserved, but also registers.
 * Registers are in a range that the kernel itself uses (I/O APICs, configuration
 * space), in a bridge window, or in a BAR.
 */
static bool nyx_phys_has_registers(u64 phys)
{
	static const unsigned long flags[] = {
		IORESOURCE_BUSY, IORESOURCE_WINDOW, IORESOURCE_SIZEALIGN,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (region_intersects(phys, SZ_4K, IORESOURCE_MEM | flags[i],
				      IORES_DESC_NONE) != REGION_DISJOINT)
			return true;
	return false;
}

/* Registers of devices must not be read, so this is limited to memory. */
static bool nyx_phys_is_memory(u64 phys)
{
	static const struct {
		unsigned long flags;
		unsigned long desc;
	} kinds[] = {
		{ IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE },
		{ IORESOURCE_MEM, IORES_DESC_ACPI_TABLES },
		{ IORESOURCE_MEM, IORES_DESC_ACPI_NV_STORAGE },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (region_intersects(phys, SZ_4K, kinds[i].flags,
				      kinds[i].desc) == REGION_INTERSECTS)
			return true;
	return region_intersects(phys, SZ_4K, IORESOURCE_MEM,
				 IORES_DESC_RESERVED) == REGION_INTERSECTS &&
	       !nyx_phys_has_registers(phys);
}

/*
 * After its own memory, a capture kernel keeps a range free in which nothing gets
 * an address. It is marked as busy, like registers, but may be memory of the kernel
 * that crashed. The list of ranges changes only when memory or a host bridge is
 * added, which does not happen in a capture kernel.
 */
static bool nyx_phys_is_ram_buffer(u64 phys)
{
	const struct resource *res;

	for (res = iomem_resource.child; res; res = res->sibling)
		if (phys >= res->start && phys <= res->end)
			return !res->child && res->name &&
			       !strcmp(res->name, "RAM buffer");
	return false;
}

/*
 * A capture kernel does not know the memory of the kernel that crashed, but all of
 * its own memory and all registers.
 */
static bool nyx_phys_may_be_crashed(u64 phys)
{
	return phys < BIT_ULL(boot_cpu_data.x86_phys_bits) &&
	       region_intersects(phys, SZ_4K, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) == REGION_DISJOINT &&
	       (nyx_phys_is_ram_buffer(phys) || !nyx_phys_has_registers(phys));
}

/**
 * nyx_phys_map() - map 4 KiB of memory for reading
 * @phys: physical address, which need not be valid
 *
 * Context: May sleep.
 * Return: the memory; NULL if there is none at @phys, or @phys is not 4 KiB
 *	aligned, or it is memory of a capture kernel itself. nyx_phys_unmap()
 *	undoes it.
 */
const void *nyx_phys_map(u64 phys)
{
	if (!IS_ALIGNED(phys, SZ_4K))
		return NULL;
	if (is_kdump_kernel() ? !nyx_phys_may_be_crashed(phys) :
				!nyx_phys_is_memory(phys))
		return NULL;
	return memremap(phys, SZ_4K, MEMREMAP_WB);
}

/**
 * nyx_phys_is_own() - check for memory of a capture kernel itself
 * @phys: physical address of 4 KiB
 *
 * Context: May sleep.
 * Return: true if this is a capture kernel, and the memory is its own.
 */
bool nyx_phys_is_own(u64 phys)
{
	return is_kdump_kernel() &&
	       region_intersects(phys, SZ_4K, IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) == REGION_INTERSECTS;
}

/**
 * nyx_phys_unmap() - undo nyx_phys_map()
 * @page: the memory
 *
 * Context: May sleep.
 */
void nyx_phys_unmap(const void *page)
{
	memunmap((void *)page);
}
