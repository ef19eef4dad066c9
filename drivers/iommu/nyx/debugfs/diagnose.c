// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files with diagnose=1: summary, notes, units, faults, and registers and
 * capabilities of each unit. Each read shows the units as they are then.
 */
#include <linux/cleanup.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <nyx/diagnose.h>

#include "debugfs.h"
#include "fault/format.h"
#include "fault/ring.h"
#include "lib/show.h"
#include "version.h"

static bool count_fault(const struct nyx_diag_unit *unit,
			const struct nyx_fault *fault, void *arg)
{
	++*(unsigned int *)arg;
	return true;
}

static unsigned int count_faults(const struct nyx_diag_unit *unit)
{
	unsigned int n = 0;

	unit->ops->read_faults(unit, count_fault, &n);
	return n;
}

static void show_value(struct seq_file *m, const char *name, unsigned int value)
{
	seq_printf(m, "%-28s %15u\n", name, value);
}

static int nyx_diag_summary_show(struct seq_file *m, void *unused)
{
	unsigned int units = 0, on = 0, intr = 0, faults = 0, overflows = 0;
	const struct nyx_diag_unit *unit;
	struct nyx_diag_state state;

	list_for_each_entry(unit, &nyx_diag_units, node) {
		unit->ops->read_state(unit, &state);
		units++;
		on += state.translation;
		intr += state.intr;
		overflows += state.overflow;
		faults += count_faults(unit);
	}
	seq_printf(m, "%-28s %15s\n", "version", NYX_VERSION);
	seq_printf(m, "%-28s %15s\n", "hardware", nyx_vendor->name);
	seq_puts(m, "diagnostics only\n");
	seq_puts(m, "  " NYX_DIAG_TABLES "\n");
	seq_puts(m, "  " NYX_DIAG_INVALIDATION "\n");
	seq_puts(m, "  " NYX_DIAG_DMA "\n");
	show_value(m, "notes", list_count_nodes(&nyx_diag_notes));
	show_value(m, "units", units);
	show_value(m, "  translation on", on);
	show_value(m, "  interrupt remapping on", intr);
	show_value(m, "pending faults", faults);
	show_value(m, "  fault log overflows", overflows);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_summary);

static int nyx_diag_notes_show(struct seq_file *m, void *unused)
{
	const struct nyx_diag_note *note;

	list_for_each_entry(note, &nyx_diag_notes, node)
		seq_printf(m, "%s\n", note->text);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_notes);

static const char *word(bool valid, bool on)
{
	if (!valid)
		return "-";
	return on ? "on" : "off";
}

static void show_caps(struct seq_file *m, const struct nyx_diag_unit *unit)
{
	const struct nyx_unit_caps *caps = &unit->caps;

	nyx_show_levels(m, 6, caps->levels);
	seq_printf(m, "%9u %9u ", caps->addr_bits, caps->phys_bits);
	nyx_show_sizes(m, 10, caps->pgsizes);
	nyx_show_word(m, 8, !unit->supported ? NULL :
		      caps->coherent ? "yes" : "no");
}

static void show_unit(struct seq_file *m, const struct nyx_diag_unit *unit)
{
	struct nyx_diag_state state;

	unit->ops->read_state(unit, &state);
	nyx_show_word(m, 8, unit->name);
	nyx_show_word(m, 12, nyx_vendor->name);
	seq_printf(m, "%04x    0x%016llx %-9s ", unit->segment, (u64)unit->phys,
		   unit->supported ? "yes" : "no");
	show_caps(m, unit);
	seq_printf(m, "%-11s %-4s %-5s %-8s %6u\n",
		   word(state.responds, state.translation),
		   word(state.responds && state.has_intr, state.intr),
		   word(state.responds, state.queue),
		   !state.responds ? "-" : state.overflow ? "yes" : "no",
		   count_faults(unit));
}

static int nyx_diag_units_show(struct seq_file *m, void *unused)
{
	const struct nyx_diag_unit *unit;

	seq_printf(m, "%-8s %-12s %-7s %-18s %-9s %-6s %9s %9s %-10s %-8s %-11s %-4s %-5s %-8s %6s\n",
		   "unit", "vendor", "segment", "registers", "supported",
		   "levels", "iova_bits", "phys_bits", "page_sizes", "coherent",
		   "translation", "intr", "queue", "overflow", "faults");
	list_for_each_entry(unit, &nyx_diag_units, node)
		show_unit(m, unit);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_units);

/* A driver stays valid for a grace period after its devices were unbound. */
static void describe_device(struct nyx_fault_record *rec)
{
	u16 rid = rec->fault.rid;
	const struct device_driver *drv;
	struct pci_dev *pdev;

	pdev = pci_get_domain_bus_and_slot(rec->segment, PCI_BUS_NUM(rid),
					   rid & 0xff);
	if (!pdev)
		return;
	strscpy(rec->device, pci_name(pdev));
	scoped_guard(rcu) {
		drv = READ_ONCE(pdev->dev.driver);
		if (drv)
			strscpy(rec->driver, drv->name);
	}
	pci_dev_put(pdev);
}

/**
 * struct shown - what has been printed to the file faults
 * @m: the file
 * @seq: number of faults
 */
struct shown {
	struct seq_file *m;
	u64 seq;
};

/* Ends when the buffer is full: it is printed again to a larger one. */
static bool show_fault(const struct nyx_diag_unit *unit,
		       const struct nyx_fault *fault, void *arg)
{
	struct shown *shown = arg;
	struct nyx_fault_record rec = {
		.seq = ++shown->seq,
		.time_ns = local_clock(),
		.segment = unit->segment,
		.fault = *fault,
	};

	strscpy(rec.unit, unit->name);
	describe_device(&rec);
	nyx_fault_show(shown->m, &rec);
	return !seq_has_overflowed(shown->m);
}

static int nyx_diag_faults_show(struct seq_file *m, void *unused)
{
	const struct nyx_diag_unit *unit;
	struct shown shown = { .m = m };

	nyx_fault_show_header(m);
	list_for_each_entry(unit, &nyx_diag_units, node)
		unit->ops->read_faults(unit, show_fault, &shown);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_faults);

static int nyx_diag_registers_show(struct seq_file *m, void *unused)
{
	const struct nyx_diag_unit *unit = m->private;

	unit->ops->show_registers(unit, m);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_registers);

static int nyx_diag_capabilities_show(struct seq_file *m, void *unused)
{
	const struct nyx_diag_unit *unit = m->private;

	unit->ops->show_capabilities(unit, m);
	return 0;
}

NYX_SHOW_FOPS(nyx_diag_capabilities);
