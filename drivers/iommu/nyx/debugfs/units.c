// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs units: all units, their capabilities and counters.
 *
 * The list of units does not change while the files exist.
 */
#include <linux/rculist.h>
#include <linux/seq_file.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "lib/show.h"

static const struct {
	const char *column;
	enum nyx_stat stat;
} counters[] = {
	{ "flush_page", NYX_STAT_FLUSH_PAGE },
	{ "flush_domain", NYX_STAT_FLUSH_DOMAIN },
	{ "flush_global", NYX_STAT_FLUSH_GLOBAL },
	{ "flush_entry", NYX_STAT_FLUSH_ENTRY },
	{ "flush_device", NYX_STAT_FLUSH_DEVICE },
	{ "flush_intr", NYX_STAT_FLUSH_INTR },
	{ "write_buffer", NYX_STAT_WRITE_BUFFER },
	{ "waits", NYX_STAT_WAIT },
	{ "flush_errors", NYX_STAT_FLUSH_ERROR },
	{ "faults", NYX_STAT_FAULT },
	{ "overflows", NYX_STAT_FAULT_OVERFLOW },
};

static unsigned int count_devices(const struct nyx_unit *unit)
{
	const struct nyx_device *ndev;
	unsigned int n = 0;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		n += ndev->unit == unit;
	return n;
}

/* One for each domain that is linked to the unit, and one for identity. */
static unsigned int count_domain_ids(const struct nyx_unit *unit)
{
	const struct nyx_domain *domain;
	const struct nyx_link *link;
	unsigned int n = !!unit->identity_id;

	guard(mutex)(&nyx_domains_lock);
	guard(rcu)();
	list_for_each_entry(domain, &nyx_domains, node)
		list_for_each_entry_rcu(link, &domain->links, node)
			n += link->unit == unit;
	return n;
}

static const char *state_word(const struct nyx_unit *unit)
{
	if (READ_ONCE(unit->dead))
		return "dead";
	return READ_ONCE(unit->enabled) || READ_ONCE(unit->left_on) ?
	       "on" : "off";
}

static void show_header(struct seq_file *m)
{
	size_t i;

	seq_printf(m, "%-8s %-12s %-7s %-18s %-5s %-6s %9s %9s %-10s %-8s %7s %10s %13s",
		   "unit", "vendor", "segment", "registers", "state", "levels",
		   "iova_bits", "phys_bits", "page_sizes", "coherent",
		   "devices", "domain_ids", "max_domain_id");
	seq_printf(m, " %-5s %12s %9s %-7s", "intr", "intr_entries",
		   "intr_used", "compat");
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(m, " %12s", counters[i].column);
	seq_putc(m, '\n');
}

static void show_intr(struct seq_file *m, const struct nyx_unit *unit)
{
	const struct nyx_intr_unit *intr = &unit->intr;

	seq_printf(m, " %-5s %12u %9u ", intr->on ? "on" : "off",
		   intr->entries, nyx_intr_count(unit));
	nyx_show_word(m, 7, intr->on ? nyx_intr_compat_word(intr->compat) : NULL);
}

static void show_unit(struct seq_file *m, const struct nyx_unit *unit)
{
	const struct nyx_unit_caps *caps = &unit->caps;
	size_t i;

	nyx_show_word(m, 8, unit->name);
	nyx_show_word(m, 12, nyx_vendor->name);
	seq_printf(m, "%04x    0x%016llx %-5s ", unit->segment,
		   (u64)unit->phys, state_word(unit));
	nyx_show_levels(m, 6, caps->levels);
	seq_printf(m, "%9u %9u ", caps->addr_bits, caps->phys_bits);
	nyx_show_sizes(m, 10, caps->pgsizes);
	seq_printf(m, "%-8s %7u %10u %13u", caps->coherent ? "yes" : "no",
		   count_devices(unit), count_domain_ids(unit),
		   caps->max_domain_id);
	show_intr(m, unit);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(m, "%s%12llu", i ? " " : "",
			   nyx_unit_stat(unit, counters[i].stat));
	seq_putc(m, '\n');
}

static int nyx_units_show(struct seq_file *m, void *unused)
{
	const struct nyx_unit *unit;

	show_header(m);
	list_for_each_entry(unit, &nyx_units, node)
		show_unit(m, unit);
	return 0;
}

NYX_SHOW_FOPS(nyx_units);
