// SPDX-License-Identifier: GPL-2.0-only
/*
 * Context entries and PASID tables of scalable mode: encoding entries, and storing
 * them so that the unit never reads a half-written one. The caller invalidates the
 * unit's caches.
 *
 * What a source-id may do is in two entries: the context entry, which says whether
 * there is any translation and whether translated requests are allowed, and the
 * PASID-table entry, which has the page table and the domain ID. An entry in the
 * core's terms is blocked by making the context entry not present. The unit then
 * does not reach the PASID-table entry, which stays as it is.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/sizes.h>
#include <uapi/linux/iommufd.h>

#include <nyx/compat.h>
#include <nyx/pt.h>
#include <nyx/unit.h>

#include "pasid_table.h"
#include "regs.h"
#include "scalable.h"

/* Context entries in a table: those of 16 devices (9.2). */
#define VTD_SCALABLE_CONTEXTS (SZ_4K / sizeof(struct vtd_scalable_context))
static_assert(VTD_SCALABLE_CONTEXTS == 128);

/* The first stage in a PASID-table entry. FSPM: 0 means 4 levels, 1 means 5. */
static u64 vtd_scalable_first(u64 root, unsigned int levels)
{
	return (root & VTD_PASID_FS_FSPTPTR) |
	       FIELD_PREP(VTD_PASID_FS_FSPM, levels - 4);
}

/* WPE is about requests that SRE allows. */
static void vtd_scalable_encode_guest(struct vtd_scalable *val,
				      const struct nyx_guest_table *guest)
{
	val->lo |= FIELD_PREP(VTD_PASID_LO_PGTT, VTD_PGTT_NESTED);
	val->first = vtd_scalable_first(guest->root, guest->levels);
	if (guest->flags & IOMMU_VTD_S1_SRE)
		val->first |= VTD_PASID_FS_SRE |
			      (guest->flags & IOMMU_VTD_S1_WPE ?
			       VTD_PASID_FS_WPE : 0);
	if (guest->flags & IOMMU_VTD_S1_EAFE)
		val->first |= VTD_PASID_FS_EAFE;
}

/*
 * The PASID-table entry for a page table. With a first-stage table the unit ignores
 * AW; its widest is set then. SSADE is for second-stage tables: in first-stage ones the
 * unit always sets A and D.
 */
static void vtd_scalable_encode_table(struct vtd_scalable *val,
				      const struct nyx_entry *entry,
				      const struct nyx_unit_caps *caps)
{
	bool first = entry->pt->fmt == &nyx_pt_x86;
	u64 root = virt_to_phys(entry->pt->root);

	if (first) {
		val->lo |= FIELD_PREP(VTD_PASID_LO_PGTT, VTD_PGTT_FIRST_STAGE) |
			   FIELD_PREP(VTD_PASID_LO_AW, fls(caps->levels) - 3);
		val->first = vtd_scalable_first(root, entry->pt->cfg.levels);
	} else {
		val->lo |= FIELD_PREP(VTD_PASID_LO_AW, entry->pt->cfg.levels - 2) |
			   (root & VTD_PASID_LO_SSPTPTR) |
			   (entry->dirty ? VTD_PASID_LO_SSADE : 0);
		if (entry->guest)
			vtd_scalable_encode_guest(val, entry->guest);
		else
			val->lo |= FIELD_PREP(VTD_PASID_LO_PGTT,
					      VTD_PGTT_SECOND_STAGE);
	}
	/* First-stage leaves have no bit that forces snooping, so the entry does. */
	if (caps->snoop && (first || entry->guest))
		val->hi |= VTD_PASID_HI_PGSNP;
}

/**
 * vtd_scalable_encode() - encode an entry for scalable mode (9.4, 9.6)
 * @entry: the entry in the core's terms; a second-stage table has 3 to 5 levels, a
 *	first-stage table, also that of a guest, 4 or 5
 * @caps: capabilities of the unit
 *
 * Context: Any.
 * Return: the flags of the context entry, and the PASID-table entry. If @entry blocks,
 *	all is 0 except for FPD.
 */
