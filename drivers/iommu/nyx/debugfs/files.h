/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files below /sys/kernel/debug/nyx, one source file each.
 */
#ifndef NYX_DEBUGFS_FILES_H
#define NYX_DEBUGFS_FILES_H

#include <linux/fs.h>

struct nyx_unit;
struct seq_file;

extern const struct file_operations nyx_summary_fops;
extern const struct file_operations nyx_units_fops;
extern const struct file_operations nyx_devices_fops;
extern const struct file_operations nyx_domains_fops;
extern const struct file_operations nyx_interrupts_fops;
extern const struct file_operations nyx_faults_fops;

void nyx_show_entries(struct nyx_unit *unit, struct seq_file *m);

/* Private data: struct nyx_domain. */
extern const struct file_operations nyx_page_table_fops;

#endif /* NYX_DEBUGFS_FILES_H */
