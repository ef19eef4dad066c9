// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation of a device that does not answer invalidations of its device TLB,
 * and the invalidations that this takes: none of them may wait for a device.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/device.h>
#include <nyx/entry.h>
#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

/**
 * nyx_invalidate_once() - execute commands once, whatever becomes of them
 * @unit: the unit
 * @cmds: the commands
 * @nr: how many, 0 to NYX_QUEUE_BATCH
 * @rid: with -EAGAIN and -ETIME, requester ID of the device to blame; 0 if it
 *	is not known
 *
 * Context: Any.
 * Return: as nyx_invalidate_ops.submit().
 */
int nyx_invalidate_once(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			unsigned int nr, u16 *rid)
{
	*rid = 0;
	return unit->ops->invalidate->submit(unit, cmds, nr, rid);
}

/**
 * nyx_invalidate_failed() - take a unit out of service that does not forget
 * @unit: the unit
 * @err: what it answered
 *
 * Context: Any.
 * Return: -EIO.
 */
int nyx_invalidate_failed(struct nyx_unit *unit, int err)
{
	nyx_stat_inc(unit, NYX_STAT_FLUSH_ERROR);
	nyx_unit_fail(unit, err == -ENODEV ? NYX_UNIT_GONE_WHY :
		      NYX_QUEUE_STUCK_WHY);
	return -EIO;
}

/**
 * nyx_invalidate_tries() - repeat commands that may be aborted for others
 * @unit: the unit
 * @cmds: the commands, none of which asks a device
 * @nr: how many, at most NYX_QUEUE_BATCH
 *
 * For nyx_invalidate_ops.global, behind which there is nothing coarser.
 *
 * Context: Any.
 * Return: as nyx_queue_submit(), or what else the vendor answers.
 */
int nyx_invalidate_tries(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			 unsigned int nr)
{
	unsigned int tries = NYX_INVALIDATE_TRIES;
	u16 rid;
	int ret;

	do {
		ret = nyx_invalidate_once(unit, cmds, nr, &rid);
	} while ((ret == -EAGAIN || ret == -ETIME) && --tries);
	return ret;
}

/**
 * nyx_invalidate_global() - have a unit forget all that it cached
 * @unit: the unit
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_invalidate_global(struct nyx_unit *unit)
{
	int ret;

	nyx_stat_inc(unit, NYX_STAT_FLUSH_ENTRY);
	nyx_stat_inc(unit, NYX_STAT_FLUSH_GLOBAL);
	ret = unit->ops->invalidate->global(unit);
	if (!ret || ret == -ESHUTDOWN)
		return 0;
	return nyx_invalidate_failed(unit, ret);
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
