// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs domains: all paging domains and their counters.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>

#include <nyx/domain.h>
#include <nyx/isolation.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "lib/show.h"

static void *domains_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&nyx_domains_lock);
	return seq_list_start_head(&nyx_domains, *pos);
}

static void *domains_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &nyx_domains, pos);
}

static void domains_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&nyx_domains_lock);
}

/* The IOMMU core sets the type after the allocation of a domain. */
static const char *type_word(const struct nyx_domain *domain)
{
	switch (READ_ONCE(domain->pt.iommu.domain.type)) {
	case IOMMU_DOMAIN_DMA:
		return "dma";
	case IOMMU_DOMAIN_DMA_FQ:
		return "dma-fq";
	case IOMMU_DOMAIN_UNMANAGED:
		return "unmanaged";
	default:
		return "-";
	}
}

/* Shows the units that use the domain and the number of attached devices. */
static void show_users(struct seq_file *m, const struct nyx_domain *domain)
{
	unsigned int devices = 0, units = 0;
	const struct nyx_link *link;

	guard(rcu)();
	seq_setwidth(m, 16);
	list_for_each_entry_rcu(link, &domain->links, node) {
		seq_printf(m, "%s%s:%u", units++ ? "+" : "", link->unit->name,
			   link->domain_id);
		devices += READ_ONCE(link->users);
	}
	if (!units)
		seq_putc(m, '-');
	seq_pad(m, ' ');
	seq_printf(m, "%7u ", devices);
}

static int domains_show(struct seq_file *m, void *v)
{
	const struct nyx_domain *domain;
	struct nyx_pt_stats sum;

	if (v == &nyx_domains) {
		seq_printf(m, "%6s %-9s %-9s %-6s %6s %9s %-10s %-16s %7s %15s %12s %18s %12s %18s %11s %s\n",
			   "domain", "type", "isolation", "format", "levels", "iova_bits",
			   "page_sizes", "unit:domain_id", "devices",
			   "mapped_bytes", "map_calls", "map_bytes",
			   "unmap_calls", "unmap_bytes", "table_pages",
			   "root_table");
		return 0;
	}
	domain = list_entry(v, struct nyx_domain, node);
	seq_printf(m, "%6u %-9s ", domain->pt.id, type_word(domain));
	nyx_show_word(m, 9, nyx_isolation_word(nyx_isolation(domain,
							     NYX_ENTRY_TABLE)));
	seq_printf(m, "%-6s %6u %9u ", domain->pt.fmt->name,
		   domain->pt.cfg.levels, domain->pt.cfg.va_bits);
	nyx_show_sizes(m, 10, domain->pt.cfg.pgsizes);
	show_users(m, domain);
	nyx_pt_stats_read(&domain->pt, &sum);
	seq_printf(m, "%15lld %12llu %18llu %12llu %18llu %11lld 0x%llx\n",
		   (s64)(sum.map_bytes - sum.unmap_bytes), sum.map_calls,
		   sum.map_bytes, sum.unmap_calls, sum.unmap_bytes,
		   (s64)(sum.tables_allocated - sum.tables_freed),
		   (u64)virt_to_phys(domain->pt.root));
	return 0;
}

static const struct seq_operations nyx_domains_sops = {
	.start = domains_start,
	.next = domains_next,
	.stop = domains_stop,
	.show = domains_show,
};

static int domains_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &nyx_domains_sops);
}

const struct file_operations nyx_domains_fops = {
	.owner = THIS_MODULE,
	.open = domains_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
