/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building block for nyx_unit_ops.flush: invalidates a domain in the unit and
 * in the device TLBs of devices with ATS.
 */
#ifndef NYX_FLUSH_H
#define NYX_FLUSH_H

#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/pasid.h>
#include <nyx/unit.h>

/* Device TLBs do not cache non-present entries (PCI Express, ATS). */
static inline bool nyx_flush_has_ats(const struct nyx_flush *flush)
{
	return (flush->ats || flush->pasids) && !flush->map;
}

/*
 * Whether a flush concerns the translations of a device with a PASID, or with 0
 * without. Those of a first-stage table belong to one PASID, and maybe one device.
 */
static inline bool nyx_flush_concerns(const struct nyx_flush *flush,
				      const struct nyx_device *ndev, u32 pasid)
{
	return !flush->first ||
	       (flush->pasid == pasid && (!flush->only || flush->only == ndev));
}

/*
 * Whether a device that nyx_flush_skips() does not skip is being isolated: the
 * unit has not confirmed that it refuses translated requests. The device gets no
 * invalidations, because it would block the queue again.
 */
static inline bool nyx_flush_isolates(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->ats_lost);
}

/* Whether a flush does not concern the device TLB of @ndev on @unit. */
static inline bool nyx_flush_skips(const struct nyx_unit *unit,
				   const struct nyx_device *ndev)
{
	return ndev->unit != unit || READ_ONCE(ndev->ats_refused) ||
	       /* It may ignore the invalidation: see nyx_ats_disable(). */
	       !READ_ONCE(ndev->ats_enabled) ||
	       /* An unplugged device would not respond, and caches nothing. */
	       nyx_ats_device_gone(ndev);
}

/**
 * nyx_flush_add_devices() - add the invalidations of device TLBs to a flush
 * @unit: the unit
 * @flush: the invalidation
 * @cmds: as for nyx_flush_submit()
 * @nr: number of commands, 1 to NYX_QUEUE_BATCH - 1
 * @device: as for nyx_flush_submit()
 * @max_devices: as for nyx_flush_submit()
 *
 * For nyx_unit_ops.flush_post, which sends a single submission.
 *
 * Context: Any.
 * Return: the new number of commands; 0 if one submission cannot hold them, if PASIDs
 *	are attached to the domain, or if a device is being isolated or has no power:
 *	see nyx_flush_submit().
 */
static __always_inline unsigned int
nyx_flush_add_devices(struct nyx_unit *unit, const struct nyx_flush *flush,
		      struct nyx_cmd *cmds, unsigned int nr,
		      struct nyx_cmd (*device)(const struct nyx_unit *unit,
					       const struct nyx_device *ndev,
					       struct nyx_range range),
		      unsigned int max_devices)
{
	const struct nyx_device *ndev;
	unsigned int devices = 0, times;
	struct nyx_range range;

	if (!nyx_flush_has_ats(flush))
		return nr;
	if (unlikely(flush->pasids))
		return 0;
	range = nyx_range_around(flush->start, flush->last);
	guard(rcu)();
	list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
		if (nyx_flush_skips(unit, ndev) ||
		    !nyx_flush_concerns(flush, ndev, 0))
			continue;
		times = nyx_device_tlb_times(ndev);
		if (nr + times > NYX_QUEUE_BATCH || devices == max_devices ||
		    nyx_flush_isolates(ndev) || nyx_ats_device_off(ndev))
			return 0;
		devices++;
		while (times--)
			cmds[nr++] = device(unit, ndev, range);
	}
	return nr;
}

/**
 * struct nyx_flush_run - a flush while its commands are collected
 * @unit: the unit
 * @flush: the invalidation
 * @range: its range
 * @cmds: commands that were not submitted yet, an array of NYX_QUEUE_BATCH
 * @nr: their number
 * @devices: number of devices that @cmds invalidate
 * @max_devices: see nyx_flush_submit()
 * @isolates: requester ID of a device that is being isolated; valid with @isolated
 * @isolated: devices were blocked, and what the unit caches of them is not invalidated
 * @off: a device has no power
 */
struct nyx_flush_run {
	struct nyx_unit *unit;
	const struct nyx_flush *flush;
	struct nyx_range range;
	struct nyx_cmd *cmds;
	unsigned int nr;
	unsigned int devices;
	unsigned int max_devices;
	u16 isolates;
	bool isolated;
	bool off;
};

/*
 * Adds the commands for the translations of a device with a PASID, or with 0 without.
 * Called in an RCU read-side critical section. Returns 0, or -EIO if the unit is out of
 * service.
 */
static __always_inline int
nyx_flush_add(struct nyx_flush_run *run, const struct nyx_device *ndev,
	      u32 pasid,
	      struct nyx_cmd (*device)(const struct nyx_unit *unit,
				       const struct nyx_device *ndev,
				       struct nyx_range range))
{
	struct nyx_unit *unit = run->unit;
	unsigned int times;
	int ret;

