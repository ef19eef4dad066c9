/* SPDX-License-Identifier: GPL-2.0-only */
/* A terminal as a screen. */
#ifndef NYXCTL_TERMINAL_H
#define NYXCTL_TERMINAL_H

#include "base/list.h"

bool terminal_usable(void);
int terminal_begin(void);
void terminal_end(void);
void terminal_size(size_t *lines, size_t *columns);
void terminal_draw(const struct names *lines, const char *bottom);
int terminal_key(double seconds);

/* What terminal_key() returns if no key was pressed. */
enum { KEY_NONE = -1, KEY_RESIZED = -2, KEY_CLOSED = -3 };

#endif
