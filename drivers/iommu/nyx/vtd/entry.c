// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing a device's entries in legacy and in scalable mode: VT-d's struct
 * nyx_entry_ops (6.2.2.1, 6.5.3.3).
 *
 * The unit executes a context-cache invalidation before PASID-cache invalidations,
 * and both before IOTLB invalidations, that follow it in the queue (6.5.2.12). So
 * there is no fence between them.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/string.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "context.h"
#include "flush.h"
#include "scalable.h"
#include "unit_ops.h"
#include "vtd.h"

static bool vtd_entry_create(struct vtd_tables *tables, u16 rid,
			     bool *root_changed)
{
	if (tables->scalable)
		return vtd_scalable_create(tables, rid, root_changed);
	return vtd_tables_context(tables, rid, root_changed);
}

/*
 * A unit in caching mode may have cached that a root entry was not present
 * (table 28). The invalidation is done under the lock, because other callers
 * rely on it as soon as they find the context table.
 */
static int vtd_entry_provide(struct nyx_unit *unit,
			     const struct nyx_device *ndev)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	bool root_changed = false;
	unsigned int i;
	int ret = 0;

	guard(mutex)(&vu->tables.lock);
	for (i = 0; i < ndev->nr_rids && !ret; i++)
		if (!vtd_entry_create(&vu->tables, ndev->rids[i],
				      &root_changed))
			ret = -ENOMEM;
	if (root_changed && (vu->cap & VTD_CAP_CM))
		ret = nyx_invalidate_global(unit) ?: ret;
	return ret;
}

/*
 * Changes an entry that is not present to another such entry. Only FPD can
 * differ. The unit caches such entries only in caching mode, with domain ID 0.
 */
static bool vtd_legacy_change_fpd(struct nyx_unit *unit,
				  struct vtd_context *context,
				  const struct vtd_context *val, u16 *did)
{
	if (vtd_context_present(val) || context->lo == val->lo)
		return false;
	vtd_tables_block(&to_vtd_unit(unit)->tables, context,
			 val->lo & VTD_CTX_LO_FPD);
	*did = 0;
	return unit->caps.blocked_cached;
}

static bool vtd_legacy_replace(struct nyx_unit *unit, u16 rid,
			       const struct nyx_entry *want, u16 *did)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_context *context = vtd_tables_lookup(tables, rid);
	struct vtd_context val = vtd_context_encode(want, unit->caps.levels);

	if (!context)
		return false;
	if (!vtd_context_present(context))
		return vtd_legacy_change_fpd(unit, context, &val, did);
	if (context->lo == val.lo && context->hi == val.hi)
		return false;
	*did = vtd_context_domain(context);
	if (!vtd_context_present(&val) ||
	    !vtd_tables_replace(tables, context, val))
		vtd_tables_block(tables, context, want->quiet);
	return true;
}

static bool vtd_legacy_fill(struct nyx_unit *unit, u16 rid,
			    const struct nyx_entry *want)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_context *context = vtd_tables_lookup(tables, rid);

	if (!context || vtd_context_present(context))
		return false;
	vtd_tables_fill(tables, context,
			vtd_context_encode(want, unit->caps.levels));
	return true;
}

/* A context entry that is not present blocks translated requests too (9.3). */
static bool vtd_legacy_block_ats(struct nyx_unit *unit, u16 rid)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_context *context = vtd_tables_lookup(tables, rid);

	if (!context || !vtd_context_ats(context))
		return false;
	vtd_tables_block(tables, context, false);
	return true;
}

/* As vtd_legacy_change_fpd(). */
static bool vtd_sm_change_fpd(struct nyx_unit *unit,
			      struct vtd_scalable_context *context,
			      const struct vtd_scalable *now,
			      const struct vtd_scalable *val, u16 *did)
{
	if (vtd_scalable_present(val) || now->context == val->context)
		return false;
	vtd_scalable_block(&to_vtd_unit(unit)->tables, context,
			   val->context & VTD_SM_CTX_FPD);
	*did = 0;
	return unit->caps.blocked_cached;
}

static bool vtd_sm_replace(struct nyx_unit *unit, u16 rid,
			   const struct nyx_entry *want, u16 *did)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_scalable_context *context = vtd_scalable_lookup(tables, rid);
	struct vtd_scalable val = vtd_scalable_encode(want, &unit->caps), now;

	if (!context)
		return false;
	now = vtd_scalable_read(context);
	if (!vtd_scalable_present(&now))
		return vtd_sm_change_fpd(unit, context, &now, &val, did);
	if (!memcmp(&now, &val, sizeof(val)))
		return false;
	*did = vtd_scalable_domain(&now);
	if (!vtd_scalable_present(&val) ||
	    !vtd_scalable_replace(tables, context, &val))
		vtd_scalable_block(tables, context, want->quiet);
	return true;
}

