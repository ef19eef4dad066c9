// SPDX-License-Identifier: GPL-2.0-only
/* Which process has a file of a device open, such as a group of VFIO. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/list.h"
#include "holders.h"
#include "nyxctl.h"

/**
 * has_open() - check whether a process has a file of a device open
 * @process: its ID
 * @numbers: major:minor of the files. Their paths say less, because of bind mounts
 * @path: set to the path by which the process has opened one of them
 * @size: size of @path
 *
 * Return: true if it has.
 */
bool has_open(const char *process, const struct names *numbers, char *path, size_t size)
{
	char folder[PATH_MAX], number[32];
	struct dirent *entry;
	bool found = false;
	struct stat st;
	ssize_t n;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/%s/fd", options.procfs, process);
	dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir))) {
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) ||
		    (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)))
			continue;
		snprintf(number, sizeof(number), "%u:%u", major(st.st_rdev),
			 minor(st.st_rdev));
		if (!names_have(numbers, number))
			continue;
		n = readlinkat(dirfd(dir), entry->d_name, path, size - 1);
		path[n < 0 ? 0 : n] = '\0';
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

static void add_number(struct names *numbers, char *number)
{
	if (number)
		names_add(numbers, number);
	free(number);
}

/* With IOMMUFD a process opens a character device for each device of the group. */
static struct names numbers_of(const char *group)
{
	struct names devices = names_in("kernel/iommu_groups/%s/devices", group);
	struct names numbers = { 0 }, cdevs;
	size_t i, j;

	add_number(&numbers, read_line("class/vfio/%s/dev", group));
	for (i = 0; i < devices.count; i++) {
		cdevs = names_in("bus/pci/devices/%s/vfio-dev", devices.name[i]);
		for (j = 0; j < cdevs.count; j++)
			add_number(&numbers, read_line("bus/pci/devices/%s/vfio-dev/%s/dev",
						       devices.name[i], cdevs.name[j]));
		names_free(&cdevs);
	}
	names_free(&devices);
	return numbers;
}

/**
 * process_name() - describe a process
 * @process: its ID
 *
 * Return: its ID and name, such as "123:qemu", which the caller frees. Other characters
 *	than letters, digits and some signs are replaced, because any user can choose the
 *	name.
 */
char *process_name(const char *process)
{
	char *path, *name, *text, *c;

	path = text_of("%s/%s/comm", options.procfs, process);
	if (!read_path(path, &name))
		name[strcspn(name, "\n")] = '\0';
	for (c = name; c && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_./+@", *c))
			*c = '_';
	text = text_of("%s:%s", process, name ? name : "-");
	free(name);
	free(path);
	return text;
}

/**
 * holder_of() - find the process that has a group
 * @group: its number
 *
 * Return: its ID and name, such as "123:qemu", which the caller frees; NULL if none has.
 */
char *holder_of(const char *group)
{
	struct names numbers = numbers_of(group);
	DIR *dir = numbers.count ? opendir(options.procfs) : NULL;
	char path[PATH_MAX], *text = NULL;
	struct dirent *entry;

	while (dir && !text && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name) &&
		    has_open(entry->d_name, &numbers, path, sizeof(path)))
			text = process_name(entry->d_name);
	if (dir)
		closedir(dir);
	names_free(&numbers);
	return text;
}
