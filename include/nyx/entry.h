/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hardware entries of devices: what the core has a vendor do to change them.
 */
#ifndef NYX_ENTRY_H
#define NYX_ENTRY_H

#include <linux/types.h>

#include <nyx/queue.h>

struct nyx_device;
struct nyx_entry;
struct nyx_unit;

/**
 * struct nyx_entry_ops - what differs between vendors
 * @provide: see to it that a device's entries, and those of its aliases, are
 *	there; may sleep. Returns 0, -ENOMEM, -EIO where the unit is out of
 *	service, or -EINVAL, after a log line, where there is no room for one
 * @replace: have an entry say @want: in one store, where that is possible, else
 *	by way of blocking. Returns false if nothing changes, or nothing was
 *	said that the unit could remember; else @domain_id is set to the domain
 *	ID that it said, or 0. nyx_unit.store_lock is held
 * @fill: have an entry that blocks, of which the unit remembers nothing else,
 *	say @want, which does not block. Returns false if it does not block.
 *	nyx_unit.store_lock is held
 * @block_ats: block an entry that lets translated requests pass. Returns false
 *	if it did not. nyx_unit.store_lock is held
 * @publish: have the unit see entries that were filled; NULL unless
 *	nyx_unit_caps.blocked_cached is false on some
 * @inv_entry: the command to forget an entry that said @domain_id
 * @inv_domain: the command to forget what was cached of a domain
 * @fence: the command that keeps the latter behind the former; NULL where the
 *	unit does so by itself
 *
 * An entry that is not there blocks as well.
 */
struct nyx_entry_ops {
	int (*provide)(struct nyx_unit *unit, const struct nyx_device *ndev);
	bool (*replace)(struct nyx_unit *unit, u16 rid,
			const struct nyx_entry *want, u16 *domain_id);
	bool (*fill)(struct nyx_unit *unit, u16 rid,
		     const struct nyx_entry *want);
	bool (*block_ats)(struct nyx_unit *unit, u16 rid);
	int (*publish)(struct nyx_unit *unit);
	struct nyx_cmd (*inv_entry)(u16 rid, u16 domain_id);
	struct nyx_cmd (*inv_domain)(const struct nyx_unit *unit,
				     u16 domain_id);
	struct nyx_cmd (*fence)(void);
};

int nyx_entry_set(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry);

#endif /* NYX_ENTRY_H */
