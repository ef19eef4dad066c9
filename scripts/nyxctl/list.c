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
 * names_in() - list a folder
 * @format: its path below the folder of sysfs
 *
 * Return: the names of what is in it, sorted; none if there is no such folder.
 */
struct names names_in(const char *format, ...)
{
	struct names names = { 0 };
	struct dirent *entry;
	char *name, *path;
	va_list args;
	DIR *dir;

	va_start(args, format);
	name = format_text(format, args);
	va_end(args);
	path = path_of(options.sysfs, name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			names_add(&names, entry->d_name);
	if (dir)
		closedir(dir);
	free(path);
	free(name);
	names_sort(&names);
	return names;
}
