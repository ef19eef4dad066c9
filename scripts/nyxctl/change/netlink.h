/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions to the kernel about network interfaces and routes. */
#ifndef NYXCTL_NETLINK_H
#define NYXCTL_NETLINK_H

#include <linux/netlink.h>

typedef void (*netlink_use)(const struct nlmsghdr *message, void *data);

int netlink_ask(const struct nlmsghdr *question, netlink_use use, void *data);

#endif
