// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space, from sysfs. The module's search (vtd/target.c) calls the functions that
 * have the names of the kernel's and of pci/alias.c.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/unaligned.h>

#include "machine.h"
#include "nyxctl.h"
#include "pci/pci.h"

/* PCI Express Base Specification 6.0, 7.5 and 7.6. */
#define CONFIG_SIZE		256
#define EXTENDED_SIZE		4096
#define STATUS			0x06
#define STATUS_CAPABILITIES	0x10
#define CAPABILITIES		0x34
#define CAPABILITY_EXPRESS	0x10
#define EXPRESS_FLAGS		2
#define EXPRESS_TYPE		0x00f0
#define TYPE_ROOT_PORT		0x40
#define TYPE_PCI_BRIDGE		0x70
#define EXTENDED_FIRST		0x100

/**
 * config_read() - read from the configuration space of a function
 * @name: its name
 * @at: offset
 * @to: filled in
 * @size: number of bytes
 *
 * Return: true; false if not all of them can be read.
 */
bool config_read(const char *name, size_t at, void *to, size_t size)
{
	char *path = text_of("%s/bus/pci/devices/%s/config", options.sysfs, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && pread(fd, to, size, at) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	free(path);
	return done;
}

static bool read_pdev(const struct pci_dev *pdev, size_t at, void *to, size_t size)
{
	/* All of them are part of a struct function. */
	const struct function *function = (const void *)pdev;

	return config_read(function->name, at, to, size);
}

/* The type of the port, or 0 for an endpoint; -1 if the function is not PCI Express. */
static int express_type(const struct pci_dev *pdev)
{
	u8 at, capability[2], flags[2], status[2];
	int left = CONFIG_SIZE / 4;

	if (!read_pdev(pdev, STATUS, status, sizeof(status)) ||
	    !(status[0] & STATUS_CAPABILITIES) ||
	    !read_pdev(pdev, CAPABILITIES, &at, sizeof(at)))
		return -1;
	for (; (at & ~3) && left--; at = capability[1]) {
		if (!read_pdev(pdev, at & ~3, capability, sizeof(capability)))
			return -1;
		if (capability[0] != CAPABILITY_EXPRESS)
			continue;
		return read_pdev(pdev, (at & ~3) + EXPRESS_FLAGS, flags, sizeof(flags)) ?
		       (int)(get_unaligned_le16(flags) & EXPRESS_TYPE) : -1;
	}
	return -1;
}

/**
 * nyx_root_port() - find the root port above a device
 * @pdev: the device
 *
 * Return: the root port; NULL without one; ERR_PTR(-ENODEV) if a bridge in between is not
 *	PCI Express.
 */
const struct pci_dev *nyx_root_port(const struct pci_dev *pdev)
{
	const struct pci_dev *bridge;
	int type;

	for (bridge = pdev->bus->self; bridge; bridge = bridge->bus->self) {
		type = express_type(bridge);
		if (type < 0 || type == TYPE_PCI_BRIDGE)
			return ERR_PTR(-ENODEV);
		if (type == TYPE_ROOT_PORT)
			return bridge;
	}
	return NULL;
}

/**
 * pci_find_ext_capability() - find an extended capability
 * @dev: the function
 * @cap: ID of the capability
 *
 * Return: its offset, or 0.
 */
int pci_find_ext_capability(struct pci_dev *dev, int cap)
{
	int at = EXTENDED_FIRST, left = EXTENDED_SIZE / 8;
	u8 bytes[4];
	u32 header;

	while (at >= EXTENDED_FIRST && left-- && read_pdev(dev, at, bytes, sizeof(bytes))) {
		header = get_unaligned_le32(bytes);
		if ((int)(header & 0xffff) == cap)
			return at;
		at = header >> 20 & ~3;
	}
	return 0;
}

/**
 * pci_read_config_word() - read 16 bits of configuration space
 * @dev: the function
 * @where: offset
 * @val: filled in
 *
 * Return: 0, or -1 if they cannot be read.
 */
int pci_read_config_word(struct pci_dev *dev, int where, u16 *val)
{
	u8 bytes[2];

	if (!read_pdev(dev, where, bytes, sizeof(bytes)))
		return -1;
	*val = get_unaligned_le16(bytes);
	return 0;
}
