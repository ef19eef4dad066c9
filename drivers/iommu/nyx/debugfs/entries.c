// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs <unit>/entries: the hardware entries of a unit's devices, decoded
 * with the names of the specification.
 */
#include <linux/cleanup.h>
#include <linux/pci.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "lib/show.h"

static int nyx_entries_show(struct seq_file *m, void *unused)
{
	struct nyx_unit *unit = m->private;
	struct nyx_device *ndev;
	unsigned int i;
	u16 rid;

	seq_printf(m, "%-12s %-9s entry fields\n", "device", "requester");
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node) {
		if (ndev->unit != unit)
			continue;
		for (i = 0; i < ndev->nr_rids; i++) {
			rid = ndev->rids[i];
			nyx_show_word(m, 12, dev_name(ndev->dev));
			seq_printf(m, "%02x:%02x.%x   ", PCI_BUS_NUM(rid),
				   PCI_SLOT(rid), PCI_FUNC(rid));
			unit->ops->show_entry(unit, rid, m);
			seq_putc(m, '\n');
		}
	}
	return 0;
}

NYX_SHOW_FOPS(nyx_entries);
