/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of virtual machines. */
#ifndef NYXCTL_MACHINE_H
#define NYXCTL_MACHINE_H

#include <stdbool.h>

bool machine_has(const char *format);
void machine_print(const char *format, const char *device);

#endif
