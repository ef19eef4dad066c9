// SPDX-License-Identifier: GPL-2.0-only
/* Reads the PCI hierarchy and the ACPI devices of this machine from sysfs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/unaligned.h>

#include "acpi.h"
#include "machine.h"
#include "nyxctl.h"

#define CLASS_DIGITS 16		/* class codes are hexadecimal */

static bool read_name(const char *name, unsigned int *segment, unsigned int *bus,
		      unsigned int *devfn)
{
	unsigned int device, function;
	int end = 0;

	if (sscanf(name, "%x:%x:%x.%x%n", segment, bus, &device, &function, &end) != 4 ||
	    name[end] || *bus > 0xff || device > 31 || function > 7)
		return false;
	*devfn = PCI_DEVFN(device, function);
	return true;
}

/* The folder that a link of the device leads to, without further links; NULL without one. */
static char *folder_of(const char *name, const char *link)
{
	char *path = text_of("%s/bus/pci/devices/%s%s", options.sysfs, name, link);
	char *real = realpath(path, NULL);

	free(path);
	return real;
}

static struct function *find_folder(const struct machine *machine, const char *path)
{
	size_t i;

	for (i = 0; i < machine->count; i++)
		if (!strcmp(machine->function[i].path, path))
			return &machine->function[i];
	return NULL;
}

/* The folder above, which the caller frees. */
static char *above(const char *path)
{
	const char *slash = strrchr(path, '/');

	return text_of("%.*s", slash ? (int)(slash - path) : 0, path);
}

static bool read_function(struct function *function, const char *name)
{
	unsigned int segment, bus, devfn;
	char *path, *class;

	if (!read_name(name, &segment, &bus, &devfn))
		return false;
	path = folder_of(name, "");
	if (!path)
		return false;
	class = read_line("bus/pci/devices/%s/class", name);
	*function = (struct function){
		.pdev.devfn = devfn,
		.bus.number = bus,
		.name = must(strdup(name)),
		.path = path,
		.segment = segment,
		.class = class ? strtoul(class, NULL, CLASS_DIGITS) : 0,
		.root_bus = bus,
	};
	free(class);
	return true;
}

static void read_functions(struct machine *machine)
{
	struct names names = names_in("bus/pci/devices");
	size_t i;

	machine->function = must(calloc(names.count + 1, sizeof(*machine->function)));
	for (i = 0; i < names.count; i++)
		if (read_function(&machine->function[machine->count], names.name[i]))
			machine->count++;
	names_free(&names);
}

/*
 * Folders are nested as the hierarchy is: 0000:00:1c.0/0000:01:00.0. The folder of a root bus is
 * pci0000:00, and that below a VMD is in the folder of the VMD.
 */
static void place(const struct machine *machine, struct function *function)
{
	char *path = above(function->path), *next;
	struct function *bridge = find_folder(machine, path), *top = function;
	unsigned int segment, bus;
	const char *name;

	function->bus.self = bridge ? &bridge->pdev : NULL;
	function->pdev.bus = &function->bus;
	while (bridge) {
		top = bridge;
		next = above(path);
		free(path);
		path = next;
		bridge = find_folder(machine, path);
	}
	function->root_bus = top->bus.number;
	name = strrchr(path, '/');
	if (name && sscanf(name, "/pci%x:%x", &segment, &bus) == 2)
		function->root_bus = bus;
	next = above(path);
	bridge = find_folder(machine, next);
	function->source = bridge ?: function;
	free(next);
	free(path);
}

static void find_physical(const struct machine *machine, struct function *function)
{
	char *path = folder_of(function->name, "/physfn");
	struct function *physical = path ? find_folder(machine, path) : NULL;

	function->is_virtual = physical;
	function->physical = physical ?: function;
	free(path);
}

/*
 * Writes a path of the ACPI namespace in one form: each name has four characters, with _ for
 * those that are missing (ACPI specification 6.5, 5.3).
 */
static char *machine_path(const char *path)
{
	char *full = must(calloc(1, 4 * strlen(path) + 5)), *to = full;
	size_t used = 0;

	for (; *path; path++) {
		if (*path == '.' || *path == '\\') {
			while (used && used < 4)
				to[used++] = '_';
			to += used;
			*to++ = *path;
			used = 0;
		} else {
			to[used++] = *path;
			if (used == 4) {
				to += used;
				used = 0;
			}
		}
	}
	while (used && used < 4)
		to[used++] = '_';
	return full;
}

static void read_acpi(struct machine *machine)
{
	struct names names = names_in("bus/acpi/devices");
	char *path, *full;
	size_t i;

	for (i = 0; i < names.count; i++) {
		path = read_line("bus/acpi/devices/%s/path", names.name[i]);
		full = machine_path(path ?: "");
		names_add(&machine->acpi, full);
		free(full);
		free(path);
	}
	names_free(&names);
}

