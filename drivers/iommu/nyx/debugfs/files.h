/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files below /sys/kernel/debug/nyx, one source file each.
 */
#ifndef NYX_DEBUGFS_FILES_H
#define NYX_DEBUGFS_FILES_H

#include <linux/fs.h>

extern const struct file_operations nyx_summary_fops;
extern const struct file_operations nyx_units_fops;
extern const struct file_operations nyx_devices_fops;
extern const struct file_operations nyx_domains_fops;
extern const struct file_operations nyx_interrupts_fops;
extern const struct file_operations nyx_faults_fops;

extern const struct file_operations nyx_detach_fops;

/* Private data: struct nyx_unit. */
extern const struct file_operations nyx_registers_fops;
extern const struct file_operations nyx_capabilities_fops;
extern const struct file_operations nyx_entries_fops;

/* Private data: struct nyx_domain. */
extern const struct file_operations nyx_page_table_fops;

/* What a write to "detach" calls. */
extern int (*nyx_debugfs_detach)(void);

#endif /* NYX_DEBUGFS_FILES_H */
