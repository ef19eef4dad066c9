/* SPDX-License-Identifier: GPL-2.0-only */
/* The parameters of the kernel that a snapshot contains. */
#ifndef NYXCTL_CMDLINE_H
#define NYXCTL_CMDLINE_H

#include "base/list.h"

struct names public_parameters(const char *line, size_t *left_out);

#endif
