// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of PASID entries.
 *
 * The order is the one of inval/entry.c: block the entry; invalidate the cached entry
 * and the translations that were made with it, then the device TLB; fill it. The entry
 * for requests without PASID stays as it is.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "ats.h"

static int nyx_pasid_tlb_invalidate(struct nyx_device *ndev, u32 pasid)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmds[2];

	cmds[0] = unit->ops->pasids->device(unit, ndev, pasid,
					    nyx_range_around(0, U64_MAX));
	cmds[1] = cmds[0];
	return nyx_invalidate(unit, cmds, nyx_device_tlb_times(ndev));
}

/**
 * nyx_pasids_tlb_invalidate() - invalidate what a device TLB holds of PASIDs
 * @ndev: the device, which responds
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_pasids_tlb_invalidate(struct nyx_device *ndev)
{
	struct nyx_pasid *use;
	unsigned long pasid;
	int ret;

	lockdep_assert_held(&ndev->entry_lock);
	xa_for_each(&ndev->pasids, pasid, use) {
		ret = nyx_pasid_tlb_invalidate(ndev, pasid);
		if (ret)
			return ret;
	}
	return 0;
}

/* Encodes what has to be invalidated after a store to an entry. */
static unsigned int nyx_pasid_inv(struct nyx_device *ndev, u32 pasid,
				  u16 domain_id, struct nyx_cmd *cmds)
{
	struct nyx_unit *unit = ndev->unit;

	nyx_stat_inc(unit, NYX_STAT_FLUSH_ENTRY);
	return unit->ops->pasids->inv(unit, ndev->rid, pasid, domain_id, cmds);
}

/**
 * nyx_pasid_block() - block the requests of a device with a PASID
 * @ndev: the device
 * @pasid: the PASID
 *
 * On return the unit caches nothing of the old entry and of the translations that
 * were made with it, and the device TLB nothing of the PASID. If ATS is being enabled or
 * disabled meanwhile, that empties the device TLB.
 *
 * Context: May sleep; @ndev->entry_lock is held, or the lock of a domain that is attached
 *	to the PASID, so that it cannot be filled.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_pasid_block(struct nyx_device *ndev, u32 pasid)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmds[NYX_PASID_CMDS];
	u16 domain_id;
	bool changed;
	int ret;

	scoped_guard(raw_spinlock_irqsave, &unit->store_lock)
		changed = unit->ops->pasids->block(unit, ndev->rid, pasid,
						   &domain_id);
	/* Contains the unit, because the table may be freed next. */
	if (READ_ONCE(unit->dead))
		return nyx_invalidate_dead(unit);
	/*
	 * Page requests may be on their way, after nyx_pasids_end() has blocked the
	 * entry. The invalidation of the device TLB pushes them to the unit.
	 */
	if (!changed && !READ_ONCE(ndev->page_users))
		return 0;
	ret = changed ? nyx_invalidate(unit, cmds,
				       nyx_pasid_inv(ndev, pasid, domain_id,
						     cmds)) : 0;
	/* As in nyx_ats_disable(): otherwise the device TLB does not matter. */
	if (!ret && READ_ONCE(ndev->ats_enabled) && !READ_ONCE(ndev->ats_lost) &&
	    !READ_ONCE(unit->ats_off) && nyx_ats_device_responds(ndev))
		ret = nyx_pasid_tlb_invalidate(ndev, pasid);
	return ret;
}

/**
 * nyx_pasid_fill() - let the requests of a device with a PASID pass
 * @ndev: the device
 * @pasid: the PASID, whose entry blocks
 * @entry: the new contents of the entry
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service. Then the entry blocks, or the unit
 *	blocks everything.
 */
int nyx_pasid_fill(struct nyx_device *ndev, u32 pasid,
		   const struct nyx_entry *entry)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmds[NYX_PASID_CMDS];

	lockdep_assert_held(&ndev->entry_lock);
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock) {
		/* Its containment has blocked all entries or is about to. */
		if (READ_ONCE(unit->dead))
			return -EIO;
		unit->ops->pasids->fill(unit, ndev->rid, pasid, entry);
	}
	if (!unit->caps.blocked_cached)
		return unit->ops->entries->publish(unit);
	return nyx_invalidate(unit, cmds, nyx_pasid_inv(ndev, pasid, 0, cmds));
}
