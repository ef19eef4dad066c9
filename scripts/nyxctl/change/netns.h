/* SPDX-License-Identifier: GPL-2.0-only */
/* Network interfaces in other network namespaces. */
#ifndef NYXCTL_NETNS_H
#define NYXCTL_NETNS_H

#include "base/list.h"

void add_namespace_uses(struct names *uses, const char *device, const struct names *interfaces);

#endif
