// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest CR3 tables (GCR3 tables, 2.2.6): allocation, and the encoding and stores of
 * their entries. The caller invalidates the unit's caches.
 *
 * Each DeviceID has its own table. Its depth suffices for all PASIDs of the unit;
 * lower levels are allocated when a PASID needs them. Tables are freed when the unit
 * has stopped.
 */
#include <kunit/static_stub.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/math.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/barrier.h>

#include <nyx/compat.h>
#include <nyx/pt.h>

#include "gcr3.h"
#include "regs.h"

#define AMD_GCR3_ENTRIES BIT(AMD_GCR3_BITS)

/**
 * amd_gcr3_init() - prepare for the GCR3 tables of a unit
 * @all: the tables to initialize
 * @pasid_bits: width of PASIDs, in bits; 0 if the unit has no guest tables
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * Context: Any.
 */
void amd_gcr3_init(struct amd_gcr3_tables *all, unsigned int pasid_bits,
		   int nid)
{
	xa_init(&all->tables);
	bitmap_zero(all->domain_ids, U16_MAX + 1);
	all->levels = DIV_ROUND_UP(pasid_bits, AMD_GCR3_BITS);
	all->nid = nid;
}

/**
 * amd_gcr3_page() - allocate a page of zeroes, whose entries are not valid
 * @nid: NUMA node to allocate it from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: the page, for iommu_free_pages(); or NULL.
 */
u64 *amd_gcr3_page(int nid)
{
	KUNIT_STATIC_STUB_REDIRECT(amd_gcr3_page, nid);
	return iommu_alloc_pages_node_sz(nid, GFP_KERNEL, SZ_4K);
}

static u64 *amd_gcr3_below(u64 entry)
{
	return phys_to_virt(__sme_clr(entry) & AMD_GCR3_ADDR);
}

static void amd_gcr3_free(u64 *table, unsigned int levels)
{
	unsigned int i;

	for (i = 0; levels > 1 && i < AMD_GCR3_ENTRIES; i++)
		if (table[i] & AMD_GCR3_V)
			amd_gcr3_free(amd_gcr3_below(table[i]), levels - 1);
	iommu_free_pages(table);
}

/**
 * amd_gcr3_destroy() - free all GCR3 tables of a unit
 * @all: the tables; no unit uses them
 *
 * Context: May sleep.
 */
void amd_gcr3_destroy(struct amd_gcr3_tables *all)
{
	struct amd_gcr3 *gcr3;
	unsigned long key;

	xa_for_each(&all->tables, key, gcr3) {
		amd_gcr3_free(gcr3->root, all->levels);
		kfree(gcr3);
	}
	xa_destroy(&all->tables);
}

/* Returns the GCR3 table of a DeviceID; a new one, if there is none. */
static struct amd_gcr3 *amd_gcr3_get(struct amd_gcr3_tables *all,
				     u16 device_id)
{
	struct amd_gcr3 *gcr3 = amd_gcr3_find(all, device_id);

	if (gcr3)
		return gcr3;
	gcr3 = kzalloc_obj(*gcr3);
	if (!gcr3)
		return NULL;
	gcr3->root = amd_gcr3_page(all->nid);
	if (gcr3->root &&
	    !xa_insert(&all->tables, device_id, gcr3, GFP_KERNEL))
		return gcr3;
	iommu_free_pages(gcr3->root);
	kfree(gcr3);
	/* Another CPU may have been faster. */
	return amd_gcr3_find(all, device_id);
}

/* Returns the table below an entry; a new one, if there is none. */
static u64 *amd_gcr3_extend(const struct amd_gcr3_tables *all, u64 *entry)
{
	u64 old = READ_ONCE(*entry);
	u64 *table;

	if (old & AMD_GCR3_V)
		return amd_gcr3_below(old);
	table = amd_gcr3_page(all->nid);
	if (!table)
		return NULL;
	/* The full barrier publishes the new table with its contents. */
	old = cmpxchg64(entry, 0, amd_phys(table) | AMD_GCR3_V);
	if (!old)
		return table;
	iommu_free_pages(table);
	return amd_gcr3_below(old);
}

static u64 *amd_gcr3_at(u64 *table, u32 pasid, unsigned int level)
{
	return &table[(pasid >> (level * AMD_GCR3_BITS)) %
		      AMD_GCR3_ENTRIES];
}

/**
 * amd_gcr3_provide() - ensure that a DeviceID has a GCR3 table with an entry for a
 *	PASID
 * @all: the tables of the unit
 * @device_id: the DeviceID
 * @pasid: the PASID
 *
 * A new entry blocks. Units do not cache entries above it that were not valid,
 * except with NpCache, where the invalidation that follows a change of the entry
 * itself covers them, too.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int amd_gcr3_provide(struct amd_gcr3_tables *all, u16 device_id, u32 pasid)
{
	struct amd_gcr3 *gcr3 = amd_gcr3_get(all, device_id);
	unsigned int level = all->levels - 1;
	u64 *table;

	if (!gcr3)
		return -ENOMEM;
	for (table = gcr3->root; table && level; level--)
		table = amd_gcr3_extend(all, amd_gcr3_at(table, pasid, level));
	return table ? 0 : -ENOMEM;
}

/**
 * amd_gcr3_find() - find the GCR3 table of a DeviceID
 * @all: the tables of the unit
 * @device_id: the DeviceID
 *
 * Context: Any. The table exists until the unit stops.
 * Return: the table, or NULL.
 */
struct amd_gcr3 *amd_gcr3_find(const struct amd_gcr3_tables *all,
			       u16 device_id)
{
	return xa_load((struct xarray *)&all->tables, device_id);
}

/**
 * amd_gcr3_lookup() - find the entry of a PASID
 * @all: the tables of the unit
 * @gcr3: the table
 * @pasid: the PASID
 *
 * Context: Any.
 * Return: the entry, or NULL if the table holds none.
 */
u64 *amd_gcr3_lookup(const struct amd_gcr3_tables *all,
		     const struct amd_gcr3 *gcr3, u32 pasid)
{
	unsigned int level = all->levels - 1;
	u64 *table = gcr3->root;
	u64 entry;

	for (; level; level--) {
		entry = READ_ONCE(*amd_gcr3_at(table, pasid, level));
		if (!(entry & AMD_GCR3_V))
			return NULL;
		table = amd_gcr3_below(entry);
	}
	return amd_gcr3_at(table, pasid, 0);
}

/**
 * amd_gcr3_encode() - encode the entry of a PASID
 * @pt: its guest page table, or NULL to block its requests
 *
 * Context: Any.
 * Return: the entry.
 */
u64 amd_gcr3_encode(const struct nyx_pt *pt)
{
	return pt ? amd_phys(pt->root) | AMD_GCR3_V : 0;
}

/**
 * amd_gcr3_store() - change an entry, by one store
 * @entry: the entry
 * @val: its new value
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void amd_gcr3_store(u64 *entry, u64 val)
{
	KUNIT_STATIC_STUB_REDIRECT(amd_gcr3_store, entry, val);
	/* The page table is complete before an entry leads to it. */
	dma_wmb();
	WRITE_ONCE(*entry, val);
}
