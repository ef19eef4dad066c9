/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking devices from their drivers, and giving them back. */
#ifndef NYXCTL_TAKE_H
#define NYXCTL_TAKE_H

#include <signal.h>
#include <stdbool.h>

#include "base/list.h"

void block_signals(sigset_t *before);
bool is_stranded(const char *device);
int take_all(const struct names *devices, bool interruptible);
int give_back(const char *device);

#endif
