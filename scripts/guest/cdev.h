/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that is bound to vfio-pci, for IOMMUFD.
 */
#ifndef NYX_GUEST_CDEV_H
#define NYX_GUEST_CDEV_H

#include <stdint.h>

int cdev_bind(const char *bdf, int iommufd, uint32_t *id);

#endif /* NYX_GUEST_CDEV_H */