struct vtd_scalable vtd_scalable_encode(const struct nyx_entry *entry,
					const struct nyx_unit_caps *caps)
{
	struct vtd_scalable val = { .context = VTD_SM_CTX_P };

	if (entry->kind == NYX_ENTRY_BLOCKED) {
		val.context = entry->quiet ? VTD_SM_CTX_FPD : 0;
		return val;
	}
	if (entry->pasids)
		val.context |= VTD_SM_CTX_PASIDE;
	if (entry->ats)
		val.context |= VTD_SM_CTX_DTE |
			       (entry->page_requests ? VTD_SM_CTX_PRE : 0);
	val.lo = VTD_PASID_LO_P;
	val.hi = FIELD_PREP(VTD_PASID_HI_DID, entry->domain_id);
	/* Reserved on units that cannot snoop walks of page tables. */
	if (caps->coherent)
		val.hi |= VTD_PASID_HI_PWSNP;
	if (entry->kind == NYX_ENTRY_IDENTITY) {
		/*
		 * There is no table, but AW must be the unit's widest (9.6): 1 means
		 * 3 levels, 2 means 4, 3 means 5.
		 */
		val.lo |= FIELD_PREP(VTD_PASID_LO_PGTT, VTD_PGTT_PASS_THROUGH) |
			  FIELD_PREP(VTD_PASID_LO_AW, fls(caps->levels) - 3);
		return val;
	}
	vtd_scalable_encode_table(&val, entry, caps);
	return val;
}

/**
 * vtd_scalable_present() - test whether entries let requests pass
 * @val: the entries
 *
 * Context: Any.
 * Return: P of the context entry.
 */
bool vtd_scalable_present(const struct vtd_scalable *val)
{
	return val->context & VTD_SM_CTX_P;
}

/**
 * vtd_scalable_domain() - domain ID in the PASID-table entry
 * @val: the entries, which are present
 *
 * Context: Any.
 * Return: the domain ID.
 */
u16 vtd_scalable_domain(const struct vtd_scalable *val)
{
	return FIELD_GET(VTD_PASID_HI_DID, val->hi);
}

/* The fields that describe the PASID directory, apart from the flags. */
#define VTD_SM_CTX_DIR (VTD_SM_CTX_PASIDDIRPTR | VTD_SM_CTX_PDTS)

/* A directory always has the table of PASIDs 0 to 63. */
static struct vtd_pasid *
vtd_scalable_pasid(const struct vtd_scalable_context *context)
{
	return vtd_pasid_find(READ_ONCE(context->lo), VTD_RID_PASID);
}

/**
 * vtd_scalable_lookup() - find the context entry of a source-id
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 *
 * Context: Any. Needs no lock, because tables are freed only with @tables.
 * Return: the entry, or NULL if there is none or it has no PASID table.
 */
struct vtd_scalable_context *
vtd_scalable_lookup(const struct vtd_tables *tables, u16 rid)
{
	struct vtd_scalable_context *context = vtd_tables_find(tables, rid);

	if (!context)
		return NULL;
	context += rid % VTD_SCALABLE_CONTEXTS;
	return READ_ONCE(context->lo) & VTD_SM_CTX_PASIDDIRPTR ? context : NULL;
}

static bool vtd_scalable_add_pasids(const struct vtd_tables *tables,
				    struct vtd_scalable_context *context)
{
	u64 dir = vtd_pasid_dir_create(tables);

	if (!dir)
		return false;
	/* Pairs with the dependent reads in vtd_scalable_pasid(). */
	smp_store_release(&context->lo, dir);
	return true;
}

/**
 * vtd_scalable_create() - find or create the context entry of a source-id, and its
 *	PASID table
 * @tables: the tables
 * @rid: source-id, bus << 8 | devfn
 * @root_changed: set to true if a half of a root entry became present
 *
 * A new entry is not present.
 *
 * Context: May sleep; @tables->lock is held.
 * Return: the entry, or NULL if a table could not be allocated.
 */
struct vtd_scalable_context *
vtd_scalable_create(struct vtd_tables *tables, u16 rid, bool *root_changed)
{
	struct vtd_scalable_context *context;

	context = vtd_tables_create(tables, rid, root_changed);
	if (!context)
		return NULL;
	context += rid % VTD_SCALABLE_CONTEXTS;
	if (!(context->lo & VTD_SM_CTX_PASIDDIRPTR) &&
	    !vtd_scalable_add_pasids(tables, context))
		return NULL;
	return context;
}

