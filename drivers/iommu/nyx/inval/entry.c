// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device's hardware entries say: the order in which they, the unit's
 * caches and the device's own change.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

/* Requester IDs whose entries are changed in one go; few devices have more. */
#define NYX_CHANGE_RIDS 8

/* An entry and a domain to forget for each ID, and a fence between them. */
#define NYX_CHANGE_CMDS (2 * NYX_CHANGE_RIDS + 1)
static_assert(NYX_CHANGE_CMDS <= NYX_QUEUE_BATCH);

/**
 * struct nyx_change - one change of a device's entries
 * @unit: the unit
 * @ndev: the device
 * @want: what they shall say
 * @first: the first of @ndev->rids that the go is about
 * @end: behind the last of them
 * @cmds: invalidations
 * @nr: how many
 * @domains: domain IDs whose translations have to go
 * @nr_domains: how many
 */
struct nyx_change {
	struct nyx_unit *unit;
	struct nyx_device *ndev;
	struct nyx_entry want;
	unsigned int first;
	unsigned int end;
	struct nyx_cmd cmds[NYX_CHANGE_CMDS];
	unsigned int nr;
	u16 domains[NYX_CHANGE_RIDS];
	unsigned int nr_domains;
};

static void nyx_change_add_domain(struct nyx_change *change, u16 domain_id)
{
	unsigned int i;

	for (i = 0; i < change->nr_domains; i++)
		if (change->domains[i] == domain_id)
			return;
	change->domains[change->nr_domains++] = domain_id;
}

/* To forget: an entry of @rid that said @domain_id. */
static void nyx_change_add_entry(struct nyx_change *change, u16 rid,
				 u16 domain_id)
{
	nyx_stat_inc(change->unit, NYX_STAT_FLUSH_ENTRY);
	change->cmds[change->nr++] =
		change->unit->ops->entries->inv_entry(rid, domain_id);
}

/*
 * Entries go before translations: a walk that still begins at an old entry
 * would bring its translations back.
 */
static int nyx_change_invalidate(struct nyx_change *change)
{
	const struct nyx_entry_ops *ops = change->unit->ops->entries;
	unsigned int i;

	if (ops->fence)
		change->cmds[change->nr++] = ops->fence();
	for (i = 0; i < change->nr_domains; i++) {
		nyx_stat_inc(change->unit, NYX_STAT_FLUSH_DOMAIN);
		change->cmds[change->nr++] =
			ops->inv_domain(change->unit, change->domains[i]);
	}
	return nyx_invalidate(change->unit, change->cmds, change->nr);
}

/*
 * Begins with the next requester IDs; false behind the last. What is asked of the
 * unit in one go does not depend on others: where an ID that comes later said the
 * same domain, that is forgotten anew behind it.
 */
static bool nyx_change_next(struct nyx_change *change)
{
	change->first = change->end;
	change->end = min(change->first + NYX_CHANGE_RIDS,
			  (unsigned int)change->ndev->nr_rids);
	change->nr = 0;
	change->nr_domains = 0;
	return change->first < change->end;
}

/*
 * One step of one entry; true if it changes. Of a unit that went out of service,
 * entries may be blocked by now, or are about to be: nothing else is stored.
 *
 * A device may turn out not to answer invalidations while its entry is changed.
 * That is told before nyx_ats_block() takes the lock: either it finds what was
 * stored before, or what is stored from now on refuses translated requests.
 */
static bool nyx_change_one(struct nyx_change *change, u16 rid, bool fill,
			   u16 *domain_id)
{
	const struct nyx_entry_ops *ops = change->unit->ops->entries;

	guard(raw_spinlock_irqsave)(&change->unit->store_lock);
	if (READ_ONCE(change->unit->dead)) {
		if (fill)
			return false;
		change->want = (struct nyx_entry) { .kind = NYX_ENTRY_BLOCKED };
	}
	/* Whatever was blocked is stored anew, or is blocked as it shall be. */
	WRITE_ONCE(change->ndev->isolated, false);
	if (READ_ONCE(change->ndev->ats_lost))
		change->want.ats = false;
	return fill ? ops->fill(change->unit, rid, &change->want) :
		      ops->replace(change->unit, rid, &change->want, domain_id);
}

