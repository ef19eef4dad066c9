/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation, and what becomes of one that fails.
 */
#ifndef NYX_INVALIDATE_H
#define NYX_INVALIDATE_H

#include <linux/types.h>

#include <nyx/queue.h>

#include "lib/range.h"

struct nyx_device;
struct nyx_unit;

/*
 * How often commands are submitted that the unit aborted for what another
 * command did: that may happen again.
 */
#define NYX_INVALIDATE_TRIES 8

/**
 * struct nyx_invalidate_ops - what differs between vendors
 * @submit: have the unit execute commands, and wait until it has. Returns as
 *	nyx_queue_submit(); all other errors put the unit out of service. @rid
 *	is 0 before
 * @global: have the unit forget all that it cached. Returns as
 *	nyx_invalidate_tries()
 * @targets_device: whether a command asks a device to forget, and which: then @rid is set
 * @device: the command that asks a device to forget a range
 * @device_tries: how often a device is asked that may have been the one that did
 *	not answer
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
bool nyx_ats_device_gone(const struct nyx_device *ndev);
struct nyx_device *nyx_ats_block(struct nyx_unit *unit, u16 rid);
void nyx_ats_blocked(struct nyx_device *ndev);
int nyx_ats_isolate(struct nyx_unit *unit, u16 rid);

#endif /* NYX_INVALIDATE_H */
