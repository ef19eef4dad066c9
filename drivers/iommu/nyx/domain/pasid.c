// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs of devices: each can have a domain of its own, in addition to the domain for
 * requests without PASID.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

#include "domain.h"
#include "fault/page_request.h"
#include "inval/ats.h"

static void nyx_pasids_put_id(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;

	/* A unit that is out of service may not have confirmed the last change. */
	if (ndev->own_domain_id)
		nyx_put_domain_id(unit, ndev->own_domain_id,
				  READ_ONCE(unit->dead) ? -EIO : 0);
	ndev->own_domain_id = 0;
}

/**
 * nyx_device_own_id() - ensure that a device has a domain ID for first-stage tables
 * @ndev: the device
 *
 * Only with nyx_walk_caps.per_device. A device without PASIDs needs one, too, if it is in
 * the group of one that has them: the group has one table.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -ENOSPC if the unit has no free domain ID.
 */
int nyx_device_own_id(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	int id;

	if (!unit->caps.first.per_device || ndev->own_domain_id)
		return 0;
	id = ida_alloc_range(&unit->domain_ids, 1, unit->caps.max_domain_id,
			     GFP_KERNEL);
	if (id < 0)
		return id;
	ndev->own_domain_id = id;
	return 0;
}

/**
 * nyx_pasids_init() - let a device use PASIDs, if it and its unit support them
 * @ndev: the device, whose ATS is disabled
 *
 * The entry of the device allows PASIDs when it is set the next time. A device with
 * several requester IDs gets none: each of them would have its own PASID entries.
 *
 * Context: May sleep.
 */
void nyx_pasids_init(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	u8 bits;

	guard(mutex)(&ndev->entry_lock);
	if (!ndev->pasid || !unit->caps.pasid_bits || ndev->pasid_bits ||
	    ndev->nr_rids != 1 || ndev->untrusted)
		return;
	if (nyx_device_own_id(ndev)) {
		dev_warn(ndev->dev, "%s: no free domain ID: the device cannot use PASIDs\n",
			 unit->name);
		return;
	}
	bits = nyx_pasid_device_enable(ndev);
	ndev->pasid_on = bits;
	ndev->pasid_bits = min(bits, unit->caps.pasid_bits);
	if (!bits)
		nyx_pasids_put_id(ndev);
}

/**
 * nyx_pasids_allowed() - whether an entry of a device allows PASIDs
 * @ndev: the device
 * @entry: the entry, with all members but @entry->pasids
 *
 * Context: Any; @ndev->entry_lock is held.
 * Return: the value for @entry->pasids.
 */
bool nyx_pasids_allowed(const struct nyx_device *ndev,
			const struct nyx_entry *entry)
{
	const struct nyx_walk_caps *first = &ndev->unit->caps.first;

	if (!ndev->pasid_bits)
		return false;
	if (entry->kind == NYX_ENTRY_IDENTITY)
		return true;
	return entry->kind == NYX_ENTRY_TABLE &&
	       (!first->per_device || entry->pt->fmt == first->format);
}

static void nyx_pasid_add(struct nyx_pasid *use)
{
	guard(mutex)(&use->domain->lock);
	list_add_tail_rcu(&use->node, &use->domain->pasids);
	/*
	 * As in nyx_domain_join(): on the list before the unit and the device cache
	 * anything; pairs with nyx_domain_flush().
	 */
	smp_mb();
}

static void nyx_pasid_del(struct nyx_pasid *use)
{
	scoped_guard(mutex, &use->domain->lock)
		list_del_rcu(&use->node);
	if (use->page_requests)
		nyx_page_requests_put(use->ndev);
	nyx_domain_leave(use->domain, use->ndev, use->pasid);
	kfree_rcu(use, rcu);
}

/*
 * The lock orders this with nyx_pasids_end(): once the process has ended, no entry
 * refers to its page table any more.
 */
static int nyx_pasid_open(struct nyx_pasid *use)
{
	guard(mutex)(&use->domain->lock);
	return use->domain->gone ? 0 :
	       nyx_pasid_fill(use->ndev, use->pasid, &use->entry);
}

/*
 * Flushes of the domain reach the device until neither caches anything. With the lock,
 * nyx_pasids_end() does not return before that either.
 */
static void nyx_pasid_detach(struct nyx_pasid *use)
{
	int ret;

	scoped_guard(mutex, &use->domain->lock)
		ret = nyx_pasid_block(use->ndev, use->pasid);
	if (ret)
		dev_err(use->ndev->dev, "%s: cannot invalidate what the unit caches of PASID %u\n",
			use->ndev->unit->name, use->pasid);
	nyx_pasid_del(use);
}

/*
 * Sets the new entry. If a domain was attached before, its requests fault until then:
 * PASID entries are too large to be replaced by one store.
 */
static int nyx_pasid_replace(struct nyx_pasid *use)
{
	struct nyx_flush all = nyx_flush_of_all(use->domain);
	struct nyx_device *ndev = use->ndev;
	struct nyx_pasid *old;
	int ret;

	old = xa_store(&ndev->pasids, use->pasid, use, GFP_KERNEL);
	if (xa_is_err(old)) {
		if (use->page_requests)
			nyx_page_requests_put(ndev);
		nyx_domain_leave(use->domain, ndev, use->pasid);
		kfree(use);
		return xa_err(old);
	}
	nyx_pasid_add(use);
	if (old)
		nyx_pasid_detach(old);
	/*
	 * As in nyx_ats_enable(): a flush that did not find the device yet may still
	 * have to invalidate what the unit caches under a tag that others use.
	 */
	if (ndev->ats_enabled)
		nyx_domain_flush(use->domain, &all);
	ret = nyx_pasid_open(use);
	if (ret) {
		xa_erase(&ndev->pasids, use->pasid);
		nyx_pasid_detach(use);
	}
	return ret;
}

