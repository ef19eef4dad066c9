// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context entries of legacy mode: encoding them, and storing them so that the unit
 * never reads a half-written entry. The caller invalidates the unit's caches.
 */
#include <linux/bitfield.h>
#include <linux/io.h>

#include <nyx/pt.h>
#include <nyx/unit.h>

#include "context.h"
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
	struct vtd_context *table = vtd_tables_find(tables, rid);

	return table ? &table[rid & 0xff] : NULL;
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
	struct vtd_context *table = vtd_tables_create(tables, rid,
						      root_changed);

	return table ? &table[rid & 0xff] : NULL;
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
	return vtd_tables_store(tables, context, val.lo, val.hi);
}
