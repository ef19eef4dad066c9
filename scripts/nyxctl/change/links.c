// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network interfaces that are built from one in another namespace, such as a VLAN or macvlan
 * of a container. The kernel shows neither in the folder of the other. See rtnetlink(7).
 */
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "links.h"
#include "netlink.h"

/* A question for the interfaces that are built from one of another namespace. */
struct search {
	int number;
	int space;
	struct names *links;
};

/* The attribute of a message after a header of some bytes; NULL if it has none. */
static const struct rtattr *attribute(const struct nlmsghdr *message, size_t header, int type)
{
	const struct rtattr *attr;
	int left = NLMSG_PAYLOAD(message, NLMSG_ALIGN(header));

	attr = (const void *)((const char *)NLMSG_DATA(message) + NLMSG_ALIGN(header));
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == type)
			return attr;
	return NULL;
}

/* Whether the attribute exists and has that value. */
static bool is_value(const struct rtattr *attr, int value)
{
	return attr && RTA_PAYLOAD(attr) >= sizeof(value) && *(const int *)RTA_DATA(attr) == value;
}

/* The number of an interface says nothing without its namespace. */
static void use_link(const struct nlmsghdr *message, void *data)
{
	const struct rtattr *name = attribute(message, sizeof(struct ifinfomsg), IFLA_IFNAME);
	struct search *search = data;

	if (name &&
	    is_value(attribute(message, sizeof(struct ifinfomsg), IFLA_LINK), search->number) &&
	    is_value(attribute(message, sizeof(struct ifinfomsg), IFLA_LINK_NETNSID),
		     search->space))
		names_add(search->links, RTA_DATA(name));
}

static void use_space(const struct nlmsghdr *message, void *data)
{
	const struct rtattr *attr = attribute(message, sizeof(struct rtgenmsg), NETNSA_NSID);

	if (attr)
		*(int *)data = *(const int *)RTA_DATA(attr);
}

/* Returns the number by which the current namespace knows another; -1 if it does not. */
static int space_of(int fd)
{
	const struct {
		struct nlmsghdr header;
		struct rtgenmsg message __attribute__((aligned(NLMSG_ALIGNTO)));
		struct rtattr attr __attribute__((aligned(NLMSG_ALIGNTO)));
		int fd;
	} question = {
		.header = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = RTM_GETNSID,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.attr = { .rta_len = RTA_LENGTH(sizeof(int)), .rta_type = NETNSA_FD },
		.fd = fd,
	};
	int number = -1;

	netlink_ask(&question.header, use_space, &number);
	return number;
}

/**
 * links_to() - find the interfaces that are built from one of another network namespace
 * @fd: the file of the other namespace
 * @number: the number of the interface in it
 *
 * Return: those in the current namespace, which the caller frees.
 */
struct names links_to(int fd, int number)
{
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} question = {
		.header = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	struct names links = { 0 };
	struct search search = { .number = number, .space = space_of(fd), .links = &links };

	if (search.space >= 0)
		netlink_ask(&question.header, use_link, &search);
	return links;
}
