/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest CR3 tables (GCR3 tables), which lead from a PASID to a guest page table
 * (2.2.6).
 */
#ifndef NYX_AMD_GCR3_H
#define NYX_AMD_GCR3_H

#include <linux/bitmap.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct nyx_pt;

/* Bits of a PASID that each level translates. */
#define AMD_GCR3_BITS 9U

/**
 * struct amd_gcr3 - the GCR3 table of a DeviceID
 * @root: the top level
 * @domain_id: the DomainID that the device table entry had when it last led to the
 *	table; the unit may cache guest translations under it. 0: it never did
 *
 * Written under nyx_unit.store_lock. The device table entry need not lead to the
 * table. Entry 0 is right only while it does.
 */
struct amd_gcr3 {
	u64 *root;
	u16 domain_id;
};

/**
 * struct amd_gcr3_tables - all GCR3 tables of a unit
 * @tables: &struct amd_gcr3 by DeviceID; entries are added, and removed only when
 *	the unit has stopped
 * @domain_ids: a bit for each DomainID under which the unit may have cached guest
 *	translations; written under nyx_unit.store_lock
 * @levels: number of levels of each table, 1 to 3; 0 if the unit has no guest
 *	tables
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 */
struct amd_gcr3_tables {
	struct xarray tables;
	DECLARE_BITMAP(domain_ids, U16_MAX + 1);
	u8 levels;
	int nid;
};

void amd_gcr3_init(struct amd_gcr3_tables *all, unsigned int pasid_bits,
		   int nid);
void amd_gcr3_destroy(struct amd_gcr3_tables *all);
u64 *amd_gcr3_page(int nid);
int amd_gcr3_provide(struct amd_gcr3_tables *all, u16 device_id, u32 pasid);
struct amd_gcr3 *amd_gcr3_find(const struct amd_gcr3_tables *all,
			       u16 device_id);
u64 *amd_gcr3_lookup(const struct amd_gcr3_tables *all,
		     const struct amd_gcr3 *gcr3, u32 pasid);
u64 amd_gcr3_encode(const struct nyx_pt *pt);
void amd_gcr3_store(u64 *entry, u64 val);

#endif /* NYX_AMD_GCR3_H */
