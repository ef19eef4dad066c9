// SPDX-License-Identifier: GPL-2.0-only
/* The lines with which a virtual machine gets an assigned device. */
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "nyxctl.h"

static void print_qemu(const char *device)
{
	printf("-device vfio-pci,host=%s\n", device);
}

/* The kernel's names are domain:bus:slot.function, in hexadecimal digits. */
static void print_libvirt(const char *device)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return;
	printf("<hostdev mode='subsystem' type='pci' managed='no'>\n"
	       "  <source>\n"
	       "    <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
	       "  </source>\n"
	       "</hostdev>\n", domain, bus, slot, function);
}

static void print_cloud_hypervisor(const char *device)
{
	printf("--device path=/sys/bus/pci/devices/%s/\n", device);
}

static const struct {
	const char *format;
	void (*print)(const char *device);
} machines[] = {
	{ "qemu", print_qemu },
	{ "libvirt", print_libvirt },
	{ "cloud-hypervisor", print_cloud_hypervisor },
};

/**
 * machine_has() - check for a kind of virtual machine
 * @format: its name
 *
 * Return: true if machine_print() knows it.
 */
bool machine_has(const char *format)
{
	size_t i;

	for (i = 0; i < COUNT_OF(machines); i++)
		if (!strcmp(machines[i].format, format))
			return true;
	return false;
}

/**
 * machine_print() - print the lines for an assigned device
 * @format: a kind for which machine_has()
 * @device: the kernel's name
 */
void machine_print(const char *format, const char *device)
{
	size_t i;

	for (i = 0; i < COUNT_OF(machines); i++)
		if (!strcmp(machines[i].format, format))
			machines[i].print(device);
}
