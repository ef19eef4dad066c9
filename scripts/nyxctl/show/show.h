/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that commands show. */
#ifndef NYXCTL_SHOW_H
#define NYXCTL_SHOW_H

#include "base/output.h"

extern const char * const fault_columns[];

int show_table(const char *name, const char *device);

#endif
