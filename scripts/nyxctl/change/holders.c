// SPDX-License-Identifier: GPL-2.0-only
/* Which process has a group of VFIO, or the device of a group by IOMMUFD. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "holders.h"
#include "nyxctl.h"

/* Whether a file of a process is one of the paths. */
static bool holds(const char *process, const struct names *paths)
{
	char folder[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/%s/fd", options.procfs, process);
	dir = opendir(folder);
	while (dir && !found && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found = names_have(paths, target);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* With IOMMUFD a process opens a character device for each device of the group. */
static struct names paths_of(const char *group)
{
	struct names devices = names_in("kernel/iommu_groups/%s/devices", group);
	struct names paths = { 0 }, cdevs;
	char path[PATH_MAX];
	size_t i, j;

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	names_add(&paths, path);
	for (i = 0; i < devices.count; i++) {
		cdevs = names_in("bus/pci/devices/%s/vfio-dev", devices.name[i]);
		for (j = 0; j < cdevs.count; j++) {
			snprintf(path, sizeof(path), "/dev/vfio/devices/%s", cdevs.name[j]);
			names_add(&paths, path);
		}
		names_free(&cdevs);
	}
	names_free(&devices);
	return paths;
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
	struct names paths = paths_of(group);
	DIR *dir = opendir(options.procfs);
	struct dirent *entry;
	char *text = NULL;

	while (dir && !text && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name) && holds(entry->d_name, &paths))
			text = process_name(entry->d_name);
	if (dir)
		closedir(dir);
	names_free(&paths);
	return text;
}
