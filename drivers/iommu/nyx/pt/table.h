/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format-independent helpers of the engine: allocating and freeing tables,
 * and flushing CPU cache lines of changed entries.
 */
#ifndef NYX_PT_TABLE_H
#define NYX_PT_TABLE_H

#include <linux/cache.h>
#include <linux/percpu.h>
#include <linux/sizes.h>

#include <nyx/pt.h>

#include "lib/cache.h"

/* Both formats have tables of 4 KiB with 512 entries of 64 bits. */
enum {
	NYX_PT_PAGE_SHIFT = 12,
	NYX_PT_INDEX_BITS = 9,
	NYX_PT_ENTRIES = 1 << NYX_PT_INDEX_BITS,
};

/**
 * struct nyx_pt_lines - changed entries whose cache lines are not flushed
 * @start: first byte, or NULL if there are none
 * @end: byte after the last
 *
 * One contiguous run of whole cache lines. Entries are changed in the order of
 * their IOVAs, so the next change either extends the run or starts a new one,
 * and each line is flushed only once.
 */
struct nyx_pt_lines {
	void *start;
	void *end;
};

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
/*
 * Hooks for tests, NULL unless set. The first is called before a table is
 * allocated and makes the allocation fail by returning false. The second is
 * called before a table is freed. The third is called between reading an entry
 * that other CPUs or the hardware may change, and its compare-and-exchange.
 */
extern bool (*nyx_kunit_table_alloc)(void);
extern void (*nyx_kunit_table_free)(u64 *table);
extern void (*nyx_kunit_exchange)(void);
#endif

/* The place of the third hook. */
static __always_inline void nyx_pt_before_exchange(void)
{
#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
	if (nyx_kunit_exchange)
		nyx_kunit_exchange();
#endif
}

u64 *nyx_pt_table_alloc(struct nyx_pt *pt, gfp_t gfp);
void nyx_pt_table_free(struct nyx_pt *pt, u64 *table);
void nyx_pt_table_queue(struct nyx_pt *pt, u64 *table,
			struct iommu_iotlb_gather *gather);
void nyx_pt_lines_add(struct nyx_pt_lines *lines, u64 *slot, unsigned int n);
void nyx_pt_lines_flush(struct nyx_pt_lines *lines);
void nyx_pt_sync(struct nyx_pt *pt, struct iommu_iotlb_gather *gather);
void nyx_pt_release(struct nyx_pt *pt);

#endif /* NYX_PT_TABLE_H */
