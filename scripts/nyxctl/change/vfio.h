/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether VFIO accepts a group. */
#ifndef NYXCTL_VFIO_H
#define NYXCTL_VFIO_H

int vfio_accepts(const char *group, const char *device);

#endif
