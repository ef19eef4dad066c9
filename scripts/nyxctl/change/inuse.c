// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the machine itself uses a device. It is better to name a use that does not
 * matter than to miss one: --force assigns the device all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pcidev.h"
#include "holders.h"
#include "inuse.h"
#include "nyxctl.h"

/* Functions that virtual machines may have vanish with the driver of the device. */
static void add_functions(struct names *uses, const char *device)
{
	char *line = read_line("bus/pci/devices/%s/sriov_numvfs", device);

	if (line && strtoul(line, NULL, 10))
		names_addf(uses, "it has %s virtual functions", line);
	free(line);
}

static void add_display(struct names *uses, const char *device)
{
	char *line = read_line("bus/pci/devices/%s/boot_vga", device);

	if (line && !strcmp(line, "1"))
		names_add(uses, "it shows the console");
	free(line);
}

/* The folders of USB devices are below that of a bus, such as usb1. */
static bool is_usb(const char *link)
{
	char *path = path_of(options.sysfs, link), *real = realpath(path, NULL);
	bool usb = real && strstr(real, "/usb");

	free(real);
	free(path);
	return usb;
}

/* Jacks of sound cards are input devices, too, but not by USB. */
static void add_keyboards(struct names *uses, const char *device)
{
	struct names inputs = names_in("class/input");
	char *link, *name;
	size_t i;

	for (i = 0; i < inputs.count; i++) {
		if (strncmp(inputs.name[i], "input", 5))
			continue;
		link = text_of("class/input/%s", inputs.name[i]);
		if (is_below(device, link) && is_usb(link)) {
			name = read_line("class/input/%s/name", inputs.name[i]);
			names_addf(uses, "%s is connected to it", name ? name : inputs.name[i]);
			free(name);
		}
		free(link);
	}
	names_free(&inputs);
}

/* By another driver of VFIO than vfio-pci, or because the device shares its group. */
static void add_holder(struct names *uses, const char *device)
{
	char *group = pcidev_group(device), *holder = group ? holder_of(group) : NULL;

	if (holder)
		names_addf(uses, "process %s has its group", holder);
	free(holder);
	free(group);
}

/**
 * uses_of() - find out what the machine uses a device for
 * @device: the kernel's name of a PCI device
 *
 * Return: a line for each use, such as "nvme0n1p1 is mounted at /home". Blanks in a path
 *	are shown as the kernel does, as \\040. A device that is assigned to virtual
 *	machines has none.
 */
struct names uses_of(const char *device)
{
	struct names uses = { 0 };

	if (pcidev_is_assigned(device))
		return uses;
	add_disk_uses(&uses, device);
	add_network_uses(&uses, device);
	add_functions(&uses, device);
	add_display(&uses, device);
	add_keyboards(&uses, device);
	add_process_uses(&uses, device);
	add_holder(&uses, device);
	return uses;
}
