// SPDX-License-Identifier: GPL-2.0-only
/*
 * The root table and the pages of all tables below it: allocation, and stores that
 * the unit never reads in part.
 */
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/sizes.h>

#include <nyx/compat.h>
#include <nyx/unit.h>

#include "lib/cache.h"
#include "lib/store128.h"
#include "pt/table.h"
#include "regs.h"
#include "tables.h"

/**
 * vtd_tables_flush() - make stores visible to a unit that does not snoop
 * @tables: the tables
 * @entry: what was stored
 * @size: bytes
 *
 * Context: Any.
 */
void vtd_tables_flush(const struct vtd_tables *tables, void *entry,
		      size_t size)
{
	/* A unit that does not snoop reads memory, not the CPU's cache. */
	if (!tables->coherent)
		nyx_cache_flush(entry, size);
}

static void *vtd_tables_alloc(const struct vtd_tables *tables, gfp_t zone,
			      size_t size)
{
	void *pages;

#if IS_ENABLED(CONFIG_NYX_IOMMU_KUNIT_TEST)
	if (nyx_kunit_table_alloc && !nyx_kunit_table_alloc())
		return NULL;
#endif
	pages = iommu_alloc_pages_node_sz(tables->nid, GFP_KERNEL | zone, size);
	if (pages)
		vtd_tables_flush(tables, pages, size);
	return pages;
}

/**
 * vtd_tables_page() - allocate a page of zeroes for a table
 * @tables: the tables
 * @zone: where the page has to be, or 0
 *
 * Context: May sleep.
 * Return: the page, for iommu_free_pages(); or NULL.
 */
void *vtd_tables_page(const struct vtd_tables *tables, gfp_t zone)
{
	return vtd_tables_alloc(tables, zone, SZ_4K);
}

/**
 * vtd_tables_pages() - allocate contiguous pages of zeroes for a table
 * @tables: the tables
 * @size: bytes, a power of two of at least 4 KiB
 *
 * Context: May sleep.
 * Return: the pages, for iommu_free_pages(); or NULL.
 */
void *vtd_tables_pages(const struct vtd_tables *tables, size_t size)
{
	return vtd_tables_alloc(tables, __GFP_NOWARN, size);
}

/**
 * vtd_tables_init() - allocate an empty root table, which blocks all devices
 * @tables: the tables to initialize
 * @scalable: the tables are those of scalable mode
 * @coherent: the unit snoops CPU caches (ECAP.C)
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_tables_init(struct vtd_tables *tables, bool scalable, bool coherent,
		    int nid)
{
	*tables = (struct vtd_tables) {
		.scalable = scalable,
		.coherent = coherent,
		.nid = nid,
	};
	INIT_LIST_HEAD(&tables->retired.pages);
	mutex_init(&tables->lock);
	raw_spin_lock_init(&tables->root_lock);
	tables->root = vtd_tables_page(tables, nyx_shutdown_gfp()) ?:
		       vtd_tables_page(tables, 0);
	return tables->root ? 0 : -ENOMEM;
}

/**
 * vtd_tables_destroy() - free root and context tables
 * @tables: the tables, which no unit uses; vtd_scalable_free() was called
 *
 * Context: May sleep.
 */
void vtd_tables_destroy(struct vtd_tables *tables)
{
	unsigned int i;

	iommu_put_pages_list(&tables->retired);
	for (i = 0; i < ARRAY_SIZE(tables->contexts); i++)
		iommu_free_pages(tables->contexts[i]);
	iommu_free_pages(tables->root);
	mutex_destroy(&tables->lock);
}

/**
 * vtd_tables_rtaddr() - value of the Root Table Address Register (11.4.5)
 * @tables: the tables
 *
 * Context: Any.
 * Return: the address of the root table, and the translation table mode.
 */
u64 vtd_tables_rtaddr(const struct vtd_tables *tables)
{
	return virt_to_phys(tables->root) |
	       FIELD_PREP(VTD_RTADDR_TTM, tables->scalable ?
			  VTD_TTM_SCALABLE : VTD_TTM_LEGACY);
}

/*
 * A context table holds the entries of one bus, or in scalable mode those of devices
 * 0 to 15 or 16 to 31, because its entries are twice as large.
 */
static unsigned int vtd_tables_half(const struct vtd_tables *tables, u16 rid)
{
	return tables->scalable ? rid >> 7 : rid >> 8 << 1;
}

/**
 * vtd_tables_find() - find the context table of a source-id
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 *
 * Context: Any. Needs no lock, because context tables are freed only with
 *	@tables.
 * Return: the table, or NULL if there is none.
 */
void *vtd_tables_find(const struct vtd_tables *tables, u16 rid)
{
	return READ_ONCE(tables->contexts[vtd_tables_half(tables, rid)]);
}

/**
 * vtd_tables_create() - find or create the context table of a source-id
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 * @root_changed: set to true if a root entry, or a half of one, became present
 *
 * Context: May sleep; @tables->lock is held.
 * Return: the table, or NULL if it could not be allocated.
 */
void *vtd_tables_create(struct vtd_tables *tables, u16 rid, bool *root_changed)
{
	unsigned int half = vtd_tables_half(tables, rid);
	u64 *root = (u64 *)tables->root + half;
	void *page = tables->contexts[half];

	lockdep_assert_held(&tables->lock);
	if (page)
		return page;
	page = vtd_tables_page(tables, 0);
	if (!page)
		return NULL;
	/*
	 * The table is zeroed and flushed before it can be reached: by the unit
	 * through the root entry, by vtd_tables_find() through
	 * @tables->contexts.
	 */
	smp_store_release(&tables->contexts[half], page);
	dma_wmb();
	scoped_guard(raw_spinlock_irqsave, &tables->root_lock) {
		if (!tables->emptied)
			WRITE_ONCE(*root, virt_to_phys(page) | VTD_ROOT_P);
		vtd_tables_flush(tables, root, sizeof(*root));
	}
	*root_changed = true;
	return page;
}

/**
 * vtd_tables_empty() - make all root entries not present for good
 * @tables: the tables
 *
 * Context entries have no effect from then on. The unit may use cached entries
 * and translations until they are invalidated.
 *
 * Context: Any; takes @tables->root_lock.
 */
void vtd_tables_empty(struct vtd_tables *tables)
{
	unsigned int bus;

	guard(raw_spinlock_irqsave)(&tables->root_lock);
	tables->emptied = true;
	for (bus = 0; bus < VTD_BUSES; bus++) {
		WRITE_ONCE(tables->root[bus].lo, 0);
		WRITE_ONCE(tables->root[bus].hi, 0);
	}
	vtd_tables_flush(tables, tables->root, SZ_4K);
}

/**
 * vtd_tables_store() - change 128 bits of an entry in one store
 * @tables: the tables
 * @entry: the bits; 16 byte aligned
 * @lo: their new value, bits 63:0
 * @hi: bits 127:64
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if this CPU has no such store; then nothing was changed.
 */
bool vtd_tables_store(const struct vtd_tables *tables, void *entry, u64 lo,
		      u64 hi)
{
	if (!nyx_store128(entry, lo, hi))
		return false;
	vtd_tables_flush(tables, entry, sizeof(u128));
	return true;
}