static bool vtd_sm_fill(struct nyx_unit *unit, u16 rid,
			const struct nyx_entry *want)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_scalable_context *context = vtd_scalable_lookup(tables, rid);
	struct vtd_scalable val = vtd_scalable_encode(want, &unit->caps), now;

	if (!context)
		return false;
	now = vtd_scalable_read(context);
	if (vtd_scalable_present(&now))
		return false;
	/* The device may have been cut off meanwhile. */
	if (vtd_scalable_present(&val))
		vtd_scalable_fill(tables, context, &val);
	else
		vtd_scalable_block(tables, context, want->quiet);
	return true;
}

/* A context entry that is not present blocks translated requests too (9.4). */
static bool vtd_sm_block_ats(struct nyx_unit *unit, u16 rid)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_scalable_context *context = vtd_scalable_lookup(tables, rid);

	if (!context || !(vtd_scalable_read(context).context & VTD_SM_CTX_DTE))
		return false;
	vtd_scalable_block(tables, context, false);
	return true;
}

static bool vtd_entry_replace(struct nyx_unit *unit, u16 rid,
			      const struct nyx_entry *want, u16 *did)
{
	return to_vtd_unit(unit)->scalable ?
	       vtd_sm_replace(unit, rid, want, did) :
	       vtd_legacy_replace(unit, rid, want, did);
}

static bool vtd_entry_fill(struct nyx_unit *unit, u16 rid,
			   const struct nyx_entry *want)
{
	return to_vtd_unit(unit)->scalable ?
	       vtd_sm_fill(unit, rid, want) :
	       vtd_legacy_fill(unit, rid, want);
}

static bool vtd_entry_block_ats(struct nyx_unit *unit, u16 rid)
{
	return to_vtd_unit(unit)->scalable ?
	       vtd_sm_block_ats(unit, rid) :
	       vtd_legacy_block_ats(unit, rid);
}

/* Only units in scalable mode have nyx_unit_caps.dirty. */
static bool vtd_entry_set_dirty(struct nyx_unit *unit, u16 rid, bool on,
				u16 *did)
{
	struct vtd_tables *tables = &to_vtd_unit(unit)->tables;
	struct vtd_scalable_context *context = vtd_scalable_lookup(tables, rid);
	struct vtd_scalable now;

	if (!context || !vtd_scalable_set_dirty(tables, context, on))
		return false;
	now = vtd_scalable_read(context);
	*did = vtd_scalable_domain(&now);
	return true;
}

static int vtd_entry_publish(struct nyx_unit *unit)
{
	return vtd_flush_write_buffer(to_vtd_unit(unit));
}

/*
 * Caching mode tags an entry that was not present with domain ID 0 (6.2.2), which no
 * domain has.
 *
 * In scalable mode context entries have no domain ID. The PASID-table entry of an
 * entry that was blocked has one that the caller does not know, if the unit cached
 * any, so those of all domains are invalidated. Those of other PASIDs of the device
 * depend on the context entry, too, and have domain IDs of their own.
 */
static unsigned int vtd_entry_inv(const struct nyx_unit *unit, u16 rid, u16 did,
				  struct nyx_cmd *dscs)
{
	const struct vtd_unit *vu = container_of(unit, struct vtd_unit, unit);
	const struct vtd_scalable_context *context;

	if (!vu->scalable) {
		dscs[0] = vtd_dsc_cc_device(did, rid);
		return 1;
	}
	dscs[0] = vtd_dsc_cc_device(0, rid);
	if (!vtd_flush_has_pasids(vu))
		return 1;
	context = vtd_scalable_lookup(&vu->tables, rid);
	if (did && !(context && vtd_scalable_has_pasids(context)))
		dscs[1] = vtd_dsc_pasid(did, VTD_RID_PASID);
	else
		dscs[1] = vtd_dsc_pasid_global();
	return 2;
}

/*
 * A change of a context entry concerns all PASIDs of the device, whose domain IDs the
 * caller does not know. Translations of all domains are invalidated if there may be
 * any.
 */
static struct nyx_cmd vtd_entry_inv_domain(const struct nyx_unit *unit,
					   u16 did)
{
	const struct vtd_unit *vu = container_of(unit, struct vtd_unit, unit);

	if (READ_ONCE(vu->tables.pasids))
		return vtd_dsc_iotlb_global(vtd_flush_drain(vu));
	return vtd_dsc_iotlb_domain(did, vtd_flush_drain(vu));
}

const struct nyx_entry_ops vtd_entry_ops = {
	.provide = vtd_entry_provide,
	.replace = vtd_entry_replace,
	.fill = vtd_entry_fill,
	.block_ats = vtd_entry_block_ats,
	.set_dirty = vtd_entry_set_dirty,
	.publish = vtd_entry_publish,
	.inv_entry = vtd_entry_inv,
	.inv_domain = vtd_entry_inv_domain,
};
