// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register windows of units. Claiming the window keeps other drivers away from
 * the unit. A window that is only looked at is not claimed.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/err.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <nyx/remedy.h>
#include <nyx/unit.h>
#include <nyx/window.h>

/**
 * nyx_window_map() - claim and map the registers of a unit
 * @unit: the unit; its name and physical address are set
 * @size: size of the window in bytes
 * @remedy: remedy for the log message if another driver claimed the window
 *
 * Context: May sleep.
 * Return: the registers; after a log message ERR_PTR(-ENXIO) if another driver
 *	claimed them, so that the unit stays off, or ERR_PTR(-ENOMEM).
 */
void __iomem *nyx_window_map(const struct nyx_unit *unit, size_t size,
			     const char *remedy)
{
	phys_addr_t phys = unit->phys;
	void __iomem *regs;

	if (!request_mem_region(phys, size, unit->name)) {
		pr_err("%s: stays off: another driver claimed its registers at %pa, see /proc/iomem: %s\n",
		       unit->name, &phys, remedy);
		return IOMEM_ERR_PTR(-ENXIO);
	}
	regs = ioremap(phys, size);
	if (regs)
		return regs;
	pr_err("%s: cannot map registers at %pa: " NYX_REMEDY_MEMORY "\n",
	       unit->name, &phys);
	release_mem_region(phys, size);
	return IOMEM_ERR_PTR(-ENOMEM);
}

/**
 * nyx_window_unmap() - undo nyx_window_map()
 * @unit: the unit
 * @regs: the registers
 * @size: size of the window in bytes
 *
 * Context: May sleep.
 */
void nyx_window_unmap(const struct nyx_unit *unit, void __iomem *regs,
		      size_t size)
{
	iounmap(regs);
	release_mem_region(unit->phys, size);
}

/**
 * nyx_window_is_claimed() - whether a driver claimed registers
 * @phys: physical address of the window
 * @size: its size in bytes
 *
 * Context: Any.
 * Return: true if one did.
 */
bool nyx_window_is_claimed(phys_addr_t phys, size_t size)
{
	return region_intersects(phys, size, IORESOURCE_MEM | IORESOURCE_BUSY,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

/**
 * nyx_window_look() - map registers to be read, without claiming them
 * @phys: physical address of the window
 * @size: its size in bytes
 *
 * The compiler reports each write through the result.
 *
 * Context: May sleep.
 * Return: the registers, for nyx_window_look_away(); NULL without memory.
 */
const void __iomem *nyx_window_look(phys_addr_t phys, size_t size)
{
	return ioremap(phys, size);
}

/**
 * nyx_window_look_away() - undo nyx_window_look()
 * @regs: the registers, or NULL
 *
 * Context: May sleep.
 */
void nyx_window_look_away(const void __iomem *regs)
{
	if (regs)
		iounmap((void __iomem *)regs);
}
