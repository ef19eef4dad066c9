/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages that tables are made of, and changes that no walker has seen yet:
 * what the engine needs and no entry format has a say in.
 */
#ifndef NYX_PT_TABLE_H
#define NYX_PT_TABLE_H

#include <linux/cache.h>
#include <linux/percpu.h>
#include <linux/sizes.h>

#include <nyx/pt.h>

#include "lib/cache.h"

/* Every format so far has 4 KiB tables of 512 entries, 64 bits each. */
enum {
	NYX_PT_PAGE_SHIFT = 12,
	NYX_PT_INDEX_BITS = 9,
	NYX_PT_ENTRIES = 1 << NYX_PT_INDEX_BITS,
};

/**
 * struct nyx_pt_dirty - changed entries that are still to be flushed
 * @start: first byte, or NULL if there are none
 * @end: byte after the last
 *
 * One run of whole cache lines. A walk goes up in IOVA, so what it changes next
 * either prolongs the run or starts another one, and each line is flushed once.
 */
struct nyx_pt_dirty {
	void *start;
	void *end;
};

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
/*
 * Set by tests, else NULL: may refuse an allocation, sees tables go, and comes
 * between the look at an entry and its exchange.
 */
extern bool (*nyx_kunit_table_alloc)(void);
extern void (*nyx_kunit_table_free)(u64 *table);
extern void (*nyx_kunit_exchange)(void);
#endif

u64 *nyx_pt_table_alloc(struct nyx_pt *pt, gfp_t gfp);
void nyx_pt_table_free(struct nyx_pt *pt, u64 *table);
void nyx_pt_table_queue(struct nyx_pt *pt, u64 *table,
			struct iommu_iotlb_gather *gather);
void nyx_pt_dirty_add(struct nyx_pt_dirty *dirty, u64 *slot, unsigned int n);
void nyx_pt_dirty_flush(struct nyx_pt_dirty *dirty);
void nyx_pt_sync(struct nyx_pt *pt, struct iommu_iotlb_gather *gather);
void nyx_pt_release(struct nyx_pt *pt);

#endif /* NYX_PT_TABLE_H */
