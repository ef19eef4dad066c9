/* SPDX-License-Identifier: GPL-2.0-only */
/* Which process has a group of VFIO, or a file of another device. */
#ifndef NYXCTL_HOLDERS_H
#define NYXCTL_HOLDERS_H

#include "base/list.h"

bool has_open(const char *process, const struct names *numbers, char *path, size_t size);
char *process_name(const char *process);
char *holder_of(const char *group);

#endif
