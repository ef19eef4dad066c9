// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs reset: writing the name of a device ends its isolation.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <nyx/device.h>

#include "debugfs.h"
#include "domain/domain.h"

/* Longer than the name of any PCI or platform device in use. */
#define NYX_RESET_NAME 128

static int nyx_reset_device(const char *name)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	if (nyx_is_detaching())
		return -ENODEV;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (!strcmp(dev_name(ndev->dev), name))
			return nyx_device_recover(ndev);
	return -ENODEV;
}

static ssize_t nyx_reset_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	char *name __free(kfree) = NULL;
	int ret;

	if (!count || count > NYX_RESET_NAME)
		return -EINVAL;
	name = memdup_user_nul(buf, count);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = nyx_reset_device(strim(name));
	return ret ?: count;
}

const struct file_operations nyx_reset_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = nyx_reset_write,
};
