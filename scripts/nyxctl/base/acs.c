// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a group has several devices: a bridge above a device does not keep the devices below
 * it apart, because it is one to conventional PCI, or a port without ACS (Access Control
 * Services, PCI Express Base Specification 6.0, 6.12), or the functions of a device do not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acs.h"
#include "nyxctl.h"
#include "pcidev.h"

#define CONFIG_SIZE 4096
#define STATUS 0x06
#define STATUS_CAPABILITIES 0x10
#define CAPABILITIES 0x34
#define CAPABILITY_PCIE 0x10
#define PCIE_FLAGS 2		/* offset in the capability */
#define EXTENDED 0x100
#define EXTENDED_ACS 0x000d

/* The device/port type, PCI Express Base Specification 6.0, 7.5.3.2. */
enum { ROOT_PORT = 4, UPSTREAM = 5, DOWNSTREAM = 6, NO_PCIE = -1 };

static unsigned int word(const unsigned char *config, size_t offset)
{
	return config[offset] | config[offset + 1] << 8;
}

/* The type of a function, from its PCI Express capability. */
static int type_of(const unsigned char *config)
{
	unsigned int at = config[CAPABILITIES] & ~3u, tries;

	if (!(config[STATUS] & STATUS_CAPABILITIES))
		return NO_PCIE;
	/* A list that is broken may be a circle. */
	for (tries = 0; at >= 0x40 && tries < 48; tries++) {
		if (config[at] == CAPABILITY_PCIE)
			return word(config, at + PCIE_FLAGS) >> 4 & 0xf;
		at = config[at + 1] & ~3u;
	}
	return NO_PCIE;
}

static bool has_acs(const unsigned char *config)
{
	unsigned int at = EXTENDED, tries;

	for (tries = 0; at >= EXTENDED && tries < 960; tries++) {
		if (word(config, at) == EXTENDED_ACS)
			return true;
		at = word(config, at + 2) >> 4 & ~3u;
	}
	return false;
}

/* Returns false if the configuration cannot be read as a whole, which takes root. */
static bool read_config(const char *device, unsigned char *config)
{
	FILE *file;
	char *path;
	size_t n = 0;

	memset(config, 0, CONFIG_SIZE);
	path = text_of("%s/bus/pci/devices/%s/config", options.sysfs, device);
	file = fopen(path, "re");
	if (file) {
		n = fread(config, 1, CONFIG_SIZE, file);
		fclose(file);
	}
	free(path);
	return n == 256 || n == CONFIG_SIZE;
}

static char *describe(const char *device, const char *what)
{
	return text_of("%s %s", device, what);
}

static char *gap_at(const char *device, bool above)
{
	unsigned char config[CONFIG_SIZE];
	int type;

	if (!read_config(device, config))
		return NULL;
	type = type_of(config);
	if (above && type != ROOT_PORT && type != DOWNSTREAM && type != UPSTREAM)
		return describe(device, "is a bridge to conventional PCI");
	if (above && type != UPSTREAM && !has_acs(config))
		return describe(device, "is a port without ACS");
	if (!above && !has_acs(config))
		return describe(device, "is a function without ACS");
	return NULL;
}

/**
 * acs_gap() - find out why a device may share a group
 * @device: the kernel's name
 *
 * Return: the first function above the device that does not keep devices apart, or the
 *	device itself, with the reason, such as "0000:00:1c.0 is a port without ACS", which
 *	the caller frees; NULL if none is found.
 */
char *acs_gap(const char *device)
{
	char *path, *real, *part, *rest = NULL, *gap = NULL, *below;

	path = text_of("%s/bus/pci/devices/%s", options.sysfs, device);
	real = realpath(path, NULL);
	/* .../pci0000:00/0000:00:1c.0/0000:03:00.0 */
	for (part = real ? strtok_r(real, "/", &rest) : NULL; part && !gap; part = below) {
		below = strtok_r(NULL, "/", &rest);
		if (pcidev_exists(part))
			gap = gap_at(part, below);
	}
	free(real);
	free(path);
	return gap;
}
