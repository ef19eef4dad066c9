// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs devices: all devices below all units.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/isolation.h>

#include "debugfs.h"
#include "lib/show.h"
#include "quarantine/quarantine.h"

static void *devices_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&nyx_devices_lock);
	return seq_list_start_head(&nyx_devices, *pos);
}

static void *devices_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &nyx_devices, pos);
}

static void devices_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&nyx_devices_lock);
}

static void show_requesters(struct seq_file *m, int width,
			    const struct nyx_device *ndev)
{
	unsigned int i;

	seq_setwidth(m, width);
	for (i = 0; i < ndev->nr_rids; i++)
		seq_printf(m, "%s%02x:%02x.%x", i ? "+" : "",
			   PCI_BUS_NUM(ndev->rids[i]), PCI_SLOT(ndev->rids[i]),
			   PCI_FUNC(ndev->rids[i]));
	if (!ndev->nr_rids)
		seq_putc(m, '-');
	seq_pad(m, ' ');
}

/* A device that is managed under the lock does not leave its group. */
static void show_group(struct seq_file *m, int width,
		       const struct nyx_device *ndev)
{
	struct iommu_group *group = NULL;

	lockdep_assert_held(&nyx_devices_lock);
	if (nyx_device_is_managed(ndev))
		group = iommu_group_get(ndev->dev);
	if (group)
		seq_printf(m, "%*d ", width, iommu_group_id(group));
	else
		seq_printf(m, "%*s ", width, "-");
	iommu_group_put(group);
}

/* A driver stays valid for a grace period after its devices were unbound. */
static void show_driver(struct seq_file *m, int width,
			const struct nyx_device *ndev)
{
	const struct device_driver *drv;

	guard(rcu)();
	drv = READ_ONCE(ndev->dev->driver);
	nyx_show_word(m, width, drv ? drv->name : NULL);
}

static const char *managed_word(const struct nyx_device *ndev)
{
	if (nyx_device_is_managed(ndev))
		return "yes";
	return nyx_device_is_waiting(ndev) ? "waiting" : "no";
}

static const char *entry_word(const struct nyx_device *ndev)
{
	if (nyx_device_is_cut_off(ndev))
		return "blocked";
	if (READ_ONCE(ndev->isolated))
		return "isolated";
	switch (ndev->entry.kind) {
	case NYX_ENTRY_BLOCKED:
		return "blocked";
	case NYX_ENTRY_IDENTITY:
		return "identity";
	case NYX_ENTRY_FOREIGN:
		return "foreign";
	case NYX_ENTRY_TABLE:
		break;
	}
	return "translated";
}

static const char *ats_word(const struct nyx_device *ndev)
{
	if (READ_ONCE(ndev->ats_lost))
		return "lost";
	if (!ndev->ats_supported)
		return "-";
	return ndev->ats_enabled ? "on" : "off";
}

static void show_entry(struct seq_file *m, struct nyx_device *ndev)
{
	const struct nyx_domain *domain;

	/* Shows an entry and a domain that belong together. */
	guard(mutex)(&ndev->entry_lock);
	domain = nyx_domain_base(ndev->domain);
	seq_printf(m, "%-10s ", entry_word(ndev));
	nyx_show_id(m, 6, domain ? domain->pt.id : 0);
	nyx_show_word(m, 9, nyx_isolation_word(nyx_isolation(domain,
							     ndev->entry.kind)));
	nyx_show_id(m, 9, nyx_device_is_cut_off(ndev) ?
			  0 : ndev->entry.domain_id);
	seq_printf(m, "%-4s ", ats_word(ndev));
}

static int devices_show(struct seq_file *m, void *v)
{
	struct nyx_device *ndev;

	if (v == &nyx_devices) {
		seq_printf(m, "%-12s %-8s %-16s %6s %-16s %-8s %-10s %6s %-9s %9s %-4s %8s %s\n",
			   "device", "unit", "requesters", "group", "driver",
			   "managed", "entry", "domain", "isolation",
			   "domain_id", "ats", "faults", "state");
		return 0;
	}
	ndev = list_entry(v, struct nyx_device, node);
	nyx_show_word(m, 12, dev_name(ndev->dev));
	nyx_show_word(m, 8, ndev->unit->name);
	show_requesters(m, 16, ndev);
	show_group(m, 6, ndev);
	show_driver(m, 16, ndev);
	seq_printf(m, "%-8s ", managed_word(ndev));
	show_entry(m, ndev);
	seq_printf(m, "%8u %s\n", (unsigned int)atomic_read(&ndev->faults),
		   nyx_cut_state_word(READ_ONCE(ndev->cut_off)));
	return 0;
}

static const struct seq_operations nyx_devices_sops = {
	.start = devices_start,
	.next = devices_next,
	.stop = devices_stop,
	.show = devices_show,
};

static int devices_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &nyx_devices_sops);
}

const struct file_operations nyx_devices_fops = {
	.owner = THIS_MODULE,
	.open = devices_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
