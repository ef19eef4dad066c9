// SPDX-License-Identifier: GPL-2.0-only
/* PCI devices in sysfs: drivers, groups, and binding. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nyxctl.h"
#include "pcidev.h"

#define HEADER_TYPE 0x0e	/* PCI Local Bus Specification 3.0, 6.1 */
#define HEADER_LAYOUT 0x7f

static char *device_path(const char *device, const char *file)
{
	return text_of("%s/bus/pci/devices/%s/%s", options.sysfs, device, file);
}

/**
 * pcidev_name() - complete the name of a device
 * @text: what the user wrote, such as 03:00.0, as lspci prints it
 *
 * Return: the kernel's name, such as 0000:03:00.0, or @text if it has another form. The
 *	caller frees it.
 */
char *pcidev_name(const char *text)
{
	unsigned int domain = 0, bus, slot, function;
	int end = 0;

	if (sscanf(text, "%x:%x:%x.%x%n", &domain, &bus, &slot, &function, &end) != 4 ||
	    text[end]) {
		domain = 0;
		end = 0;
		if (sscanf(text, "%x:%x.%x%n", &bus, &slot, &function, &end) != 3 ||
		    text[end])
			return must(strdup(text));
	}
	return text_of("%04x:%02x:%02x.%x", domain, bus, slot, function);
}

/**
 * pcidev_exists() - check for a device
 * @device: the kernel's name of a PCI device
 *
 * Return: true if there is such a device.
 */
bool pcidev_exists(const char *device)
{
	bool exists;
	char *path;

	/* The name becomes part of paths. */
	if (strchr(device, '/') || device[0] == '.' || !*device)
		return false;
	path = device_path(device, "config");
	exists = !access(path, F_OK);
	free(path);
	return exists;
}

/**
 * pcidev_is_bridge() - check whether a device is a bridge to other PCI devices
 * @device: the kernel's name
 *
 * Bridges to other buses, such as ISA, have the header of a normal function.
 *
 * Return: true if its header type is not that of a normal function (PCI Local Bus
 *	Specification 3.0, 6.1).
 */
bool pcidev_is_bridge(const char *device)
{
	char *path = device_path(device, "config");
	unsigned char header[HEADER_TYPE + 1];
	FILE *file = fopen(path, "re");
	bool bridge = false;

	if (file) {
		if (fread(header, 1, sizeof(header), file) == sizeof(header))
			bridge = header[HEADER_TYPE] & HEADER_LAYOUT;
		fclose(file);
	}
	free(path);
	return bridge;
}

/* The last part of what a link of the device refers to; NULL if there is no link. */
static char *link_of(const char *device, const char *link)
{
	char target[PATH_MAX], *path = device_path(device, link), *slash;
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (n < 0)
		return NULL;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return must(strdup(slash ? slash + 1 : target));
}

/**
 * pcidev_driver() - find the driver of a device
 * @device: the kernel's name
 *
 * Return: its name, which the caller frees; NULL without a driver.
 */
char *pcidev_driver(const char *device)
{
	return link_of(device, "driver");
}

/**
 * pcidev_is_assigned() - check whether a device is bound to the driver for virtual machines
 * @device: the kernel's name
 *
 * Return: true if its driver is vfio-pci.
 */
bool pcidev_is_assigned(const char *device)
{
	char *driver = pcidev_driver(device);
	bool assigned = driver && !strcmp(driver, VFIO_DRIVER);

	free(driver);
	return assigned;
}

/**
 * pcidev_group() - find the IOMMU group of a device
 * @device: the kernel's name
 *
 * Return: its number, which the caller frees; NULL if the device is in no group.
 */
char *pcidev_group(const char *device)
{
	return link_of(device, "iommu_group");
}

/**
 * pcidev_group_members() - list the group of a device
 * @device: the kernel's name
 *
 * Return: the devices of the group, or only this device if it is in no group.
 */
struct names pcidev_group_members(const char *device)
{
	struct names names = names_in("bus/pci/devices/%s/iommu_group/devices", device);

	if (!names.count)
		names_add(&names, device);
	return names;
}

/**
 * group_is_reserved() - check for memory that firmware reserved
 * @group: number of a group
 *
 * Return: true if VFIO refuses the group, because one of its devices needs the memory.
 */
bool group_is_reserved(const char *group)
{
	char *path, *text;
	bool reserved;

	path = text_of("%s/kernel/iommu_groups/%s/reserved_regions", options.sysfs, group);
	/* Lines end with a type. The other types do not keep VFIO from a group. */
	reserved = !read_path(path, &text) && strstr(text, " direct\n");
	free(text);
	free(path);
	return reserved;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/**
 * pcidev_unbind() - unbind the driver of a device
 * @device: the kernel's name
 *
 * Return: 0, also without a driver, or a negative error number.
 */
int pcidev_unbind(const char *device)
{
	char *path = device_path(device, "driver/unbind");
	int ret = write_file(path, device);

	free(path);
	return ret == -ENOENT ? 0 : ret;
}

/**
 * pcidev_override_of() - find the only driver that may bind a device
 * @device: the kernel's name
 *
 * Return: its name, or an empty string if any driver may, which the caller frees.
 */
char *pcidev_override_of(const char *device)
{
	char *driver = read_line("bus/pci/devices/%s/driver_override", device);

	if (driver && strcmp(driver, "(null)"))
		return driver;
	free(driver);
	return must(strdup(""));
}

/**
 * pcidev_override() - select the driver of a device
 * @device: the kernel's name
 * @driver: the only driver that may bind it; an empty string for any that matches
 *
 * Return: 0 or a negative error number.
 */
int pcidev_override(const char *device, const char *driver)
{
	char *path = device_path(device, "driver_override");
	char text[256];
	int ret;

	/* A newline alone removes the override. */
	snprintf(text, sizeof(text), "%s\n", driver);
	ret = write_file(path, text);
	free(path);
	return ret;
}

/**
 * pcidev_probe() - let drivers bind a device that has none
 * @device: the kernel's name
 *
 * Return: 0, also if no driver has bound it, or a negative error number.
 */
int pcidev_probe(const char *device)
{
	char *path = path_of(options.sysfs, "bus/pci/drivers_probe");
	int ret = write_file(path, device);

	free(path);
	return ret;
}
