/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI functions and ACPI devices of this machine, as sysfs shows them. */
#ifndef NYXCTL_ACPI_MACHINE_H
#define NYXCTL_ACPI_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/pci.h>

#include "base/list.h"

/**
 * struct function - a PCI function
 * @pdev: its place in the hierarchy, for the module's search
 * @bus: the bus that it is on
 * @name: the kernel's name
 * @path: its folder, without links
 * @segment: PCI segment
 * @class: class code
 * @root_bus: number of the root bus above it
 * @is_virtual: a virtual function
 * @source: the function whose requester ID its requests carry: itself, or a VMD
 * @physical: its physical function, or itself
 */
struct function {
	struct pci_dev pdev;
	struct pci_bus bus;
	char *name;
	char *path;
	int segment;
	unsigned long class;
	u8 root_bus;
	bool is_virtual;
	struct function *source;
	struct function *physical;
};

/**
 * struct machine - what sysfs knows
 * @function: the PCI functions
 * @count: number of functions
 * @acpi: paths of the ACPI devices in the namespace, as machine_path() writes them
 * @madt: the MADT, or NULL
 * @madt_len: its length
 */
struct machine {
	struct function *function;
	size_t count;
	struct names acpi;
	char *madt;
	size_t madt_len;
};

struct machine *machine_read(void);
void machine_free(struct machine *machine);
u16 function_id(const struct function *function);
const struct function *machine_follow(const struct machine *machine, int segment, u8 bus,
				      const u8 *path, unsigned int hops);
const struct function *machine_at(const struct machine *machine, int segment, u16 id);
bool machine_has_path(const struct machine *machine, const char *path);
bool machine_has_id(const char *hid, const char *uid);

/* config.c */
bool config_read(const char *name, size_t at, void *to, size_t size);

#endif
