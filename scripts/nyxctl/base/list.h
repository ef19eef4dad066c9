/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of names. */
#ifndef NYXCTL_LIST_H
#define NYXCTL_LIST_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct names - a list of names
 * @name: the names
 * @count: number of names
 */
struct names {
	char **name;
	size_t count;
};

void names_add(struct names *names, const char *name);
void names_addf(struct names *names, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool names_have(const struct names *names, const char *name);
void names_sort(struct names *names);
void names_free(struct names *names);
char *names_join(const struct names *names, size_t most);
struct names names_at(const char *path);
struct names names_in(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
