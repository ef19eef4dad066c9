// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation, and what becomes of one that fails: the caller is about to free
 * memory, so there is no giving up. What is refused or aborted is repeated
 * coarser; a device that does not answer is blocked; a unit that does not is out
 * of service.
 */
#include <linux/errno.h>

#include <nyx/invalidate.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

/* Held up by nobody knows whom: each costs as long as the queue waits. */
#define NYX_INVALIDATE_LATE_TRIES 3

/*
 * Have one device forget, or block it. The unit may abort this one for another
 * device, and tells which it means, if it can: that does not count against it.
 * Nor does a queue that started anew, unless it is known for whom. Who held that
 * up is not asked twice: each time costs all others as much again.
 */
static int nyx_invalidate_device(struct nyx_unit *unit,
				 const struct nyx_cmd *cmd, u16 own)
{
	const unsigned int enough = unit->ops->invalidate->device_tries;
	unsigned int tries = 0, mute = 0;
	u16 rid;
	int ret;

	do {
		ret = nyx_invalidate_once(unit, cmd, 1, &rid);
		if (ret == -EAGAIN && (!rid || rid == own))
			mute++;
		if (ret == -ETIME && rid == own)
			mute = enough;
	} while ((ret == -EAGAIN || ret == -ETIME) && mute < enough &&
		 ++tries < NYX_INVALIDATE_TRIES);
	if (ret == -EAGAIN || ret == -ETIME || ret == -EINVAL)
		return nyx_ats_isolate(unit, own);
	return ret;
}

/*
 * Have the unit forget everything, then each device its part. @mute, unless it
 * is 0, is a device that held the queue up: it is blocked first, whoever asked
 * it, or it would hold this up as well.
 */
static int nyx_invalidate_slowly(struct nyx_unit *unit,
				 const struct nyx_cmd *cmds, unsigned int nr,
				 u16 mute)
{
	unsigned int i;
	u16 rid;
	int ret;

	ret = mute ? nyx_ats_isolate(unit, mute) : nyx_invalidate_global(unit);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (!unit->ops->invalidate->targets_device(&cmds[i], &rid) ||
		    (mute && rid == mute))
			continue;
		ret = nyx_invalidate_device(unit, &cmds[i], rid);
		if (ret && ret != -ESHUTDOWN)
			return nyx_invalidate_failed(unit, ret);
	}
	return 0;
}

/**
 * nyx_invalidate() - have a unit execute invalidation commands
 * @unit: the unit
 * @cmds: the commands, without a wait at the end
 * @nr: how many, at most NYX_QUEUE_BATCH
 *
 * On a unit that does not translate there is nothing to forget: it begins with
 * a global invalidation when it does.
 *
 * Context: Any.
 * Return: 0 if all is forgotten, or -EIO if the unit is out of service.
 */
int nyx_invalidate(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		   unsigned int nr)
{
	u16 rid;
	int ret;

	if (READ_ONCE(unit->dead))
		return -EIO;
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
 * nyx_invalidate_intr() - have a unit forget interrupt entries
 * @unit: the unit
 * @cmds: the commands, none of which asks a device
 * @nr: how many, at most NYX_QUEUE_BATCH
 *
 * Waits until requests that used the entries have reached their CPUs. That what
 * was aborted with it is not forgotten is the concern of those who asked for it.
 *
 * An interrupt that moves comes here with interrupts off. So a device that holds
 * the queue up is blocked before the next try, whoever asked it, and costs one.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int nyx_invalidate_intr(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			unsigned int nr)
{
	unsigned int tries = NYX_INVALIDATE_TRIES;
	unsigned int late = NYX_INVALIDATE_LATE_TRIES;
	u16 mute;
	int ret;

	if (READ_ONCE(unit->dead))
		return -EIO;
	nyx_stat_inc(unit, NYX_STAT_FLUSH_INTR);
	do {
		ret = nyx_invalidate_once(unit, cmds, nr, &mute);
		if (ret != -ETIME)
			continue;
		if (!mute)
			late--;
		else if (nyx_ats_isolate(unit, mute))
			return -EIO;
	} while ((ret == -EAGAIN || ret == -ETIME) && late && --tries);
	/* A queue that is off begins with a global invalidation. */
	if (!ret || ret == -ESHUTDOWN)
		return 0;
	return nyx_invalidate_failed(unit, ret);
}
