// SPDX-License-Identifier: GPL-2.0-only
/* Processes that have a file of a device open: a display, a sound card, a raw disk. */
#include <ctype.h>
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static void collect_below(const char *link)
{
	char *path = path_of(options.sysfs, link), *real = realpath(path, NULL);

	if (real)
		nftw(real, collect, FOLDERS, FTW_PHYS);
	free(real);
	free(path);
}

static void collect_all(const char *device)
{
	struct names subsystems = nvme_subsystems_of(device);
	char *link = text_of("bus/pci/devices/%s", device);
	size_t i;

	collect_below(link);
	free(link);
	for (i = 0; i < subsystems.count; i++) {
		link = text_of("class/nvme-subsystem/%s", subsystems.name[i]);
		collect_below(link);
		free(link);
	}
	names_free(&subsystems);
}

/**
 * add_process_uses() - find the processes that use a device
 * @uses: a list, to which a line for each process is added
 * @device: the kernel's name of a PCI device
 */
void add_process_uses(struct names *uses, const char *device)
{
	char file[PATH_MAX], *name;
	struct dirent *entry;
	DIR *dir = NULL;

	collect_all(device);
	if (numbers.count)
		dir = opendir(options.procfs);
	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)*entry->d_name) ||
		    !has_open(entry->d_name, &numbers, file, sizeof(file)))
			continue;
		name = process_name(entry->d_name);
		names_addf(uses, "process %s has opened %s", name, file);
		free(name);
	}
	if (dir)
		closedir(dir);
	names_free(&numbers);
}
