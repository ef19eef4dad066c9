// SPDX-License-Identifier: GPL-2.0-only
/* Disks that the machine uses, also through RAID, LVM, encryption and NVMe multipath. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
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

/* Returns a file descriptor, or -1 with errno. */
static int open_block(const char *block, const char *number, int flags)
{
	char path[64];
	int fd;

	flags |= O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	snprintf(path, sizeof(path), "/dev/block/%s", number);
	fd = open(path, flags);
	if (fd < 0 && errno == ENOENT) {
		/* Without udev only the names exist. */
		snprintf(path, sizeof(path), "/dev/%s", block);
		fd = open(path, flags);
	}
	return fd;
}

/*
 * What claims a block device cannot always be told: a file system that spans several, or
 * is mounted in another namespace, ZFS, a target. The kernel refuses a second claim.
 */
static void add_claim(struct names *uses, const char *block, const char *number)
{
	int fd = open_block(block, number, O_EXCL);

	if (fd < 0 && errno == EBUSY)
		names_addf(uses, "%s is claimed by the kernel", block);
	else if (fd < 0 && errno != ENOMEDIUM && errno != ENOENT)
		names_addf(uses, "%s may be in use: %s", block, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static bool is_number(unsigned long long device, const char *number)
{
	char *text = text_of("%u:%u", major(device), minor(device));
	bool is = !strcmp(text, number);

	free(text);
	return is;
}

/**
 * struct backing - what a loop device is built from
 * @path: the path of a file or of a block device when it was opened
 * @known: the kernel tells the following, too
 * @of_block: the block device, else 0
 * @of_file: the block device that has the file
 */
struct backing {
	char *path;
	bool known;
	unsigned long long of_block, of_file;
};

/* Returns false if the block device is no loop device, or one that is not in use. */
static bool read_backing(const char *loop, struct backing *backing)
{
	struct loop_info64 info;
	char *number;
	int fd;

	*backing = (struct backing){ .path = read_line("class/block/%s/loop/backing_file", loop) };
	if (!backing->path)
		return false;
	number = read_line("class/block/%s/dev", loop);
	fd = number ? open_block(loop, number, 0) : -1;
	if (fd >= 0 && !ioctl(fd, LOOP_GET_STATUS64, &info)) {
		backing->known = true;
		backing->of_block = info.lo_rdevice;
		backing->of_file = info.lo_device;
	}
	if (fd >= 0)
		close(fd);
	free(number);
	return true;
}

/* A loop device claims nothing, so that it is found only by what it is built from. */
static bool is_built_from(const struct backing *backing, const char *block, const char *number)
{
	if (!strncmp(backing->path, "/dev/", 5) && !strcmp(backing->path + 5, block))
		return true;
	return backing->known && backing->of_block && is_number(backing->of_block, number);
}

static void add_block(struct names *uses, const char *block, int depth);

/* The file may be in a file system that is not seen here any more. */
static void add_loops(struct names *uses, const char *block, const char *number, int depth)
{
	struct names blocks = names_in("class/block");
	struct backing backing;
	bool built, contains;
	size_t i;

	for (i = 0; i < blocks.count; i++) {
		if (!read_backing(blocks.name[i], &backing))
			continue;
		built = is_built_from(&backing, block, number);
		contains = !built && backing.known && is_number(backing.of_file, number);
		if (built)
			names_addf(uses, "%s is part of %s", block, blocks.name[i]);
		if (contains)
			names_addf(uses, "%s has the file of %s", block, blocks.name[i]);
		if (built || contains)
			add_block(uses, blocks.name[i], depth);
		free(backing.path);
	}
	names_free(&blocks);
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
	if (number && depth)
		add_loops(uses, block, number, depth - 1);
	/* Else the claim has been explained. */
	if (number && uses->count == before)
		add_claim(uses, block, number);
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

static bool has_controller(const char *subsystem, const char *device)
{
	struct names members = names_in("class/nvme-subsystem/%s", subsystem);
	bool has = false;
	char *link;
	size_t i;

	for (i = 0; !has && i < members.count; i++) {
		link = text_of("class/nvme-subsystem/%s/%s", subsystem, members.name[i]);
		has = is_below(device, link);
		free(link);
	}
	names_free(&members);
	return has;
}

/**
 * nvme_subsystems_of() - find the NVMe subsystems of a device
 * @device: the kernel's name of a PCI device
 *
 * With multipath, the disks of an NVMe controller are below its subsystem.
 *
 * Return: their names, which the caller frees.
 */
struct names nvme_subsystems_of(const char *device)
{
	struct names all = names_in("class/nvme-subsystem"), found = { 0 };
	size_t i;

	for (i = 0; i < all.count; i++)
		if (has_controller(all.name[i], device))
			names_add(&found, all.name[i]);
	names_free(&all);
	return found;
}

/**
 * add_disk_uses() - find the disks of a device that the machine uses
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 */
void add_disk_uses(struct names *uses, const char *device)
{
	struct names subsystems = nvme_subsystems_of(device);
	size_t i;

	add_blocks_below(uses, device);
	for (i = 0; i < subsystems.count; i++)
		add_blocks_below(uses, subsystems.name[i]);
	names_free(&subsystems);
}
