// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs <unit>/capabilities: the capabilities of a unit, decoded by name.
 */
#include <linux/seq_file.h>

#include <nyx/unit.h>

#include "debugfs.h"

static int nyx_capabilities_show(struct seq_file *m, void *unused)
{
	struct nyx_unit *unit = m->private;

	unit->ops->show_capabilities(unit, m);
	return 0;
}

NYX_SHOW_FOPS(nyx_capabilities);
