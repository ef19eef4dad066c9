/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of a unit. They are per CPU, so that fast paths share no cache line.
 */
#ifndef NYX_STATS_H
#define NYX_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum nyx_stat - counters of a unit
 * @NYX_STAT_FLUSH_PAGE: page-selective IOTLB invalidations
 * @NYX_STAT_FLUSH_DOMAIN: domain-selective IOTLB invalidations
 * @NYX_STAT_FLUSH_GLOBAL: global IOTLB invalidations
 * @NYX_STAT_FLUSH_ENTRY: invalidations of context or device-table entries
 * @NYX_STAT_FLUSH_DEVICE: device-TLB invalidations
 * @NYX_STAT_FLUSH_INTR: invalidations of interrupt entries
 * @NYX_STAT_WRITE_BUFFER: write-buffer flushes
 * @NYX_STAT_WAIT: waits for completion
 * @NYX_STAT_FLUSH_ERROR: invalidations that failed or timed out
 * @NYX_STAT_FAULT: fault records read
 * @NYX_STAT_FAULT_OVERFLOW: times that the unit's fault log overflowed
 * @NYX_STATS: number of counters
 */
enum nyx_stat {
	NYX_STAT_FLUSH_PAGE,
	NYX_STAT_FLUSH_DOMAIN,
	NYX_STAT_FLUSH_GLOBAL,
	NYX_STAT_FLUSH_ENTRY,
	NYX_STAT_FLUSH_DEVICE,
	NYX_STAT_FLUSH_INTR,
	NYX_STAT_WRITE_BUFFER,
	NYX_STAT_WAIT,
	NYX_STAT_FLUSH_ERROR,
	NYX_STAT_FAULT,
	NYX_STAT_FAULT_OVERFLOW,
	NYX_STATS,
};

/**
 * struct nyx_unit_stats - counters of one unit on one CPU
 * @n: the counters, indexed by enum nyx_stat
 */
struct nyx_unit_stats {
	u64 n[NYX_STATS];
};

/* Any context; a single instruction on a cache line of this CPU. */
#define nyx_stat_inc(unit, what) this_cpu_inc((unit)->stats->n[what])

struct nyx_unit;

u64 nyx_unit_stat(const struct nyx_unit *unit, enum nyx_stat what);

#endif /* NYX_STATS_H */
