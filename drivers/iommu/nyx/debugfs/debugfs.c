// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree below /sys/kernel/debug/nyx.
 *
 * Removing a file waits for its readers. A domain's directory goes while the
 * IOMMU core holds locks of its own, so the readers of files in there take none.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/seq_file.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "files.h"
#include "lifecycle/detach.h"

/* Set before the first domain exists, cleared after the last. */
static struct dentry *root;
static int root_error;	/* why there is no @root */

static int registers_show(struct seq_file *m, void *unused)
{
	struct nyx_unit *unit = m->private;

	unit->ops->show_registers(unit, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

static int capabilities_show(struct seq_file *m, void *unused)
{
	struct nyx_unit *unit = m->private;

	unit->ops->show_capabilities(unit, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(capabilities);

static int entries_show(struct seq_file *m, void *unused)
{
	nyx_show_entries(m->private, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(entries);

static ssize_t detach_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	unsigned int value;
	int ret;

	ret = kstrtouint_from_user(buf, count, 10, &value);
	if (ret == -EFAULT)
		return ret;
	if (ret || value != 1)
		return -EINVAL;
	ret = nyx_detach();

	return ret ?: count;
}

static const struct file_operations detach_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = detach_write,
};

static void add_unit(struct nyx_unit *unit)
{
	struct dentry *dir = debugfs_create_dir(unit->name, root);

	if (IS_ERR(dir))
		return;
	debugfs_create_file("registers", 0400, dir, unit, &registers_fops);
	debugfs_create_file("capabilities", 0400, dir, unit,
			    &capabilities_fops);
	debugfs_create_file("entries", 0400, dir, unit, &entries_fops);
}

/**
 * nyx_debugfs_init() - show the driver in debugfs
 *
 * To be called when all units have been started, and before the first of them
 * is registered with the IOMMU core.
 *
 * Context: May sleep.
 */
void nyx_debugfs_init(void)
{
	struct nyx_unit *unit;

	root = debugfs_create_dir("nyx", NULL);
	if (IS_ERR(root)) {
		root_error = PTR_ERR(root);
		root = NULL;
		return;
	}
	debugfs_create_file("summary", 0400, root, NULL, &nyx_summary_fops);
	debugfs_create_file("units", 0400, root, NULL, &nyx_units_fops);
	debugfs_create_file("devices", 0400, root, NULL, &nyx_devices_fops);
	debugfs_create_file("domains", 0400, root, NULL, &nyx_domains_fops);
	debugfs_create_file("interrupts", 0400, root, NULL,
			    &nyx_interrupts_fops);
	debugfs_create_file("faults", 0400, root, NULL, &nyx_faults_fops);
	list_for_each_entry(unit, &nyx_units, node)
		add_unit(unit);
}

/**
 * nyx_debugfs_offer_detach() - let users give all devices back
 *
 * To be called when all units have been registered: what is only half there
 * cannot be taken away. Where there is no such file the log says what follows:
 * there is no other way to give devices back.
 *
 * Context: May sleep.
 */
void nyx_debugfs_offer_detach(void)
{
	struct dentry *file = ERR_PTR(root_error);

	/* Without a parent the file would land beside "nyx". */
	if (root)
		file = debugfs_create_file("detach", 0200, root, NULL,
					   &detach_fops);
	if (IS_ERR(file))
		pr_warn("no debugfs (%ld): devices cannot be given back, and the module stays until a reboot: if that is not wanted, boot with debugfs=on\n",
			PTR_ERR(file));
}

/**
 * nyx_debugfs_exit() - take everything out of debugfs
 *
 * To be called when no domain is left, and before the units are stopped.
 *
 * Context: May sleep; waits for readers.
 */
void nyx_debugfs_exit(void)
{
	debugfs_remove(root);
	root = NULL;
}

/**
 * nyx_debugfs_add_domain() - make a domain's directory
 * @domain: the domain, with its page table set up
 *
 * Context: May sleep.
 */
void nyx_debugfs_add_domain(struct nyx_domain *domain)
{
	char name[32];

	/* Without a parent the directory would land beside "nyx". */
	if (!root)
		return;
	snprintf(name, sizeof(name), "domain-%u", domain->pt.id);
	domain->dir = debugfs_create_dir(name, root);
	if (IS_ERR(domain->dir)) {
		domain->dir = NULL;
		return;
	}
	debugfs_create_file("page_table", 0400, domain->dir, domain,
			    &nyx_page_table_fops);
}

/**
 * nyx_debugfs_remove_domain() - remove a domain's directory
 * @domain: the domain; its page table is still whole
 *
 * Context: May sleep; waits for readers of the domain's page table, who take no
 *	lock that a caller could hold.
 */
void nyx_debugfs_remove_domain(struct nyx_domain *domain)
{
	debugfs_remove(domain->dir);
	domain->dir = NULL;
}
