// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root and context tables of legacy mode: encoding context entries, and storing
 * them so that the unit never reads a half-written entry. The caller
 * invalidates the unit's caches.
 */
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include <nyx/compat.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "context.h"
#include "lib/cache.h"
#include "regs.h"

/* AW of a context entry: 1 means 3 levels, 2 means 4, 3 means 5 (9.3). */
static u64 vtd_context_aw(unsigned int levels)
{
	return FIELD_PREP(VTD_CTX_HI_AW, levels - 2);
}

/**
 * vtd_context_encode() - encode a context entry (9.3)
 * @entry: the entry in the core's terms; its table, if any, has 3 to 5 levels
 * @unit_levels: bit n is set if the unit walks tables of n levels
 *
 * Context: Any.
 * Return: the context entry. If @entry blocks, it is not present, and all
 *	zeroes except for FPD.
 */
struct vtd_context vtd_context_encode(const struct nyx_entry *entry,
				      u32 unit_levels)
{
	struct vtd_context context = { };
	u64 tt;

	if (entry->kind == NYX_ENTRY_BLOCKED) {
		context.lo = entry->quiet ? VTD_CTX_LO_FPD : 0;
		return context;
	}

	if (entry->kind == NYX_ENTRY_IDENTITY) {
		tt = VTD_TT_PASS_THROUGH;
		/* There is no table, but AW must be the unit's widest (9.3). */
		context.hi = vtd_context_aw(fls(unit_levels) - 1);
	} else {
		tt = entry->ats ? VTD_TT_DEVICE_TLB : VTD_TT_UNTRANSLATED;
		context.hi = vtd_context_aw(entry->pt->cfg.levels);
		context.lo = virt_to_phys(entry->pt->root) & VTD_CTX_LO_SSPTPTR;
	}
	context.hi |= FIELD_PREP(VTD_CTX_HI_DID, entry->domain_id);
	context.lo |= FIELD_PREP(VTD_CTX_LO_TT, tt) | VTD_CTX_LO_P;
	return context;
}

/**
 * vtd_context_present() - test whether a context entry is present
 * @context: the entry
 *
 * Context: Any.
 * Return: its P field.
 */
bool vtd_context_present(const struct vtd_context *context)
{
	return READ_ONCE(context->lo) & VTD_CTX_LO_P;
}

/**
 * vtd_context_ats() - test whether a context entry allows translated requests
 * @context: the entry
 *
 * Context: Any.
 * Return: true if it is present and allows them.
 */
bool vtd_context_ats(const struct vtd_context *context)
{
	u64 lo = READ_ONCE(context->lo);

	return (lo & VTD_CTX_LO_P) &&
	       FIELD_GET(VTD_CTX_LO_TT, lo) == VTD_TT_DEVICE_TLB;
}

/**
 * vtd_context_domain() - domain ID in a context entry
 * @context: the entry, which is present
 *
 * Context: Any.
 * Return: the domain ID.
 */
u16 vtd_context_domain(const struct vtd_context *context)
{
	return FIELD_GET(VTD_CTX_HI_DID, READ_ONCE(context->hi));
}

static void vtd_tables_flush(const struct vtd_tables *tables, void *entry,
			     size_t size)
{
	/* A unit that does not snoop reads memory, not the CPU's cache. */
	if (!tables->coherent)
		nyx_cache_flush(entry, size);
}

static void *vtd_tables_page(const struct vtd_tables *tables, gfp_t zone)
{
	void *page = iommu_alloc_pages_node_sz(tables->nid, GFP_KERNEL | zone,
					       SZ_4K);

	if (page)
		vtd_tables_flush(tables, page, SZ_4K);
	return page;
}

/**
 * vtd_tables_init() - allocate an empty root table, which blocks all devices
 * @tables: the tables to initialize
 * @coherent: the unit snoops CPU caches (ECAP.C)
 * @nid: NUMA node to allocate memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_tables_init(struct vtd_tables *tables, bool coherent, int nid)
{
	*tables = (struct vtd_tables) { .coherent = coherent, .nid = nid };
	mutex_init(&tables->lock);
	raw_spin_lock_init(&tables->root_lock);
	tables->root = vtd_tables_page(tables, nyx_shutdown_gfp()) ?:
		       vtd_tables_page(tables, 0);
	return tables->root ? 0 : -ENOMEM;
}

/**
 * vtd_tables_destroy() - free root and context tables
 * @tables: the tables, which no unit uses
 *
 * Context: May sleep.
 */