static void vtd_scalable_free_table(struct vtd_scalable_context *contexts)
{
	unsigned int i;

	for (i = 0; i < VTD_SCALABLE_CONTEXTS; i++)
		if (contexts[i].lo & VTD_SM_CTX_PASIDDIRPTR)
			vtd_pasid_dir_free(contexts[i].lo);
}

/**
 * vtd_scalable_free() - free all PASID directories and PASID tables
 * @tables: the tables, which no unit uses; vtd_tables_destroy() follows
 *
 * Does nothing to tables of legacy mode.
 *
 * Context: May sleep.
 */
void vtd_scalable_free(struct vtd_tables *tables)
{
	unsigned int i;

	if (!tables->scalable)
		return;
	for (i = 0; i < ARRAY_SIZE(tables->contexts); i++)
		if (tables->contexts[i])
			vtd_scalable_free_table(tables->contexts[i]);
}

/**
 * vtd_scalable_read() - read what the tables say about a source-id
 * @context: the context entry
 *
 * Context: Any. The result may be a mixture if the entries are being changed, unless
 *	nyx_unit.store_lock is held.
 * Return: the entries. That of the PASID table is what it was last if the context
 *	entry is not present.
 */
struct vtd_scalable
vtd_scalable_read(const struct vtd_scalable_context *context)
{
	const struct vtd_pasid *pasid = vtd_scalable_pasid(context);

	return (struct vtd_scalable) {
		.context = READ_ONCE(context->lo) & ~VTD_SM_CTX_DIR,
		.lo = READ_ONCE(pasid->lo),
		.hi = READ_ONCE(pasid->hi),
		.first = READ_ONCE(pasid->first),
	};
}

/**
 * vtd_scalable_has_pasids() - whether a source-id has had entries for PASIDs
 * @context: the context entry
 *
 * Context: Any.
 * Return: false if it has had an entry for requests without PASID only.
 */
bool vtd_scalable_has_pasids(const struct vtd_scalable_context *context)
{
	return !vtd_pasid_dir_is_small(READ_ONCE(context->lo));
}

/**
 * vtd_scalable_set_dir() - replace the PASID directory of a source-id by a larger one
 * @tables: the tables
 * @context: the context entry
 * @dir: the directory, from vtd_pasid_dir_grow()
 *
 * One store changes its address and its size. Until the unit's context-cache is
 * invalidated, it may use the old one, which has the same entries.
 *
 * Context: Any; @tables->lock and nyx_unit.store_lock are held.
 */
void vtd_scalable_set_dir(struct vtd_tables *tables,
			  struct vtd_scalable_context *context, u64 dir)
{
	u64 lo = context->lo;

	/* Release: pairs with the dependent reads in vtd_pasid_find(). */
	smp_store_release(&context->lo, (lo & ~VTD_SM_CTX_DIR) | dir);
	vtd_tables_flush(tables, context, sizeof(*context));
	if ((lo ^ dir) & VTD_SM_CTX_PASIDDIRPTR)
		iommu_pages_list_add(&tables->retired, vtd_pasid_dir_page(lo));
}

static void vtd_scalable_store(const struct vtd_tables *tables,
			       struct vtd_scalable_context *context, u64 flags)
{
	WRITE_ONCE(context->lo, (context->lo & VTD_SM_CTX_DIR) | flags);
	vtd_tables_flush(tables, context, sizeof(*context));
}

/**
 * vtd_scalable_block() - make a context entry not present
 * @tables: the tables
 * @context: the entry
 * @quiet: the unit does not log the faults (FPD)
 *
 * The unit may use the old entries and their translations until they are
 * invalidated.
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_scalable_block(const struct vtd_tables *tables,
			struct vtd_scalable_context *context, bool quiet)
{
	vtd_scalable_store(tables, context, quiet ? VTD_SM_CTX_FPD : 0);
}

/**
 * vtd_scalable_fill_pasid() - set a PASID-table entry that the unit does not use
 * @tables: the tables
 * @pasid: the entry; no earlier present state of it is cached
 * @val: the new value, which is present
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_scalable_fill_pasid(const struct vtd_tables *tables,
			     struct vtd_pasid *pasid,
			     const struct vtd_scalable *val)
{
	/*
	 * P is cleared first and set last, so that neither the unit nor debugfs finds a
	 * valid entry with the old domain ID.
	 */
	WRITE_ONCE(pasid->lo, 0);
	/* See above. */
	dma_wmb();
	WRITE_ONCE(pasid->first, val->first);
	WRITE_ONCE(pasid->hi, val->hi);
	/* The rest is complete before P is set. */
	dma_wmb();
	WRITE_ONCE(pasid->lo, val->lo);
	vtd_tables_flush(tables, pasid, sizeof(*pasid));
}

