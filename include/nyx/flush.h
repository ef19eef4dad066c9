/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation of a domain that devices cache as well.
 */
#ifndef NYX_FLUSH_H
#define NYX_FLUSH_H

#include <linux/compiler.h>
#include <linux/rculist.h>

#include <nyx/device.h>
#include <nyx/invalidate.h>
#include <nyx/unit.h>

/* Device TLBs hold nothing of what was not there (PCI Express, ATS). */
static inline bool nyx_flush_has_ats(const struct nyx_flush *flush)
{
	return flush->ats && !flush->map;
}

/**
 * nyx_flush_submit() - invalidate, and have devices with ATS forget too
 * @unit: the unit
 * @flush: what to forget
 * @cmds: commands that have the unit forget it, in room for NYX_QUEUE_BATCH
 * @nr: how many, less than that
 * @device: nyx_invalidate_ops.device: a constant, which costs no indirect call
 *	for each device
 * @most: how many devices one submission may ask, 1 to NYX_QUEUE_BATCH
 *
 * All goes in one submission with one wait, unless there are more devices with
 * ATS than fit.
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
		 unsigned int most)
{
	const struct nyx_device *ndev;
	unsigned int asked = 0;
	struct nyx_range range;
	int ret = 0;

	if (!nyx_flush_has_ats(flush))
		return nyx_invalidate(unit, cmds, nr);

	range = nyx_range_around(flush->start, flush->last);
	rcu_read_lock();
	list_for_each_entry_rcu(ndev, flush->ats, ats_node) {
		if (ndev->unit != unit || READ_ONCE(ndev->ats_refused))
			continue;
		/* It holds nothing any more, and would not answer. */
		if (nyx_ats_device_gone(ndev))
			continue;
		if (nr == NYX_QUEUE_BATCH || asked == most) {
			ret = nyx_invalidate(unit, cmds, nr);
			nr = 0;
			asked = 0;
			if (ret)
				break;
		}
		asked++;
		cmds[nr++] = device(unit, ndev, range);
	}
	rcu_read_unlock();
	return ret ?: nyx_invalidate(unit, cmds, nr);
}

#endif /* NYX_FLUSH_H */
