// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs interrupts: all remapped interrupts of all devices, and all that bypass
 * remapping.
 */
#include <linux/cleanup.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "intr/bypass.h"
#include "lib/show.h"

/* Both change at any time: vector and destination may not belong together. */
static void show_interrupt(struct seq_file *m, const struct nyx_intr *intr)
{
	const struct nyx_intr_run *run = intr->run;
	bool posted = READ_ONCE(intr->posted);

	nyx_show_word(m, 8, run->ndev->unit->name);
	seq_printf(m, "%6u ", run->index + intr->offset);
	nyx_show_word(m, 12, dev_name(run->ndev->dev));
	seq_printf(m, "%6u ", intr->irq);
	if (posted)
		seq_printf(m, "0x%02x   %-10s",
			   READ_ONCE(intr->posting.vector), "-");
	else if (READ_ONCE(intr->active))
		seq_printf(m, "0x%02x   0x%08x", READ_ONCE(intr->target.vector),
			   READ_ONCE(intr->target.dest));
	else
		seq_printf(m, "%-6s %-10s", "-", "-");
	seq_printf(m, " %10llu %-8s -\n", READ_ONCE(intr->updates),
		   posted ? "posted" : intr->adopted ? "adopted" : "remapped");
}

static void show_run(struct seq_file *m, const struct nyx_intr_run *run)
{
	unsigned int i;

	for (i = 0; i < run->nr; i++)
		if (run->intr[i].used)
			show_interrupt(m, &run->intr[i]);
}

static void show_bypass(const struct nyx_bypass *bypass, void *arg)
{
	const struct nyx_unit *unit = bypass->unit;
	struct seq_file *m = arg;

	if (unit && !READ_ONCE(unit->intr.on))
		return;
	nyx_show_word(m, 8, unit ? unit->name : NULL);
	seq_printf(m, "%6s ", "-");
	nyx_show_word(m, 12, bypass->source);
	if (bypass->irq < 0)
		seq_printf(m, "%6s ", "-");
	else
		seq_printf(m, "%6d ", bypass->irq);
	seq_printf(m, "%-6s %-10s %10s %-8s ", "-", "-", "-",
		   unit && unit->intr.compat == NYX_INTR_COMPAT_BLOCKED ?
		   "blocked" : "passes");
	nyx_show_word(m, 0, bypass->reason);
	seq_putc(m, '\n');
}

static bool any_unit_remaps(void)
{
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (READ_ONCE(unit->intr.on))
			return true;
	return false;
}

static int nyx_interrupts_show(struct seq_file *m, void *unused)
{
	const struct nyx_intr_run *run;

	seq_printf(m, "%-8s %6s %-12s %6s %-6s %-10s %10s %-8s %s\n", "unit",
		   "index", "device", "irq", "vector", "dest", "updates",
		   "state", "reason");
	scoped_guard(mutex, &nyx_intrs_lock)
		list_for_each_entry(run, &nyx_intrs, node)
			show_run(m, run);
	if (!any_unit_remaps())
		return 0;
	guard(mutex)(&nyx_devices_lock);
	nyx_bypass_for_each(show_bypass, m);
	return 0;
}

NYX_SHOW_FOPS(nyx_interrupts);
