/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of PCI devices, from the PCI ID database. */
#ifndef NYXCTL_NAMES_H
#define NYXCTL_NAMES_H

char *device_name(const char *device);
void names_end(void);

#endif
