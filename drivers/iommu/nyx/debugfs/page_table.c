// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs domain-<id>/page_table: the mappings of a domain, one interval per
 * line.
 *
 * The position in the file is derived from the IOVA. So a table of any size is
 * shown piece by piece, and each read continues after the last line of the
 * previous read, whatever has been mapped and unmapped meanwhile. Readers take
 * no lock: see debugfs.c.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <nyx/domain.h>

#include "debugfs.h"
#include "lib/show.h"
#include "pt/interval.h"

/* Position 0 is the header, position n + 1 is page n of 4 KiB. */
#define GRANULE_SHIFT 12
#define LAST_POSITION ((loff_t)(U64_MAX >> GRANULE_SHIFT) + 1)

/* Lines per walk: each walk waits some milliseconds for RCU. */
#define BATCH 1024

#define NOTHING_READ U64_MAX

/**
 * struct reader - one open file
 * @domain: the domain whose page table is shown
 * @from: first IOVA of the walk that has filled @ivs, or NOTHING_READ
 * @n: number of intervals in @ivs
 * @i: index of the interval to be shown
 * @ivs: intervals at and after @from
 */
struct reader {
	struct nyx_domain *domain;
	u64 from;
	size_t n;
	size_t i;
	struct nyx_interval *ivs;
};

/* Returns the first interval that ends at or after a position. */
static void *find(struct reader *r, loff_t pos)
{
	u64 iova = (u64)(pos - 1) << GRANULE_SHIFT;

	/* No IOVA follows the last page of a 64-bit table. */
	if (pos > LAST_POSITION)
		return NULL;
	if (r->from <= iova) {
		for (r->i = 0; r->i < r->n; r->i++)
			if (r->ivs[r->i].last >= iova)
				return &r->ivs[r->i];
		if (r->n < BATCH)
			return NULL;
	}
	r->from = iova;
	r->i = 0;
	r->n = nyx_intervals(&r->domain->pt, iova, r->ivs, BATCH);
	return r->n ? r->ivs : NULL;
}

static void *page_table_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;

	if (*pos)
		return find(r, *pos);
	/* A reader that starts again gets the current mappings. */
	r->from = NOTHING_READ;
	r->n = 0;
	return SEQ_START_TOKEN;
}

static void *page_table_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct reader *r = m->private;

	*pos = 1;
	if (v != SEQ_START_TOKEN)
		*pos = (r->ivs[r->i].last >> GRANULE_SHIFT) + 2;
	if (r->i + 1 < r->n)
		return &r->ivs[++r->i];
	return find(r, *pos);
}

static void page_table_stop(struct seq_file *m, void *v)
{
}

static int page_table_show(struct seq_file *m, void *v)
{
	const struct nyx_interval *iv = v;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%-18s %-18s %-18s %15s %-10s %s\n",
			   "first_iova", "last_iova", "physical", "bytes",
			   "leaf_sizes", "access");
		return 0;
	}
	seq_printf(m, "0x%016llx 0x%016llx 0x%016llx %15llu ", iv->first,
		   iv->last, (u64)iv->paddr, iv->last - iv->first + 1);
	nyx_show_sizes(m, 10, iv->leaves);
	seq_printf(m, "%c%c%c\n", iv->prot & IOMMU_READ ? 'r' : '-',
		   iv->prot & IOMMU_WRITE ? 'w' : '-',
		   iv->prot & IOMMU_CACHE ? 'c' : '-');
	return 0;
}

static const struct seq_operations page_table_ops = {
	.start = page_table_start,
	.next = page_table_next,
	.stop = page_table_stop,
	.show = page_table_show,
};

static int page_table_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;

	kvfree(r->ivs);
	return seq_release_private(inode, file);
}

static int page_table_open(struct inode *inode, struct file *file)
{
	struct nyx_interval *ivs;
	struct reader *r;

	ivs = kvmalloc_array(BATCH, sizeof(*ivs), GFP_KERNEL);
	if (!ivs)
		return -ENOMEM;
	r = __seq_open_private(file, &page_table_ops, sizeof(*r));
	if (!r) {
		kvfree(ivs);
		return -ENOMEM;
	}
	r->domain = inode->i_private;
	r->from = NOTHING_READ;
	r->ivs = ivs;
	return 0;
}

const struct file_operations nyx_page_table_fops = {
	.owner = THIS_MODULE,
	.open = page_table_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = page_table_release,
};
