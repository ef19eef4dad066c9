/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation of the caches of units and of device TLBs, with error recovery:
 * commands that fail are repeated, devices that do not respond are isolated,
 * and units that do not respond are taken out of service.
 */
#ifndef NYX_INVALIDATE_H
#define NYX_INVALIDATE_H

#include <linux/types.h>

#include <nyx/queue.h>

#include "lib/range.h"

struct nyx_device;
struct nyx_unit;

/*
 * How often commands are submitted if the unit aborts them because of another
 * command. The repetition may be aborted again.
 */
#define NYX_INVALIDATE_TRIES 8

/**
 * struct nyx_invalidate_ops - invalidation operations of a vendor
 * @submit: execute commands and wait for their completion. @rid is 0 on entry.
 *	Returns as nyx_queue_submit() does; any other error takes the unit out
 *	of service
 * @global: invalidate all caches of the unit. Returns as nyx_invalidate_tries()
 *	does
 * @targets_device: whether a command invalidates a device TLB; if so, @rid is
 *	set to the requester ID of the device
 * @device: encode a command that invalidates a range in the TLB of a device
 * @device_tries: how often the TLB of a device is invalidated if the device may
 *	be the one that did not respond
 */
struct nyx_invalidate_ops {
	int (*submit)(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		      unsigned int nr, u16 *rid);
	int (*global)(struct nyx_unit *unit);
	bool (*targets_device)(const struct nyx_cmd *cmd, u16 *rid);
	struct nyx_cmd (*device)(const struct nyx_unit *unit,
				 const struct nyx_device *ndev,
				 struct nyx_range range);
	unsigned int device_tries;
};

int nyx_invalidate_once(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			unsigned int nr, u16 *rid);
int nyx_invalidate(struct nyx_unit *unit, const struct nyx_cmd *cmds,
		   unsigned int nr);
int nyx_invalidate_tries(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			 unsigned int nr);
int nyx_invalidate_intr(struct nyx_unit *unit, const struct nyx_cmd *cmds,
			unsigned int nr);
int nyx_invalidate_global(struct nyx_unit *unit);
int nyx_invalidate_failed(struct nyx_unit *unit, int err);
int nyx_invalidate_dead(struct nyx_unit *unit);
bool nyx_ats_device_gone(const struct nyx_device *ndev);
bool nyx_ats_device_off(const struct nyx_device *ndev);
struct nyx_device *nyx_isolate_block(struct nyx_unit *unit, u16 rid);
void nyx_isolate_confirmed(struct nyx_device *ndev);
int nyx_isolate_device(struct nyx_unit *unit, u16 rid);

#endif /* NYX_INVALIDATE_H */
