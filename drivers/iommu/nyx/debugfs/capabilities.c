// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs <unit>/capabilities: the capabilities of a unit, decoded by name.
 */
#include <linux/module.h>
#include <linux/seq_file.h>

#include <nyx/unit.h>

#include "debugfs.h"

static int nyx_capabilities_show(struct seq_file *m, void *unused)
{
	struct nyx_unit *unit = m->private;

	unit->ops->show_capabilities(unit, m);
	return 0;
}

static int nyx_capabilities_open(struct inode *inode, struct file *file)
{
	return single_open(file, nyx_capabilities_show, inode->i_private);
}

const struct file_operations nyx_capabilities_fops = {
	.owner = THIS_MODULE,
	.open = nyx_capabilities_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
