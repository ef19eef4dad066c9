/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that were bound when the module came are taken over when their driver
 * lets go of them.
 */
#ifndef NYX_ADOPT_H
#define NYX_ADOPT_H

#include <linux/types.h>

int nyx_adopt_init(void);
void nyx_adopt_exit(void);
void nyx_adopt_kick(void);
void nyx_adopt_review(void);
bool nyx_adopt_close(void);
void nyx_adopt_open(void);

#endif /* NYX_ADOPT_H */
