/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detecting tboot.
 */
#ifndef NYX_VTD_TBOOT_H
#define NYX_VTD_TBOOT_H

#include <linux/types.h>

bool vtd_tboot(void);

#endif /* NYX_VTD_TBOOT_H */