void vtd_tables_destroy(struct vtd_tables *tables)
{
	unsigned int bus;

	for (bus = 0; bus < VTD_BUSES; bus++)
		iommu_free_pages(tables->bus[bus]);
	iommu_free_pages(tables->root);
	mutex_destroy(&tables->lock);
}

/**
 * vtd_tables_lookup() - find the context entry of a source-id
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 *
 * Context: Any. Needs no lock, because context tables are freed only with
 *	@tables.
 * Return: the entry, or NULL if the bus has no context table.
 */
struct vtd_context *vtd_tables_lookup(const struct vtd_tables *tables, u16 rid)
{
	struct vtd_context *bus = READ_ONCE(tables->bus[rid >> 8]);

	return bus ? &bus[rid & 0xff] : NULL;
}

/**
 * vtd_tables_context() - find or create the context entry of a source-id
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 * @root_changed: set to true if a root entry became present
 *
 * Context: May sleep; @tables->lock is held.
 * Return: the entry, or NULL if a context table could not be allocated.
 */
struct vtd_context *vtd_tables_context(struct vtd_tables *tables, u16 rid,
				       bool *root_changed)
{
	unsigned int bus = rid >> 8;
	struct vtd_root *root = &tables->root[bus];
	void *page;

	lockdep_assert_held(&tables->lock);
	if (!tables->bus[bus]) {
		page = vtd_tables_page(tables, 0);
		if (!page)
			return NULL;
		/*
		 * The table is zeroed and flushed before it can be reached:
		 * by the unit through the root entry, by vtd_tables_lookup()
		 * through @tables->bus.
		 */
		smp_store_release(&tables->bus[bus], page);
		dma_wmb();
		scoped_guard(raw_spinlock_irqsave, &tables->root_lock) {
			if (!tables->emptied)
				WRITE_ONCE(root->lo,
					   virt_to_phys(page) | VTD_ROOT_P);
			vtd_tables_flush(tables, root, sizeof(*root));
		}
		*root_changed = true;
	}
	return vtd_tables_lookup(tables, rid);
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
	for (bus = 0; bus < VTD_BUSES; bus++)
		WRITE_ONCE(tables->root[bus].lo, 0);
	vtd_tables_flush(tables, tables->root, SZ_4K);
}

/**
 * vtd_tables_block() - make a context entry not present
 * @tables: the tables
 * @context: the entry
 * @quiet: the unit does not log the faults (FPD)
 *
 * The unit may use the old entry and its translations until they are
 * invalidated.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_tables_block(struct vtd_tables *tables, struct vtd_context *context,
		      bool quiet)
{
	WRITE_ONCE(context->lo, quiet ? VTD_CTX_LO_FPD : 0);
	/* The unit ignores all fields but FPD once P is clear (9.3). */
	dma_wmb();
	WRITE_ONCE(context->hi, 0);
	vtd_tables_flush(tables, context, sizeof(*context));
}

/**
 * vtd_tables_fill() - set a context entry that is not present
 * @tables: the tables
 * @context: the entry; no earlier present state of it is cached
 * @val: its new value
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_tables_fill(struct vtd_tables *tables, struct vtd_context *context,
		     struct vtd_context val)
{
	WRITE_ONCE(context->hi, val.hi);
	/* Set P last. One cache line holds both halves. */
	dma_wmb();
	WRITE_ONCE(context->lo, val.lo);
	vtd_tables_flush(tables, context, sizeof(*context));
}

/**
 * vtd_tables_replace() - change a present entry in one 128-bit store
 * @tables: the tables
 * @context: the entry
 * @val: its new value
 *
 * Section 6.2.2.1 requires such a store, because the unit may read the entry at
 * any time and tags its caches with the domain ID in it. Each request of the
 * device uses either the old or the new entry; none faults in between.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if this CPU has no such store; then nothing was changed.
 */
bool vtd_tables_replace(struct vtd_tables *tables, struct vtd_context *context,
			struct vtd_context val)
{
#ifdef system_has_cmpxchg128
	u128 *entry = (u128 *)context;
	u128 old = (u128)context->hi << 64 | context->lo;
	u128 new = (u128)val.hi << 64 | val.lo;

	if (!system_has_cmpxchg128())
		return false;
	/* Stores are serialized, so the first try succeeds. */
	while (!try_cmpxchg128(entry, &old, new))
		;
	vtd_tables_flush(tables, context, sizeof(*context));
	return true;
#else
	return false;
#endif
}
