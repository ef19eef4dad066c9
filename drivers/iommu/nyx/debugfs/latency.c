// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs latency: how long maps, unmaps and flushes of domains, and flushes and
 * waits of units take. Writing "on", "off" or "clear" controls the measurement.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <nyx/domain.h>
#include <nyx/unit.h>

#include "debugfs.h"
#include "lib/latency.h"
#include "lib/show.h"

#define NYX_LATENCY_COMMAND 16

/* Serializes commands; protects nyx_unit.latency of all units. */
static DEFINE_MUTEX(command_lock);

static void show_histogram(struct seq_file *m, const struct nyx_latency_sum *sum)
{
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < NYX_LATENCY_BUCKETS; i++) {
		if (!sum->n[i])
			continue;
		seq_printf(m, "%s%llu:%llu", sep, nyx_latency_least(i),
			   sum->n[i]);
		sep = ",";
	}
	seq_printf(m, "%s\n", *sep ? "" : "-");
}

static void show_op(struct seq_file *m, const char *name, const char *op_name,
		    struct nyx_latency __percpu *latency,
		    enum nyx_latency_op op)
{
	struct nyx_latency_sum sum;

	nyx_latency_add_up(latency, op, &sum);
	nyx_show_word(m, 16, name);
	seq_printf(m, "%-5s %12llu ", op_name, sum.count);
	if (sum.count)
		seq_printf(m, "%12llu %12llu %12llu %12llu ",
			   nyx_latency_least(nyx_latency_percentile(&sum, 0)),
			   nyx_latency_most(nyx_latency_percentile(&sum, 50)),
			   nyx_latency_most(nyx_latency_percentile(&sum, 99)),
			   nyx_latency_most(nyx_latency_percentile(&sum, 100)));
	else
		seq_printf(m, "%12s %12s %12s %12s ", "-", "-", "-", "-");
	show_histogram(m, &sum);
}

static int latency_show(struct seq_file *m, void *unused)
{
	const struct nyx_domain *domain;
	const struct nyx_unit *unit;
	char name[24];

	seq_printf(m, "%-16s %-5s %12s %12s %12s %12s %12s %s\n", "name", "op",
		   "count", "min_ns", "median_ns", "p99_ns", "max_ns",
		   "histogram");
	list_for_each_entry(unit, &nyx_units, node) {
		show_op(m, unit->name, "flush", READ_ONCE(unit->latency),
			NYX_LATENCY_FLUSH);
		show_op(m, unit->name, "wait", READ_ONCE(unit->latency),
			NYX_LATENCY_WAIT);
	}
	guard(mutex)(&nyx_domains_lock);
	list_for_each_entry(domain, &nyx_domains, node) {
		snprintf(name, sizeof(name), "domain-%u", domain->pt.id);
		show_op(m, name, "map", domain->pt.latency, NYX_LATENCY_MAP);
		show_op(m, name, "unmap", domain->pt.latency,
			NYX_LATENCY_UNMAP);
		show_op(m, name, "flush", domain->pt.latency,
			NYX_LATENCY_FLUSH);
	}
	return 0;
}

/*
 * Domains that are created from now on get their counts with them: see
 * nyx_domains_add().
 */
static int measure(void)
{
	struct nyx_domain *domain;
	struct nyx_unit *unit;
	int ret = 0;

	static_branch_enable(&nyx_latency_key);
	list_for_each_entry(unit, &nyx_units, node)
		ret = ret ?: nyx_latency_alloc(&unit->latency);
	scoped_guard(mutex, &nyx_domains_lock)
		list_for_each_entry(domain, &nyx_domains, node)
			ret = ret ?: nyx_latency_alloc(&domain->pt.latency);
	if (ret)
		static_branch_disable(&nyx_latency_key);
	return ret;
}

static void clear(void)
{
	struct nyx_domain *domain;
	struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		nyx_latency_clear(unit->latency);
	guard(mutex)(&nyx_domains_lock);
	list_for_each_entry(domain, &nyx_domains, node)
		nyx_latency_clear(domain->pt.latency);
}

static int execute(const char *command)
{
	guard(mutex)(&command_lock);
	if (!strcmp(command, "on"))
		return measure();
	if (!strcmp(command, "off"))
		static_branch_disable(&nyx_latency_key);
	else if (!strcmp(command, "clear"))
		clear();
	else
		return -EINVAL;
	return 0;
}

static ssize_t latency_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	char *command __free(kfree) = NULL;
	int ret;

	if (!count || count > NYX_LATENCY_COMMAND)
		return -EINVAL;
	command = memdup_user_nul(buf, count);
	if (IS_ERR(command))
		return PTR_ERR(command);
	ret = execute(strim(command));
	return ret ?: count;
}

static int latency_open(struct inode *inode, struct file *file)
{
	return single_open(file, latency_show, NULL);
}

const struct file_operations nyx_latency_fops = {
	.owner = THIS_MODULE,
	.open = latency_open,
	.read = seq_read,
	.write = latency_write,
	.llseek = seq_lseek,
	.release = single_release,
};
