// SPDX-License-Identifier: GPL-2.0-only
/*
 * Isolation of devices that do not respond to invalidations of their device
 * TLB, and the invalidations that isolation needs. None of these may wait for a
 * device.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
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

/*
 * Records that a device did not respond. Devices may ignore invalidations while
 * their ATS is disabled, and may be in a reset when it is being disabled. Such a
 * device is not at fault, but its device TLB may hold old translations. Returns
 * whether this is the first record of its kind.
 */
static bool nyx_isolate_mark(struct nyx_device *ndev)
{
	bool *mark = READ_ONCE(ndev->ats_on) ? &ndev->ats_lost :
					       &ndev->ats_stale;

	lockdep_assert_held(&ndev->unit->store_lock);
	if (READ_ONCE(ndev->ats_lost))
		return false;
	return !xchg(mark, true);
}

static void nyx_isolate_log(const struct nyx_device *ndev)
{
	if (READ_ONCE(ndev->ats_lost))
		dev_err(ndev->dev,
			"does not respond to invalidations of its device TLB: blocked. Reset it, unbind and bind its driver, or write its name to debugfs nyx/reset\n");
	else
		dev_info(ndev->dev,
			 "did not confirm an invalidation of its device TLB while its ATS was not enabled: it gets ATS again when it confirms one\n");
}

/* An unpowered device would not respond, and its device TLB is empty. */
static bool nyx_isolate_is_off(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_device *ndev = nyx_device_find(unit, rid);

	return ndev && nyx_ats_device_off(ndev);
}

/**
 * nyx_isolate_block() - block the entries of an unresponsive device
 * @unit: the unit
 * @rid: requester ID of the device
 *
 * The device TLB may hold translations of memory that is about to be reused. So
 * the entries of the device and its aliases are blocked, which makes the unit
 * refuse translated requests. nyx_device.isolated records this. The next attach
 * of the device, or nyx_device_recover(), sets the entries again, without ATS.
 *
 * This function only stores the entries. It takes effect when the unit has
 * invalidated what it cached of them. An unpowered device is left alone.
 *
 * Context: Any; the caller is in an RCU read-side critical section. Takes
 *	@unit->store_lock.
 * Return: the device, for nyx_isolate_confirmed(); NULL if no device uses @rid,
 *	or if the device keeps the right to use ATS.
 */
struct nyx_device *nyx_isolate_block(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_entry_ops *ops = unit->ops->entries;
	struct nyx_device *ndev = nyx_device_find(unit, rid);
	bool first = false;
	unsigned int i;

	if (ndev && nyx_ats_device_off(ndev))
		return NULL;
	scoped_guard(raw_spinlock_irqsave, &unit->store_lock) {
		bool blocked = ops->block_ats(unit, rid);

		for (i = 0; ndev && i < ndev->nr_rids; i++)
			blocked |= ops->block_ats(unit, ndev->rids[i]);
		if (ndev && blocked)
			WRITE_ONCE(ndev->isolated, true);
		if (ndev)
			first = nyx_isolate_mark(ndev);
	}
	if (first)
		nyx_isolate_log(ndev);
	return ndev && READ_ONCE(ndev->ats_lost) ? ndev : NULL;
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
 * A device that lost its power did not respond for that reason, and is not
 * blocked. It may be powered up again before the caches are invalidated, and
 * obtain translations from them. So its power is checked once more afterwards.
 *
 * The invalidation may have to wait for the same device (see nyx_queue_submit()),
 * so it is outside of RCU read-side critical sections.
 *
 * Context: Any; takes @unit->store_lock.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_isolate_device(struct nyx_unit *unit, u16 rid)
{
	const struct nyx_device *blocked;
	struct nyx_device *ndev;
	bool off;
	int ret;

	scoped_guard(rcu)
		off = nyx_isolate_is_off(unit, rid);
	if (off) {
		ret = nyx_invalidate_global(unit);
		if (ret)
			return ret;
		scoped_guard(rcu)
			off = nyx_isolate_is_off(unit, rid);
		if (off)
			return 0;
	}
	scoped_guard(rcu)
		blocked = nyx_isolate_block(unit, rid);
	ret = nyx_invalidate_global(unit);
	if (ret || !blocked)
		return ret;
	guard(rcu)();
	ndev = nyx_device_find(unit, rid);
	/* The device may have been removed, and another may have its ID. */
	if (ndev == blocked && READ_ONCE(ndev->ats_lost))
		nyx_isolate_confirmed(ndev);
	return 0;
}
