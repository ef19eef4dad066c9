/* SPDX-License-Identifier: GPL-2.0-only */
/* Which process has a group of VFIO. */
#ifndef NYXCTL_HOLDERS_H
#define NYXCTL_HOLDERS_H

char *process_name(const char *process);
char *holder_of(const char *group);

#endif
