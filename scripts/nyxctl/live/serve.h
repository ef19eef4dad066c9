/* SPDX-License-Identifier: GPL-2.0-only */
/* Serving metrics over HTTP. */
#ifndef NYXCTL_SERVE_H
#define NYXCTL_SERVE_H

#include <stddef.h>

int serve(const char *address, char *(*page)(size_t *length));

#endif
