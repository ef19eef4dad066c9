// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs domain-<id>/history: the recent operations on a domain, the oldest
 * first.
 *
 * The position in the file is the number of an operation. If new operations
 * have replaced those at a reader's position, the reader continues with the
 * oldest one left. It stops at the operation that was the newest when it
 * started. Readers take no lock: see debugfs.c.
 */
#include <linux/iommu.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#include <nyx/domain.h>

#include "debugfs.h"
#include "forensics/history.h"
#include "lib/show.h"

struct reader {
	struct nyx_domain *domain;
	struct nyx_op op;
	u64 newest;
};

static const char *const kinds[] = {
	[NYX_OP_MAP] = "map",
	[NYX_OP_UNMAP] = "unmap",
	[NYX_OP_FLUSH] = "flush",
};

static void *find(struct reader *r, loff_t *pos)
{
	if (!nyx_history_read(r->domain, *pos, &r->op) ||
	    r->op.seq > r->newest)
		return NULL;
	*pos = r->op.seq;
	return r;
}

static void *history_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;

	if (*pos)
		return find(r, pos);
	r->newest = nyx_history_mark(r->domain);
	return SEQ_START_TOKEN;
}

static void *history_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return find(m->private, pos);
}

static void history_stop(struct seq_file *m, void *v)
{
}

static int history_show(struct seq_file *m, void *v)
{
	const struct reader *r = v;
	const struct nyx_op *op;
	unsigned long caller;
	u32 ns;
	u64 s;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%8s %14s %-9s %-18s %-18s %-18s %-6s %3s %s\n",
			   "seq", "time_s", "operation", "first_iova",
			   "last_iova", "physical", "access", "cpu", "caller");
		return 0;
	}
	op = &r->op;
	s = div_u64_rem(op->time_ns, NSEC_PER_SEC, &ns);
	seq_printf(m, "%8llu %7llu.%06u %-9s 0x%016llx 0x%016llx ", op->seq, s,
		   ns / 1000, kinds[op->kind], op->iova, op->last);
	if (op->kind == NYX_OP_MAP)
		seq_printf(m, "0x%016llx %c%c     ", (u64)op->paddr,
			   op->prot & IOMMU_READ ? 'r' : '-',
			   op->prot & IOMMU_WRITE ? 'w' : '-');
	else
		seq_printf(m, "%-18s %-6s ", "-", "-");
	seq_printf(m, "%3u ", op->cpu);
	caller = nyx_op_caller(op);
	if (caller)
		seq_printf(m, "%pB\n", (void *)caller);
	else
		seq_puts(m, "-\n");
	return 0;
}

static const struct seq_operations history_ops = {
	.start = history_start,
	.next = history_next,
	.stop = history_stop,
	.show = history_show,
};

static int history_open(struct inode *inode, struct file *file)
{
	struct reader *r = __seq_open_private(file, &history_ops, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->domain = inode->i_private;
	return 0;
}

const struct file_operations nyx_history_fops = {
	.owner = THIS_MODULE,
	.open = history_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};