	if (nyx_flush_skips(unit, ndev) ||
	    !nyx_flush_concerns(run->flush, ndev, pasid))
		return 0;
	if (nyx_ats_device_off(ndev)) {
		run->off = true;
		return 0;
	}
	if (nyx_flush_isolates(ndev)) {
		/* Its entries are blocked on return. */
		nyx_isolate_block(unit, ndev->rid);
		run->isolates = ndev->rid;
		run->isolated = true;
		return 0;
	}
	times = nyx_device_tlb_times(ndev);
	if (run->nr + times > NYX_QUEUE_BATCH ||
	    run->devices == run->max_devices) {
		ret = nyx_invalidate(unit, run->cmds, run->nr);
		run->nr = 0;
		run->devices = 0;
		if (ret)
			return ret;
	}
	run->devices++;
	while (times--)
		run->cmds[run->nr++] = unlikely(pasid) ?
			unit->ops->pasids->device(unit, ndev, pasid,
						  run->range) :
			device(unit, ndev, run->range);
	return 0;
}

/* Adds the commands for all devices with ATS. Returns as nyx_flush_add(). */
static __always_inline int
nyx_flush_add_all(struct nyx_flush_run *run,
		  struct nyx_cmd (*device)(const struct nyx_unit *unit,
					   const struct nyx_device *ndev,
					   struct nyx_range range))
{
	const struct nyx_device *ndev;
	const struct nyx_pasid *use;
	int ret = 0;

	guard(rcu)();
	if (run->flush->ats) {
		list_for_each_entry_rcu(ndev, run->flush->ats, ats_node) {
			ret = nyx_flush_add(run, ndev, 0, device);
			if (ret)
				return ret;
		}
	}
	if (unlikely(run->flush->pasids)) {
		list_for_each_entry_rcu(use, run->flush->pasids, node) {
			ret = nyx_flush_add(run, use->ndev, use->pasid, device);
			if (ret)
				return ret;
		}
	}
	return ret;
}

/*
 * nyx_flush_submit() for a domain whose devices use ATS. Apart, so that other domains do not
 * pay for it.
 */
static __always_inline int
nyx_flush_submit_ats(struct nyx_flush_run *run,
		     struct nyx_cmd (*device)(const struct nyx_unit *unit,
					      const struct nyx_device *ndev,
					      struct nyx_range range))
{
	unsigned int pass = 0;
	int ret;

	do {
		run->devices = 0;
		run->isolated = false;
		run->off = false;
		ret = nyx_flush_add_all(run, device);
		/* One global invalidation covers all that were blocked above. */
		if (!ret && unlikely(run->isolated))
			ret = nyx_isolate_device(run->unit, run->isolates);
		if (!ret && run->nr)
			ret = nyx_invalidate(run->unit, run->cmds, run->nr);
		run->nr = 0;
	} while (!ret && run->off && !pass++);
	return ret;
}

/**
 * nyx_flush_submit() - invalidate a domain in a unit and in device TLBs
 * @unit: the unit
 * @flush: the invalidation
 * @cmds: the commands that invalidate the caches of the unit, in an array of
 *	NYX_QUEUE_BATCH elements
 * @nr: number of commands, less than NYX_QUEUE_BATCH
 * @device: nyx_invalidate_ops.device; pass a constant, which the compiler turns
 *	into a direct call
 * @max_devices: number of devices that one submission may invalidate, 1 to
 *	NYX_QUEUE_BATCH
 *
 * All commands form one submission with one wait, unless there are more devices
 * with ATS than fit into it.
 *
 * A device without power is left out: its TLB is empty. It may get power again
 * before the unit has invalidated its own caches, and obtain an old translation
 * from them. So the power is checked a second time afterwards, and then all
 * devices that have power are invalidated.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
static __always_inline int
nyx_flush_submit(struct nyx_unit *unit, const struct nyx_flush *flush,
		 struct nyx_cmd *cmds, unsigned int nr,
		 struct nyx_cmd (*device)(const struct nyx_unit *unit,
					  const struct nyx_device *ndev,
					  struct nyx_range range),
		 unsigned int max_devices)
{
	struct nyx_flush_run run __uninitialized;

	if (!nyx_flush_has_ats(flush))
		return nyx_invalidate(unit, cmds, nr);
	run = (struct nyx_flush_run) {
		.unit = unit,
		.flush = flush,
		.range = nyx_range_around(flush->start, flush->last),
		.cmds = cmds,
		.nr = nr,
		.max_devices = max_devices,
	};
	return nyx_flush_submit_ats(&run, device);
}

#endif /* NYX_FLUSH_H */
