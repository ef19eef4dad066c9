/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PASID entries: each one determines how a unit treats the DMA of one requester ID
 * with one PASID. Requests without PASID are a matter of <nyx/entry.h>, whose entries
 * also decide whether requests with a PASID reach the PASID entries at all.
 */
#ifndef NYX_PASID_H
#define NYX_PASID_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/fault.h>
#include <nyx/queue.h>
#include <nyx/unit.h>

#include "lib/range.h"

/* Largest number of commands that invalidate a PASID entry and its translations. */
#define NYX_PASID_CMDS 4

/**
 * struct nyx_pasid_ops - PASID entries of a vendor
 * @provide: ensure that the tables of a device hold an entry for a PASID. May
 *	sleep. Returns 0; -ENOMEM; -EIO if the unit is out of service; or
 *	-EOPNOTSUPP if requests without PASID are translated in a way that does not
 *	allow PASIDs
 * @block: make an entry block. Returns true if the unit may cache the old contents;
 *	then @domain_id is set to the old domain ID. Called with
 *	nyx_unit.store_lock held
 * @fill: change an entry that blocks, and of which the unit caches nothing else, to
 *	@want, which does not block. Called with nyx_unit.store_lock held
 * @inv: encode commands that invalidate a cached PASID entry and all translations
 *	that were made with it, in this order. @domain_id is 0 if the entry blocks.
 *	Returns their number, at most NYX_PASID_CMDS
 * @device: encode a command that invalidates a range of a PASID in the TLB of a
 *	device
 *
 * PASIDs are 1 to 2^nyx_unit_caps.pasid_bits - 1. A device that uses them has one
 * requester ID. An entry that the tables do not hold blocks.
 */
struct nyx_pasid_ops {
	int (*provide)(struct nyx_unit *unit, const struct nyx_device *ndev,
		       u32 pasid);
	bool (*block)(struct nyx_unit *unit, u16 rid, u32 pasid,
		      u16 *domain_id);
	void (*fill)(struct nyx_unit *unit, u16 rid, u32 pasid,
		     const struct nyx_entry *want);
	unsigned int (*inv)(const struct nyx_unit *unit, u16 rid, u32 pasid,
			    u16 domain_id, struct nyx_cmd *cmds);
	struct nyx_cmd (*device)(const struct nyx_unit *unit,
				 const struct nyx_device *ndev, u32 pasid,
				 struct nyx_range range);
};

/**
 * struct nyx_pasid - a PASID of a device that a domain is attached to
 * @node: entry in nyx_domain.pasids, read under RCU
 * @ndev: the device
 * @pasid: the PASID
 * @domain: the domain
 * @entry: contents of the PASID entry; written under nyx_device.entry_lock
 * @page_requests: the domain handles page requests
 * @rcu: frees the struct after flushes that may still see it
 */
struct nyx_pasid {
	struct list_head node;
	struct nyx_device *ndev;
	u32 pasid;
	struct nyx_domain *domain;
	struct nyx_entry entry;
	bool page_requests;
	struct rcu_head rcu;
};

/*
 * The domain that should have translated a request; NULL if there is none. Those of
 * processes and guests are left out: their page tables belong to others. Called under
 * RCU.
 */
static inline struct nyx_domain *nyx_fault_domain(struct nyx_device *ndev,
						  const struct nyx_fault *fault)
{
	struct nyx_domain *domain = READ_ONCE(ndev->domain);
	const struct nyx_pasid *use;

	if (fault->has_pasid && fault->pasid) {
		use = xa_load(&ndev->pasids, fault->pasid);
		domain = use ? use->domain : NULL;
	}
	if (!domain || domain->parent ||
	    domain->pt.iommu.domain.type == IOMMU_DOMAIN_SVA)
		return NULL;
	return domain;
}

/*
 * Whether a request used the address space of a process that has ended. Called under
 * RCU.
 */
static inline bool nyx_fault_is_after_end(struct nyx_device *ndev,
					  const struct nyx_fault *fault)
{
	const struct nyx_pasid *use;

	if (!fault->has_pasid || !fault->pasid)
		return false;
	use = xa_load(&ndev->pasids, fault->pasid);
	return use && READ_ONCE(use->domain->gone);
}

int nyx_pasid_block(struct nyx_device *ndev, u32 pasid);
int nyx_pasid_fill(struct nyx_device *ndev, u32 pasid,
		   const struct nyx_entry *entry);
int nyx_pasids_tlb_invalidate(struct nyx_device *ndev);

#endif /* NYX_PASID_H */
