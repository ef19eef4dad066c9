// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links between domains and units: a domain has one link for each unit with a
 * device attached to it, and flushes go to all of these units.
 *
 * Flushes and attaches are ordered without a lock. A flush clears page-table
 * entries and then reads the list of links. An attach adds its link to the list
 * before the unit can walk the table. Each has a full barrier between its two
 * steps, so either the flush finds the link, or the unit's first walk finds the
 * cleared entries.
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
#include <nyx/invalidate.h>
#include <nyx/queue.h>
#include <nyx/unit.h>

#include "domain.h"
#include "forensics/history.h"
#include "lib/latency.h"

/* Units that work on one flush at the same time. Few machines have more. */
#define NYX_FLUSH_PENDING 16

/*
 * Sets in @key what distinguishes the link for requests of a device with a PASID, or
 * with 0 without, from other links of the domain.
 */
static void nyx_link_key(const struct nyx_domain *domain,
			 const struct nyx_device *ndev, u32 pasid,
			 struct nyx_link *key)
{
	const struct nyx_walk_caps *first = &ndev->unit->caps.first;

	*key = (struct nyx_link) { .unit = ndev->unit };
	if (domain->pt.fmt != first->format)
		return;
	key->first = true;
	key->pasid = pasid;
	if (first->per_device)
		key->only = ndev;
}

static struct nyx_link *nyx_link_find(struct nyx_domain *domain,
				      const struct nyx_link *key)
{
	struct nyx_link *link;

	lockdep_assert_held(&domain->lock);
	list_for_each_entry(link, &domain->links, node)
		if (link->unit == key->unit && link->pasid == key->pasid &&
		    link->only == key->only)
			return link;
	return NULL;
}

/**
 * struct nyx_pending - a flush of one unit
 * @unit: the unit, which exists as long as any domain
 * @domain_id: the domain's ID on the unit. If the domain leaves the unit
 *	meanwhile, the flush concerns nothing or, harmlessly, a new domain
 * @first: as nyx_link.first
 * @pasid: as nyx_link.pasid
 * @only: as nyx_link.only; only compared
 * @posted: the unit has the commands
 * @start: when it got them, for the latency histogram
 * @ticket: the submission to wait for, if @posted
 */
struct nyx_pending {
	struct nyx_unit *unit;
	u16 domain_id;
	bool first;
	u32 pasid;
	const struct nyx_device *only;
	bool posted;
	u64 start;
	struct nyx_flush_ticket ticket;
};

static void nyx_pending_aim(const struct nyx_pending *pending,
			    struct nyx_flush *flush)
{
	flush->domain_id = pending->domain_id;
	flush->first = pending->first;
	flush->pasid = pending->pasid;
	flush->only = pending->only;
}

static int nyx_pending_flush(const struct nyx_pending *pending,
			     struct nyx_flush *flush)
{
	struct nyx_unit *unit = pending->unit;
	u64 start = nyx_latency_start();
	int ret;

	nyx_pending_aim(pending, flush);
	ret = unit->ops->flush(unit, flush);
	nyx_latency_stop(&unit->latency, NYX_LATENCY_FLUSH, start);
	trace_nyx_flush(unit->name, flush->domain_id, flush->start, flush->last,
			flush->leaf_only, flush->map, ret);
	return ret;
}

static void nyx_pending_set(struct nyx_pending *pending,
			    const struct nyx_link *link)
{
	pending->unit = link->unit;
	pending->domain_id = link->domain_id;
	pending->first = link->first;
	pending->pasid = link->pasid;
	pending->only = link->only;
}

static void nyx_pending_post(struct nyx_pending *pending,
			     struct nyx_flush *flush)
{
	struct nyx_unit *unit = pending->unit;

	nyx_pending_aim(pending, flush);
	pending->start = nyx_latency_start();
	pending->posted = unit->ops->flush_post(unit, flush, &pending->ticket);
}

static int nyx_pending_finish(const struct nyx_pending *pending,
			      struct nyx_flush *flush)
{
	struct nyx_unit *unit = pending->unit;
	u16 rid;
	int ret;

