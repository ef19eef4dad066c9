// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root and context tables: what is in them, and how an entry is changed so that
 * the unit never sees half of it. Caches are the caller's business.
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
 * vtd_context_encode() - a core entry as a context entry (9.3)
 * @entry: what it shall say; a table has 3 to 5 levels
 * @unit_levels: bit n set: the unit walks tables of n levels
 *
 * Context: Any.
 * Return: the entry; all zeroes, so not present, for a blocked device.
 */
struct vtd_context vtd_context_encode(const struct nyx_entry *entry,
				      u32 unit_levels)
{
	struct vtd_context context = { };
	u64 tt;

	if (entry->kind == NYX_ENTRY_BLOCKED)
		return context;

	if (entry->kind == NYX_ENTRY_IDENTITY) {
		tt = VTD_TT_PASS_THROUGH;
		/* Not walked, but must be the widest that the unit has. */
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
 * vtd_context_present() - whether a context entry says anything
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
 * vtd_context_ats() - whether a context entry lets translated requests pass
 * @context: the entry
 *
 * Context: Any.
 * Return: true if it is present and does.
 */
bool vtd_context_ats(const struct vtd_context *context)
{
	u64 lo = READ_ONCE(context->lo);

	return (lo & VTD_CTX_LO_P) &&
	       FIELD_GET(VTD_CTX_LO_TT, lo) == VTD_TT_DEVICE_TLB;
}

/**
 * vtd_context_domain() - the domain ID in a context entry
 * @context: the entry, present
 *
 * Context: Any.
 * Return: the ID.
 */
u16 vtd_context_domain(const struct vtd_context *context)
{
	return FIELD_GET(VTD_CTX_HI_DID, READ_ONCE(context->hi));
}

static void vtd_tables_flush(const struct vtd_tables *tables, void *entry,
			     size_t size)
{
	/* On a unit that does not snoop, memory must hold it before it looks */
	if (!tables->coherent)
		nyx_cache_flush(entry, size);
}

static void *vtd_tables_page(const struct vtd_tables *tables)
{
	void *page = iommu_alloc_pages_node_sz(tables->nid, GFP_KERNEL, SZ_4K);

	if (page)
		vtd_tables_flush(tables, page, SZ_4K);
	return page;
}

/**
 * vtd_tables_init() - an empty root table: every device is blocked
 * @tables: to be set up
 * @coherent: the unit snoops CPU caches (ECAP.C)
 * @nid: NUMA node to take memory from, or NUMA_NO_NODE
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_tables_init(struct vtd_tables *tables, bool coherent, int nid)
{
	*tables = (struct vtd_tables) { .coherent = coherent, .nid = nid };
	mutex_init(&tables->lock);
	raw_spin_lock_init(&tables->root_lock);
	tables->root = vtd_tables_page(tables);
	return tables->root ? 0 : -ENOMEM;
}

/**
 * vtd_tables_destroy() - free root and context tables
 * @tables: the tables; no unit uses them
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
 * vtd_tables_lookup() - the context entry of a requester, if there is one
 * @tables: the tables
 * @rid: requester ID, bus << 8 | devfn
 *
 * Context: Any. Without a lock: a context table lives as long as the tables.
 * Return: the entry; NULL if no device of the bus has had one so far.
 */
struct vtd_context *vtd_tables_lookup(const struct vtd_tables *tables, u16 rid)
{
	struct vtd_context *bus = READ_ONCE(tables->bus[rid >> 8]);

	return bus ? &bus[rid & 0xff] : NULL;
}

/**
 * vtd_tables_context() - the context entry of a requester
 * @tables: the tables
 * @rid: requester ID, bus << 8 | devfn
 * @root_changed: set to true if a root entry became present for it
 *
 * Context: May sleep; @tables->lock is held.
 * Return: the entry, or NULL if there is no memory for a context table.
 */
struct vtd_context *vtd_tables_context(struct vtd_tables *tables, u16 rid,
				       bool *root_changed)
{
	unsigned int bus = rid >> 8;
	struct vtd_root *root = &tables->root[bus];
	void *page;

	lockdep_assert_held(&tables->lock);
	if (!tables->bus[bus]) {
		page = vtd_tables_page(tables);
		if (!page)
			return NULL;
		/*
		 * The table is zeroed and flushed before anything leads there:
		 * the unit by the root entry, a lookup by @tables->bus.
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
 * vtd_tables_empty() - make all root entries not present, for good
 * @tables: the tables
 *
 * Whatever a context entry says from then on, nothing leads to it. The unit may
 * use what it cached until it is told to forget.
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
 *
 * The unit may use what it cached until it is told to forget.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_tables_block(struct vtd_tables *tables, struct vtd_context *context)
{
	WRITE_ONCE(context->lo, 0);
	/* P is off before the rest goes, which the unit ignores then (9.3). */
	dma_wmb();
	WRITE_ONCE(context->hi, 0);
	vtd_tables_flush(tables, context, sizeof(*context));
}

/**
 * vtd_tables_fill() - make a context entry that is not present say something
 * @tables: the tables
 * @context: the entry; no cache holds an earlier state that was present
 * @val: what it shall say
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_tables_fill(struct vtd_tables *tables, struct vtd_context *context,
		     struct vtd_context val)
{
	WRITE_ONCE(context->hi, val.hi);
	/* P comes on when all else is there; one cache line holds both. */
	dma_wmb();
	WRITE_ONCE(context->lo, val.lo);
	vtd_tables_flush(tables, context, sizeof(*context));
}

/**
 * vtd_tables_replace() - change a present entry in one 128-bit store
 * @tables: the tables
 * @context: the entry
 * @val: what it shall say
 *
 * Section 6.2.2.1 asks for such a store, since the unit may read the entry at
 * any time and tags its caches with the domain ID in it. The device's requests
 * pass by the old entry or by the new one, and never fault in between.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if this CPU has no such store: then nothing was changed.
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
	/* The lock keeps all others away: the first try is the last. */
	while (!try_cmpxchg128(entry, &old, new))
		;
	vtd_tables_flush(tables, context, sizeof(*context));
	return true;
#else
	return false;
#endif
}
