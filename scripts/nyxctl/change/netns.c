// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network interfaces of a device, and those that are built from one, that are in another
 * network namespace, such as that of a container. The kernel hides the former from sysfs, but
 * not that they exist: the folder net of their device is there, and its link count includes
 * them. Their names are asked for in the namespaces that are mounted, as ip-netns(8) does, and
 * in those that processes are in or have opened.
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
#include "links.h"
#include "netns.h"
#include "nyxctl.h"

#define FOLDERS 16		/* folders that nftw() may have open */
#define OWN_LINKS 2		/* links of a folder without folders in it */
#define OWN "/proc/self/ns/net"

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

/**
 * struct search - a search in all other namespaces
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 * @interfaces: its interfaces in the own namespace
 * @own: file of the own namespace
 * @visited: numbers of the namespaces that have been searched
 * @hidden: the device has interfaces in other namespaces
 * @named: one of them has been named
 */
struct search {
	struct names *uses;
	const char *device;
	const struct names *interfaces;
	int own;
	struct names visited;
	bool hidden, named;
};

/* Adds the interfaces of the device in the current namespace. */
static void add_current(struct search *search, const char *where)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = fd < 0 ? NULL : if_nameindex(), *one;

	for (one = all; one && one->if_name; one++) {
		if (!is_of_device(fd, one->if_name, search->device))
			continue;
		names_addf(search->uses, "%s is in the network namespace %s", one->if_name, where);
		search->named = true;
	}
	if (all)
		if_freenameindex(all);
	if (fd >= 0)
		close(fd);
}

/* Adds what is built from an interface of the own namespace in the current one. */
static void add_links(struct search *search, const char *interface, int number,
		      const char *where)
{
	struct names links = links_to(search->own, number);
	size_t i;

	for (i = 0; i < links.count; i++)
		names_addf(search->uses, "%s is part of %s in the network namespace %s", interface,
			   links.name[i], where);
	names_free(&links);
}

static void search_in(struct search *search, int fd, const char *where)
{
	int *numbers = must(calloc(search->interfaces->count + 1, sizeof(*numbers)));
	size_t i;

	for (i = 0; i < search->interfaces->count; i++)
		numbers[i] = if_nametoindex(search->interfaces->name[i]);
	if (!setns(fd, CLONE_NEWNET)) {
		if (search->hidden)
			add_current(search, where);
		for (i = 0; i < search->interfaces->count; i++)
			add_links(search, search->interfaces->name[i], numbers[i], where);
		/* Nothing else may be done in a wrong namespace. */
		if (setns(search->own, CLONE_NEWNET))
			exit(fail(NYX_FAILED, "cannot return to the network namespace"));
	}
	free(numbers);
}

/* Searches the namespace of a file, once for each namespace. */
static void visit(struct search *search, const char *path, const char *where)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *number;

	if (fd >= 0 && !fstat(fd, &st)) {
		number = text_of("%llu", (unsigned long long)st.st_ino);
		if (!names_have(&search->visited, number)) {
			names_add(&search->visited, number);
			search_in(search, fd, where);
		}
		free(number);
	}
	if (fd >= 0)
		close(fd);
}

static void visit_process(struct search *search, const char *process)
{
	char *path = text_of("%s/%s/ns/net", options.procfs, process);
	char *name = process_name(process), *where = text_of("of process %s", name);

	visit(search, path, where);
	free(where);
	free(name);
	free(path);
}

/* All namespaces are in one file system. The path of an open file may be that of a mount. */
static bool is_namespace(const char *path)
{
	struct stat own, st;

	return !stat(OWN, &own) && !stat(path, &st) && st.st_dev == own.st_dev;
}

/* A process may keep a namespace that it is not in. */
static void visit_files(struct search *search, const char *process)
{
	char *folder = text_of("%s/%s/fd", options.procfs, process), *path, *name, *where;
	struct names files = names_at(folder);
	size_t i;

	for (i = 0; i < files.count; i++) {
		path = text_of("%s/%s", folder, files.name[i]);
		if (is_namespace(path)) {
			name = process_name(process);
			where = text_of("that process %s has opened", name);
			visit(search, path, where);
			free(where);
			free(name);
		}
		free(path);
	}
	names_free(&files);
	free(folder);
}

/* That a process is in a namespace says more than that one has opened it. */
static void visit_processes(struct search *search)
{
	struct names processes = names_at(options.procfs);
	size_t i;

	for (i = 0; i < processes.count; i++)
		if (isdigit((unsigned char)*processes.name[i]))
			visit_process(search, processes.name[i]);
	for (i = 0; i < processes.count; i++)
		if (isdigit((unsigned char)*processes.name[i]))
			visit_files(search, processes.name[i]);
	names_free(&processes);
}

/* The kernel writes a blank in a path as \040. */
static void restore_blanks(char *path)
{
	char *to = path, *from = path;
	unsigned int c;
	int length;

	while (*from) {
		if (sscanf(from, "\\%3o%n", &c, &length) == 1) {
			*to++ = c;
			from += length;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* A line of mountinfo: ID, parent, major:minor, root, where it is mounted, ... */
static void visit_mounts(struct search *search)
{
	FILE *file = open_proc("self/mountinfo");
	char *line = NULL, root[64], where[4096], *path;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%*s %*s %*s %63s %4095s", root, where) != 2 ||
		    strncmp(root, "net:", 4))
			continue;
		path = must(strdup(where));
		restore_blanks(path);
		visit(search, path, where);
		free(path);
	}
	free(line);
	if (file)
		fclose(file);
}

/**
 * add_namespace_uses() - find uses of the interfaces of a device in other network namespaces
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 * @interfaces: its interfaces in the own namespace
 */
void add_namespace_uses(struct names *uses, const char *device, const struct names *interfaces)
{
	struct search search = {
		.uses = uses,
		.device = device,
		.interfaces = interfaces,
		.hidden = has_hidden(device),
		.own = open(OWN, O_RDONLY | O_CLOEXEC),
	};
	struct stat st;

	if (search.own >= 0 && !fstat(search.own, &st) && (search.hidden || interfaces->count)) {
		names_addf(&search.visited, "%llu", (unsigned long long)st.st_ino);
		visit_mounts(&search);
		visit_processes(&search);
	}
	/* Only a socket may keep a namespace, and not every driver names its device. */
	if (search.hidden && !search.named)
		names_add(uses, "its interface is in another network namespace");
	if (search.own >= 0)
		close(search.own);
	names_free(&search.visited);
}
