// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of the hardware entries of a device.
 *
 * This file implements the order in which entries, the caches of the unit and
 * the device TLB change. It is the same for all vendors: replace or block each
 * entry; invalidate the cached entry, then the translations of its old domain
 * ID; fill blocked entries; enable ATS. If ATS of the device is enabled, its
 * entry is blocked first, then the device TLB is invalidated, and then ATS is
 * disabled.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "ats.h"

/* Entries that are changed and invalidated together; few devices have more. */
#define NYX_CHANGE_RIDS 8

/* For each requester ID an entry and a domain to invalidate; and one fence. */
#define NYX_CHANGE_CMDS ((NYX_ENTRY_CMDS + 1) * NYX_CHANGE_RIDS + 1)
static_assert(NYX_CHANGE_CMDS <= NYX_QUEUE_BATCH);

/**
 * struct nyx_change - a change of the entries of a device
 * @unit: the unit
 * @ndev: the device
 * @want: the new contents of the entries
 * @first: index in @ndev->rids of the first requester ID of the current batch
 * @end: index after the last requester ID of the current batch
 * @cmds: invalidation commands of the current batch
 * @nr: number of @cmds
 * @domains: domain IDs whose translations the current batch invalidates
 * @nr_domains: number of @domains
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

/*
 * Whether entries may accept translated requests now; false from the moment the
 * device is isolated.
 */
static bool nyx_change_allows_ats(const struct nyx_change *change)
{
	return !READ_ONCE(change->ndev->ats_lost) &&
	       !READ_ONCE(change->ndev->ats_stale) &&
	       !READ_ONCE(change->unit->ats_off);
}

static void nyx_change_add_domain(struct nyx_change *change, u16 domain_id)
{
	unsigned int i;

	for (i = 0; i < change->nr_domains; i++)
		if (change->domains[i] == domain_id)
			return;
	change->domains[change->nr_domains++] = domain_id;
}

/* Adds an invalidation of the entry of @rid, which contained @domain_id. */
static void nyx_change_add_entry(struct nyx_change *change, u16 rid,
				 u16 domain_id)
{
	nyx_stat_inc(change->unit, NYX_STAT_FLUSH_ENTRY);
	change->nr += change->unit->ops->entries->inv_entry(change->unit, rid,
			domain_id, &change->cmds[change->nr]);
}

/*
 * Entries are invalidated before translations: otherwise a walk that starts
 * from a cached old entry would cache the old translations again.
 *
 * If domains are attached to PASIDs of the device, the entry concerns these, too: all
 * that the unit caches is invalidated.
 */
static int nyx_change_invalidate(struct nyx_change *change)
{
	const struct nyx_entry_ops *ops = change->unit->ops->entries;
	unsigned int i;

	if (!xa_empty(&change->ndev->pasids))
		return nyx_invalidate_global(change->unit);
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
 * Starts the next batch of requester IDs; false if there is none. Batches are
 * independent: if entries in two batches contain the same domain ID, each batch
 * invalidates its translations.
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
 * Performs one step, replace or fill, on one entry; true if it needs an
 * invalidation. If the unit is out of service, its containment has blocked all
 * entries or is about to, so nothing but blocked entries is stored.
 *
 * The device may turn out to be unresponsive while its entries are changed.
 * nyx_isolate_block() records that under the same lock. So it either finds and
 * blocks the entry that was stored here earlier, or this function finds the
 * record and stores an entry that refuses translated requests. The same applies
 * to nyx_cut_off(): whatever the caller wants, the entry of a device that is cut
 * off blocks.
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
	} else if (nyx_device_is_cut_off(change->ndev)) {
		change->want = (struct nyx_entry) {
			.kind = NYX_ENTRY_BLOCKED,
			.quiet = true,
		};
	}
	nyx_unit_foreign_drop(change->unit, rid);
	/* The store below replaces what nyx_isolate_block() may have blocked. */
	WRITE_ONCE(change->ndev->isolated, false);
	if (!nyx_change_allows_ats(change))
		change->want.ats = false;
	return fill ? ops->fill(change->unit, rid, &change->want) :
		      ops->replace(change->unit, rid, &change->want, domain_id);
}

/*
 * nyx_isolate_block() or nyx_cut_off() may have blocked an entry, without its
 * invalidation being complete. What the entry then contains does not show what
 * the unit has cached of it.
 */
static int nyx_change_invalidate_blocked(struct nyx_change *change)
{
	struct nyx_device *ndev = change->ndev;
	/* Cleared first: a later nyx_cut_off() sets it again. */
	bool cached = xchg(&ndev->cut_off_cached, false);

	cached |= READ_ONCE(ndev->ats_lost) ? !READ_ONCE(ndev->ats_refused) :
					      READ_ONCE(ndev->ats_stale);
	return cached ? nyx_invalidate_global(change->unit) : 0;
}

/*
 * First step: changes each entry to its new contents in a single store if that
 * is possible, else blocks it; then invalidates what the unit cached of the old
 * contents.
 */
