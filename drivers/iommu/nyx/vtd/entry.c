// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device's context entries say: the order in which they, the unit's
 * caches and the device's own change (6.2.2.1, 6.5.3.3).
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
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
static_assert(VTD_ENTRY_DSCS <= NYX_QUEUE_BATCH);

/**
 * struct vtd_change - one change of a device's entries
 * @vu: the unit
 * @ndev: the device
 * @context: its entries; NULL where there is none, which blocks as well
 * @val: what they shall say
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
	struct nyx_cmd dscs[VTD_ENTRY_DSCS];
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
 * A device may turn out not to answer invalidations while its entry is changed.
 * That is told before vtd_ats_isolate() takes the lock: either it finds what was
 * stored before, or what is stored from now on refuses translated requests.
 */
static void vtd_change_check_lost(struct vtd_change *change)
{
	lockdep_assert_held(&change->vu->tables.store_lock);
	/* Whatever was blocked is stored anew, or is blocked as it shall be. */
	WRITE_ONCE(change->ndev->isolated, false);
	if (READ_ONCE(change->ndev->ats_lost))
		change->val = vtd_context_without_ats(change->val);
}

/* An entry that is present; true if it changes. @did is what it said before. */
static bool vtd_change_one_present(struct vtd_change *change,
				   struct vtd_context *context, u16 *did)
{
	struct vtd_tables *tables = &change->vu->tables;

	guard(raw_spinlock_irqsave)(&tables->store_lock);
	vtd_change_check_lost(change);
	if (!vtd_context_present(context))
		return false;
	if (context->lo == change->val.lo && context->hi == change->val.hi)
		return false;
	*did = vtd_context_domain(context);
	if (!vtd_context_present(&change->val) ||
	    !vtd_tables_replace(tables, context, change->val))
		vtd_tables_block(tables, context);
	return true;
}

/*
 * First step: entries that are present become what they shall be in one store,
 * where that is possible, else not present; the unit forgets what they said.
 */
static int vtd_change_present(struct vtd_change *change)
{
	struct nyx_device *ndev = change->ndev;
	unsigned int i;
	int ret = 0;
	u16 did;

	for (i = 0; i < ndev->nr_rids; i++) {
		if (!change->context[i] ||
		    !vtd_change_one_present(change, change->context[i], &did))
			continue;
		vtd_change_forget(change, did, ndev->rids[i]);
		vtd_change_add_domain(change, did);
	}
	if (change->nr)
		ret = vtd_change_invalidate(change);
	/* An entry may be blocked by vtd_ats_isolate(), and not forgotten yet. */
	if (!ret && READ_ONCE(ndev->ats_lost) && !READ_ONCE(ndev->ats_refused))
		ret = vtd_invalidate_global(change->vu);
	return ret;
}

/* An entry that is not present; true if it changes. */
static bool vtd_change_one_absent(struct vtd_change *change,
				  struct vtd_context *context)
{
	struct vtd_tables *tables = &change->vu->tables;

	guard(raw_spinlock_irqsave)(&tables->store_lock);
	vtd_change_check_lost(change);
	if (vtd_context_present(context))
		return false;
	vtd_tables_fill(tables, context, change->val);
	return true;
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

	for (i = 0; i < change->ndev->nr_rids; i++) {
		if (!vtd_change_one_absent(change, change->context[i]))
			continue;
		if (vu->cap & VTD_CAP_CM)
			vtd_change_forget(change, 0, change->ndev->rids[i]);
		changed = true;
	}
	if (!changed)
		return 0;
	if (!(vu->cap & VTD_CAP_CM))
		return vtd_flush_write_buffer(vu);
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

/* The entries that are there. */
static void vtd_change_lookup(struct vtd_change *change)
{
	unsigned int i;

	for (i = 0; i < change->ndev->nr_rids; i++)
		change->context[i] = vtd_tables_lookup(&change->vu->tables,
						       change->ndev->rids[i]);
}

/*
 * All entries. A unit in caching mode may remember that a root entry led nowhere
 * (table 28): it is told under the lock, for whoever finds the context table
 * next relies on it.
 */
static int vtd_change_create(struct vtd_change *change)
{
	struct vtd_tables *tables = &change->vu->tables;
	bool root_changed = false;
	unsigned int i;
	int ret = 0;

	guard(mutex)(&tables->lock);
	for (i = 0; i < change->ndev->nr_rids && !ret; i++) {
		change->context[i] = vtd_tables_context(tables,
							change->ndev->rids[i],
							&root_changed);
		if (!change->context[i])
			ret = -ENOMEM;
	}
	if (root_changed && (change->vu->cap & VTD_CAP_CM))
		ret = vtd_invalidate_global(change->vu) ?: ret;
	return ret;
}

static int vtd_change_entry(struct vtd_change *change,
			    const struct nyx_entry *entry)
{
	struct nyx_entry want = *entry;
	int ret = 0;

	/* Nobody would see the unit forget what it says next. */
	if (READ_ONCE(change->vu->unit.dead))
		return -EIO;
	if (want.kind == NYX_ENTRY_BLOCKED)
		vtd_change_lookup(change);
	else
		ret = vtd_change_create(change);
	if (ret)
		return ret;
	ret = vtd_ats_disable(change->vu, change->ndev);
	if (ret)
		return ret;
	nyx_ats_prepare(change->ndev);
	ret = vtd_change_apply(change, &want);
	if (ret || !want.ats)
		return ret;
	/* A device that did not forget once gets no second chance. */
	if (!READ_ONCE(change->ndev->ats_lost) && nyx_ats_enable(change->ndev))
		return 0;
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
	vtd_change_lookup(&change);
	change.nr = 0;
	change.nr_domains = 0;
	vtd_ats_disable(change.vu, ndev);
	vtd_change_apply(&change, &blocked);
	return ret;
}
