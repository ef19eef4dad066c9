// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation of devices that do not respond to invalidations of their device
 * TLB, and the invalidations that isolation needs. None of these may wait for a
 * device.
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
 * nyx_invalidate_once() - execute commands once, without error recovery
 * @unit: the unit
 * @cmds: the commands
 * @nr: number of commands, 0 to NYX_QUEUE_BATCH
 * @rid: with -EAGAIN and -ETIME, requester ID of the device that caused the
 *	error; 0 if it is unknown
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
 * nyx_invalidate_failed() - take a unit out of service after a failure
 * @unit: the unit
 * @err: the error
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
 * nyx_invalidate_dead() - refuse an invalidation that a dead unit cannot confirm
 * @unit: the unit, out of service
 *
 * The caller is about to reuse what the invalidation is for, so the unit is
 * contained.
 *
 * Context: Any.
 * Return: -EIO.
 */
int nyx_invalidate_dead(struct nyx_unit *unit)
{
	nyx_unit_contain(unit);
	return -EIO;
}

/**
 * nyx_invalidate_tries() - execute commands, repeating them if they are aborted
 * @unit: the unit
 * @cmds: the commands, none of which targets a device TLB
 * @nr: number of commands, at most NYX_QUEUE_BATCH
 *
 * For nyx_invalidate_ops.global, which has no coarser invalidation to fall back
 * to.
 *
 * Context: Any.
 * Return: as nyx_invalidate_ops.submit().
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
 * nyx_invalidate_global() - invalidate all caches of a unit
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

static struct nyx_device *nyx_isolate_mark(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev = nyx_device_find(unit, rid);

	if (ndev && !xchg(&ndev->ats_lost, true))
		dev_err(ndev->dev,
			"does not respond to invalidations of its device TLB: blocked. Reset or remove it\n");
	return ndev;
}

/**
 * nyx_isolate_block() - block the entries of an unresponsive device
 * @unit: the unit
 * @rid: requester ID of the device
 *
 * The device TLB may hold translations of memory that is about to be reused. So
 * the entries of the device and its aliases are blocked, which makes the unit
 * refuse translated requests. nyx_device.isolated records this. The next attach
 * of the device sets the entries again, without ATS.
 *
 * This function only stores the entries. It takes effect when the unit has
 * invalidated what it cached of them.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	@unit->store_lock.
 * Return: the device, for nyx_isolate_confirmed(); NULL if no device uses @rid.
 */
struct nyx_device *nyx_isolate_block(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_entry_ops *ops = unit->ops->entries;
	struct nyx_device *ndev;
	unsigned int i;

	/* Mark the device before taking the lock: see nyx_change_one(). */
	ndev = nyx_isolate_mark(unit, rid);
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
 * nyx_isolate_confirmed() - record that the unit refuses translated requests
 * @ndev: the device that nyx_isolate_block() returned in the same RCU read-side
 *	critical section, or one whose entries were changed otherwise so that
 *	they refuse such requests; or NULL
 *
 * To be called when a global invalidation that followed the stores to the
 * entries is complete.
 *
 * Context: Any.
 */
void nyx_isolate_confirmed(struct nyx_device *ndev)
{
	if (ndev)
		WRITE_ONCE(ndev->ats_refused, true);
}

/**
 * nyx_isolate_device() - block an unresponsive device and invalidate its entries
 * @unit: the unit
 * @rid: requester ID of the device
 *
 * nyx_entry_set(), or this function on another CPU, may change the same entries
 * concurrently. Then the entries do not show what the unit has cached of them.
 * So all caches are invalidated. That is rare: it happens once for each device.
 *
 * Context: Any; takes @unit->store_lock.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_isolate_device(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev;
	int ret;

	guard(rcu)();
	ndev = nyx_isolate_block(unit, rid);
	ret = nyx_invalidate_global(unit);
	if (!ret)
		nyx_isolate_confirmed(ndev);
	return ret;
}
