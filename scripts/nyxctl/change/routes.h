/* SPDX-License-Identifier: GPL-2.0-only */
/* Routes through a network interface. */
#ifndef NYXCTL_ROUTES_H
#define NYXCTL_ROUTES_H

#include <stdbool.h>

bool has_route(const char *interface);

#endif
