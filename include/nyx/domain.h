/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain is one IOVA space: a page table, and the units and devices that use
 * it.
 */
#ifndef NYX_DOMAIN_H
#define NYX_DOMAIN_H

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include <nyx/pt.h>

struct dentry;
struct nyx_device;
struct nyx_unit;

/**
 * struct nyx_link - a domain's presence on one unit
 * @node: in nyx_domain.links; readers walk it under RCU
 * @unit: the unit
 * @domain_id: the domain's ID on @unit
 * @users: devices below @unit that the domain is attached to
 * @rcu: freed after the last flush that may still see it
 */
struct nyx_link {
	struct list_head node;
	struct nyx_unit *unit;
	u16 domain_id;
	unsigned int users;
	struct rcu_head rcu;
};

/**
 * struct nyx_domain - one IOVA space
 * @pt: the page table; its iommu_domain is the first member of all, its id the
 *	number by which logs and debugfs name the domain
 * @node: in nyx_domains
 * @lock: protects @links and @ats against other changes, and @users of links
 * @links: units that the domain is present on, struct nyx_link
 * @ats: attached devices with ATS on, by nyx_device.ats_node
 * @map_flush: a unit that it was ever attached to wants flushes on map
 * @leak_tables: a unit did not confirm a flush: no table is ever freed; set once
 * @dir: its debugfs directory
 */
struct nyx_domain {
	struct nyx_pt pt;
	struct list_head node;
	struct mutex lock;		/* see @lock above */
	struct list_head links;
	struct list_head ats;
	bool map_flush;
	bool leak_tables;
	struct dentry *dir;
};

static inline struct nyx_domain *to_nyx_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct nyx_domain, pt.iommu.domain);
}

/* All paging domains; the lock protects the list. */
extern struct list_head nyx_domains;
extern struct mutex nyx_domains_lock;

/**
 * struct nyx_domains_observer - learns of each domain
 * @added: a domain is on the list; its page table is set up
 * @removed: a domain is off the list and about to be freed; its page table is
 *	still whole. Callers may hold locks of the IOMMU core
 *
 * Both may sleep, and are called without nyx_domains_lock.
 */
struct nyx_domains_observer {
	void (*added)(struct nyx_domain *domain);
	void (*removed)(struct nyx_domain *domain);
};

void nyx_domains_observe(const struct nyx_domains_observer *observer);
int nyx_domains_add(struct nyx_domain *domain);
void nyx_domains_del(struct nyx_domain *domain);
bool nyx_domains_close(void);
void nyx_domains_open(void);

extern const struct iommu_domain_ops nyx_paging_ops;

struct iommu_domain *nyx_domain_alloc_paging(struct device *dev);
bool nyx_unit_can_walk(const struct nyx_unit *unit, const struct nyx_pt *pt);
void nyx_unit_check_levels(const struct nyx_unit *unit);
void nyx_unit_table_config(const struct nyx_unit *unit, struct nyx_pt_cfg *cfg);

#endif /* NYX_DOMAIN_H */
