/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether IOMMUFD accepts a device. */
#ifndef NYXCTL_IOMMUFD_H
#define NYXCTL_IOMMUFD_H

int iommufd_accepts(const char *device);

#endif
