// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation, and recovery from invalidations that fail.
 *
 * Callers are about to free memory, so an invalidation cannot simply fail. One
 * that the unit refuses or aborts is replaced by a global one. A device that
 * does not respond is isolated. A unit that does not respond is taken out of
 * service.
 */
#include <linux/errno.h>

#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

/*
 * How often interrupt entries are invalidated if an unknown device blocks the
 * queue. Each attempt may take until the unit gives the device up.
 */
#define NYX_INVALIDATE_TIMEOUTS 3

/*
 * Invalidates the TLB of device @own, or isolates the device if that fails.
 *
 * An abort counts as a failure of @own unless the unit named another device. An
 * abort after the queue was blocked counts only if @own is known to be the
 * cause. Then there is no second attempt, because each one would delay all
 * users of the queue again.
 */
static int nyx_invalidate_device(struct nyx_unit *unit,
				 const struct nyx_cmd *cmd, u16 own)
{
	const unsigned int limit = unit->ops->invalidate->device_tries;
	unsigned int tries = 0, failures = 0;
	u16 rid;
	int ret;

	do {
		ret = nyx_invalidate_once(unit, cmd, 1, &rid);
		if (ret == -EAGAIN && (!rid || rid == own))
			failures++;
		if (ret == -ETIME && rid == own)
			failures = limit;
	} while ((ret == -EAGAIN || ret == -ETIME) && failures < limit &&
		 ++tries < NYX_INVALIDATE_TRIES);
	if (ret == -EAGAIN || ret == -ETIME || ret == -EINVAL)
		return nyx_isolate_device(unit, own);
	return ret;
}

/*
 * Invalidates all caches of the unit, then the device TLBs one by one.
 *
 * If @blocker is not 0, it is the requester ID of a device that blocked the
 * queue. It is isolated first, even if none of @cmds targets it, because it
 * would block the following invalidations too.
 */
static int nyx_invalidate_slowly(struct nyx_unit *unit,
				 const struct nyx_cmd *cmds, unsigned int nr,
				 u16 blocker)
{
	unsigned int i;
	u16 rid;
	int ret;

	ret = blocker ? nyx_isolate_device(unit, blocker) :
			nyx_invalidate_global(unit);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (!unit->ops->invalidate->targets_device(&cmds[i], &rid) ||
		    (blocker && rid == blocker))
			continue;
		ret = nyx_invalidate_device(unit, &cmds[i], rid);
		if (ret && ret != -ESHUTDOWN)
			return nyx_invalidate_failed(unit, ret);
	}
	return 0;
}

/**
 * nyx_invalidate() - execute invalidation commands, with error recovery
 * @unit: the unit
 * @cmds: the commands, without a wait command
 * @nr: number of commands, at most NYX_QUEUE_BATCH
 *
 * A unit whose queue is off does not use the driver's tables and needs no
 * invalidation: nyx_unit_ops.enable invalidates all caches.
 *
 * Context: Any.
 * Return: 0 if the invalidation is complete, or -EIO if the unit is out of
 *	service.
 */
int nyx_invalidate(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		   unsigned int nr)
{
	u16 rid;
	int ret;

	if (READ_ONCE(unit->dead))
		return nyx_invalidate_dead(unit);
	ret = nyx_invalidate_once(unit, cmds, nr, &rid);
	if (likely(!ret) || ret == -ESHUTDOWN)
		return 0;
	if (ret == -EINVAL || ret == -EAGAIN)
		return nyx_invalidate_slowly(unit, cmds, nr, 0);
	if (ret == -ETIME)
		return nyx_invalidate_slowly(unit, cmds, nr, rid);
	return nyx_invalidate_failed(unit, ret);
}

/**
 * nyx_invalidate_intr() - invalidate cached interrupt entries
 * @unit: the unit
 * @cmds: the commands, none of which targets a device TLB
 * @nr: number of commands, at most NYX_QUEUE_BATCH
 *
 * On return all requests that used the old entries have reached their CPUs. If
 * the unit aborts @cmds because of a command of another caller, only @cmds are
 * repeated: the other caller handles its own.
 *
 * This is called with interrupts disabled when an interrupt moves to another
 * CPU. So a device that blocks the queue does so only once: it is isolated
 * before the next attempt, even though another caller invalidated its TLB.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_invalidate_intr(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			unsigned int nr)
{
	unsigned int tries = NYX_INVALIDATE_TRIES;
	unsigned int timeouts = NYX_INVALIDATE_TIMEOUTS;
	u16 blocker;
	int ret;

	if (READ_ONCE(unit->dead))
		return nyx_invalidate_dead(unit);
	nyx_stat_inc(unit, NYX_STAT_FLUSH_INTR);
	do {
		ret = nyx_invalidate_once(unit, cmds, nr, &blocker);
		if (ret != -ETIME)
			continue;
		if (!blocker)
			timeouts--;
		else if (nyx_isolate_device(unit, blocker))
			return -EIO;
	} while ((ret == -EAGAIN || ret == -ETIME) && timeouts && --tries);
	/* nyx_unit_ops.enable invalidates the caches if the queue was off. */
	if (!ret || ret == -ESHUTDOWN)
		return 0;
	return nyx_invalidate_failed(unit, ret);
}
