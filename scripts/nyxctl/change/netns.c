// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network interfaces of a device that are in another network namespace, such as that of a
 * container. The kernel hides them from sysfs, but not that they exist: the folder net of
 * their device is there, and its link count includes them. Their names are asked for in
 * the namespaces of all processes, and in those that are mounted, as ip-netns(8) does.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holders.h"
#include "netns.h"
#include "nyxctl.h"

#define FOLDERS 16		/* folders that nftw() may have open */
#define OWN_LINKS 2		/* links of a folder without folders in it */

/* Number of hidden interfaces that nftw() found. It has no argument. */
static size_t hidden;

static int count_hidden(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct names seen;
	size_t links;

	if (type != FTW_D || strcmp(path + ftw->base, "net"))
		return 0;
	seen = names_at(path);
	links = seen.count + OWN_LINKS;
	/* A folder without interfaces is removed. */
	if (st->st_nlink > links)
		hidden += st->st_nlink - links;
	else if (!seen.count)
		hidden++;
	names_free(&seen);
	return 0;
}

static bool has_hidden(const char *device)
{
	char *path = text_of("%s/bus/pci/devices/%s", options.sysfs, device);
	char *real = realpath(path, NULL);

	hidden = 0;
	if (real)
		nftw(real, count_hidden, FOLDERS, FTW_PHYS);
	free(real);
	free(path);
	return hidden;
}

/* Whether the driver says that an interface of the current namespace is of the device. */
static bool is_of_device(int fd, const char *interface, const char *device)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	/* Of a USB device it is a path that begins with its controller. */
	return !ioctl(fd, SIOCETHTOOL, &request) && strstr(info.bus_info, device);
}

/* Adds the interfaces of the device in the current namespace. */
static void add_current(struct names *uses, const char *device, const char *where)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = fd < 0 ? NULL : if_nameindex(), *one;

	for (one = all; one && one->if_name; one++)
		if (is_of_device(fd, one->if_name, device))
			names_addf(uses, "%s is in the network namespace %s", one->if_name, where);
	if (all)
		if_freenameindex(all);
	if (fd >= 0)
		close(fd);
}

/* Enters the namespace of a file, once for each namespace, and returns to the own one. */
static void visit(struct names *uses, const char *device, struct names *visited,
		  const char *path, const char *where)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *number;

	if (own >= 0 && fd >= 0 && !fstat(fd, &st)) {
		number = text_of("%llu", (unsigned long long)st.st_ino);
		if (!names_have(visited, number) && !setns(fd, CLONE_NEWNET)) {
			names_add(visited, number);
			add_current(uses, device, where);
			/* Nothing else may be done in a wrong namespace. */
			if (setns(own, CLONE_NEWNET))
				exit(fail(NYX_FAILED, "cannot return to the network namespace"));
		}
		free(number);
	}
	if (fd >= 0)
		close(fd);
	if (own >= 0)
		close(own);
}

static void visit_processes(struct names *uses, const char *device, struct names *visited)
{
	struct names processes = names_at(options.procfs);
	char *path, *name, *where;
	size_t i;

	for (i = 0; i < processes.count; i++) {
		if (!isdigit((unsigned char)*processes.name[i]))
			continue;
		path = text_of("%s/%s/ns/net", options.procfs, processes.name[i]);
		name = process_name(processes.name[i]);
		where = text_of("of process %s", name);
		visit(uses, device, visited, path, where);
		free(where);
		free(name);
		free(path);
	}
	names_free(&processes);
}

/* A line of mountinfo: ID, parent, major:minor, root, where it is mounted, ... */
static void visit_mounts(struct names *uses, const char *device, struct names *visited)
{
	FILE *file = open_proc("self/mountinfo");
	char *line = NULL, root[64], where[4096];
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (sscanf(line, "%*s %*s %*s %63s %4095s", root, where) == 2 &&
		    !strncmp(root, "net:", 4))
			visit(uses, device, visited, where, where);
	free(line);
	if (file)
		fclose(file);
}

/**
 * add_namespace_uses() - find the interfaces of a device in other network namespaces
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 */
void add_namespace_uses(struct names *uses, const char *device)
{
	struct names visited = { 0 };
	size_t before = uses->count;

	if (!has_hidden(device))
		return;
	visit_mounts(uses, device, &visited);
	visit_processes(uses, device, &visited);
	/* Only a socket may keep a namespace, and not every driver names its device. */
	if (uses->count == before)
		names_add(uses, "its interface is in another network namespace");
	names_free(&visited);
}
