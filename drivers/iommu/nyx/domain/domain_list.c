// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of all paging domains.
 *
 * Default domains are freed with the last device of their group. Any other
 * domain stays until its owner frees it, and the IOMMU core holds no reference
 * to the module for it. So a detach is refused while such a domain exists.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/compat.h>
#include <nyx/domain.h>

#include "lib/latency.h"

LIST_HEAD(nyx_domains);
DEFINE_MUTEX(nyx_domains_lock);	/* protects nyx_domains, nyx_domains_are_open */
static bool nyx_domains_are_open;
static const struct nyx_domains_observer *nyx_domains_observer;

/**
 * nyx_domains_observe() - set the observer of the list
 * @observer: the observer, or NULL for none
 *
 * Context: May sleep; there is no domain, and none is being allocated.
 */
void nyx_domains_observe(const struct nyx_domains_observer *observer)
{
	nyx_domains_observer = observer;
}

/**
 * nyx_domains_open() - allow new domains
 *
 * To be called before the first unit is registered with the IOMMU core.
 *
 * Context: May sleep.
 */
void nyx_domains_open(void)
{
	guard(mutex)(&nyx_domains_lock);
	nyx_domains_are_open = true;
}

/**
 * nyx_domains_add() - add a domain to the list
 * @domain: the domain, set up completely
 *
 * Context: May sleep.
 * Return: 0; -ENODEV after nyx_domains_close().
 */
int nyx_domains_add(struct nyx_domain *domain)
{
	scoped_guard(mutex, &nyx_domains_lock) {
		if (!nyx_domains_are_open)
			return -ENODEV;
		/* Without memory, the latencies of the domain are not shown. */
		if (static_key_enabled(&nyx_latency_key))
			nyx_latency_alloc(&domain->pt.latency);
		list_add_tail(&domain->node, &nyx_domains);
	}
	if (nyx_domains_observer)
		nyx_domains_observer->added(domain);
	return 0;
}

/**
 * nyx_domains_del() - remove a domain from the list
 * @domain: the domain, about to be freed
 *
 * Context: May sleep.
 */
void nyx_domains_del(struct nyx_domain *domain)
{
	scoped_guard(mutex, &nyx_domains_lock)
		list_del(&domain->node);
	if (nyx_domains_observer)
		nyx_domains_observer->removed(domain);
}

/*
 * The IOMMU core sets the type after the allocation. A domain without a type
 * may have any kind of owner.
 */
static bool nyx_domain_is_busy(const struct nyx_domain *domain)
{
	switch (READ_ONCE(domain->pt.iommu.domain.type)) {
	case IOMMU_DOMAIN_DMA:
	case IOMMU_DOMAIN_DMA_FQ:
		return false;
	case IOMMU_DOMAIN_UNMANAGED:
		pr_err("detach: domain %u is still owned by VFIO, IOMMUFD or another module; release it and retry\n",
		       domain->pt.id);
		return true;
	default:
		pr_err("detach: domain %u is being allocated; retry later\n",
		       domain->pt.id);
		return true;
	}
}

/**
 * nyx_domains_close() - forbid new domains, unless one would survive a detach
 *
 * To be called before all devices are released, which frees their default
 * domains.
 *
 * Context: May sleep.
 * Return: true; false after a log line for each domain that is not a default
 *	domain. Nothing changes in that case.
 */
bool nyx_domains_close(void)
{
	const struct nyx_domain *domain;
	bool busy = false;

	guard(mutex)(&nyx_domains_lock);
	list_for_each_entry(domain, &nyx_domains, node)
		busy |= nyx_domain_is_busy(domain);
	nyx_domains_are_open = busy;
	return !busy;
}
