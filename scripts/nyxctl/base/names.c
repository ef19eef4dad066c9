// SPDX-License-Identifier: GPL-2.0-only
/* Names of PCI devices. libpci looks them up in the PCI ID database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pci/pci.h>

#include "names.h"
#include "nyxctl.h"

static struct pci_access *access_;

static void ignore(char *message, ...)
{
	(void)message;
}

static __attribute__((noreturn)) void give_up(char *message, ...)
{
	exit(fail(NYX_FAILED, "libpci: %s", message));
}

/*
 * Only the database is used. pci_init() would look for devices, and end the program if
 * there are none, so the functions that it would set are set here.
 */
static struct pci_access *ids(void)
{
	if (!access_) {
		access_ = must(pci_alloc());
		access_->error = give_up;
		access_->warning = ignore;
		access_->debug = ignore;
	}
	return access_;
}

static long read_id(const char *device, const char *file)
{
	char *line = read_line("bus/pci/devices/%s/%s", device, file);
	long id = line ? strtol(line, NULL, 16) : -1;

	free(line);
	return id;
}

/**
 * device_name() - look up what a device is
 * @device: the kernel's name of a device
 *
 * Return: vendor and device, or their IDs if the database does not have them; "-" if
 *	there is no such PCI device. The caller frees it.
 */
char *device_name(const char *device)
{
	long vendor = read_id(device, "vendor"), id = read_id(device, "device");
	char name[256];

	if (vendor < 0 || id < 0)
		return must(strdup("-"));
	return must(strdup(pci_lookup_name(ids(), name, sizeof(name),
					   PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE,
					   (int)vendor, (int)id)));
}

/**
 * names_end() - free what the look-ups needed
 */
void names_end(void)
{
	if (access_)
		pci_cleanup(access_);
	access_ = NULL;
}
