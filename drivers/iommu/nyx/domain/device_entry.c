// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a device's hardware entry and, with it, of the device's domain.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/pci.h>
#include <trace/events/nyx.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "domain.h"
#include "fault/page_request.h"
#include "pci/pci.h"

/**
 * nyx_device_set_entry() - change the domain and the hardware entry of a device
 * @ndev: the device
 * @entry: new value of the entry
 * @domain: the paging domain that @entry refers to, whose link to the unit the
 *	caller holds; NULL for identity and blocked
 *
 * The old domain's flushes must reach the device until the unit caches nothing
 * of that domain for it. So a device on a list of ATS devices is blocked before
 * it is taken off the list.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or an error of nyx_entry_set(). After an error the device is
 *	blocked and in no domain, and the caller still holds the link of
 *	@domain.
 */
int nyx_device_set_entry(struct nyx_device *ndev, const struct nyx_entry *entry,
			 struct nyx_domain *domain)
{
	static const struct nyx_entry blocked = { .kind = NYX_ENTRY_BLOCKED };
	struct nyx_domain *old = ndev->domain;
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	if (!list_empty(&ndev->ats_node)) {
		ret = nyx_entry_set(ndev->unit, ndev, &blocked);
		ndev->entry = blocked;
		nyx_domain_ats_del(old, ndev);
		if (ret)
			goto failed;
	}
	/* Without a domain, what the device caches changes only with the entry. */
	if (entry->ats && domain)
		nyx_domain_ats_add(domain, ndev);
	/* Without kprobes, a reset since the last attach may have disabled ACS. */
	if (domain && dev_is_pci(ndev->dev))
		nyx_acs_enable_path(to_pci_dev(ndev->dev));

	ret = nyx_entry_set(ndev->unit, ndev, entry);
	if (!list_empty(&ndev->ats_node) && (ret || !ndev->ats_enabled))
		nyx_domain_ats_del(domain, ndev);
failed:
	ndev->entry = ret ? blocked : *entry;
	WRITE_ONCE(ndev->domain, ret ? NULL : domain);
	if (ndev->page_requests_rid) {
		ndev->page_requests_rid = false;
		nyx_page_requests_put(ndev);
	}
	if (old)
		nyx_domain_leave(old, ndev, 0);
	trace_nyx_attach(dev_name(ndev->dev), ndev->unit->name,
			 domain ? domain->pt.id : 0, entry->domain_id,
			 entry->kind, ret);
	return ret;
}

/*
 * Sets the entry of a device that has joined @domain. @requests: @domain handles page
 * requests. After an error the device has left @domain; after one of
 * nyx_device_set_entry() it is blocked.
 */
static int nyx_device_enter(struct nyx_device *ndev,
			    const struct nyx_entry *entry,
			    struct nyx_domain *domain, bool requests)
{
	int ret = requests ? nyx_page_requests_get(ndev) : 0;

	if (ret)
		goto err_leave;
	ret = nyx_device_set_entry(ndev, entry, domain);
	if (ret)
		goto err_put;
	ndev->page_requests_rid = requests;
	return 0;

err_put:
	if (requests)
		nyx_page_requests_put(ndev);
err_leave:
	nyx_domain_leave(domain, ndev, 0);
	return ret;
}

/**
 * nyx_device_attach() - attach a domain to requests without PASID of a device
 * @ndev: the device
 * @domain: the domain
 *
 * Context: May sleep.
 * Return: 0; -EBUSY if domains are attached to PASIDs of the device and @domain does not
 *	allow any; -ENOSPC if the unit has no free domain ID; or an error of
 *	nyx_domain_join(), nyx_page_requests_get() or nyx_device_set_entry(), after
 *	which the device is blocked. None is logged: callers may try several domains to
 *	find a suitable one.
 */
