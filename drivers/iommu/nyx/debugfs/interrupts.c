// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs interrupts: all remapped interrupts of all devices.
 */
#include <linux/module.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/intr.h>

#include "debugfs.h"
#include "lib/show.h"

static void *interrupts_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&nyx_intrs_lock);
	return seq_list_start_head(&nyx_intrs, *pos);
}

static void *interrupts_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &nyx_intrs, pos);
}

static void interrupts_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&nyx_intrs_lock);
}

/* Both change at any time: vector and destination may not belong together. */
static void show_interrupt(struct seq_file *m, const struct nyx_intr *intr)
{
	const struct nyx_intr_run *run = intr->run;

	nyx_show_word(m, 8, run->ndev->unit->name);
	seq_printf(m, "%6u ", run->index + intr->offset);
	nyx_show_word(m, 12, dev_name(run->ndev->dev));
	seq_printf(m, "%6u ", intr->irq);
	if (READ_ONCE(intr->active))
		seq_printf(m, "0x%02x   0x%08x", READ_ONCE(intr->target.vector),
			   READ_ONCE(intr->target.dest));
	else
		seq_printf(m, "%-6s %-10s", "-", "-");
	seq_printf(m, " %10llu\n", READ_ONCE(intr->updates));
}

static int interrupts_show(struct seq_file *m, void *v)
{
	const struct nyx_intr_run *run;
	unsigned int i;

	if (v == &nyx_intrs) {
		seq_printf(m, "%-8s %6s %-12s %6s %-6s %-10s %10s\n", "unit",
			   "index", "device", "irq", "vector", "dest",
			   "updates");
		return 0;
	}
	run = list_entry(v, struct nyx_intr_run, node);
	for (i = 0; i < run->nr; i++)
		if (run->intr[i].used)
			show_interrupt(m, &run->intr[i]);
	return 0;
}

static const struct seq_operations nyx_interrupts_sops = {
	.start = interrupts_start,
	.next = interrupts_next,
	.stop = interrupts_stop,
	.show = interrupts_show,
};

static int interrupts_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &nyx_interrupts_sops);
}

const struct file_operations nyx_interrupts_fops = {
	.owner = THIS_MODULE,
	.open = interrupts_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
