// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs detach: writing 1 releases all devices and disables translation.
 */
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>

#include "debugfs.h"

/* Set before the file exists. */
int (*nyx_debugfs_detach)(void);

static ssize_t nyx_detach_write(struct file *file, const char __user *buf,
				size_t count, loff_t *ppos)
{
	unsigned int value;
	int ret;

	ret = kstrtouint_from_user(buf, count, 10, &value);
	if (ret == -EFAULT)
		return ret;
	if (ret || value != 1)
		return -EINVAL;
	ret = nyx_debugfs_detach();

	return ret ?: count;
}

const struct file_operations nyx_detach_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = nyx_detach_write,
};
