// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a device's hardware entry and, with it, of the device's domain.
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
	if (entry->ats)
		nyx_domain_ats_add(domain, ndev);
	/* A reset may have disabled ACS since the last attach. */
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
