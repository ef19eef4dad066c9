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
#include <linux/module.h>
#include <linux/seq_file.h>

/*
 * Defines name_fops of a file that name_show() prints. Unlike the structure that
 * DEFINE_SHOW_ATTRIBUTE() defines, it is visible to debugfs.c.
 */
#define NYX_SHOW_FOPS(name)						\
static int name##_open(struct inode *inode, struct file *file)		\
{									\
	return single_open(file, name##_show, inode->i_private);	\
}									\
									\
const struct file_operations name##_fops = {				\
	.owner = THIS_MODULE,						\
	.open = name##_open,						\
	.read = seq_read,						\
	.llseek = seq_lseek,						\
	.release = single_release,					\
}

void nyx_debugfs_init(void);
void nyx_debugfs_diagnose(void);
void nyx_debugfs_exit(void);

/* The files, each in a source file of its own. */
extern const struct file_operations nyx_summary_fops;
extern const struct file_operations nyx_units_fops;
extern const struct file_operations nyx_devices_fops;
extern const struct file_operations nyx_pasids_fops;
extern const struct file_operations nyx_domains_fops;
extern const struct file_operations nyx_interrupts_fops;
extern const struct file_operations nyx_faults_fops;

extern const struct file_operations nyx_forensics_fops;
extern const struct file_operations nyx_quarantine_fops;
extern const struct file_operations nyx_policy_fops;
extern const struct file_operations nyx_latency_fops;
extern const struct file_operations nyx_reset_fops;
extern const struct file_operations nyx_disable_fops;

/* Private data: struct nyx_unit. */
extern const struct file_operations nyx_registers_fops;
extern const struct file_operations nyx_capabilities_fops;
extern const struct file_operations nyx_entries_fops;

/* Private data: struct nyx_domain. */
extern const struct file_operations nyx_history_fops;
extern const struct file_operations nyx_page_table_fops;

/* The files with diagnose=1, diagnose.c. */
extern const struct file_operations nyx_diag_summary_fops;
extern const struct file_operations nyx_diag_notes_fops;
extern const struct file_operations nyx_diag_units_fops;
extern const struct file_operations nyx_diag_faults_fops;

/* Private data: struct nyx_diag_unit. */
extern const struct file_operations nyx_diag_registers_fops;
extern const struct file_operations nyx_diag_capabilities_fops;

#endif /* NYX_DEBUGFS_H */
