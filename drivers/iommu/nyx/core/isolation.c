// SPDX-License-Identifier: GPL-2.0-only
/*
 * How far devices are isolated from each other. In core/, because the report of
 * a fault needs it as well as debugfs.
 */
#include <linux/cleanup.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/isolation.h>

/**
 * nyx_isolation() - find out who shares the domain of a device
 * @domain: the paging domain, no nested one, or NULL for none. Only compared, so it
 *	may be freed meanwhile
 * @kind: kind of the entries that lead to it
 *
 * Groups are only compared, too, and so need no reference.
 *
 * Context: Any.
 * Return: the isolation at that moment; devices may be attached meanwhile.
 */
enum nyx_isolation nyx_isolation(const struct nyx_domain *domain,
				 enum nyx_entry_kind kind)
{
	const struct iommu_group *group, *first = NULL;
	const struct nyx_device *ndev;

	if (!domain)
		return kind == NYX_ENTRY_IDENTITY ? NYX_ISOLATION_UNMANAGED :
						    NYX_ISOLATION_NONE;
	/* Keeps the records, which keep their devices. */
	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (nyx_domain_base(READ_ONCE(ndev->domain)) != domain)
			continue;
		group = READ_ONCE(ndev->dev->iommu_group);
		if (first && group != first)
			return NYX_ISOLATION_SHARED;
		first = group;
	}
	return first ? NYX_ISOLATION_STRICT : NYX_ISOLATION_NONE;
}

/**
 * nyx_isolation_word() - name the isolation
 * @isolation: the isolation
 *
 * Context: Any.
 * Return: a word in capitals; NULL for NYX_ISOLATION_NONE.
 */
const char *nyx_isolation_word(enum nyx_isolation isolation)
{
	static const char *const words[] = {
		[NYX_ISOLATION_STRICT] = "STRICT",
		[NYX_ISOLATION_SHARED] = "SHARED",
		[NYX_ISOLATION_UNMANAGED] = "UNMANAGED",
	};

	return words[isolation];
}
