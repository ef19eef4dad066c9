/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: functions that only the core uses, besides those of <nyx/domain.h>.
 */
#ifndef NYX_DOMAIN_DOMAIN_H
#define NYX_DOMAIN_DOMAIN_H

#include <linux/iommu.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/unit.h>

struct iommu_pages_list;
struct mm_struct;
struct nyx_link;

/* Links between domains and units, link.c */
struct nyx_link *nyx_domain_join(struct nyx_domain *domain,
				 const struct nyx_device *ndev, u32 pasid);
void nyx_domain_leave(struct nyx_domain *domain, const struct nyx_device *ndev,
		      u32 pasid);
bool nyx_domain_force_snoop(struct nyx_domain *domain);
void nyx_domain_ats_add(struct nyx_domain *domain, struct nyx_device *ndev);
void nyx_domain_ats_del(struct nyx_domain *domain, struct nyx_device *ndev);
int nyx_domain_flush(struct nyx_domain *domain, struct nyx_flush *flush);

/*
 * The entry for requests that a domain translates. @domain_id: of nyx_link. The rest is
 * up to the caller.
 */
static inline struct nyx_entry nyx_domain_entry(struct nyx_domain *domain,
						u16 domain_id)
{
	return (struct nyx_entry) {
		.kind = NYX_ENTRY_TABLE,
		.domain_id = domain_id,
		.pt = &nyx_domain_base(domain)->pt,
		.guest = domain->guest,
	};
}

/*
 * A flush of all that a unit caches for a domain. With a nested one that includes the
 * second stage, which the flush of a range of the guest leaves alone.
 */
static inline struct nyx_flush nyx_flush_of_all(const struct nyx_domain *domain)
{
	return (struct nyx_flush) {
		.second = domain->parent,
		.last = U64_MAX,
	};
}

/* Dirty tracking, dirty.c */
extern const struct iommu_dirty_ops nyx_dirty_ops;

/* Domain and hardware entry of a device, device_entry.c */
int nyx_device_set_entry(struct nyx_device *ndev, const struct nyx_entry *entry,
			 struct nyx_domain *domain);
int nyx_device_attach(struct nyx_device *ndev, struct nyx_domain *domain);
int nyx_device_recover(struct nyx_device *ndev);
int nyx_device_stop(struct nyx_device *ndev);
int nyx_device_restore(struct nyx_device *ndev);

/* PASIDs of devices, pasid.c */
int nyx_device_own_id(struct nyx_device *ndev);
void nyx_pasids_init(struct nyx_device *ndev);
bool nyx_pasids_allowed(const struct nyx_device *ndev,
			const struct nyx_entry *entry);
int nyx_pasid_attach(struct nyx_domain *domain, struct nyx_device *ndev,
		     ioasid_t pasid);
void nyx_pasid_remove(struct nyx_device *ndev, ioasid_t pasid);
void nyx_pasids_stop(struct nyx_device *ndev);
void nyx_pasids_exit(struct nyx_device *ndev);
void nyx_pasids_end(struct nyx_domain *domain);

/* Address spaces of processes, sva.c */
struct iommu_domain *nyx_sva_alloc(struct device *dev, struct mm_struct *mm);
void nyx_sva_exit(void);

/* Recording of operations, record.c */
int nyx_record_init(void);
enum nyx_record_mode nyx_record_mode(const struct nyx_device *ndev);
void nyx_record_attach(struct nyx_domain *domain,
		       const struct nyx_device *ndev);
void nyx_record_free(struct nyx_domain *domain);
int nyx_record_device(struct nyx_device *ndev, enum nyx_record_mode mode);
int nyx_record_all(enum nyx_record_mode mode);

/* Identity and blocked, static_domain.c */
extern struct iommu_domain nyx_identity_domain;
extern struct iommu_domain nyx_blocked_domain;

int nyx_device_set_identity(struct nyx_device *ndev);
int nyx_device_pass(struct nyx_device *ndev);
void nyx_unit_set_identity(struct nyx_unit *unit);
int nyx_device_set_blocked(struct nyx_device *ndev);

/* Domain ID and page table of a unit for identity, identity.c */
int nyx_identity_init(struct nyx_unit *unit);
void nyx_identity_exit(struct nyx_unit *unit);

/* Freeing of pages and domain IDs, reclaim.c */
void nyx_put_tables(struct iommu_pages_list *list, int err);
void nyx_put_table(struct nyx_pt *pt, bool leak);
void nyx_put_domain_id(struct nyx_unit *unit, u16 id, int err);
unsigned long nyx_leaked_tables(void);

#endif /* NYX_DOMAIN_DOMAIN_H */
