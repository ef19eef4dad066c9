// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs domain-<id>/page_table: what a domain maps, an interval per line.
 *
 * The position in the file is derived from the IOVA, so a table of any size is
 * shown piece by piece, and a read goes on behind the last line that it got,
 * whatever has been mapped and unmapped meanwhile. Readers take no lock: see
 * debugfs.c.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <nyx/domain.h>

#include "debugfs_files.h"
#include "interval.h"
#include "show.h"

/* Position 0 is the header, position n + 1 the granule n. */
#define GRANULE_SHIFT 12

struct reader {
	struct nyx_domain *domain;
	struct nyx_interval iv;
};

static void *find(struct reader *r, loff_t pos)
{
	struct nyx_pt *pt = &r->domain->pt;
	u64 from = (u64)(pos - 1) << GRANULE_SHIFT;

	if (from > nyx_interval_end(pt) || !nyx_interval_next(pt, from, &r->iv))
		return NULL;
	return &r->iv;
}

static void *page_table_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? find(m->private, *pos) : SEQ_START_TOKEN;
}

static void *page_table_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct reader *r = m->private;

	if (v == SEQ_START_TOKEN)
		*pos = 1;
	else
		*pos = (r->iv.last >> GRANULE_SHIFT) + 2;
	return find(r, *pos);
}

static void page_table_stop(struct seq_file *m, void *v)
{
}

static int page_table_show(struct seq_file *m, void *v)
{
	const struct nyx_interval *iv = v;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%-18s %-18s %-18s %15s %-6s %s\n", "first_iova",
			   "last_iova", "physical", "bytes", "access",
			   "leaf_sizes");
		return 0;
	}
	seq_printf(m, "0x%016llx 0x%016llx 0x%016llx %15llu %c%c%c    ",
		   iv->first, iv->last, (u64)iv->paddr,
		   iv->last - iv->first + 1,
		   iv->prot & IOMMU_READ ? 'r' : '-',
		   iv->prot & IOMMU_WRITE ? 'w' : '-',
		   iv->prot & IOMMU_CACHE ? 'c' : '-');
	nyx_show_sizes(m, 0, iv->leaves);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations page_table_ops = {
	.start = page_table_start,
	.next = page_table_next,
	.stop = page_table_stop,
	.show = page_table_show,
};

static int page_table_open(struct inode *inode, struct file *file)
{
	struct reader *r;

	r = __seq_open_private(file, &page_table_ops, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->domain = inode->i_private;
	return 0;
}

const struct file_operations nyx_page_table_fops = {
	.owner = THIS_MODULE,
	.open = page_table_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};
