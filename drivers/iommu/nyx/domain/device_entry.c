// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing what a device's hardware entry says, and with it the domain that the
 * device is in.
 */
#include <linux/cleanup.h>
#include <linux/pci.h>
#include <trace/events/nyx.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/entry.h>
#include <nyx/unit.h>

#include "domain.h"
#include "pci/pci.h"

/**
 * nyx_device_set_entry() - change what a device's hardware entry says
 * @ndev: the device
 * @entry: what it shall say
 * @domain: the paging domain behind @entry, whose link to the unit the caller
 *	holds; NULL for identity and blocked
 *
 * The domain that the device leaves keeps getting its flushes until the unit
 * has forgotten it: a device on a list of ATS devices is blocked first, and
 * only then taken off the list.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or an error of nyx_entry_set(): then the device is
 *	blocked, is in no domain, and the link to @domain is still the caller's.
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
	if (entry->ats)
		nyx_domain_ats_add(domain, ndev);
	/* A reset since the last time may have switched it off. */
	if (domain && dev_is_pci(ndev->dev))
		nyx_acs_enable_path(to_pci_dev(ndev->dev));

	ret = nyx_entry_set(ndev->unit, ndev, entry);
	if (!list_empty(&ndev->ats_node) && (ret || !ndev->ats_enabled))
		nyx_domain_ats_del(domain, ndev);
failed:
	ndev->entry = ret ? blocked : *entry;
	WRITE_ONCE(ndev->domain, ret ? NULL : domain);
	if (old)
		nyx_domain_leave(old, ndev);
	trace_nyx_attach(dev_name(ndev->dev), ndev->unit->name,
			 domain ? domain->pt.id : 0, entry->domain_id,
			 entry->kind, ret);
	return ret;
}