static void read_madt(struct machine *machine)
{
	char *path = path_of(options.sysfs, "firmware/acpi/tables/APIC");
	size_t len;

	machine->madt = NULL;
	if (!read_bytes(path, TABLE_MAX, &machine->madt, &len) && len >= ACPI_HEADER_SIZE) {
		machine->madt_len = get_unaligned_le32(machine->madt + ACPI_LENGTH);
		if (machine->madt_len > len)
			machine->madt_len = len;
	} else {
		free(machine->madt);
		machine->madt = NULL;
	}
	free(path);
}

/**
 * machine_read() - find out what this machine has
 *
 * Return: its PCI functions, ACPI devices and I/O APICs, as far as sysfs shows them, which
 *	machine_free() frees.
 */
struct machine *machine_read(void)
{
	struct machine *machine = must(calloc(1, sizeof(*machine)));
	size_t i;

	read_functions(machine);
	for (i = 0; i < machine->count; i++) {
		place(machine, &machine->function[i]);
		find_physical(machine, &machine->function[i]);
	}
	read_acpi(machine);
	read_madt(machine);
	return machine;
}

/**
 * machine_free() - free what machine_read() returned
 * @machine: it, or NULL
 */
void machine_free(struct machine *machine)
{
	size_t i;

	if (!machine)
		return;
	for (i = 0; i < machine->count; i++) {
		free(machine->function[i].name);
		free(machine->function[i].path);
	}
	free(machine->function);
	names_free(&machine->acpi);
	free(machine->madt);
	free(machine);
}

/**
 * function_id() - number of a function in its segment
 * @function: the function
 *
 * Return: bus << 8 | devfn, its requester ID unless a bridge or a VMD changes that.
 */
u16 function_id(const struct function *function)
{
	return function->bus.number << 8 | function->pdev.devfn;
}

/**
 * machine_at() - find a PCI function by its number
 * @machine: the machine
 * @segment: PCI segment
 * @id: bus << 8 | devfn
 *
 * Return: the function, or NULL.
 */
const struct function *machine_at(const struct machine *machine, int segment, u16 id)
{
	const struct function *f;

	for (f = machine->function; f < machine->function + machine->count; f++)
		if (f->segment == segment && function_id(f) == id)
			return f;
	return NULL;
}

static const struct function *child_of(const struct machine *machine,
				       const struct function *bridge, u8 devfn)
{
	const struct function *f;

	for (f = machine->function; f < machine->function + machine->count; f++)
		if (f->bus.self == &bridge->pdev && f->pdev.devfn == devfn)
			return f;
	return NULL;
}

/**
 * machine_follow() - follow the path of a device scope (VT-d specification, 8.3.1)
 * @machine: the machine
 * @segment: PCI segment
 * @bus: number of the bus at which the path starts
 * @path: device and function of each hop, as PCI_DEVFN()
 * @hops: number of hops, at least 1
 *
 * Return: the function at its end; NULL if there is none.
 */
const struct function *machine_follow(const struct machine *machine, int segment, u8 bus,
				      const u8 *path, unsigned int hops)
{
	const struct function *f = machine_at(machine, segment, bus << 8 | path[0]);
	unsigned int i;

	for (i = 1; f && i < hops; i++)
		f = child_of(machine, f, path[i]);
	return f;
}

/**
 * machine_has_path() - look for an ACPI device by its path
 * @machine: the machine
 * @path: its path in the namespace, where names may be shorter than four characters
 *
 * Return: true if there is one.
 */
bool machine_has_path(const struct machine *machine, const char *path)
{
	char *full = machine_path(path);
	bool has = names_have(&machine->acpi, full);

	free(full);
	return has;
}

/* The same text, or the same number. */
static bool same_uid(const char *a, const char *b)
{
	char *end_a, *end_b;
	unsigned long long value_a = strtoull(a, &end_a, 0), value_b = strtoull(b, &end_b, 0);

	return !strcmp(a, b) ||
	       (*a && *b && !*end_a && !*end_b && value_a == value_b);
}

/**
 * machine_has_id() - look for an ACPI device by its IDs
 * @hid: its _HID
 * @uid: its _UID; NULL if any will do
 *
 * Return: true if there is one.
 */
bool machine_has_id(const char *hid, const char *uid)
{
	struct names names = names_in("bus/acpi/devices");
	char *has_hid, *has_uid;
	bool found = false;
	size_t i;

	for (i = 0; i < names.count && !found; i++) {
		has_hid = read_line("bus/acpi/devices/%s/hid", names.name[i]);
		has_uid = read_line("bus/acpi/devices/%s/uid", names.name[i]);
		found = has_hid && !strcmp(has_hid, hid) &&
			(!uid || (has_uid && same_uid(has_uid, uid)));
		free(has_hid);
		free(has_uid);
	}
	names_free(&names);
	return found;
}
