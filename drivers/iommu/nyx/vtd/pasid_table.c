// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASID directories and PASID tables: allocation and look-ups. A directory is
 * represented by the two fields of the context entry that describe it: PASIDDIRPTR
 * and PDTS.
 *
 * A directory begins with 2^7 entries. The first PASID makes it 2^9, which still is
 * one page, and a large PASID as many as the unit supports. Tables are allocated
 * when they are needed.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <nyx/compat.h>

#include "pasid_table.h"
#include "regs.h"
#include "tables.h"

/* A PASID table is one page, and so has 2^6 entries (9.6). */
#define VTD_PASID_TABLE_BITS 6
static_assert(sizeof(struct vtd_pasid) << VTD_PASID_TABLE_BITS == SZ_4K);

/* A directory has 2^(PDTS + 7) entries (9.4). One with PDTS = 2 is one page. */
#define VTD_PDTS_BITS 7
#define VTD_PDTS_PAGE 2
static_assert(sizeof(u64) << (VTD_PDTS_PAGE + VTD_PDTS_BITS) == SZ_4K);

static u64 *vtd_pasid_dir_entries(u64 dir)
{
	return phys_to_virt(dir & VTD_SM_CTX_PASIDDIRPTR);
}

static unsigned int vtd_pasid_dir_nr(u64 dir)
{
	return BIT(FIELD_GET(VTD_SM_CTX_PDTS, dir) + VTD_PDTS_BITS);
}

static struct vtd_pasid *vtd_pasid_table(u64 entry)
{
	return phys_to_virt(entry & VTD_PASID_DIR_SMPTBLPTR);
}

/**
 * vtd_pasid_dir_create() - allocate a directory, and the table of PASIDs 0 to 63
 * @tables: the tables to which it will belong
 *
 * Context: May sleep.
 * Return: the directory, for vtd_pasid_dir_free(); 0 if there is no memory.
 */
u64 vtd_pasid_dir_create(const struct vtd_tables *tables)
{
	void *page = vtd_tables_page(tables, 0);
	u64 dir;

	if (!page)
		return 0;
	dir = virt_to_phys(page);
	if (vtd_pasid_dir_add(tables, dir, 0))
		return dir;
	iommu_free_pages(page);
	return 0;
}

/**
 * vtd_pasid_dir_grow() - find or create a directory that has room for a PASID
 * @tables: the tables to which it belongs
 * @dir: the current directory
 * @pasid: the PASID
 * @pasid_bits: number of bits of the largest PASID
 *
 * A result that has another page than @dir has a copy of its entries. Then the page of
 * @dir has to be freed, by iommu_free_pages(), when nothing can read it any more.
 *
 * Context: May sleep; @tables->lock is held.
 * Return: the directory, which may be @dir; 0 if there is no memory.
 */
u64 vtd_pasid_dir_grow(const struct vtd_tables *tables, u64 dir, u32 pasid,
		       u8 pasid_bits)
{
	unsigned int most = max(pasid_bits, VTD_PASID_TABLE_BITS +
				VTD_PDTS_BITS + 1) -
			    VTD_PASID_TABLE_BITS - VTD_PDTS_BITS;
	unsigned int pdts = most;
	u64 *entries;

	if (pasid >> VTD_PASID_TABLE_BITS < BIT(VTD_PDTS_PAGE + VTD_PDTS_BITS))
		pdts = min(most, VTD_PDTS_PAGE);
	if (pdts <= FIELD_GET(VTD_SM_CTX_PDTS, dir))
		return dir;
	if (pdts <= VTD_PDTS_PAGE)
		return (dir & VTD_SM_CTX_PASIDDIRPTR) |
		       FIELD_PREP(VTD_SM_CTX_PDTS, pdts);
	entries = vtd_tables_pages(tables,
				   sizeof(u64) << (pdts + VTD_PDTS_BITS));
	if (!entries)
		return 0;
	memcpy(entries, vtd_pasid_dir_entries(dir),
	       vtd_pasid_dir_nr(dir) * sizeof(u64));
	vtd_tables_flush(tables, entries, vtd_pasid_dir_nr(dir) * sizeof(u64));
	return virt_to_phys(entries) | FIELD_PREP(VTD_SM_CTX_PDTS, pdts);
}

/**
 * vtd_pasid_dir_add() - ensure that a directory leads to the table of a PASID
 * @tables: the tables to which it belongs
 * @dir: the directory
 * @pasid: the PASID, for which the directory has room
 *
 * The entries of a new table are not present.
 *
 * Context: May sleep; @tables->lock is held if the directory is in use.
 * Return: false if there is no memory.
 */
bool vtd_pasid_dir_add(const struct vtd_tables *tables, u64 dir, u32 pasid)
{
	u64 *entry = vtd_pasid_dir_entries(dir) + (pasid >> VTD_PASID_TABLE_BITS);
	void *table;

	if (*entry & VTD_PASID_DIR_P)
		return true;
	table = vtd_tables_page(tables, 0);
	if (!table)
		return false;
	/* The table is zeroed before the unit can reach it. */
	dma_wmb();
	/* Pairs with the dependent reads in vtd_pasid_find(). */
	smp_store_release(entry, virt_to_phys(table) | VTD_PASID_DIR_P);
	vtd_tables_flush(tables, entry, sizeof(*entry));
	return true;
}

/**
 * vtd_pasid_dir_free() - free a directory and its tables
 * @dir: the directory, which no unit uses
 *
 * Context: May sleep.
 */
void vtd_pasid_dir_free(u64 dir)
{
	u64 *entries = vtd_pasid_dir_entries(dir);
	unsigned int i;

	for (i = 0; i < vtd_pasid_dir_nr(dir); i++)
		if (entries[i] & VTD_PASID_DIR_P)
			iommu_free_pages(vtd_pasid_table(entries[i]));
	iommu_free_pages(entries);
}

/**
 * vtd_pasid_dir_is_small() - whether a directory has been used for PASID 0 only
 * @dir: the directory
 *
 * Context: Any.
 * Return: true if vtd_pasid_dir_grow() was never called for it.
 */
bool vtd_pasid_dir_is_small(u64 dir)
{
	return !FIELD_GET(VTD_SM_CTX_PDTS, dir);
}

/**
 * vtd_pasid_dir_page() - the memory of a directory
 * @dir: the directory
 *
 * Context: Any.
 * Return: its first page.
 */
void *vtd_pasid_dir_page(u64 dir)
{
	return vtd_pasid_dir_entries(dir);
}

/**
 * vtd_pasid_find() - find the entry of a PASID
 * @dir: the directory
 * @pasid: the PASID
 *
 * Context: Any. Needs no lock: tables are freed only together with all tables of the
 *	unit.
 * Return: the entry, or NULL if there is no table for it.
 */
struct vtd_pasid *vtd_pasid_find(u64 dir, u32 pasid)
{
	u32 index = pasid >> VTD_PASID_TABLE_BITS;
	u64 entry;

	if (index >= vtd_pasid_dir_nr(dir))
		return NULL;
	entry = READ_ONCE(vtd_pasid_dir_entries(dir)[index]);
	if (!(entry & VTD_PASID_DIR_P))
		return NULL;
	return &vtd_pasid_table(entry)[pasid % BIT(VTD_PASID_TABLE_BITS)];
}
