/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/kernel/debug/nyx: described in Documentation/debugfs.md.
 *
 * None of these functions fails for its caller: without debugfs, or without
 * memory, the driver works just as well and shows less.
 */
#ifndef NYX_DEBUGFS_H
#define NYX_DEBUGFS_H

#include <linux/fs.h>

void nyx_debugfs_init(void);
void nyx_debugfs_offer_detach(int (*detach)(void));
void nyx_debugfs_exit(void);

/* The files, each in a source file of its own. */
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

/* Called when 1 is written to "detach"; set before the file exists. */
extern int (*nyx_debugfs_detach)(void);

#endif /* NYX_DEBUGFS_H */
