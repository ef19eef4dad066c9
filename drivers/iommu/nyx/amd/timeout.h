/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that did not respond to an invalidation (IOTLB_INV_TIMEOUT, 2.5.8).
 */
#ifndef NYX_AMD_TIMEOUT_H
#define NYX_AMD_TIMEOUT_H

#include <linux/types.h>

struct amd_unit;
struct nyx_device;

/* Devices that are blocked before the unit invalidates their entries. */
#define AMD_TIMEOUTS_MAX 16

/**
 * struct amd_timeouts_seen - progress of the search for unresponsive devices
 * @seen: number of event log entries that were searched; wraps
 * @blocked: number of times that a device was blocked; wraps
 * @invalidated: value of @blocked that the last completed invalidation covers
 * @counted: number of event log entries that amd_timeouts_count() has read; wraps
 * @events: number of IOTLB_INV_TIMEOUT events so far; wraps
 *
 * &amd_unit.log_lock protects it. amd_timeouts_none() reads @seen, @blocked and
 * @invalidated without the lock.
 */
struct amd_timeouts_seen {
	u32 seen;
	u32 blocked;
	u32 invalidated;
	u32 counted;
	u32 events;
};

/**
 * struct amd_timeouts - result of one search for unresponsive devices
 * @devices: devices that the search blocked and that have a record
 * @nr: number of entries in @devices
 * @blocked: value of &amd_timeouts_seen.blocked after the search
 * @due: entries of blocked devices must be invalidated
 */
struct amd_timeouts {
	struct nyx_device *devices[AMD_TIMEOUTS_MAX];
	unsigned int nr;
	u32 blocked;
	bool due;
};

u32 amd_timeouts_losses(struct amd_unit *au);
u32 amd_timeouts_count(struct amd_unit *au);
int amd_timeouts_look(struct amd_unit *au, struct amd_timeouts *found);
int amd_timeouts_invalidate(struct amd_unit *au, struct amd_timeouts *found);
int amd_timeouts_check(struct amd_unit *au, u32 losses);

#endif /* NYX_AMD_TIMEOUT_H */
