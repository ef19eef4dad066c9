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
#include <nyx/unit.h>

/* Device TLBs do not cache non-present entries (PCI Express, ATS). */
static inline bool nyx_flush_has_ats(const struct nyx_flush *flush)
{
	return flush->ats && !flush->map;
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
 * Return: the new number of commands; 0 if one submission cannot hold them, or
 *	if a device is being isolated or has no power: see nyx_flush_submit().
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
	range = nyx_range_around(flush->start, flush->last);
	guard(rcu)();
	list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
		if (nyx_flush_skips(unit, ndev))
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
	unsigned int devices, pass = 0;
	const struct nyx_device *ndev;
	struct nyx_range range;
	unsigned int times;
	bool isolates, off;
	u16 rid = 0;
	int ret;

	if (!nyx_flush_has_ats(flush))
		return nyx_invalidate(unit, cmds, nr);

	range = nyx_range_around(flush->start, flush->last);
	do {
		devices = 0;
		isolates = false;
		off = false;
		ret = 0;
		rcu_read_lock();
		list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
			if (nyx_flush_skips(unit, ndev))
				continue;
			if (nyx_ats_device_off(ndev)) {
				off = true;
				continue;
			}
			if (nyx_flush_isolates(ndev)) {
				/* Its entries are blocked on return. */
				nyx_isolate_block(unit, ndev->rid);
				rid = ndev->rid;
				isolates = true;
				continue;
			}
			times = nyx_device_tlb_times(ndev);
			if (nr + times > NYX_QUEUE_BATCH ||
			    devices == max_devices) {
				ret = nyx_invalidate(unit, cmds, nr);
				nr = 0;
				devices = 0;
				if (ret)
					break;
			}
			devices++;
			while (times--)
				cmds[nr++] = device(unit, ndev, range);
		}
		rcu_read_unlock();
		/* One global invalidation covers all that were blocked above. */
		if (!ret && unlikely(isolates))
			ret = nyx_isolate_device(unit, rid);
		if (!ret && nr)
			ret = nyx_invalidate(unit, cmds, nr);
		nr = 0;
	} while (!ret && off && !pass++);
	return ret;
}

#endif /* NYX_FLUSH_H */
