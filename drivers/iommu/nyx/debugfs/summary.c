// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs summary: the state of the driver at a glance.
 */
#include <linux/rculist.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "domain/domain.h"
#include "fault/report.h"
#include "version.h"

static void show_value(struct seq_file *m, const char *name, u64 value)
{
	seq_printf(m, "%-28s %15llu\n", name, value);
}

static void show_units(struct seq_file *m)
{
	unsigned int units = 0, on = 0, dead = 0, intr = 0, compat = 0;
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node) {
		units++;
		on += READ_ONCE(unit->enabled);
		dead += READ_ONCE(unit->dead);
		intr += READ_ONCE(unit->intr.on);
		compat += READ_ONCE(unit->intr.on) &&
			  unit->intr.compat == NYX_INTR_COMPAT_ALLOWED;
	}
	show_value(m, "units", units);
	show_value(m, "  translation on", on);
	show_value(m, "  interrupt remapping on", intr);
	show_value(m, "  compat. interrupts allowed", compat);
	show_value(m, "  out of service", dead);
}

static void show_devices(struct seq_file *m)
{
	unsigned int devices = 0, managed = 0, waiting = 0, kinds[4] = {};
	unsigned int cut_off = 0;
	const struct nyx_device *ndev;
	enum nyx_entry_kind kind;

	scoped_guard(rcu) {
		list_for_each_entry_rcu(ndev, &nyx_devices, node) {
			devices++;
			managed += nyx_device_is_managed(ndev);
			waiting += nyx_device_is_waiting(ndev);
			kind = READ_ONCE(ndev->entry.kind);
			if (READ_ONCE(ndev->isolated) ||
			    nyx_device_is_cut_off(ndev))
				kind = NYX_ENTRY_BLOCKED;
			kinds[kind]++;
			cut_off += nyx_device_is_cut_off(ndev);
		}
	}
	show_value(m, "devices", devices);
	show_value(m, "  managed", managed);
	show_value(m, "  waiting for an unbind", waiting);
	show_value(m, "  entry: translated", kinds[NYX_ENTRY_TABLE]);
	show_value(m, "  entry: identity", kinds[NYX_ENTRY_IDENTITY]);
	show_value(m, "  entry: blocked", kinds[NYX_ENTRY_BLOCKED]);
	if (kinds[NYX_ENTRY_FOREIGN])
		show_value(m, "  entry: foreign", kinds[NYX_ENTRY_FOREIGN]);
	show_value(m, "  cut off", cut_off);
}

static void show_domains(struct seq_file *m)
{
	struct nyx_pt_stats all = {}, one;
	const struct nyx_domain *domain;
	unsigned int domains = 0;

	scoped_guard(mutex, &nyx_domains_lock) {
		list_for_each_entry(domain, &nyx_domains, node) {
			nyx_pt_stats_read(&domain->pt, &one);
			domains++;
			all.map_calls += one.map_calls;
			all.map_bytes += one.map_bytes;
			all.unmap_calls += one.unmap_calls;
			all.unmap_bytes += one.unmap_bytes;
			all.tables_allocated += one.tables_allocated;
			all.tables_freed += one.tables_freed;
		}
	}
	show_value(m, "domains", domains);
	show_value(m, "  bytes mapped now", all.map_bytes - all.unmap_bytes);
	show_value(m, "  map calls", all.map_calls);
	show_value(m, "  unmap calls", all.unmap_calls);
	show_value(m, "  table pages of 4096 bytes",
		   all.tables_allocated - all.tables_freed);
	show_value(m, "  table pages never freed", nyx_leaked_tables());
}

static u64 sum_units(enum nyx_stat stat)
{
	const struct nyx_unit *unit;
	u64 sum = 0;

	list_for_each_entry(unit, &nyx_units, node)
		sum += nyx_unit_stat(unit, stat);
	return sum;
}

static void show_flushes(struct seq_file *m)
{
	seq_puts(m, "flushes\n");
	show_value(m, "  of pages", sum_units(NYX_STAT_FLUSH_PAGE));
	show_value(m, "  of domains", sum_units(NYX_STAT_FLUSH_DOMAIN));
	show_value(m, "  global", sum_units(NYX_STAT_FLUSH_GLOBAL));
	show_value(m, "  of device entries", sum_units(NYX_STAT_FLUSH_ENTRY));
	show_value(m, "  of device IOTLBs", sum_units(NYX_STAT_FLUSH_DEVICE));
	show_value(m, "  of interrupt entries", sum_units(NYX_STAT_FLUSH_INTR));
	show_value(m, "  of write buffers", sum_units(NYX_STAT_WRITE_BUFFER));
	show_value(m, "  waits", sum_units(NYX_STAT_WAIT));
	show_value(m, "  errors", sum_units(NYX_STAT_FLUSH_ERROR));
}

static void show_faults(struct seq_file *m)
{
	u64 lost, faults = nyx_fault_ring_count(&nyx_faults, &lost);

	show_value(m, "faults", faults);
	show_value(m, "  kept in file faults", faults - lost);
	show_value(m, "  fault log overflows", sum_units(NYX_STAT_FAULT_OVERFLOW));
}

static int nyx_summary_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%-28s %15s\n", "version", NYX_VERSION);
	seq_printf(m, "%-28s %15s\n", "hardware", nyx_vendor->name);
	show_units(m);
	show_devices(m);
	show_domains(m);
	show_flushes(m);
	show_faults(m);
	return 0;
}

NYX_SHOW_FOPS(nyx_summary);
