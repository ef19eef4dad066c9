/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that a unit serves, and the requester IDs that its DMA carries.
 */
#ifndef NYX_DEVICE_H
#define NYX_DEVICE_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include <nyx/unit.h>

struct nyx_domain;

/*
 * As many as there can be: all functions of the device's own bus, by quirks; one
 * that firmware adds; and a bridge to each other bus of the segment.
 */
#define NYX_MAX_RIDS (256 + 1 + 255)

/**
 * enum nyx_device_state - what the module does for a device
 * @NYX_DEVICE_UNKNOWN: the IOMMU core has not probed it; its entry is blocked
 * @NYX_DEVICE_WAITING: a driver that does DMA without the IOMMU core's knowledge
 *	is bound; identity until that driver is unbound
 * @NYX_DEVICE_KEPT: no such driver is bound, but the device cannot be managed
 *	now, for example because another device of its group waits; identity
 * @NYX_DEVICE_MANAGED: the IOMMU core manages it; its domain decides
 */
enum nyx_device_state {
	NYX_DEVICE_UNKNOWN,
	NYX_DEVICE_WAITING,
	NYX_DEVICE_KEPT,
	NYX_DEVICE_MANAGED,
};

/**
 * struct nyx_device - one device below a unit
 * @dev: the device; a reference is held
 * @unit: the unit that serves it
 * @refs: the device itself, and what was given to it
 * @rid: its own requester ID (bus << 8 | devfn)
 * @rids: requester IDs that its DMA may carry, @rid first; less those that
 *	others have too once it is released
 * @nr_rids: how many
 * @mixed_rids: the last of @rids is from a bridge that gives it to some requests
 *	only; others come under the ID that they had below it
 * @node: in the list of all devices; the fault path reads it under RCU
 * @state: changed by nyx_device_set_state() under nyx_devices_lock, read without
 *	it as well
 * @waits_for: the device whose driver the log named last as the reason why this
 *	one is not managed; compared only, for it may be gone
 * @remapped: it gets its MSIs from the unit; under nyx_devices_lock
 * @msi_requested: its driver has asked the unit for MSIs, and what the kernel keeps of
 *	that leads there, whether it has any; until the driver is gone
 * @entry_lock: orders changes of the entry; outermost of the vendor's locks
 * @entry: what the hardware entry says now; changed under @entry_lock
 * @domain: the paging domain in use, or NULL on identity or blocked; changed
 *	under @entry_lock
 * @ats_supported: device, path and unit all allow ATS
 * @ats_enabled: ATS is on
 * @ats_lost: it did not answer an invalidation of its TLB: it is blocked, and
 *	never gets ATS again; set once, by the vendor
 * @ats_refused: with @ats_lost, the unit refuses translated requests of it by
 *	now, so its TLB does not matter any more; set once, by the vendor
 * @isolated: with @ats_lost, the vendor blocked its entries, whatever @entry
 *	says, and they have not been set since; written by the vendor
 * @ats_qdep: invalidate queue depth, 1 to 32 (PCIe: 0 means 32)
 * @ats_pfsid: for a virtual function the physical function's requester ID, to
 *	steer invalidation throttling; else its own
 * @ats_node: in its domain's list of devices with ATS on
 * @faults: faults that named it
 * @intr_full_logged: that its interrupt remapping table is full was in the log, where
 *	it has one of its own; under nyx_intrs_lock, as the next
 * @intr_compat_logged: that it gets no remapped interrupts, since its plain ones pass,
 *	was in the log
 */
struct nyx_device {
	struct device *dev;
	struct nyx_unit *unit;
	struct kref refs;
	u16 rid;
	u16 rids[NYX_MAX_RIDS];
	u16 nr_rids;
	bool mixed_rids;
	struct list_head node;
	enum nyx_device_state state;
	const struct nyx_device *waits_for;
	bool remapped;
	bool msi_requested;
	struct mutex entry_lock;	/* see @entry_lock above */
	struct nyx_entry entry;
	struct nyx_domain *domain;
	bool ats_supported;
	bool ats_enabled;
	bool ats_lost;
	bool ats_refused;
	bool isolated;
	u8 ats_qdep;
	u16 ats_pfsid;
	struct list_head ats_node;
	atomic_t faults;
	bool intr_full_logged;
	bool intr_compat_logged;
};

/*
 * All devices below all units. The lock protects the list against other
 * changes; the fault path reads it under RCU.
 */
extern struct list_head nyx_devices;
extern struct mutex nyx_devices_lock;

/* Stable under nyx_devices_lock. */
static inline bool nyx_device_is_managed(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->state) == NYX_DEVICE_MANAGED;
}

/* Stable under nyx_devices_lock. */
static inline bool nyx_device_is_waiting(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->state) == NYX_DEVICE_WAITING;
}

void nyx_device_set_state(struct nyx_device *ndev, enum nyx_device_state state);
void nyx_device_hold(struct nyx_device *ndev);
void nyx_device_drop(struct nyx_device *ndev);
struct nyx_device *nyx_device_hold_managed(const struct nyx_unit *unit,
					   const struct device *dev);
bool nyx_is_detaching(void);
void nyx_set_detaching(bool detaching);
struct nyx_device *nyx_device_lookup(struct device *dev);
struct nyx_device *nyx_device_find(struct nyx_unit *unit, u16 rid);

#endif /* NYX_DEVICE_H */
