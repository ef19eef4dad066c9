// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links between domains and units: a domain has one for each unit with a device
 * attached to it, and flushes go to all of them.
 *
 * Flushes and attaches meet without a lock. A flush reads the list of links
 * after the entries it is about were cleared; an attach adds its link before
 * the unit can walk the table. Both have a full barrier in between, so either
 * the flush sees the link, or the unit's first walk sees the cleared entries.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/idr.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <trace/events/nyx.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

#include "domain.h"

static struct nyx_link *nyx_link_find(struct nyx_domain *domain,
				      const struct nyx_unit *unit)
{
	struct nyx_link *link;

	lockdep_assert_held(&domain->lock);
	list_for_each_entry(link, &domain->links, node)
		if (link->unit == unit)
			return link;
	return NULL;
}

static int nyx_link_flush(const struct nyx_link *link, struct nyx_flush *flush)
{
	int ret;

	flush->domain_id = link->domain_id;
	ret = link->unit->ops->flush(link->unit, flush);
	trace_nyx_flush(link->unit->name, flush->domain_id, flush->start,
			flush->last, flush->leaf_only, flush->map, ret);
	return ret;
}

/*
 * A unit did not confirm that it forgot: it may go on walking every table that
 * it knows, so none is freed from now on, not with the domain either. The flush
 * queue frees what it gets without asking how the flush went, so it gets none.
 */
static void nyx_domain_leak_tables(struct nyx_domain *domain)
{
	if (xchg(&domain->leak_tables, true))
		return;
	nyx_pt_keep_tables(&domain->pt);
	pr_err("domain %u: a unit does not confirm invalidations: its tables are never freed\n",
	       domain->pt.id);
}

/**
 * nyx_domain_join() - let one more device of a unit use a domain
 * @domain: the domain
 * @unit: the unit; its tables have the domain's format
 *
 * The first device of a unit creates the link, with a domain ID of the unit.
 *
 * Context: May sleep.
 * Return: the link, for nyx_domain_leave(); ERR_PTR(-EIO) if the unit is out of
 *	service, ERR_PTR(-ENOSPC) if it has no domain ID left, or
 *	ERR_PTR(-ENOMEM).
 */
struct nyx_link *nyx_domain_join(struct nyx_domain *domain,
				 struct nyx_unit *unit)
{
	struct nyx_link *link;
	int id;

	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, unit);
	if (link) {
		link->users++;
		return link;
	}
	/* Nobody would see the unit forget the table: then it never gets it. */
	if (READ_ONCE(unit->dead))
		return ERR_PTR(-EIO);

	link = kzalloc_obj(*link);
	if (!link)
		return ERR_PTR(-ENOMEM);
	id = ida_alloc_range(&unit->domain_ids, 1, unit->caps.max_domain_id,
			     GFP_KERNEL);
	if (id < 0) {
		kfree(link);
		return ERR_PTR(id);
	}
	link->unit = unit;
	link->domain_id = id;
	link->users = 1;
	if (unit->caps.map_flush && !domain->map_flush) {
		WRITE_ONCE(domain->map_flush, true);
		/*
		 * Whoever maps stores entries, then reads map_flush, with no
		 * barrier between. After a grace period every CPU has passed a
		 * full one: who read false has its entries visible by now.
		 */
		synchronize_rcu();
	}
	list_add_tail_rcu(&link->node, &domain->links);
	/*
	 * The link is on the list before the unit's entry leads to the table;
	 * pairs with nyx_domain_flush().
	 */
	smp_mb();
	return link;
}

/**
 * nyx_domain_leave() - a device no longer uses a domain
 * @domain: the domain
 * @ndev: the device, whose entry says something else by now
 *
 * With the last device of a unit the domain ID is free again, after the unit
 * has forgotten all that it cached under it. A unit that does not confirm that
 * never gets the ID again.
 *
 * Context: May sleep.
 */
void nyx_domain_leave(struct nyx_domain *domain, struct nyx_device *ndev)
{
	struct nyx_flush all = { .last = U64_MAX };
	struct nyx_link *link;
	int ret;

	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, ndev->unit);
	if (--link->users)
		return;
	/* On the list until then, so that a flush finds the link or @leak_tables. */
	ret = nyx_link_flush(link, &all);
	if (ret)
		nyx_domain_leak_tables(domain);
	/* @leak_tables before the list; pairs with nyx_domain_flush(). */
	smp_wmb();
	list_del_rcu(&link->node);
	nyx_put_domain_id(link->unit, link->domain_id, ret);
	kfree_rcu(link, rcu);
}

/**
 * nyx_domain_ats_add() - a device is about to cache translations itself
 * @domain: the domain that it will be attached to
 * @ndev: the device, on no list of ATS devices
 *
 * To be called before its entry allows translation requests.
 *
 * Context: May sleep.
 */
void nyx_domain_ats_add(struct nyx_domain *domain, struct nyx_device *ndev)
{
	guard(mutex)(&domain->lock);
	list_add_tail_rcu(&ndev->ats_node, &domain->ats);
	/* As in nyx_domain_join(): on the list before anything is cached. */
	smp_mb();
}

/**
 * nyx_domain_ats_del() - a device no longer caches translations
 * @domain: the domain that it was attached to
 * @ndev: the device, its ATS off and its cache invalidated
 *
 * Context: May sleep; waits for flushes under way, so that the device can go
 *	on another domain's list.
 */
void nyx_domain_ats_del(struct nyx_domain *domain, struct nyx_device *ndev)
{
	scoped_guard(mutex, &domain->lock)
		list_del_rcu(&ndev->ats_node);
	synchronize_rcu();
	INIT_LIST_HEAD(&ndev->ats_node);
}

/**
 * nyx_domain_flush() - invalidate a range of a domain on all of its units
 * @domain: the domain, its entries already changed
 * @flush: the range; domain_id and ats are filled in here
 *
 * Context: Any.
 * Return: 0; -EIO if a unit did not confirm this invalidation or an earlier one,
 *	so that it may still use what the entries led to.
 */
int nyx_domain_flush(struct nyx_domain *domain, struct nyx_flush *flush)
{
	struct nyx_link *link;
	int ret = 0, err;

	/*
	 * Entries were changed before the lists are read; pairs with
	 * nyx_domain_join() and nyx_domain_ats_add().
	 */
	smp_mb();
	guard(rcu)();
	if (!list_empty(&domain->ats))
		flush->ats = &domain->ats;
	list_for_each_entry_rcu(link, &domain->links, node) {
		err = nyx_link_flush(link, flush);
		ret = ret ?: err;
	}
	if (unlikely(ret))
		nyx_domain_leak_tables(domain);
	/* The list before @leak_tables: pairs with nyx_domain_leave(). */
	smp_rmb();
	return READ_ONCE(domain->leak_tables) ? -EIO : 0;
}
