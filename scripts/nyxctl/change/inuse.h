/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the machine itself uses a device. */
#ifndef NYXCTL_INUSE_H
#define NYXCTL_INUSE_H

#include "base/list.h"

struct names uses_of(const char *device);

/* Parts of it, each in a file of its own. */
void add_disk_uses(struct names *uses, const char *device);
void add_network_uses(struct names *uses, const char *device);
void add_process_uses(struct names *uses, const char *device);
struct names nvme_subsystems_of(const char *device);

#endif
