/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of day. */
#ifndef NYXCTL_WALLCLOCK_H
#define NYXCTL_WALLCLOCK_H

#include <jansson.h>
#include <stdbool.h>

char *time_in_words(double seconds);
bool has_wall_clock(const json_t *snapshot);
double wall_clock(const json_t *snapshot, const char *time_s);

#endif
