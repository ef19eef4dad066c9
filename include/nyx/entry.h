/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hardware entries of devices: each entry determines how a unit treats the
 * DMA of one requester ID. The core decides the order in which entries and
 * caches change; each vendor provides the single steps.
 */
#ifndef NYX_ENTRY_H
#define NYX_ENTRY_H

#include <linux/types.h>

#include <nyx/queue.h>

struct nyx_device;
struct nyx_entry;
struct nyx_unit;

/* Largest number of commands that invalidate one cached entry. */
#define NYX_ENTRY_CMDS 2

/**
 * struct nyx_entry_ops - steps of changing the entries of a device
 * @provide: ensure that tables hold entries for all requester IDs of a device.
 *	May sleep. Returns 0; -ENOMEM; -EIO if the unit is out of service; or
 *	-EINVAL, after a log message, if the tables cannot hold an entry
 * @replace: change an entry to @want with a single store if the CPU can do
 *	that, else block it. If @want blocks, the entry has its value afterwards,
 *	nyx_entry.quiet included. Returns true if the unit may cache the old
 *	contents and has to invalidate them; then @domain_id is set to the old
 *	domain ID, or 0 if there was none. Called with nyx_unit.store_lock held
 * @fill: change a blocked entry to @want, which does not block. The caches of
 *	the unit hold at most the blocked entry. Returns false if the entry does
 *	not block. Called with nyx_unit.store_lock held
 * @block_ats: block an entry if it allows translated requests. Returns true if
 *	it did. Called with nyx_unit.store_lock held
 * @set_dirty: change in an entry that translates whether the unit records writes
 *	(nyx_entry.dirty), by one store. Returns true if the unit may cache the
 *	old contents and has to invalidate them; then @domain_id is set to the
 *	domain ID. Called with nyx_unit.store_lock held. NULL if no unit of the
 *	vendor has nyx_unit_caps.dirty
 * @publish: make filled entries visible to a unit whose
 *	nyx_unit_caps.blocked_cached is false; NULL if the vendor has no such
 *	unit
 * @inv_entry: encode commands that invalidate a cached entry with @domain_id, 0 if
 *	it blocks. Returns their number, at most NYX_ENTRY_CMDS
 * @inv_domain: encode a command that invalidates all cached translations of a
 *	domain
 * @fence: encode a command that keeps an @inv_domain command after preceding
 *	@inv_entry commands; NULL if the unit keeps this order itself
 *
 * An entry that the tables do not hold blocks.
 */
struct nyx_entry_ops {
	int (*provide)(struct nyx_unit *unit, const struct nyx_device *ndev);
	bool (*replace)(struct nyx_unit *unit, u16 rid,
			const struct nyx_entry *want, u16 *domain_id);
	bool (*fill)(struct nyx_unit *unit, u16 rid,
		     const struct nyx_entry *want);
	bool (*block_ats)(struct nyx_unit *unit, u16 rid);
	bool (*set_dirty)(struct nyx_unit *unit, u16 rid, bool on,
			  u16 *domain_id);
	int (*publish)(struct nyx_unit *unit);
	unsigned int (*inv_entry)(const struct nyx_unit *unit, u16 rid,
				  u16 domain_id, struct nyx_cmd *cmds);
	struct nyx_cmd (*inv_domain)(const struct nyx_unit *unit,
				     u16 domain_id);
	struct nyx_cmd (*fence)(void);
};

int nyx_entry_set(struct nyx_unit *unit, struct nyx_device *ndev,
		  const struct nyx_entry *entry);
int nyx_entry_set_dirty(struct nyx_unit *unit, struct nyx_device *ndev,
			bool on);
int nyx_entry_force(struct nyx_unit *unit, struct nyx_device *ndev,
		    const struct nyx_entry *entry);

#endif /* NYX_ENTRY_H */
