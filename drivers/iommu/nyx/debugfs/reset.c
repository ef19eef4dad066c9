// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs reset and disable: writing the name of a device lets it work again, or
 * cuts it off.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debugfs.h"
#include "lifecycle/lifecycle.h"

/* Longer than the name of any PCI or platform device in use. */
#define NYX_RESET_NAME 128

static ssize_t nyx_command_write(const char __user *buf, size_t count,
				 int (*command)(const char *name))
{
	char *name __free(kfree) = NULL;
	int ret;

	if (!count || count > NYX_RESET_NAME)
		return -EINVAL;
	name = memdup_user_nul(buf, count);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = command(strim(name));
	return ret ?: count;
}

static ssize_t nyx_reset_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	return nyx_command_write(buf, count, nyx_command_reset);
}

static ssize_t nyx_disable_write(struct file *file, const char __user *buf,
				 size_t count, loff_t *ppos)
{
	return nyx_command_write(buf, count, nyx_command_disable);
}

const struct file_operations nyx_reset_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = nyx_reset_write,
};

const struct file_operations nyx_disable_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = nyx_disable_write,
};