int nyx_device_attach(struct nyx_device *ndev, struct nyx_domain *domain)
{
	struct nyx_domain *base = nyx_domain_base(domain);
	struct nyx_entry entry = nyx_domain_entry(domain, 0);
	struct nyx_link *link;
	int ret;

	guard(mutex)(&ndev->entry_lock);
	entry.pasids = nyx_pasids_allowed(ndev, &entry);
	/* The requests with PASIDs would fault from then on. */
	if (!entry.pasids && !xa_empty(&ndev->pasids))
		return -EBUSY;
	if (domain->pt.fmt == ndev->unit->caps.first.format) {
		ret = nyx_device_own_id(ndev);
		if (ret)
			return ret;
	}
	link = nyx_domain_join(domain, ndev, 0);
	if (IS_ERR(link))
		return PTR_ERR(link);
	nyx_record_attach(base, ndev);
	entry.domain_id = link->domain_id;
	entry.ats = ndev->ats_supported;
	entry.page_requests = entry.ats && ndev->page_requests;
	entry.dirty = READ_ONCE(base->dirty);
	return nyx_device_enter(ndev, &entry, domain,
				domain->pt.iommu.domain.iopf_handler);
}

/*
 * Sets the entry of a blocked device again, for the same domain; without ATS if
 * the device is isolated.
 */
static int nyx_device_attach_again(struct nyx_device *ndev)
{
	struct nyx_domain *domain = ndev->domain;
	struct nyx_entry entry = ndev->entry;
	bool requests = ndev->page_requests_rid;
	struct nyx_link *link;

	if (READ_ONCE(ndev->isolated)) {
		entry.ats = false;
		entry.page_requests = false;
	}
	if (!domain)
		return nyx_device_set_entry(ndev, &entry, NULL);
	/* nyx_device_set_entry() drops what the previous attach has taken. */
	link = nyx_domain_join(domain, ndev, 0);
	if (IS_ERR(link))
		return PTR_ERR(link);
	return nyx_device_enter(ndev, &entry, domain, requests);
}

/**
 * nyx_device_recover() - end the isolation of an unresponsive device
 * @ndev: the device
 *
 * The device stays in its domain and works without ATS. That is safe at any
 * time: the unit refuses translated requests, so it does not matter what the
 * device TLB holds. It is useful after something that makes the device work
 * again. Does nothing if the device is not isolated.
 *
 * Context: May sleep.
 * Return: 0, or an error of nyx_domain_join() or nyx_entry_set(): then the
 *	device stays blocked.
 */
int nyx_device_recover(struct nyx_device *ndev)
{
	int ret;

	guard(mutex)(&ndev->entry_lock);
	if (!READ_ONCE(ndev->isolated))
		return 0;
	ret = nyx_device_attach_again(ndev);
	if (ret)
		dev_err(ndev->dev, "stays blocked (%d): power the machine off and on\n",
			ret);
	else
		dev_info(ndev->dev, "no longer blocked: continues without ATS\n");
	return ret;
}

/**
 * nyx_device_stop() - complete the blocking of a device that is cut off
 * @ndev: the device
 *
 * Invalidates what the unit and the device TLB cached, and disables ATS. The
 * device stays in its domain.
 *
 * Context: May sleep.
 * Return: 0, or an error of nyx_entry_set().
 */
int nyx_device_stop(struct nyx_device *ndev)
{
	int ret;

	guard(mutex)(&ndev->entry_lock);
	/* The entry of the crashed kernel is lost: see nyx_cut_off_store(). */
	if (ndev->entry.kind == NYX_ENTRY_FOREIGN)
		ndev->entry.kind = NYX_ENTRY_BLOCKED;
	ret = nyx_entry_set(ndev->unit, ndev, &ndev->entry);
	if (!list_empty(&ndev->ats_node) && !ndev->ats_enabled)
		nyx_domain_ats_del(ndev->domain, ndev);
	return ret;
}

/**
 * nyx_device_restore() - let a device use its domain again
 * @ndev: the device, which is not cut off any more
 *
 * Context: May sleep.
 * Return: 0, or an error of nyx_domain_join() or nyx_entry_set(): then the
 *	device stays blocked.
 */
int nyx_device_restore(struct nyx_device *ndev)
{
	guard(mutex)(&ndev->entry_lock);
	return nyx_device_attach_again(ndev);
}
