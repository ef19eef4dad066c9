// SPDX-License-Identifier: GPL-2.0-only
/* Network cards that the machine uses. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inuse.h"
#include "netns.h"
#include "nyxctl.h"
#include "routes.h"

/* The interface of a session has the addresses. A line ends with the one that carries it. */
static bool has_pppoe(const char *interface)
{
	FILE *file = open_proc("net/pppoe");
	char *line = NULL, found[IFNAMSIZ];
	size_t size = 0;
	bool has = false;

	while (file && !has && getline(&line, &size, file) > 0)
		has = sscanf(line, "%*s %*s %15s", found) == 1 && !strcmp(found, interface);
	free(line);
	if (file)
		fclose(file);
	return has;
}

/* Each interface that is up has a link-local address. */
static void add_addresses(struct names *uses, const char *interface)
{
	struct ifaddrs *all, *one;
	char text[INET6_ADDRSTRLEN];
	const void *address;

	if (getifaddrs(&all))
		return;
	for (one = all; one; one = one->ifa_next) {
		if (!one->ifa_addr || strcmp(one->ifa_name, interface))
			continue;
		if (one->ifa_addr->sa_family == AF_INET)
			address = &((struct sockaddr_in *)one->ifa_addr)->sin_addr;
		else if (one->ifa_addr->sa_family == AF_INET6)
			address = &((struct sockaddr_in6 *)one->ifa_addr)->sin6_addr;
		else
			continue;
		if (one->ifa_addr->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(address))
			continue;
		if (inet_ntop(one->ifa_addr->sa_family, address, text, sizeof(text)))
			names_addf(uses, "%s has the address %s", interface, text);
	}
	freeifaddrs(all);
}

/* Bonds, bridges and VLANs have addresses of their own. */
static void add_uppers(struct names *uses, const char *interface)
{
	struct names files = names_in("class/net/%s", interface);
	size_t i;

	for (i = 0; i < files.count; i++)
		if (!strncmp(files.name[i], "upper_", 6))
			names_addf(uses, "%s is part of %s", interface, files.name[i] + 6);
	names_free(&files);
}

static void add_interface(struct names *uses, const char *interface)
{
	if (has_route(interface))
		names_addf(uses, "%s has a network route", interface);
	if (has_pppoe(interface))
		names_addf(uses, "%s has a PPPoE session", interface);
	add_addresses(uses, interface);
	add_uppers(uses, interface);
}

/**
 * add_network_uses() - find the interfaces of a device that the machine uses
 * @uses: a list, to which a line for each use is added
 * @device: the kernel's name of a PCI device
 */
void add_network_uses(struct names *uses, const char *device)
{
	struct names all = names_in("class/net"), interfaces = { 0 };
	char *link;
	size_t i;

	for (i = 0; i < all.count; i++) {
		link = text_of("class/net/%s", all.name[i]);
		if (is_below(device, link))
			names_add(&interfaces, all.name[i]);
		free(link);
	}
	for (i = 0; i < interfaces.count; i++)
		add_interface(uses, interfaces.name[i]);
	add_namespace_uses(uses, device, &interfaces);
	names_free(&interfaces);
	names_free(&all);
}
