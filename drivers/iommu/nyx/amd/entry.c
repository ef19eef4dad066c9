// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device's device table entries say: the order in which they, the unit's
 * caches and the device's own change (2.2.2.2).
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
#include <nyx/device.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "ats.h"
#include "cmd.h"
#include "dte.h"
#include "entry.h"
#include "flush.h"
#include "ivrs.h"

/* An entry and a domain to forget for each ID, and a fence between them. */
#define AMD_ENTRY_CMDS (2 * NYX_MAX_RIDS + 1)
static_assert(AMD_ENTRY_CMDS <= NYX_QUEUE_BATCH);

/**
 * struct amd_change - one change of a device's entries
 * @au: the unit
 * @ndev: the device
 * @dte: its entries; NULL where the table has none, which blocks as well
 * @val: what they shall say
 * @blocked: what they say when they block
 * @cmds: invalidations
 * @nr: how many
 * @domains: DomainIDs whose translations have to go
 * @nr_domains: how many
 */
struct amd_change {
	struct amd_unit *au;
	struct nyx_device *ndev;
	struct amd_dte *dte[NYX_MAX_RIDS];
	struct amd_dte val[NYX_MAX_RIDS];
	struct amd_dte blocked;
	struct nyx_cmd cmds[AMD_ENTRY_CMDS];
	unsigned int nr;
	u16 domains[NYX_MAX_RIDS];
	unsigned int nr_domains;
};

/* To forget: the entry of @i, and what was cached through it. */
static void amd_change_forget(struct amd_change *change, unsigned int i)
{
	nyx_stat_inc(&change->au->unit, NYX_STAT_FLUSH_ENTRY);
	change->cmds[change->nr++] =
		amd_cmd_devtab_entry(change->ndev->rids[i]);
}

static void amd_change_add_domain(struct amd_change *change, u16 domain_id)
{
	unsigned int i;

	for (i = 0; i < change->nr_domains; i++)
		if (change->domains[i] == domain_id)
			return;
	change->domains[change->nr_domains++] = domain_id;
}

/*
 * Entries go before translations: a walk that still begins at an old entry
 * would bring its translations back.
 */
static int amd_change_invalidate(struct amd_change *change)
{
	unsigned int i;
	int ret;

	if (change->nr_domains)
		change->cmds[change->nr++] = amd_cmd_fence();
	for (i = 0; i < change->nr_domains; i++) {
		nyx_stat_inc(&change->au->unit, NYX_STAT_FLUSH_DOMAIN);
		change->cmds[change->nr++] = amd_cmd_domain(change->domains[i]);
	}
	ret = amd_invalidate(change->au, change->cmds, change->nr);
	change->nr = 0;
	change->nr_domains = 0;
	return ret;
}

/*
 * A device may turn out not to answer invalidations while its entry is changed.
 * That is told before amd_ats_isolate() takes the lock: either it finds what was
 * stored before, or what is stored from now on refuses translated requests.
 */
static void amd_change_check_lost(struct amd_change *change, unsigned int i)
{
	lockdep_assert_held(&change->au->devtab.store_lock);
	/* Whatever was blocked is stored anew, or is blocked as it shall be. */
	WRITE_ONCE(change->ndev->isolated, false);
	if (READ_ONCE(change->ndev->ats_lost))
		change->val[i] = amd_dte_without_ats(change->val[i]);
}

/* An entry of the first step; true if it changes. @domain_id is what it said. */
static bool amd_change_one_replace(struct amd_change *change, unsigned int i,
				   u16 *domain_id)
{
	struct amd_dte *dte = change->dte[i];

	guard(raw_spinlock_irqsave)(&change->au->devtab.store_lock);
	amd_change_check_lost(change, i);
	if (amd_dte_equal(dte, &change->val[i]))
		return false;
	*domain_id = amd_dte_domain(dte);
	if (!amd_dte_replace(dte, &change->val[i]))
		amd_dte_block(dte, &change->blocked);
	return true;
}

/*
 * First step: entries become what they shall be in one store, where that is
 * possible, else they block; the unit forgets what they said.
 */
