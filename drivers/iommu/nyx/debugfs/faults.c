// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs faults: the most recent faults, the oldest first.
 *
 * The position in the file is the number of a fault. If new faults have
 * replaced those at a reader's position, the reader continues with the oldest
 * one left. It stops at the fault that was the newest when it started, so that
 * a storm of faults does not keep it reading forever.
 */
#include <linux/module.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "fault/format.h"
#include "fault/report.h"

struct reader {
	struct nyx_fault_record rec;
	u64 newest;
};

static void *find(struct reader *r, loff_t *pos)
{
	if (!nyx_fault_ring_read(&nyx_faults, *pos, &r->rec) ||
	    r->rec.seq > r->newest)
		return NULL;
	*pos = r->rec.seq;
	return r;
}

static void *faults_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;
	u64 lost;

	if (*pos)
		return find(r, pos);
	r->newest = nyx_fault_ring_count(&nyx_faults, &lost);
	return SEQ_START_TOKEN;
}

static void *faults_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return find(m->private, pos);
}

static void faults_stop(struct seq_file *m, void *v)
{
}

static int faults_show(struct seq_file *m, void *v)
{
	struct reader *r = v;

	if (v == SEQ_START_TOKEN)
		nyx_fault_show_header(m);
	else
		nyx_fault_show(m, &r->rec);
	return 0;
}

static const struct seq_operations faults_ops = {
	.start = faults_start,
	.next = faults_next,
	.stop = faults_stop,
	.show = faults_show,
};

static int faults_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &faults_ops, sizeof(struct reader));
}

const struct file_operations nyx_faults_fops = {
	.owner = THIS_MODULE,
	.open = faults_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};
