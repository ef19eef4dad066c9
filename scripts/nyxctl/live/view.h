/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command top shows. */
#ifndef NYXCTL_VIEW_H
#define NYXCTL_VIEW_H

#include <jansson.h>

#include "base/list.h"
#include "rates.h"

/* What rows are sorted by. */
enum sort_key {
	BY_MAPS,
	BY_UNMAPS,
	BY_BYTES,
	BY_MAPPED,
	BY_FAULTS,
	BY_FLUSHES,
	BY_WAITS,
	BY_DEVICE,
	SORT_KEYS,
};

const char *sort_name(enum sort_key key);
enum sort_key sort_key_named(const char *name);
enum sort_key sort_key_pressed(int key);
char *sort_help(void);
void view_lines(struct names *lines, const struct rates *rates, enum sort_key key,
		size_t height);
json_t *view_json(const struct rates *rates, enum sort_key key);

#endif
