/* SPDX-License-Identifier: GPL-2.0-only */
/* Network interfaces that are built from one in another namespace. */
#ifndef NYXCTL_LINKS_H
#define NYXCTL_LINKS_H

#include "base/list.h"

struct names links_to(int fd, int number);

#endif
