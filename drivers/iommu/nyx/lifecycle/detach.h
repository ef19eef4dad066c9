/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving every device back and switching translation off.
 */
#ifndef NYX_DETACH_H
#define NYX_DETACH_H

#include <linux/types.h>

int nyx_detach(void);
void nyx_detach_final(void);

#endif /* NYX_DETACH_H */
