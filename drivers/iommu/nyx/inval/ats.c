// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves: Address Translation Services.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

#include "ats_device.h"

/**
 * nyx_ats_enable() - let a device ask for translations
 * @ndev: the device; its entry allows translation requests by now
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: false if the device refuses.
 */
bool nyx_ats_enable(struct nyx_device *ndev)
{
	int ret = nyx_ats_device_enable(ndev);

	if (ret)
		dev_warn(ndev->dev,
			 "ATS does not come on (%d): goes on without\n", ret);
	ndev->ats_enabled = !ret;
	return !ret;
}

/**
 * nyx_ats_disable() - have a device forget translations and ask for no more
 * @ndev: the device; its entry still allows translation requests
 *
 * A device that may ask cannot be made to forget for good, so first it is told
 * to ask no more. One that was unplugged is not asked to forget, for it would
 * not answer.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_disable(struct nyx_device *ndev)
{
	struct nyx_unit *unit = ndev->unit;
	struct nyx_cmd cmd;

	if (!ndev->ats_enabled)
		return 0;
	ndev->ats_enabled = false;
	if (!nyx_ats_device_disable(ndev) || READ_ONCE(ndev->ats_lost))
		return 0;
	cmd = unit->ops->invalidate->device(unit, ndev,
					    nyx_range_around(0, U64_MAX));
	return nyx_invalidate(unit, &cmd, 1);
}

static struct nyx_device *nyx_ats_lose(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev = nyx_device_find(unit, rid);

	if (ndev && !xchg(&ndev->ats_lost, true))
		dev_err(ndev->dev,
			"does not answer invalidations of its TLB: blocked. Reset or remove it\n");
	return ndev;
}

/**
 * nyx_ats_block() - have a device's entries refuse its translated requests
 * @unit: the unit
 * @rid: the device's requester ID
 *
 * What the device cached may lead to memory that is handed to somebody else
 * next, so its entry is blocked, and those of its aliases. The rest of the core
 * learns nothing of it but @isolated, and sets the entries anew when the device
 * is attached to something, without ATS.
 *
 * These are but stores. Until the unit has forgotten what it cached of the
 * entries, the device is not kept from anything.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	@unit->store_lock.
 * Return: the device, for nyx_ats_blocked(); NULL if nobody knows it.
 */
struct nyx_device *nyx_ats_block(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_entry_ops *ops = unit->ops->entries;
	struct nyx_device *ndev;
	unsigned int i;

	/* Told before the lock is taken: see nyx_change_one(). */
	ndev = nyx_ats_lose(unit, rid);
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock) {
		bool blocked = ops->block_ats(unit, rid);

		for (i = 0; ndev && i < ndev->nr_rids; i++)
			blocked |= ops->block_ats(unit, ndev->rids[i]);
		if (ndev && blocked)
			WRITE_ONCE(ndev->isolated, true);
	}
	return ndev;
}

/**
 * nyx_ats_blocked() - the unit refuses a device's translated requests by now
 * @ndev: the device that nyx_ats_block() returned, in the same RCU read-side
 *	critical section, or NULL. The unit has been seen to forget all since
 *
 * Context: Any.
 */
void nyx_ats_blocked(struct nyx_device *ndev)
{
	if (ndev)
		WRITE_ONCE(ndev->ats_refused, true);
}

/**
 * nyx_ats_isolate() - block a device that does not forget translations
 * @unit: the unit
 * @rid: the device's requester ID
 *
 * Others may be at the same entry: nyx_entry_set(), or this function on another
 * CPU. Then it says nothing of what the unit has cached of it, so the unit
 * forgets all; that happens once in a device's life.
 *
 * Context: Any; takes @unit->store_lock.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_ats_isolate(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev;
	int ret;

	guard(rcu)();
	ndev = nyx_ats_block(unit, rid);
	ret = nyx_invalidate_global(unit);
	if (!ret)
		nyx_ats_blocked(ndev);
	return ret;
}
