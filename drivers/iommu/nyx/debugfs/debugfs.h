/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/nyx: described in Documentation/debugfs.md.
 *
 * No call here can fail for its caller: without debugfs, or without memory, the
 * driver works as well and shows less.
 */
#ifndef NYX_DEBUGFS_H
#define NYX_DEBUGFS_H

void nyx_debugfs_init(void);
void nyx_debugfs_offer_detach(int (*detach)(void));
void nyx_debugfs_exit(void);

#endif /* NYX_DEBUGFS_H */