	if (!pending->posted)
		return nyx_pending_flush(pending, flush);
	ret = unit->ops->flush_await(unit, &pending->ticket, &rid);
	/* As in nyx_invalidate(): the device would block the repetition, too. */
	if (ret == -ETIME && rid)
		nyx_isolate_device(unit, rid);
	if (ret)
		return nyx_pending_flush(pending, flush);
	nyx_latency_stop(&unit->latency, NYX_LATENCY_FLUSH, pending->start);
	trace_nyx_flush(unit->name, pending->domain_id, flush->start,
			flush->last, flush->leaf_only, flush->map, 0);
	return 0;
}

/*
 * A unit that did not confirm an invalidation may continue to walk every table
 * that it has cached. So no table of the domain is freed any more, not even
 * with the domain. The flush queue frees tables regardless of the result of the
 * flush, so the engine hands it no more tables.
 */
static void nyx_domain_leak_tables(struct nyx_domain *domain)
{
	if (xchg(&domain->leak_tables, true))
		return;
	/* That of a process is freed nevertheless: units that are dead are contained. */
	if (domain->pt.iommu.domain.type == IOMMU_DOMAIN_SVA)
		return;
	if (domain->parent) {
		nyx_domain_leak_tables(domain->parent);
		return;
	}
	nyx_pt_keep_tables(&domain->pt);
	pr_err("domain %u: a unit does not confirm invalidations: the page tables of the domain are never freed\n",
	       domain->pt.id);
}

/**
 * nyx_domain_join() - add a device, or a PASID of one, to the users of a domain
 * @domain: the domain
 * @ndev: the device
 * @pasid: PASID of the requests, 0 for those without
 *
 * The first user of a link creates it and allocates a domain ID of the unit, unless
 * the device has its own (nyx_walk_caps.per_device).
 *
 * Context: May sleep.
 * Return: the link, for nyx_domain_leave(); ERR_PTR(-EINVAL) if the unit cannot
 *	walk the table of @domain, ERR_PTR(-EIO) if it is out of service,
 *	ERR_PTR(-ENOSPC) if it has no free domain ID, or ERR_PTR(-ENOMEM).
 */
struct nyx_link *nyx_domain_join(struct nyx_domain *domain,
				 const struct nyx_device *ndev, u32 pasid)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_link *link, key;
	int id;

	nyx_link_key(domain, ndev, pasid, &key);
	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, &key);
	if (link) {
		link->users++;
		return link;
	}
	/* Under the lock, because nyx_domain_force_snoop() changes the table. */
	if (!nyx_unit_can_walk(unit, &domain->pt) ||
	    (domain->parent && !nyx_unit_can_nest(unit, domain)) ||
	    (key.only && !ndev->own_domain_id))
		return ERR_PTR(-EINVAL);
	/* A dead unit never confirms invalidations of the table. */
	if (READ_ONCE(unit->dead))
		return ERR_PTR(-EIO);

	link = kzalloc_obj(*link);
	if (!link)
		return ERR_PTR(-ENOMEM);
	id = key.only ? ndev->own_domain_id :
	     ida_alloc_range(&unit->domain_ids, 1, unit->caps.max_domain_id,
			     GFP_KERNEL);
	if (id < 0) {
		kfree(link);
		return ERR_PTR(id);
	}
	*link = key;
	link->domain_id = id;
	link->users = 1;
	if (unit->caps.map_flush && !domain->map_flush) {
		WRITE_ONCE(domain->map_flush, true);
		/*
		 * A map stores entries and then reads map_flush, with no
		 * barrier in between. After a grace period every CPU has
		 * executed a full barrier: maps that read false have made their
		 * entries visible.
		 */
		synchronize_rcu();
	}
	list_add_tail_rcu(&link->node, &domain->links);
	/*
	 * The link is on the list before the unit can walk the table; pairs
	 * with nyx_domain_flush().
	 */
	smp_mb();
	return link;
}

/**
 * nyx_domain_leave() - undo nyx_domain_join()
 * @domain: the domain
 * @ndev: the device, whose entry no longer refers to the domain
 * @pasid: as for nyx_domain_join(); then it is the PASID entry
 *
 * The last user frees the link and the domain ID, after the unit has invalidated
 * everything that is tagged with the ID. If the unit does not confirm that, the ID is
 * never allocated again.
 *
 * Context: May sleep.
 */