static int amd_change_replace(struct amd_change *change)
{
	struct nyx_device *ndev = change->ndev;
	unsigned int i;
	u16 domain_id;
	int ret = 0;

	for (i = 0; i < ndev->nr_rids; i++) {
		if (!change->dte[i] ||
		    !amd_change_one_replace(change, i, &domain_id))
			continue;
		amd_change_forget(change, i);
		amd_change_add_domain(change, domain_id);
	}
	if (change->nr)
		ret = amd_change_invalidate(change);
	/* An entry may be blocked by amd_ats_isolate(), and not forgotten yet. */
	if (!ret && READ_ONCE(ndev->ats_lost) && !READ_ONCE(ndev->ats_refused))
		ret = amd_invalidate_global(change->au);
	return ret;
}

/* An entry of the second step; true if it changes. */
static bool amd_change_one_fill(struct amd_change *change, unsigned int i)
{
	struct amd_dte *dte = change->dte[i];

	guard(raw_spinlock_irqsave)(&change->au->devtab.store_lock);
	amd_change_check_lost(change, i);
	if (amd_dte_passes(dte) || amd_dte_equal(dte, &change->val[i]))
		return false;
	amd_dte_fill(dte, &change->val[i]);
	return true;
}

/* Second step: entries that block get their value. The unit may know them. */
static int amd_change_fill(struct amd_change *change)
{
	unsigned int i;

	for (i = 0; i < change->ndev->nr_rids; i++)
		if (change->dte[i] && amd_change_one_fill(change, i))
			amd_change_forget(change, i);
	return change->nr ? amd_change_invalidate(change) : 0;
}

static int amd_change_apply(struct amd_change *change,
			    const struct nyx_entry *entry)
{
	const struct amd_unit *au = change->au;
	unsigned int i;
	u8 setting;
	int ret;

	for (i = 0; i < change->ndev->nr_rids; i++) {
		setting = amd_ivrs_dte(au->ivrs, au->index,
				       change->ndev->rids[i]);
		change->val[i] = amd_dte_encode(entry, setting,
						au->devtab.nowhere);
	}
	ret = amd_change_replace(change);
	return ret ?: amd_change_fill(change);
}

static int amd_change_find(struct amd_change *change,
			   const struct nyx_entry *entry)
{
	const struct nyx_device *ndev = change->ndev;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ndev->nr_rids; i++) {
		change->dte[i] = amd_devtab_lookup(&change->au->devtab,
						   ndev->rids[i]);
		if (change->dte[i] || entry->kind == NYX_ENTRY_BLOCKED)
			continue;
		pr_err("%s: firmware knows no DeviceID %04x, which %s uses\n",
		       change->au->unit.name, ndev->rids[i],
		       dev_name(ndev->dev));
		ret = -EINVAL;
	}
	return ret;
}

static int amd_change_entry(struct amd_change *change,
			    const struct nyx_entry *entry)
{
	struct nyx_entry want = *entry;
	int ret;

	/* Nobody would see the unit forget what it says next. */
	if (READ_ONCE(change->au->unit.dead))
		return -EIO;
	ret = amd_change_find(change, &want);
	if (ret)
		return ret;
	ret = amd_ats_disable(change->au, change->ndev);
	if (ret)
		return ret;
	nyx_ats_prepare(change->ndev);
	ret = amd_change_apply(change, &want);
	if (ret || !want.ats)
		return ret;
	/* A device that did not forget once gets no second chance. */
	if (!READ_ONCE(change->ndev->ats_lost) && nyx_ats_enable(change->ndev))
		return 0;
	/* No ATS: then the entry must not believe translated requests. */
	want.ats = false;
	return amd_change_apply(change, &want);
}

/**
 * amd_set_entry() - nyx_unit_ops.set_entry
 * @unit: the unit
 * @ndev: the device
 * @entry: what its entries shall say
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0; -EINVAL if the table is too small for the device, after a log line;
 *	-EIO if the unit is out of service. Then the entries block.
 */
int amd_set_entry(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_change change = {
		.au = au,
		.ndev = ndev,
		.blocked = amd_dte_encode(&blocked, 0, au->devtab.nowhere),
	};
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	ret = amd_change_entry(&change, entry);
	if (!ret)
		return 0;
	change.nr = 0;
	change.nr_domains = 0;
	amd_ats_disable(au, ndev);
	amd_change_find(&change, &blocked);
	amd_change_apply(&change, &blocked);
	return ret;
}
