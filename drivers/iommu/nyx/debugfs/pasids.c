// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs pasids: all PASIDs of devices that a domain is attached to.
 */
#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/pasid.h>

#include "debugfs.h"
#include "lib/show.h"

static void *pasids_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&nyx_devices_lock);
	return seq_list_start_head(&nyx_devices, *pos);
}

static void *pasids_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &nyx_devices, pos);
}

static void pasids_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&nyx_devices_lock);
}

/* The domain of a process has no number. */
static void show_domain(struct seq_file *m, int width,
			const struct nyx_domain *domain)
{
	if (domain->pt.iommu.domain.type == IOMMU_DOMAIN_SVA)
		nyx_show_word(m, width, READ_ONCE(domain->gone) ? "ended" :
								  "process");
	else
		nyx_show_id(m, width, domain->pt.id);
}

static int pasids_show(struct seq_file *m, void *v)
{
	const struct nyx_pasid *use;
	struct nyx_device *ndev;
	unsigned long pasid;

	if (v == &nyx_devices) {
		seq_printf(m, "%-12s %-8s %8s %7s %9s %s\n", "device", "unit",
			   "pasid", "domain", "domain_id", "page_requests");
		return 0;
	}
	ndev = list_entry(v, struct nyx_device, node);
	/*
	 * No PASID loses its domain meanwhile. A holder of the lock may wait for user
	 * space to handle page requests, and must not make others wait for this reader.
	 */
	if (!mutex_trylock(&ndev->entry_lock)) {
		nyx_show_word(m, 12, dev_name(ndev->dev));
		nyx_show_word(m, 8, ndev->unit->name);
		seq_printf(m, "%8s %7s %9s %s\n", "-", "busy", "-", "-");
		return 0;
	}
	xa_for_each(&ndev->pasids, pasid, use) {
		nyx_show_word(m, 12, dev_name(ndev->dev));
		nyx_show_word(m, 8, ndev->unit->name);
		seq_printf(m, "%8lu ", pasid);
		show_domain(m, 7, use->domain);
		nyx_show_id(m, 9, use->entry.domain_id);
		seq_printf(m, "%s\n", use->page_requests ? "yes" : "no");
	}
	mutex_unlock(&ndev->entry_lock);
	return 0;
}

static const struct seq_operations nyx_pasids_sops = {
	.start = pasids_start,
	.next = pasids_next,
	.stop = pasids_stop,
	.show = pasids_show,
};

static int pasids_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &nyx_pasids_sops);
}

const struct file_operations nyx_pasids_fops = {
	.owner = THIS_MODULE,
	.open = pasids_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
