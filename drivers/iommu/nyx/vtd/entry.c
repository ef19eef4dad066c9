// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device's context entries say: the order in which they, the unit's
 * caches and the device's own change (6.2.2.1, 6.5.3.3).
 */
#include <linux/errno.h>
#include <linux/lockdep.h>

#include <nyx/device.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "ats.h"
#include "context.h"
#include "entry.h"
#include "flush.h"
#include "vtd.h"

/* A context entry and a domain to forget for each ID, and two more. */
#define VTD_ENTRY_DSCS (2 * NYX_MAX_RIDS + 2)
static_assert(VTD_ENTRY_DSCS <= VTD_QI_BATCH);

/**
 * struct vtd_change - one change of a device's entries
 * @vu: the unit
 * @ndev: the device
 * @context: its entries; NULL where there is none, which blocks as well
 * @val: what they shall say
 * @root_changed: a root entry became present
 * @dscs: invalidations of context entries
 * @nr: how many
 * @domains: domain IDs whose translations have to go
 * @nr_domains: how many
 */
struct vtd_change {
	struct vtd_unit *vu;
	struct nyx_device *ndev;
	struct vtd_context *context[NYX_MAX_RIDS];
	struct vtd_context val;
	bool root_changed;
	struct vtd_dsc dscs[VTD_ENTRY_DSCS];
	unsigned int nr;
	u16 domains[NYX_MAX_RIDS];
	unsigned int nr_domains;
};

static void vtd_change_add_domain(struct vtd_change *change, u16 did)
{
	unsigned int i;

	for (i = 0; i < change->nr_domains; i++)
		if (change->domains[i] == did)
			return;
	change->domains[change->nr_domains++] = did;
}

/* To forget: an entry of @rid that said @did, and what was cached through it */
static void vtd_change_forget(struct vtd_change *change, u16 did, u16 rid)
{
	nyx_stat_inc(&change->vu->unit, NYX_STAT_FLUSH_ENTRY);
	change->dscs[change->nr++] = vtd_dsc_cc_device(did, rid);
}

/*
 * The unit does context-cache invalidations before IOTLB invalidations that are
 * behind them in the queue (6.5.2.12), so both go in one submission.
 */
static int vtd_change_invalidate(struct vtd_change *change)
{
	u64 drain = vtd_flush_drain(change->vu);
	unsigned int i;
	int ret;

	for (i = 0; i < change->nr_domains; i++) {
		nyx_stat_inc(&change->vu->unit, NYX_STAT_FLUSH_DOMAIN);
		change->dscs[change->nr++] =
			vtd_dsc_iotlb_domain(change->domains[i], drain);
	}
	ret = vtd_invalidate(change->vu, change->dscs, change->nr);
	change->nr = 0;
	change->nr_domains = 0;
	return ret;
}

/*
 * First step: entries that are present become what they shall be in one store,
 * where that is possible, else not present; the unit forgets what they said.
 */
static int vtd_change_present(struct vtd_change *change)
{
	struct vtd_tables *tables = &change->vu->tables;
	struct vtd_context *context;
	unsigned int i;
	u16 did;

	for (i = 0; i < change->ndev->nr_rids; i++) {
		context = change->context[i];
		if (!context || !vtd_context_present(context))
			continue;
		if (context->lo == change->val.lo &&
		    context->hi == change->val.hi)
			continue;
		did = vtd_context_domain(context);
		if (!vtd_context_present(&change->val) ||
		    !vtd_tables_replace(tables, context, change->val))
			vtd_tables_block(tables, context);
		vtd_change_forget(change, did, change->ndev->rids[i]);
		vtd_change_add_domain(change, did);
	}
	return change->nr ? vtd_change_invalidate(change) : 0;
}

/*
 * Second step: entries that are not present get their value. A unit in caching
 * mode remembers that they said nothing, under domain ID 0 (6.2.2).
 */
static int vtd_change_absent(struct vtd_change *change)
{
	struct vtd_unit *vu = change->vu;
	bool changed = false;
	unsigned int i;
	int ret;

	for (i = 0; i < change->ndev->nr_rids; i++) {
		if (!change->context[i] ||
		    vtd_context_present(change->context[i]))
			continue;
		vtd_tables_fill(&vu->tables, change->context[i], change->val);
		if (vu->cap & VTD_CAP_CM)
			vtd_change_forget(change, 0, change->ndev->rids[i]);
		changed = true;
	}
	if (!changed)
		return 0;
	if (!(vu->cap & VTD_CAP_CM))
		return vtd_flush_write_buffer(vu);
	/* It may remember the root entry as well (table 28). */
	ret = change->root_changed ? vtd_invalidate_global(vu) : 0;
	if (ret)
		return ret;
	vtd_change_add_domain(change, vtd_context_domain(&change->val));
	return vtd_change_invalidate(change);
}

static int vtd_change_apply(struct vtd_change *change,
			    const struct nyx_entry *entry)
{
	int ret;

	change->val = vtd_context_encode(entry, change->vu->unit.caps.levels);
	ret = vtd_change_present(change);
	if (ret || !vtd_context_present(&change->val))
		return ret;
	return vtd_change_absent(change);
}

static int vtd_change_find(struct vtd_change *change, bool create)
{
	struct vtd_tables *tables = &change->vu->tables;
	unsigned int i;
	u16 rid;

	for (i = 0; i < change->ndev->nr_rids; i++) {
		rid = change->ndev->rids[i];
		change->context[i] = create ?
			vtd_tables_context(tables, rid, &change->root_changed) :
			vtd_tables_lookup(tables, rid);
		if (create && !change->context[i])
			return -ENOMEM;
	}
	return 0;
}

static int vtd_change_entry(struct vtd_change *change,
			    const struct nyx_entry *entry)
{
	struct nyx_entry want = *entry;
	int ret;

	/* A device that did not forget once gets no second chance. */
	if (READ_ONCE(change->ndev->ats_lost))
		want.ats = false;
	ret = vtd_change_find(change, want.kind != NYX_ENTRY_BLOCKED);
	if (ret)
		return ret;
	ret = vtd_ats_disable(change->vu, change->ndev);
	if (ret)
		return ret;
	vtd_ats_prepare(change->ndev);
	ret = vtd_change_apply(change, &want);
	if (ret || !want.ats || vtd_ats_enable(change->ndev))
		return ret;
	/* No ATS: then the entry must not believe translated requests. */
	want.ats = false;
	return vtd_change_apply(change, &want);
}

/**
 * vtd_set_entry() - nyx_unit_ops.set_entry
 * @unit: the unit
 * @ndev: the device
 * @entry: what its entries shall say
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, -ENOMEM, or -EIO if the unit is out of service; then the entries
 *	are not present.
 */
int vtd_set_entry(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct vtd_change change = {
		.vu = to_vtd_unit(unit),
		.ndev = ndev,
	};
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	ret = vtd_change_entry(&change, entry);
	if (!ret)
		return 0;
	vtd_change_find(&change, false);
	change.nr = 0;
	change.nr_domains = 0;
	vtd_ats_disable(change.vu, ndev);
	vtd_change_apply(&change, &blocked);
	return ret;
}
