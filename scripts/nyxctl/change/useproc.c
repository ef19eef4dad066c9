// SPDX-License-Identifier: GPL-2.0-only
/* Processes that have a file of a device open: a display, a sound card, a raw disk. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "holders.h"
#include "inuse.h"
#include "nyxctl.h"

#define FOLDERS 16		/* folders that nftw() may have open */

/* What nftw() found: major:minor of each file that programs can open. It has no argument. */
static struct names numbers;

static int collect(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char *text;

	(void)st;
	if (type != FTW_F || strcmp(path + ftw->base, "dev"))
		return 0;
	if (!read_path(path, &text)) {
		text[strcspn(text, "\n")] = '\0';
		names_add(&numbers, text);
	}
	free(text);
	return 0;
}

static bool is_open(const char *process, char *path, size_t size)
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
		if (!names_have(&numbers, number))
			continue;
		n = readlinkat(dirfd(dir), entry->d_name, path, size - 1);
		path[n < 0 ? 0 : n] = '\0';
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

/**
 * add_process_uses() - find the processes that use a device
 * @uses: a list, to which a line for each process is added
 * @device: the kernel's name of a PCI device
 */
void add_process_uses(struct names *uses, const char *device)
{
	char file[PATH_MAX], *path, *real, *name;
	struct dirent *entry;
	DIR *dir = NULL;

	path = text_of("%s/bus/pci/devices/%s", options.sysfs, device);
	real = realpath(path, NULL);
	if (real)
		nftw(real, collect, FOLDERS, FTW_PHYS);
	free(real);
	free(path);
	if (numbers.count)
		dir = opendir(options.procfs);
	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)*entry->d_name) ||
		    !is_open(entry->d_name, file, sizeof(file)))
			continue;
		name = process_name(entry->d_name);
		names_addf(uses, "process %s has opened %s", name, file);
		free(name);
	}
	if (dir)
		closedir(dir);
	names_free(&numbers);
}
