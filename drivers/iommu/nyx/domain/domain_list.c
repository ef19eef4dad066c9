// SPDX-License-Identifier: GPL-2.0-only
/*
 * All paging domains, and whether there may be more.
 *
 * Default domains go with their group's last device. One that somebody allocated
 * for himself stays until he frees it, and the IOMMU core holds no reference to
 * the module for it: so nothing is given back before.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/compat.h>
#include <nyx/domain.h>

LIST_HEAD(nyx_domains);
DEFINE_MUTEX(nyx_domains_lock);	/* protects nyx_domains, nyx_domains_are_open */
static bool nyx_domains_are_open;
static const struct nyx_domains_observer *nyx_domains_observer;

/**
 * nyx_domains_observe() - set who learns of each domain
 * @observer: the observer, or NULL for none
 *
 * Context: May sleep; there is no domain, and none is being created.
 */
void nyx_domains_observe(const struct nyx_domains_observer *observer)
{
	nyx_domains_observer = observer;
}

/**
 * nyx_domains_open() - let domains be made
 *
 * To be called before the IOMMU core is told of the first unit.
 *
 * Context: May sleep.
 */
void nyx_domains_open(void)
{
	guard(mutex)(&nyx_domains_lock);
	nyx_domains_are_open = true;
}

/**
 * nyx_domains_add() - one more domain
 * @domain: the domain, ready to be used
 *
 * Context: May sleep.
 * Return: 0; -ENODEV after nyx_domains_close().
 */
int nyx_domains_add(struct nyx_domain *domain)
{
	scoped_guard(mutex, &nyx_domains_lock) {
		if (!nyx_domains_are_open)
			return -ENODEV;
		list_add_tail(&domain->node, &nyx_domains);
	}
	if (nyx_domains_observer)
		nyx_domains_observer->added(domain);
	return 0;
}

/**
 * nyx_domains_del() - a domain is freed
 * @domain: the domain
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
 * The core sets the type after it was given the domain. Without one yet it may be
 * anybody's.
 */
static bool nyx_domain_is_busy(const struct nyx_domain *domain)
{
	switch (READ_ONCE(domain->pt.iommu.domain.type)) {
	case IOMMU_DOMAIN_DMA:
	case IOMMU_DOMAIN_DMA_FQ:
		return false;
	case IOMMU_DOMAIN_UNMANAGED:
		pr_err("detach: domain %u is in use by who allocated it: close the VFIO or IOMMUFD user, or unload the module, that has it, then detach again\n",
		       domain->pt.id);
		return true;
	default:
		pr_err("detach: domain %u is just being made: detach again later\n",
		       domain->pt.id);
		return true;
	}
}

/**
 * nyx_domains_close() - let no domain be made, if those go that there are
 *
 * To be called before devices are given back, with which default domains go.
 *
 * Context: May sleep.
 * Return: true; false after a log line for each domain that would stay, and
 *	nothing has changed.
 */
bool nyx_domains_close(void)
{
	const struct nyx_domain *domain;
	bool stays = false;

	guard(mutex)(&nyx_domains_lock);
	list_for_each_entry(domain, &nyx_domains, node)
		stays |= nyx_domain_is_busy(domain);
	nyx_domains_are_open = stays;
	return !stays;
}