static int nyx_change_replace(struct nyx_change *change)
{
	struct nyx_device *ndev = change->ndev;
	unsigned int i;
	u16 domain_id;
	int ret = 0, err;

	change->end = 0;
	/* Continue after errors, so that every entry that must block does. */
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
	return ret ?: nyx_change_invalidate_blocked(change);
}

/*
 * Second step: fills blocked entries with their new contents. A unit may cache
 * blocked entries; they have no domain ID.
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

/*
 * Enables ATS after the entries are set. The entries change once more if ATS
 * stays disabled, because they must not accept translated requests then, or if
 * they do not allow ATS before the device TLB is known to be empty.
 */
static int nyx_change_enable_ats(struct nyx_change *change)
{
	int ret = nyx_ats_enable(change->ndev, change->want.domain_id);

	if (!ret && !READ_ONCE(change->unit->ats_off))
		return 0;
	change->want.ats = ret > 0;
	ret = nyx_change_apply(change);
	/*
	 * The device may have become unresponsive meanwhile, or the unit may
	 * have begun to refuse translated requests.
	 */
	return ret || change->want.ats ? ret : nyx_ats_disable(change->ndev);
}

/*
 * Blocks the entries and disables ATS. From the first step to the last the unit
 * refuses requests for translations, so the device TLB stays empty.
 */
static int nyx_change_block(struct nyx_change *change)
{
	int ret, err;

	change->want = (struct nyx_entry) { .kind = NYX_ENTRY_BLOCKED };
	ret = nyx_change_apply(change);
	/* Also after an error, so that the device stops. */
	err = nyx_ats_disable(change->ndev);
	return ret ?: err;
}

static int nyx_change_entry(struct nyx_change *change)
{
	const struct nyx_entry want = change->want;
	int ret = 0;

	/* A dead unit would not confirm the next invalidation of this entry. */
	if (READ_ONCE(change->unit->dead))
		return -EIO;
	if (change->want.kind != NYX_ENTRY_BLOCKED)
		ret = change->unit->ops->entries->provide(change->unit,
							  change->ndev);
	if (!ret && change->ndev->ats_enabled) {
		ret = nyx_change_block(change);
		if (want.kind == NYX_ENTRY_BLOCKED)
			return ret;
	}
	if (ret)
		return ret;
	nyx_ats_prepare(change->ndev);
	change->want = want;
	ret = nyx_change_apply(change);
	return ret || !want.ats ? ret : nyx_change_enable_ats(change);
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
 * The entries of a device that is cut off block, whatever the caller wants, and
 * its ATS is disabled. That is no error.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0; an error of nyx_entry_ops.provide(); or -EIO if the unit is out of
 *	service. On error the entries block.
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
	if (ret)
		nyx_change_block(&change);
	return ret;
}

/* Returns false if the unit is out of service. */
static bool nyx_change_dirty(struct nyx_change *change, u16 rid, bool on)
{
	struct nyx_unit *unit = change->unit;
	u16 domain_id;

	guard(raw_spinlock_irqsave)(&unit->store_lock);
	if (READ_ONCE(unit->dead))
		return false;
	if (unit->ops->entries->set_dirty(unit, rid, on, &domain_id))
		nyx_change_add_entry(change, rid, domain_id);
	return true;
}

/**
 * nyx_entry_set_dirty() - change whether a unit records the writes of a device
 * @unit: the unit, with nyx_unit_caps.dirty
 * @ndev: the device, which has NYX_ENTRY_TABLE
 * @on: record them
 *
 * Requests are translated all the time, and ATS stays as it is. Entries that are
 * blocked, because the device is cut off or isolated, stay blocked. The unit and the
 * device TLB may use cached translations, which show no writes, until the caller
 * has flushed the domain.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_entry_set_dirty(struct nyx_unit *unit, struct nyx_device *ndev,
			bool on)
{
	struct nyx_change change = { .unit = unit, .ndev = ndev };
	unsigned int i;
	int ret = 0;

	lockdep_assert_held(&ndev->entry_lock);
	while (!ret && nyx_change_next(&change)) {
		for (i = change.first; i < change.end; i++)
			if (!nyx_change_dirty(&change, ndev->rids[i], on))
				return -EIO;
		if (change.nr)
			ret = nyx_invalidate(unit, change.cmds, change.nr);
	}
	return ret;
}

/**
 * nyx_entry_force() - change the hardware entries of a device without sleeping
 * @unit: the unit that serves the device
 * @ndev: the device, which has had entries that did not block
 * @entry: as for nyx_entry_set(), without ATS
 *
 * For the last change before the machine restarts. The device TLB is not
 * invalidated; the unit refuses requests that come from it.
 *
 * Context: Any; nothing else changes the entries.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_entry_force(struct nyx_unit *unit, struct nyx_device *ndev,
		    const struct nyx_entry *entry)
{
	struct nyx_change change = {
		.unit = unit,
		.ndev = ndev,
		.want = *entry,
	};

	return nyx_change_apply(&change);
}