void nyx_domain_leave(struct nyx_domain *domain, const struct nyx_device *ndev,
		      u32 pasid)
{
	struct nyx_flush all = nyx_flush_of_all(domain);
	struct nyx_link *link, key;
	struct nyx_pending pending;
	int ret;

	nyx_link_key(domain, ndev, pasid, &key);
	guard(mutex)(&domain->lock);
	link = nyx_link_find(domain, &key);
	if (--link->users)
		return;
	/* Still on the list: a flush finds either the link or @leak_tables. */
	nyx_pending_set(&pending, link);
	ret = nyx_pending_flush(&pending, &all);
	if (ret)
		nyx_domain_leak_tables(domain);
	/*
	 * Sets @leak_tables before the removal; pairs with nyx_domain_flush().
	 */
	smp_wmb();
	list_del_rcu(&link->node);
	if (!link->only)
		nyx_put_domain_id(link->unit, link->domain_id, ret);
	kfree_rcu(link, rcu);
}

/**
 * nyx_domain_force_snoop() - make all DMA through a domain snoop CPU caches
 * @domain: the domain; nothing is mapped or unmapped meanwhile
 *
 * From then on, units that cannot force snooping refuse the domain.
 *
 * Context: May sleep.
 * Return: true if all DMA snoops, even with the No Snoop attribute; false if a
 *	unit of the domain cannot force that, or if the domain already has
 *	mappings that do not.
 */
bool nyx_domain_force_snoop(struct nyx_domain *domain)
{
	struct nyx_link *link;

	guard(mutex)(&domain->lock);
	list_for_each_entry(link, &domain->links, node)
		if (!link->unit->caps.snoop)
			return false;
	return nyx_pt_force_snoop(&domain->pt);
}

/**
 * nyx_domain_ats_add() - add a device to the ATS devices of a domain
 * @domain: the domain that the device will be attached to
 * @ndev: the device, on no list of ATS devices
 *
 * To be called before the device's entry allows translation requests.
 *
 * Context: May sleep.
 */
void nyx_domain_ats_add(struct nyx_domain *domain, struct nyx_device *ndev)
{
	guard(mutex)(&domain->lock);
	list_add_tail_rcu(&ndev->ats_node, &domain->ats);
	/*
	 * As in nyx_domain_join(): on the list before the device caches
	 * anything.
	 */
	smp_mb();
}

/**
 * nyx_domain_ats_del() - remove a device from the ATS devices of a domain
 * @domain: the domain that the device was attached to
 * @ndev: the device, with ATS disabled and an empty device TLB
 *
 * Context: May sleep; waits for flushes that may use the list, so that the
 *	device can be added to the list of another domain.
 */
void nyx_domain_ats_del(struct nyx_domain *domain, struct nyx_device *ndev)
{
	scoped_guard(mutex, &domain->lock)
		list_del_rcu(&ndev->ats_node);
	synchronize_rcu();
	INIT_LIST_HEAD(&ndev->ats_node);
}

/*
 * Gives each unit its commands before the first is awaited, so that they work
 * at the same time. Returns the number of @pending, to be finished outside of
 * the RCU read-side critical section; the result of further flushes, which are
 * already complete, is in @ret.
 */
static unsigned int nyx_links_post(struct nyx_domain *domain,
				   struct nyx_flush *flush,
				   struct nyx_pending *pending, int *ret)
{
	struct nyx_pending further;
	struct nyx_link *link;
	unsigned int nr = 0;
	int err;

	list_for_each_entry_rcu(link, &domain->links, node) {
		if (nr == NYX_FLUSH_PENDING) {
			nyx_pending_set(&further, link);
			err = nyx_pending_flush(&further, flush);
			*ret = *ret ?: err;
			continue;
		}
		nyx_pending_set(&pending[nr], link);
		nyx_pending_post(&pending[nr++], flush);
	}
	return nr;
}

static int nyx_links_flush(struct nyx_domain *domain, struct nyx_flush *flush)
{
	struct nyx_pending pending[NYX_FLUSH_PENDING] __uninitialized;
	unsigned int nr, i;
	int ret = 0, err;

	scoped_guard(rcu)
		nr = nyx_links_post(domain, flush, pending, &ret);
	for (i = 0; i < nr; i++) {
		err = nyx_pending_finish(&pending[i], flush);
		ret = ret ?: err;
	}
	return ret;
}

