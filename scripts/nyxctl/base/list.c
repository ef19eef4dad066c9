// SPDX-License-Identifier: GPL-2.0-only
/* Lists of names. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "nyxctl.h"

/**
 * names_add() - add a name to a list
 * @names: the list
 * @name: the name, which is copied
 */
void names_add(struct names *names, const char *name)
{
	names->name = must(reallocarray(names->name, names->count + 1,
					sizeof(*names->name)));
	names->name[names->count++] = must(strdup(name));
}

/**
 * names_addf() - add a text to a list
 * @names: the list
 * @format: the text
 */
void names_addf(struct names *names, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	names_add(names, text);
	free(text);
}

/**
 * names_have() - look for a name
 * @names: the list
 * @name: the name
 *
 * Return: true if the list has it.
 */
bool names_have(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return false;
}

/**
 * names_free() - free a list
 * @names: the list; empty afterwards
 */
void names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct names){ 0 };
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/**
 * names_sort() - sort a list
 * @names: the list
 */
void names_sort(struct names *names)
{
	if (names->count)
		qsort(names->name, names->count, sizeof(*names->name), by_name);
}

/**
 * names_join() - write a list as a text
 * @names: the list
 * @most: number of names that are written
 *
 * Return: the names, such as "a, b and 2 more", which the caller frees.
 */
char *names_join(const struct names *names, size_t most)
{
	char *text = text_of("%s", names->count ? names->name[0] : ""), *longer;
	size_t i;

	for (i = 1; i < names->count && i < most; i++) {
		longer = text_of("%s, %s", text, names->name[i]);
		free(text);
		text = longer;
	}
	if (names->count <= most)
		return text;
	longer = text_of("%s and %zu more", text, names->count - most);
	free(text);
	return longer;
}

/**
 * names_at() - list a folder
 * @path: its path
 *
 * Return: the names of what is in it, sorted; none if there is no such folder.
 */
struct names names_at(const char *path)
{
	DIR *dir = opendir(path);
	struct names names = { 0 };
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			names_add(&names, entry->d_name);
	if (dir)
		closedir(dir);
	names_sort(&names);
	return names;
}

/**
 * names_in() - list a folder of sysfs
 * @format: its path below the folder of sysfs
 *
 * Return: the names of what is in it, sorted; none if there is no such folder.
 */
struct names names_in(const char *format, ...)
{
	struct names names;
	char *name, *path;
	va_list args;

	va_start(args, format);
	name = format_text(format, args);
	va_end(args);
	path = path_of(options.sysfs, name);
	names = names_at(path);
	free(path);
	free(name);
	return names;
}
