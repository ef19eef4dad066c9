/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between two snapshots. */
#ifndef NYXCTL_DIFF_H
#define NYXCTL_DIFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * struct change - something that differs
 * @type: kind of object, such as "device"
 * @object: which one, such as its name
 * @field: what of it; NULL for the object itself
 * @before: what it was; NULL if it is new
 * @after: what it is; NULL if it is gone
 */
struct change {
	const char *type;
	char *object;
	char *field;
	char *before;
	char *after;
};

/**
 * struct change_list - a list of what differs
 * @change: the items
 * @count: their number
 */
struct change_list {
	struct change *change;
	size_t count;
};

/**
 * struct diff - what differs between two snapshots
 * @changes: what somebody or something changed
 * @counters: what changes by itself while the module works
 */
struct diff {
	struct change_list changes;
	struct change_list counters;
};

void diff_snapshots(struct diff *diff, const json_t *from, const json_t *to);
void diff_free(struct diff *diff);

/* How it is printed. */
void diff_print(const struct diff *diff);
char *change_in_words(const struct change *change);
json_t *diff_json(const struct diff *diff, const json_t *from, const json_t *to);

/* For the parts of the comparison. */
void change_add(struct change_list *list, const char *type, const char *object,
		const char *field, const char *before, const char *after);
void diff_tables(struct diff *diff, const json_t *from, const json_t *to);

#endif
