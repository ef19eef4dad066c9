/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that did not answer an invalidation (IOTLB_INV_TIMEOUT, 2.5.8).
 */
#ifndef NYX_AMD_TIMEOUT_H
#define NYX_AMD_TIMEOUT_H

#include <linux/types.h>

struct amd_unit;
struct nyx_device;

/* Devices that are blocked before the unit is told to forget. */
#define AMD_TIMEOUTS_MAX 16

/**
 * struct amd_timeouts_seen - where devices were looked for that did not answer
 * @seen: entries of the event log that were looked at; wraps
 * @blocked: how often a device was blocked; wraps
 * @invalidated: up to which of @blocked the unit has been seen to forget
 *
 * &amd_unit.log_lock protects it.
 */
struct amd_timeouts_seen {
	u32 seen;
	u32 blocked;
	u32 invalidated;
};

/**
 * struct amd_timeouts - what somebody found who looked
 * @devices: devices that he blocked, and that somebody knows
 * @nr: how many
 * @blocked: &amd_timeouts_seen.blocked when he did
 * @due: the unit has to forget
 */
struct amd_timeouts {
	struct nyx_device *devices[AMD_TIMEOUTS_MAX];
	unsigned int nr;
	u32 blocked;
	bool due;
};

u32 amd_timeouts_losses(struct amd_unit *au);
int amd_timeouts_look(struct amd_unit *au, struct amd_timeouts *found);
int amd_timeouts_invalidate(struct amd_unit *au, struct amd_timeouts *found);
int amd_timeouts_check(struct amd_unit *au, u32 losses);

#endif /* NYX_AMD_TIMEOUT_H */
