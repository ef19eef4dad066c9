/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quarantine of devices: what follows when a device was cut off, and how that
 * ends.
 */
#ifndef NYX_QUARANTINE_QUARANTINE_H
#define NYX_QUARANTINE_QUARANTINE_H

#include <nyx/quarantine.h>

/* quarantine.c */
const char *nyx_cut_state_word(enum nyx_cut_state state);
const char *nyx_cut_reason_word(enum nyx_cut_reason reason);
void nyx_quarantine_init(struct nyx_device *ndev);
void nyx_quarantine_inherit(struct nyx_device *ndev);
void nyx_quarantine_join(void);
u64 nyx_quarantine_left(const struct nyx_device *ndev, u64 now_ns);
int nyx_quarantine_recover(struct nyx_device *ndev, const char *how);
int nyx_quarantine_retry(struct nyx_device *ndev, const char *how);
void nyx_quarantine_disable(struct nyx_device *ndev);
void nyx_quarantine_remove(struct nyx_device *ndev);
void nyx_quarantine_detach(void);

/* sysfs.c */
void nyx_quarantine_sysfs_open(void);
void nyx_quarantine_sysfs_close(void);
void nyx_quarantine_sysfs_add(struct nyx_device *ndev);
void nyx_quarantine_sysfs_remove(struct nyx_device *ndev);

#endif /* NYX_QUARANTINE_QUARANTINE_H */
