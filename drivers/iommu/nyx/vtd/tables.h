/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The root table and the pages of all tables below it (3.4.2, 3.4.3, 9.1, 9.2).
 */
#ifndef NYX_VTD_TABLES_H
#define NYX_VTD_TABLES_H

#include <linux/mutex.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <nyx/compat.h>

#define VTD_BUSES 256

/**
 * struct vtd_root - a root entry as the unit reads it
 * @lo: bits 63:0
 * @hi: bits 127:64, reserved in legacy mode
 */
struct vtd_root {
	u64 lo;
	u64 hi;
} __aligned(16);

/**
 * struct vtd_tables - the tables of a unit
 * @lock: serializes the creation of tables, and the invalidations that follow it
 * @root_lock: serializes stores to root entries; raw because
 *	vtd_tables_empty() cannot sleep
 * @root: the root table, VTD_BUSES entries
 * @contexts: the context table to which each half of a root entry leads, or NULL;
 *	never removed once set. Legacy mode uses the lower halves
 * @retired: PASID directories that larger ones replaced. They are kept, because
 *	look-ups need no lock; changed under @lock
 * @emptied: the root table stays empty; changed under @root_lock
 * @pasids: an entry for a PASID other than 0 has existed
 * @scalable: the tables are those of scalable mode
 * @coherent: the unit snoops CPU caches when it reads the tables
 * @nid: NUMA node to allocate memory from
 */
struct vtd_tables {
	struct mutex lock;		/* see @lock above */
	raw_spinlock_t root_lock;	/* see @root_lock above */
	struct vtd_root *root;
	void *contexts[2 * VTD_BUSES];
	struct iommu_pages_list retired;
	bool emptied;
	bool pasids;
	bool scalable;
	bool coherent;
	int nid;
};

int vtd_tables_init(struct vtd_tables *tables, bool scalable, bool coherent,
		    int nid);
void vtd_tables_destroy(struct vtd_tables *tables);
u64 vtd_tables_rtaddr(const struct vtd_tables *tables);
void vtd_tables_empty(struct vtd_tables *tables);
void *vtd_tables_find(const struct vtd_tables *tables, u16 rid);
void *vtd_tables_create(struct vtd_tables *tables, u16 rid, bool *root_changed);
void *vtd_tables_page(const struct vtd_tables *tables, gfp_t zone);
void *vtd_tables_pages(const struct vtd_tables *tables, size_t size);
void vtd_tables_flush(const struct vtd_tables *tables, void *entry,
		      size_t size);
bool vtd_tables_store(const struct vtd_tables *tables, void *entry, u64 lo,
		      u64 hi);

#endif /* NYX_VTD_TABLES_H */
