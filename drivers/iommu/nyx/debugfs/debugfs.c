// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory /sys/kernel/debug/nyx.
 *
 * Removing a file waits for its readers. The directory of a domain is removed
 * while the IOMMU core holds locks of its own, so readers of files in there
 * take no lock.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/printk.h>

#include <nyx/diagnose.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "debugfs.h"

/* Set before the first domain exists, cleared after the last. */
static struct dentry *root;

static void add_domain(struct nyx_domain *domain)
{
	char name[32];

	/* Without a parent, debugfs would create the directory beside "nyx". */
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
	debugfs_create_file("history", 0400, domain->dir, domain,
			    &nyx_history_fops);
}

/*
 * Waits for readers of the page table, which take none of the caller's locks.
 */
static void remove_domain(struct nyx_domain *domain)
{
	debugfs_remove(domain->dir);
	domain->dir = NULL;
}

static const struct nyx_domains_observer observer = {
	.added = add_domain,
	.removed = remove_domain,
};

static void add_unit(struct nyx_unit *unit)
{
	struct dentry *dir = debugfs_create_dir(unit->name, root);

	if (IS_ERR(dir))
		return;
	debugfs_create_file("registers", 0400, dir, unit, &nyx_registers_fops);
	debugfs_create_file("capabilities", 0400, dir, unit,
			    &nyx_capabilities_fops);
	debugfs_create_file("entries", 0400, dir, unit, &nyx_entries_fops);
}

/* Returns false, after a log line, without debugfs. */
static bool add_root(const char *lost)
{
	root = debugfs_create_dir("nyx", NULL);
	if (!IS_ERR(root))
		return true;
	pr_info("no debugfs (%ld): units, devices and faults are not shown%s: boot with debugfs=on\n",
		PTR_ERR(root), lost);
	root = NULL;
	return false;
}

/**
 * nyx_debugfs_diagnose() - create the files of units that are only looked at
 *
 * nyx_debugfs_exit() removes them.
 *
 * Context: May sleep.
 */
void nyx_debugfs_diagnose(void)
{
	struct nyx_diag_unit *unit;
	struct dentry *dir;

	if (!add_root(""))
		return;
	debugfs_create_file("summary", 0400, root, NULL,
			    &nyx_diag_summary_fops);
	debugfs_create_file("notes", 0400, root, NULL, &nyx_diag_notes_fops);
	debugfs_create_file("units", 0400, root, NULL, &nyx_diag_units_fops);
	debugfs_create_file("faults", 0400, root, NULL, &nyx_diag_faults_fops);
	list_for_each_entry(unit, &nyx_diag_units, node) {
		dir = debugfs_create_dir(unit->name, root);
		debugfs_create_file("registers", 0400, dir, unit,
				    &nyx_diag_registers_fops);
		debugfs_create_file("capabilities", 0400, dir, unit,
				    &nyx_diag_capabilities_fops);
	}
}

/**
 * nyx_debugfs_init() - create the files of all units
 *
 * To be called when all units have been started, and before the first of them
 * is registered with the IOMMU core.
 *
 * Context: May sleep.
 */
void nyx_debugfs_init(void)
{
	struct nyx_unit *unit;

	if (!add_root(", and isolated devices cannot be recovered by command"))
		return;
	debugfs_create_file("summary", 0400, root, NULL, &nyx_summary_fops);
	debugfs_create_file("units", 0400, root, NULL, &nyx_units_fops);
	debugfs_create_file("devices", 0400, root, NULL, &nyx_devices_fops);
	debugfs_create_file("pasids", 0400, root, NULL, &nyx_pasids_fops);
	debugfs_create_file("domains", 0400, root, NULL, &nyx_domains_fops);
	debugfs_create_file("interrupts", 0400, root, NULL,
			    &nyx_interrupts_fops);
	debugfs_create_file("faults", 0400, root, NULL, &nyx_faults_fops);
	debugfs_create_file("forensics", 0600, root, NULL,
			    &nyx_forensics_fops);
	debugfs_create_file("quarantine", 0400, root, NULL,
			    &nyx_quarantine_fops);
	debugfs_create_file("policy", 0600, root, NULL, &nyx_policy_fops);
	debugfs_create_file("latency", 0600, root, NULL, &nyx_latency_fops);
	debugfs_create_file("reset", 0200, root, NULL, &nyx_reset_fops);
	debugfs_create_file("disable", 0200, root, NULL, &nyx_disable_fops);
	list_for_each_entry(unit, &nyx_units, node)
		add_unit(unit);
	nyx_domains_observe(&observer);
}

/**
 * nyx_debugfs_exit() - remove all files
 *
 * To be called when no domain is left, and before the units are stopped.
 *
 * Context: May sleep; waits for readers.
 */
void nyx_debugfs_exit(void)
{
	nyx_domains_observe(NULL);
	debugfs_remove(root);
	root = NULL;
}
