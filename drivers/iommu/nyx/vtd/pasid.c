// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASID entries: VT-d's struct nyx_pasid_ops (6.2.3, 6.5.3.3).
 *
 * An entry that blocks is not present. So an entry never changes from one present
 * value to another, which would take more than one store.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "flush.h"
#include "pasid_table.h"
#include "scalable.h"
#include "unit_ops.h"
#include "vtd.h"

/*
 * The unit may have cached the context entry with a smaller directory, whose entries
 * the new one has as well.
 */
static int vtd_pasid_reload(struct vtd_unit *vu, u16 rid)
{
	struct nyx_cmd dscs[2];
	unsigned int nr = 0;

	dscs[nr++] = vtd_dsc_cc_device(0, rid);
	if (vtd_flush_has_pasids(vu))
		dscs[nr++] = vtd_dsc_pasid_global();
	return nyx_invalidate(&vu->unit, dscs, nr);
}

static int vtd_pasid_make_room(struct vtd_unit *vu, u16 rid,
			       struct vtd_scalable_context *context, u32 pasid)
{
	u64 dir = context->lo, new;

	new = vtd_pasid_dir_grow(&vu->tables, dir, pasid,
				 vu->unit.caps.pasid_bits);
	if (!new)
		return -ENOMEM;
	if (new == dir)
		return 0;
	scoped_guard(raw_spinlock_irqsave, &vu->unit.store_lock)
		vtd_scalable_set_dir(&vu->tables, context, new);
	return vtd_pasid_reload(vu, rid);
}

/* In caching mode, the invalidation of the new entry covers that of the directory. */
static int vtd_pasid_create(struct vtd_unit *vu, u16 rid, u32 pasid,
			    bool *root_changed)
{
	struct vtd_scalable_context *context;
	int ret;

	context = vtd_scalable_create(&vu->tables, rid, root_changed);
	if (!context)
		return -ENOMEM;
	WRITE_ONCE(vu->tables.pasids, true);
	ret = vtd_pasid_make_room(vu, rid, context, pasid);
	if (ret)
		return ret;
	return vtd_pasid_dir_add(&vu->tables, context->lo, pasid) ? 0 : -ENOMEM;
}

static int vtd_pasid_provide(struct nyx_unit *unit,
			     const struct nyx_device *ndev, u32 pasid)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	bool root_changed = false;
	int ret;

	guard(mutex)(&vu->tables.lock);
	if (READ_ONCE(unit->dead))
		return -EIO;
	ret = vtd_pasid_create(vu, ndev->rid, pasid, &root_changed);
	/* Also after an error: see vtd_entry_provide(). */
	if (root_changed && (vu->cap & VTD_CAP_CM))
		ret = nyx_invalidate_global(unit) ?: ret;
	return ret;
}

static struct vtd_pasid *vtd_pasid_lookup(const struct vtd_unit *vu, u16 rid,
					  u32 pasid)
{
	struct vtd_scalable_context *context =
		vtd_scalable_lookup(&vu->tables, rid);

	return context ? vtd_pasid_find(READ_ONCE(context->lo), pasid) : NULL;
}

static bool vtd_pasid_block(struct nyx_unit *unit, u16 rid, u32 pasid,
			    u16 *domain_id)
{
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct vtd_pasid *entry = vtd_pasid_lookup(vu, rid, pasid);

	return entry && vtd_scalable_clear_pasid(&vu->tables, entry, domain_id);
}

static void vtd_pasid_fill(struct nyx_unit *unit, u16 rid, u32 pasid,
			   const struct nyx_entry *want)
{
	struct vtd_scalable val = vtd_scalable_encode(want, &unit->caps);
	struct vtd_unit *vu = to_vtd_unit(unit);
	struct vtd_pasid *entry = vtd_pasid_lookup(vu, rid, pasid);

	if (entry)
		vtd_scalable_fill_pasid(&vu->tables, entry, &val);
}

/*
 * The kind of table in the old entry decides which of two caches has its translations
 * (table 26), and is not known any more, so both are invalidated. An entry that blocks is
 * cached in caching mode only. The domain ID that tags it is then not known, and it
 * has no translations.
 */
static unsigned int vtd_pasid_inv(const struct nyx_unit *unit, u16 rid, u32 pasid,
				  u16 domain_id, struct nyx_cmd *cmds)
{
	const struct vtd_unit *vu = container_of(unit, struct vtd_unit, unit);
	unsigned int nr = 0;

	/* Before the unit is in scalable mode, it knows none of these descriptors. */
	if (!vtd_flush_has_pasids(vu)) {
		cmds[0] = vtd_dsc_cc_device(0, rid);
		return 1;
	}
	if (!domain_id) {
		cmds[0] = vtd_dsc_pasid_global();
		return 1;
	}
	cmds[nr++] = vtd_dsc_pasid(domain_id, pasid);
	if (unit->caps.first.format)
		cmds[nr++] = vtd_dsc_p_iotlb(domain_id, pasid);
	if (unit->caps.format != unit->caps.first.format)
		cmds[nr++] = vtd_dsc_iotlb_domain(domain_id,
						  vtd_flush_drain(vu));
	return nr;
}

const struct nyx_pasid_ops vtd_pasid_ops = {
	.provide = vtd_pasid_provide,
	.block = vtd_pasid_block,
	.fill = vtd_pasid_fill,
	.inv = vtd_pasid_inv,
	.device = vtd_flush_device_pasid,
};
