/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI devices in sysfs: drivers, groups, and binding. */
#ifndef NYXCTL_PCIDEV_H
#define NYXCTL_PCIDEV_H

#include "list.h"

#define VFIO_DRIVER "vfio-pci"

char *pcidev_name(const char *text);
bool pcidev_exists(const char *device);
bool pcidev_is_bridge(const char *device);
char *pcidev_driver(const char *device);
bool pcidev_is_assigned(const char *device);
char *pcidev_group(const char *device);
bool group_is_reserved(const char *group);
struct names pcidev_group_members(const char *device);
int pcidev_unbind(const char *device);
char *pcidev_override_of(const char *device);
int pcidev_override(const char *device, const char *driver);
int pcidev_probe(const char *device);

#endif
