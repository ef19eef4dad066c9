// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes through a network interface, of all tables. The files of procfs lack those of IPv4
 * that are in another table than main, or have several next hops.
 */
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>

#include "netlink.h"
#include "routes.h"

/* A question for the routes through the interface with the number. */
struct search {
	int number;
	bool found;
};

/* Each interface that is up has IPv6 routes to link-local and multicast addresses. */
static bool is_usual(const struct rtmsg *route, const struct rtattr *to)
{
	const struct in6_addr *address;

	if (route->rtm_family != AF_INET6 || !to || RTA_PAYLOAD(to) < sizeof(*address))
		return false;
	address = RTA_DATA(to);
	return IN6_IS_ADDR_LINKLOCAL(address) || IN6_IS_ADDR_MULTICAST(address);
}

static bool has_hop(const struct rtattr *hops, int number)
{
	const struct rtnexthop *hop = RTA_DATA(hops);
	int left = RTA_PAYLOAD(hops);

	for (; RTNH_OK(hop, left); hop = RTNH_NEXT(hop)) {
		if (hop->rtnh_ifindex == number)
			return true;
		left -= RTNH_ALIGN(hop->rtnh_len);
	}
	return false;
}

static bool is_through(const struct nlmsghdr *message, int number)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	const struct rtattr *attr = RTM_RTA(route), *to = NULL;
	int left = RTM_PAYLOAD(message);
	bool through = false;

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == RTA_DST)
			to = attr;
		else if (attr->rta_type == RTA_OIF)
			through |= *(const int *)RTA_DATA(attr) == number;
		else if (attr->rta_type == RTA_MULTIPATH)
			through |= has_hop(attr, number);
	}
	return through && !is_usual(route, to);
}

static void use_route(const struct nlmsghdr *message, void *data)
{
	struct search *search = data;

	search->found |= is_through(message, search->number);
}

/**
 * has_route() - check whether packets may be routed through a network interface
 * @interface: its name
 *
 * Return: true if it has a route, other than those that each interface has; also if that
 *	cannot be told.
 */
bool has_route(const char *interface)
{
	const struct {
		struct nlmsghdr header;
		struct rtmsg route;
	} question = {
		.header = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = RTM_GETROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	struct search search = { .number = if_nametoindex(interface) };

	if (!search.number)
		return false;
	return netlink_ask(&question.header, use_route, &search) || search.found;
}