/* Finds the only unit of a domain; false if it has none or several. */
static bool nyx_links_single(struct nyx_domain *domain,
			     struct nyx_pending *pending, bool *none)
{
	struct nyx_link *link;

	guard(rcu)();
	link = list_first_or_null_rcu(&domain->links, struct nyx_link, node);
	*none = !link;
	if (!link || list_next_or_null_rcu(&domain->links, &link->node,
					   struct nyx_link, node))
		return false;
	nyx_pending_set(pending, link);
	return true;
}

static int nyx_domain_flush_links(struct nyx_domain *domain,
				  struct nyx_flush *flush)
{
	struct nyx_pending single __uninitialized;
	u64 start = nyx_latency_start();
	u64 covers = 0;
	int ret = 0;
	bool none;

	if (nyx_history_on())
		covers = nyx_history_mark(domain);

	/*
	 * Entries were changed before the lists are read; pairs with
	 * nyx_domain_join() and nyx_domain_ats_add().
	 */
	smp_mb();
	if (!list_empty(&domain->ats))
		flush->ats = &domain->ats;
	if (unlikely(!list_empty(&domain->pasids)))
		flush->pasids = &domain->pasids;
	if (nyx_links_single(domain, &single, &none))
		ret = nyx_pending_flush(&single, flush);
	else if (!none)
		ret = nyx_links_flush(domain, flush);
	if (unlikely(ret))
		nyx_domain_leak_tables(domain);
	else if (nyx_history_on() && !flush->map)
		nyx_history_flush(domain, flush->start, flush->last, covers);
	nyx_latency_stop(&domain->pt.latency, NYX_LATENCY_FLUSH, start);
	/* Reads the list before @leak_tables; pairs with nyx_domain_leave(). */
	smp_rmb();
	return READ_ONCE(domain->leak_tables) ? -EIO : 0;
}

/*
 * Invalidates all that was translated through the table of @parent as a second stage.
 *
 * An attach of a nested domain and a flush of its parent are ordered by the list: a domain
 * is on it before its first attach, and leaves it after the last detach. If the flush finds
 * the domain, the list of links orders it against the attach. If not, the domain was added
 * after the flush held the lock, so units find the changes of the table.
 */
static int nyx_domain_flush_nested(struct nyx_domain *parent)
{
	struct nyx_domain *domain;
	int ret = 0, err;

	guard(mutex)(&parent->nested_lock);
	list_for_each_entry(domain, &parent->nested, nested_node) {
		struct nyx_flush all = nyx_flush_of_all(domain);

		err = nyx_domain_flush_links(domain, &all);
		ret = ret ?: err;
	}
	return ret;
}

/**
 * nyx_domain_flush() - invalidate a range of a domain on all of its units
 * @domain: the domain, its page-table entries already changed
 * @flush: the range; this function sets all other members that are not about the range
 *
 * The units are awaited outside of RCU read-side critical sections, because a
 * device may delay an invalidation for 90 seconds (see nyx_queue_submit()).
 *
 * The translations of domains that are nested on this one are invalidated as well.
 *
 * Context: Any; may sleep if the caller may sleep. May sleep with
 *	nyx_domain.nest_parent: IOMMUFD, which uses such domains, calls nothing in
 *	atomic context.
 * Return: 0; -EIO if a unit did not confirm this invalidation or an earlier one
 *	and may still use the old entries.
 */
int nyx_domain_flush(struct nyx_domain *domain, struct nyx_flush *flush)
{
	int ret = nyx_domain_flush_links(domain, flush);

	/* Units that need flushes after maps have no nested domains. */
	if (likely(!domain->nest_parent) || flush->map)
		return ret;
	ret = nyx_domain_flush_nested(domain) ?: ret;
	/*
	 * A nested domain may have left a unit that did not confirm it, and have been
	 * freed, before its turn came. It set the flag of its parent before it was taken
	 * off the list under nested_lock, which was taken here afterwards.
	 */
	return READ_ONCE(domain->leak_tables) ? -EIO : ret;
}