/**
 * vtd_scalable_clear_pasid() - make a PASID-table entry not present
 * @tables: the tables
 * @pasid: the entry
 * @domain_id: set to its domain ID if it was present
 *
 * The unit may use the old entry and its translations until they are invalidated. All
 * other bits stay: the unit may be reading the entry, and have read P as set already. So
 * they change only in vtd_scalable_fill_pasid(), after the invalidation (6.5.3.3).
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if it was not present.
 */
bool vtd_scalable_clear_pasid(const struct vtd_tables *tables,
			      struct vtd_pasid *pasid, u16 *domain_id)
{
	if (!(pasid->lo & VTD_PASID_LO_P))
		return false;
	*domain_id = FIELD_GET(VTD_PASID_HI_DID, pasid->hi);
	WRITE_ONCE(pasid->lo, pasid->lo & ~VTD_PASID_LO_P);
	vtd_tables_flush(tables, pasid, sizeof(*pasid));
	return true;
}

/**
 * vtd_scalable_fill() - set the entries of a source-id whose context entry is not
 *	present
 * @tables: the tables
 * @context: the context entry; no earlier present state of it is cached
 * @val: the new value, which is present
 *
 * Context: Any; nyx_unit.store_lock is held.
 */
void vtd_scalable_fill(const struct vtd_tables *tables,
		       struct vtd_scalable_context *context,
		       const struct vtd_scalable *val)
{
	vtd_scalable_fill_pasid(tables, vtd_scalable_pasid(context), val);
	/* The PASID-table entry is complete before the context entry leads to it. */
	dma_wmb();
	vtd_scalable_store(tables, context, val->context);
}

/**
 * vtd_scalable_replace() - change present entries so that no request faults
 * @tables: the tables
 * @context: the context entry
 * @val: the new value, which is present
 *
 * Each request uses the old or the new domain, because the table and the domain ID
 * change in one store of 128 bits, and both entries stay present. The device sends no
 * translated requests meanwhile, because ATS of the device is disabled.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: false if this CPU has no such store, or the root of a first-stage table would
 *	change, which is not in these 128 bits; then nothing was changed.
 */
bool vtd_scalable_replace(const struct vtd_tables *tables,
			  struct vtd_scalable_context *context,
			  const struct vtd_scalable *val)
{
	struct vtd_pasid *pasid = vtd_scalable_pasid(context);

	if (pasid->first != val->first ||
	    !vtd_tables_store(tables, pasid, val->lo, val->hi))
		return false;
	/* The new page table is in use before DTE lets the device ask for translations. */
	dma_wmb();
	vtd_scalable_store(tables, context, val->context);
	return true;
}

/**
 * vtd_scalable_set_dirty() - change whether the unit sets A and D in page tables
 * @tables: the tables
 * @context: the context entry
 * @on: set them
 *
 * One store changes only SSADE, so requests are translated as before. The unit may use
 * the old entry until it is invalidated.
 *
 * Context: Any; nyx_unit.store_lock is held.
 * Return: true if the entry was changed; false if it has this value already, or the
 *	source-id is not translated by a page table.
 */
bool vtd_scalable_set_dirty(const struct vtd_tables *tables,
			    struct vtd_scalable_context *context, bool on)
{
	struct vtd_pasid *pasid = vtd_scalable_pasid(context);
	u64 old = READ_ONCE(pasid->lo);
	u64 pgtt = FIELD_GET(VTD_PASID_LO_PGTT, old);
	u64 new = on ? old | VTD_PASID_LO_SSADE : old & ~VTD_PASID_LO_SSADE;

	if (!(context->lo & VTD_SM_CTX_P) || old == new ||
	    (pgtt != VTD_PGTT_SECOND_STAGE && pgtt != VTD_PGTT_NESTED))
		return false;
	WRITE_ONCE(pasid->lo, new);
	vtd_tables_flush(tables, pasid, sizeof(*pasid));
	return true;
}
