/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: a domain is one IOVA space. It consists of a page table and the
 * units and devices that use it.
 */
#ifndef NYX_DOMAIN_H
#define NYX_DOMAIN_H

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include <nyx/pt.h>

struct dentry;
struct iommu_user_data;
struct iommu_user_data_array;
struct nyx_device;
struct nyx_flush;
struct nyx_guest_table;
struct nyx_history;
struct nyx_unit;

/**
 * struct nyx_link - use of a domain by one unit. A first-stage table has one for each
 *	PASID, and with nyx_walk_caps.per_device for each device
 * @node: entry in nyx_domain.links, read under RCU
 * @unit: the unit
 * @only: with nyx_walk_caps.per_device, the device, to which @domain_id belongs; else
 *	NULL
 * @first: the table is a first-stage table
 * @pasid: PASID that tags the translations, with @first; else 0
 * @domain_id: ID of the domain on @unit
 * @users: number of devices, and PASIDs of devices, below @unit that the domain is
 *	attached to
 * @rcu: frees the link after flushes that may still see it
 */
struct nyx_link {
	struct list_head node;
	struct nyx_unit *unit;
	const struct nyx_device *only;
	bool first;
	u32 pasid;
	u16 domain_id;
	unsigned int users;
	struct rcu_head rcu;
};

/**
 * struct nyx_domain - one IOVA space
 * @pt: the page table. Its iommu_domain is the first member of the struct, and
 *	its id names the domain in the log and in debugfs
 * @node: entry in nyx_domains
 * @lock: serializes changes of @links, @ats, @pasids and nyx_link.users
 * @links: units that use the domain, a list of struct nyx_link
 * @ats: devices that use ATS or are about to, linked by nyx_device.ats_node
 * @pasids: PASIDs of devices that the domain is attached to or about to be, a list of
 *	struct nyx_pasid
 * @gone: the process whose address space this is has ended: PASIDs stay blocked.
 *	Protected by @lock
 * @map_flush: a unit that uses or used the domain has nyx_unit_caps.map_flush
 * @leak_tables: a unit did not confirm a flush, so no page of the table is ever freed;
 *	set once
 * @history: recent operations, NULL unless they are recorded; changed by
 *	domain/record.c, read under RCU
 * @dirty: the units of the domain record which pages devices have written; written
 *	under nyx_devices_lock, read under nyx_device.entry_lock
 * @hunt: each unmap is invalidated at once, even if the flush is deferred
 * @dir: debugfs directory of the domain
 * @parent: the domain with the second stage of a nested translation. Then this is the
 *	first stage: only the configuration in @pt is valid, and nyx_pt.id is that of
 *	@parent. NULL if @pt is the only stage
 * @guest: the first-stage table, with @parent
 * @nest_parent: domains can be nested on this one
 * @nested_lock: protects @nested; flushes of the domain take it, so it is inside all
 *	locks but those of flushes
 * @nested: domains nested on this one, linked by @nested_node
 * @nested_node: entry in @nested of @parent
 */
struct nyx_domain {
	struct nyx_pt pt;
	struct list_head node;
	struct mutex lock;		/* see @lock above */
	struct list_head links;
	struct list_head ats;
	struct list_head pasids;
	bool gone;
	bool map_flush;
	bool leak_tables;
	bool dirty;
	struct nyx_history __rcu *history;
	bool hunt;
	struct dentry *dir;
	struct nyx_domain *parent;
	const struct nyx_guest_table *guest;
	bool nest_parent;
	struct mutex nested_lock;	/* see @nested_lock above */
	struct list_head nested;
	struct list_head nested_node;
};

static inline struct nyx_domain *to_nyx_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct nyx_domain, pt.iommu.domain);
}

/* The domain with the table whose output is physical: @domain, or its parent. */
static inline struct nyx_domain *nyx_domain_base(struct nyx_domain *domain)
{
	return domain && domain->parent ? domain->parent : domain;
}

/**
 * struct nyx_nested_ops - first-stage tables of guests, of a vendor
 * @read_table: read the description of a table that user space passes. Returns 0;
 *	-EINVAL or -EOPNOTSUPP if it is not valid, or -EFAULT. May sleep
 * @supports: whether a unit with nyx_unit_caps.nested walks a table
 * @invalidation: the type of invalidations, enum iommu_hwpt_invalidate_data_type
 * @read_invalidation: read an invalidation that user space passes. Sets the range in
 *	@flush. @index is less than @array->entry_num. Returns as @read_table
 */
struct nyx_nested_ops {
	int (*read_table)(const struct iommu_user_data *data,
			  struct nyx_guest_table *table);
	bool (*supports)(const struct nyx_unit *unit,
			 const struct nyx_guest_table *table);
	u32 invalidation;
	int (*read_invalidation)(const struct iommu_user_data_array *array,
				 u32 index, struct nyx_flush *flush);
};

/* All paging domains; nyx_domains_lock protects the list. */
extern struct list_head nyx_domains;
extern struct mutex nyx_domains_lock;

/**
 * struct nyx_domains_observer - callbacks on changes of nyx_domains
 * @added: a domain was added to the list; its page table is set up
 * @removed: a domain was removed from the list and is about to be freed; its
 *	page table is still intact. Callers may hold locks of the IOMMU core
 *
 * Both callbacks may sleep, and are called without nyx_domains_lock.
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
struct iommu_domain *nyx_domain_alloc_flags(struct device *dev, u32 flags,
					    const struct iommu_user_data *data);
struct iommu_domain *nyx_nested_alloc(struct device *dev,
				      struct iommu_domain *parent, u32 flags,
				      const struct iommu_user_data *data);
bool nyx_unit_can_walk(const struct nyx_unit *unit, const struct nyx_pt *pt);
bool nyx_unit_can_nest(const struct nyx_unit *unit,
		       const struct nyx_domain *domain);
void nyx_unit_check_levels(const struct nyx_unit *unit);
void nyx_unit_table_config(const struct nyx_unit *unit, struct nyx_pt_cfg *cfg);
void nyx_unit_first_config(const struct nyx_unit *unit, struct nyx_pt_cfg *cfg);

#endif /* NYX_DOMAIN_H */