static int nyx_pasid_check(const struct nyx_device *ndev, ioasid_t pasid)
{
	if (!ndev->pasid_bits)
		return -EOPNOTSUPP;
	if (!pasid || pasid >> ndev->pasid_bits)
		return -EINVAL;
	/* A device that is blocked, for example in a reset, keeps its PASIDs. */
	if (ndev->entry.kind != NYX_ENTRY_BLOCKED && !ndev->entry.pasids)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * nyx_pasid_attach() - attach a domain to a PASID of a device
 * @domain: the domain
 * @ndev: the device
 * @pasid: the PASID, from 1
 *
 * A domain that was attached to the PASID is replaced.
 *
 * Context: May sleep.
 * Return: 0; -EOPNOTSUPP if the device cannot use PASIDs, or not with its present
 *	domain; -EINVAL if @pasid is too large, or the unit cannot walk the table of
 *	@domain; -ENOMEM; -ENOSPC if the unit has no free domain ID; or -EIO if it is
 *	out of service; or an error of nyx_page_requests_get(). A domain that was
 *	attached stays, unless the unit fails while the entry is changed: then none is
 *	attached.
 */
int nyx_pasid_attach(struct nyx_domain *domain, struct nyx_device *ndev,
		     ioasid_t pasid)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_pasid *use;
	struct nyx_link *link;
	bool page_requests = domain->pt.iommu.domain.iopf_handler;
	int ret;

	guard(mutex)(&ndev->entry_lock);
	ret = nyx_pasid_check(ndev, pasid);
	if (ret)
		return ret;
	ret = unit->ops->pasids->provide(unit, ndev, pasid);
	if (ret)
		return ret;
	use = kzalloc_obj(*use);
	if (!use)
		return -ENOMEM;
	link = nyx_domain_join(domain, ndev, pasid);
	if (IS_ERR(link)) {
		kfree(use);
		return PTR_ERR(link);
	}
	/*
	 * A device that is blocked or cut off gets ATS back with its entry. One that
	 * has lost it faults: the IOMMU core expects that a domain which was attached
	 * can be attached again after a reset.
	 */
	if (page_requests && !ndev->ats_enabled && !READ_ONCE(ndev->ats_lost) &&
	    ndev->entry.kind != NYX_ENTRY_BLOCKED &&
	    !nyx_device_is_cut_off(ndev))
		ret = -ENODEV;
	else
		ret = page_requests ? nyx_page_requests_get(ndev) : 0;
	if (ret) {
		nyx_domain_leave(domain, ndev, pasid);
		kfree(use);
		return ret;
	}
	*use = (struct nyx_pasid) {
		.ndev = ndev,
		.pasid = pasid,
		.domain = domain,
		.page_requests = page_requests,
		.entry = nyx_domain_entry(domain, link->domain_id),
	};
	/* Tracking is not switched for each PASID. */
	use->entry.dirty = use->entry.pt->cfg.dirty;
	return nyx_pasid_replace(use);
}

/**
 * nyx_pasid_remove() - block a PASID of a device, and detach its domain
 * @ndev: the device
 * @pasid: the PASID; nothing happens if it has no domain
 *
 * Context: May sleep.
 */
void nyx_pasid_remove(struct nyx_device *ndev, ioasid_t pasid)
{
	struct nyx_pasid *use;

	guard(mutex)(&ndev->entry_lock);
	use = xa_erase(&ndev->pasids, pasid);
	if (use)
		nyx_pasid_detach(use);
}

/**
 * nyx_pasids_stop() - detach the domains of all PASIDs of a device
 * @ndev: the device
 *
 * The device gets no PASIDs any more. Its entry has to be set next, then
 * nyx_pasids_exit() follows.
 *
 * Context: May sleep.
 */
void nyx_pasids_stop(struct nyx_device *ndev)
{
	struct nyx_pasid *use;
	unsigned long pasid;

	guard(mutex)(&ndev->entry_lock);
	xa_for_each(&ndev->pasids, pasid, use) {
		xa_erase(&ndev->pasids, pasid);
		nyx_pasid_detach(use);
	}
	ndev->pasid_bits = 0;
}

/**
 * nyx_pasids_exit() - undo nyx_pasids_init()
 * @ndev: the device, whose ATS is disabled. nyx_pasids_stop() was called, and its entry
 *	was set afterwards
 *
 * Context: May sleep.
 */
void nyx_pasids_exit(struct nyx_device *ndev)
{
	guard(mutex)(&ndev->entry_lock);
	if (ndev->pasid_on)
		nyx_pasid_device_disable(ndev);
	ndev->pasid_on = false;
	nyx_pasids_put_id(ndev);
}

/**
 * nyx_pasids_end() - block all PASIDs that use the page table of a process for good
 * @domain: the domain of the process, which has ended
 *
 * Page requests of these PASIDs get NYX_PAGE_INVALID, as the framework finds the
 * process gone. The domain stays attached.
 *
 * Context: May sleep.
 */
void nyx_pasids_end(struct nyx_domain *domain)
{
	struct nyx_pasid *use;

	guard(mutex)(&domain->lock);
	WRITE_ONCE(domain->gone, true);
	list_for_each_entry(use, &domain->pasids, node)
		nyx_pasid_block(use->ndev, use->pasid);
}
