// SPDX-License-Identifier: GPL-2.0-only
/* Disks that the machine uses, also through RAID, LVM, encryption and NVMe multipath. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inuse.h"
#include "nyxctl.h"

#define DEPTH 16		/* levels of block devices that are built from each other */

/* A line of mountinfo: ID, parent, major:minor, root, where it is mounted, ... */
static void add_mounts(struct names *uses, const char *block, const char *number)
{
	FILE *file = open_proc("self/mountinfo");
	char *line = NULL, found[64], where[4096];
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (sscanf(line, "%*s %*s %63s %*s %4095s", found, where) == 2 &&
		    !strcmp(found, number))
			names_addf(uses, "%s is mounted at %s", block, where);
	free(line);
	if (file)
		fclose(file);
}

static void add_swap(struct names *uses, const char *block)
{
	FILE *file = open_proc("swaps");
	char *line = NULL, path[4096], *slash;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%4095s", path) != 1)
			continue;
		slash = strrchr(path, '/');
		if (slash && !strcmp(slash + 1, block))
			names_addf(uses, "%s is used for swapping", block);
	}
	free(line);
	if (file)
		fclose(file);
}

/*
 * What claims a block device cannot always be told: a file system that spans several, or
 * is mounted in another namespace, ZFS, a target. The kernel refuses a second claim.
 */
static void add_claim(struct names *uses, const char *block, const char *number)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/block/%s", number);
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		/* Without udev only the names exist. */
		snprintf(path, sizeof(path), "/dev/%s", block);
		fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	}
	if (fd < 0 && errno == EBUSY)
		names_addf(uses, "%s is claimed by the kernel", block);
	else if (fd < 0 && errno != ENOMEDIUM && errno != ENOENT)
		names_addf(uses, "%s may be in use: %s", block, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A block device, its partitions, and those that are built from it. */
static void add_block(struct names *uses, const char *block, int depth)
{
	char *number = read_line("class/block/%s/dev", block), *partition;
	struct names below = names_in("class/block/%s", block);
	struct names holders = names_in("class/block/%s/holders", block);
	size_t i, before = uses->count;

	if (number) {
		add_mounts(uses, block, number);
		add_swap(uses, block);
		if (uses->count == before)
			add_claim(uses, block, number);
	}
	for (i = 0; depth && i < below.count; i++) {
		partition = read_line("class/block/%s/%s/partition", block, below.name[i]);
		if (partition)
			add_block(uses, below.name[i], depth - 1);
		free(partition);
	}
	for (i = 0; depth && i < holders.count; i++) {
		names_addf(uses, "%s is part of %s", block, holders.name[i]);
		add_block(uses, holders.name[i], depth - 1);
	}
	names_free(&holders);
	names_free(&below);
	free(number);
}

static void add_blocks_below(struct names *uses, const char *folder)
{
	struct names blocks = names_in("class/block");
	char *partition, *link;
	size_t i;

	for (i = 0; i < blocks.count; i++) {
		link = text_of("class/block/%s", blocks.name[i]);
		partition = read_line("%s/partition", link);
		if (!partition && is_below(folder, link))
			add_block(uses, blocks.name[i], DEPTH);
		free(partition);
		free(link);
	}
	names_free(&blocks);
}

/* With multipath, the disks of an NVMe controller are below its subsystem. */
static void add_subsystem(struct names *uses, const char *device, const char *subsystem)
{
	struct names members = names_in("class/nvme-subsystem/%s", subsystem);
	char *link;
	size_t i;

	for (i = 0; i < members.count; i++) {
		link = text_of("class/nvme-subsystem/%s/%s", subsystem, members.name[i]);
		if (is_below(device, link)) {
			add_blocks_below(uses, subsystem);
			free(link);
			break;
		}
		free(link);
	}
	names_free(&members);
}

/**
 * add_disk_uses() - find the disks of a device that the machine uses
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 */
void add_disk_uses(struct names *uses, const char *device)
{
	struct names subsystems = names_in("class/nvme-subsystem");
	size_t i;

	add_blocks_below(uses, device);
	for (i = 0; i < subsystems.count; i++)
		add_subsystem(uses, device, subsystems.name[i]);
	names_free(&subsystems);
}
