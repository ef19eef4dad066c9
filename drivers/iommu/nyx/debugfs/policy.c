// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs policy: when devices are cut off because of their faults. Writing the
 * name of a device and "name=value" pairs changes its policy.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <nyx/device.h>

#include "debugfs.h"
#include "lib/show.h"

static int nyx_policy_show(struct seq_file *m, void *unused)
{
	char text[NYX_POLICY_TEXT];
	struct nyx_device *ndev;

	seq_printf(m, "%-12s %s\n", "device", "policy");
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node) {
		nyx_show_word(m, 12, dev_name(ndev->dev));
		nyx_policy_format(ndev, text, sizeof(text));
		seq_printf(m, "%s\n", text);
	}
	return 0;
}

static int nyx_policy_change(char *text)
{
	char *name = strsep(&text, " \t\n");
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (!strcmp(dev_name(ndev->dev), name))
			return nyx_policy_set(ndev, text ?: "");
	return -ENODEV;
}

static ssize_t nyx_policy_write(struct file *file, const char __user *buf,
				size_t count, loff_t *ppos)
{
	char *text __free(kfree) = NULL;
	int ret;

	if (!count || count > 2 * NYX_POLICY_TEXT)
		return -EINVAL;
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	ret = nyx_policy_change(strim(text));
	return ret ?: count;
}

static int nyx_policy_open(struct inode *inode, struct file *file)
{
	return single_open(file, nyx_policy_show, NULL);
}

const struct file_operations nyx_policy_fops = {
	.owner = THIS_MODULE,
	.open = nyx_policy_open,
	.read = seq_read,
	.write = nyx_policy_write,
	.llseek = seq_lseek,
	.release = single_release,
};
