// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs forensics: for which devices operations are recorded. Writing
 * "DEVICE on", "all hunt" and so on changes that.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <nyx/device.h>
#include <nyx/domain.h>

#include "debugfs.h"
#include "domain/domain.h"
#include "forensics/history.h"
#include "lib/show.h"

/* Longer than the name of any PCI or platform device in use, and a mode. */
#define COMMAND_MAX 128

static const char *const modes[] = {
	[NYX_RECORD_OFF] = "off",
	[NYX_RECORD_ON] = "on",
	[NYX_RECORD_HUNT] = "hunt",
};

static int record(const char *name, enum nyx_record_mode mode)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	if (nyx_is_detaching())
		return -ENODEV;
	if (!strcmp(name, "all"))
		return nyx_record_all(mode);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (!strcmp(dev_name(ndev->dev), name))
			return nyx_record_device(ndev, mode);
	return -ENODEV;
}

static ssize_t forensics_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	char *text __free(kfree) = NULL;
	char *name, *word;
	int ret;

	if (!count || count > COMMAND_MAX)
		return -EINVAL;
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	word = strim(text);
	name = strsep(&word, " ");
	if (!word)
		return -EINVAL;
	for (size_t mode = NYX_RECORD_OFF; mode < ARRAY_SIZE(modes); mode++) {
		if (strcmp(word, modes[mode]))
			continue;
		ret = record(name, mode);
		return ret ?: count;
	}
	return -EINVAL;
}

static int forensics_show(struct seq_file *m, void *v)
{
	struct nyx_domain *domain;
	struct nyx_device *ndev;

	seq_printf(m, "%-12s %-5s %6s %s\n", "device", "mode", "domain",
		   "operations");
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node) {
		guard(mutex)(&ndev->entry_lock);
		nyx_show_word(m, 12, dev_name(ndev->dev));
		seq_printf(m, "%-5s ", modes[nyx_record_mode(ndev)]);
		domain = nyx_domain_base(ndev->domain);
		nyx_show_id(m, 6, domain ? domain->pt.id : 0);
		if (domain && rcu_access_pointer(domain->history))
			seq_printf(m, "%llu\n", nyx_history_mark(domain));
		else
			seq_puts(m, "-\n");
	}
	return 0;
}

static int forensics_open(struct inode *inode, struct file *file)
{
	return single_open(file, forensics_show, NULL);
}

const struct file_operations nyx_forensics_fops = {
	.owner = THIS_MODULE,
	.open = forensics_open,
	.read = seq_read,
	.write = forensics_write,
	.llseek = seq_lseek,
	.release = single_release,
};