/*
 * First step: entries that say something become what they shall be in one store,
 * where that is possible, else they block; the unit forgets what they said.
 */
static int nyx_change_replace(struct nyx_change *change)
{
	struct nyx_device *ndev = change->ndev;
	unsigned int i;
	u16 domain_id;
	int ret = 0, err;

	change->end = 0;
	/* To the last, whatever the unit answers: what is to block blocks. */
	while (nyx_change_next(change)) {
		for (i = change->first; i < change->end; i++) {
			if (!nyx_change_one(change, ndev->rids[i], false,
					    &domain_id))
				continue;
			nyx_change_add_entry(change, ndev->rids[i], domain_id);
			nyx_change_add_domain(change, domain_id);
		}
		err = change->nr ? nyx_change_invalidate(change) : 0;
		ret = ret ?: err;
	}
	/* An entry may be blocked by nyx_ats_block(), and not forgotten yet. */
	if (!ret && READ_ONCE(ndev->ats_lost) && !READ_ONCE(ndev->ats_refused))
		ret = nyx_invalidate_global(change->unit);
	return ret;
}

/*
 * Second step: entries that block get their value. A unit may remember that they
 * blocked, under no domain's ID.
 */
static int nyx_change_fill(struct nyx_change *change)
{
	struct nyx_unit *unit = change->unit;
	struct nyx_device *ndev = change->ndev;
	bool changed = false;
	unsigned int i;
	int ret = 0;

	change->end = 0;
	while (!ret && nyx_change_next(change)) {
		for (i = change->first; i < change->end; i++) {
			if (!nyx_change_one(change, ndev->rids[i], true, NULL))
				continue;
			changed = true;
			if (unit->caps.blocked_cached)
				nyx_change_add_entry(change, ndev->rids[i], 0);
		}
		if (!change->nr)
			continue;
		nyx_change_add_domain(change, change->want.domain_id);
		ret = nyx_change_invalidate(change);
	}
	return changed && !unit->caps.blocked_cached ?
	       unit->ops->entries->publish(unit) : ret;
}

static int nyx_change_apply(struct nyx_change *change)
{
	int ret = nyx_change_replace(change);

	if (!ret && change->want.kind != NYX_ENTRY_BLOCKED)
		ret = nyx_change_fill(change);
	return READ_ONCE(change->unit->dead) ? -EIO : ret;
}

static int nyx_change_entry(struct nyx_change *change)
{
	bool ats = change->want.ats;
	int ret = 0;

	/* Nobody would see the unit forget what it says next. */
	if (READ_ONCE(change->unit->dead))
		return -EIO;
	if (change->want.kind != NYX_ENTRY_BLOCKED)
		ret = change->unit->ops->entries->provide(change->unit,
							  change->ndev);
	if (!ret)
		ret = nyx_ats_disable(change->ndev);
	if (ret)
		return ret;
	nyx_ats_prepare(change->ndev);
	ret = nyx_change_apply(change);
	if (ret || !ats)
		return ret;
	/* A device that did not forget once gets no second chance. */
	if (!READ_ONCE(change->ndev->ats_lost) && nyx_ats_enable(change->ndev))
		return 0;
	/* No ATS: then the entry must not believe translated requests. */
	change->want.ats = false;
	return nyx_change_apply(change);
}

/**
 * nyx_entry_set() - change the hardware entries of a device
 * @unit: the unit that serves the device
 * @ndev: the device
 * @entry: new value of the device's entries, those of its aliases included
 *
 * On return the unit uses the new value. It caches nothing of the old one: no
 * entry, no translation of the old domain ID for this device, and the device
 * TLB is empty. Also enables or disables ATS of the device
 * (nyx_device.ats_enabled).
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0; an error of nyx_entry_ops.provide(); or -EIO if the unit is out of
 *	service. Then the entries block.
 */
int nyx_entry_set(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry)
{
	struct nyx_change change = {
		.unit = unit,
		.ndev = ndev,
		.want = *entry,
	};
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	ret = nyx_change_entry(&change);
	if (!ret)
		return 0;
	nyx_ats_disable(ndev);
	change.want = (struct nyx_entry) { .kind = NYX_ENTRY_BLOCKED };
	nyx_change_apply(&change);
	return ret;
}
