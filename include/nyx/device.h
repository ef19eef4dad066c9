/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices: the record of each device below a unit, with its state and the
 * requester IDs that its DMA carries.
 */
#ifndef NYX_DEVICE_H
#define NYX_DEVICE_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <nyx/quarantine.h>
#include <nyx/unit.h>

struct irq_domain;
struct nyx_domain;
struct pci_dev;

/*
 * The most requester IDs that a device can have: all 256 functions of its own
 * bus, because of a quirk; one ID that the firmware adds; and the IDs of
 * bridges to the other 255 buses of the segment.
 */
#define NYX_MAX_RIDS (256 + 1 + 255)

/**
 * enum nyx_device_state - state of a device
 * @NYX_DEVICE_UNKNOWN: the IOMMU core has not probed it, or has released it; its
 *	entry is blocked, and so are its interrupts where units decide for each
 *	device
 * @NYX_DEVICE_WAITING: a driver that does DMA without the IOMMU core's
 *	knowledge is bound; identity until that driver is unbound
 * @NYX_DEVICE_KEPT: no such driver is bound, but the device cannot be managed
 *	now, for example because another device of its group waits, or because
 *	the IOMMU core has released it while firmware uses it; identity
 * @NYX_DEVICE_MANAGED: the IOMMU core manages it; its domain determines its
 *	entry
 *
 * The entry of an untrusted device is blocked where other devices have identity.
 */
enum nyx_device_state {
	NYX_DEVICE_UNKNOWN,
	NYX_DEVICE_WAITING,
	NYX_DEVICE_KEPT,
	NYX_DEVICE_MANAGED,
};

/**
 * enum nyx_record_mode - whether operations on domains are recorded
 * @NYX_RECORD_DEFAULT: as for all devices
 * @NYX_RECORD_OFF: they are not recorded
 * @NYX_RECORD_ON: they are recorded
 * @NYX_RECORD_HUNT: they are recorded, and each unmap is invalidated at once
 */
enum nyx_record_mode {
	NYX_RECORD_DEFAULT,
	NYX_RECORD_OFF,
	NYX_RECORD_ON,
	NYX_RECORD_HUNT,
};

/**
 * struct nyx_device - one device below a unit
 * @dev: the device; the record holds a reference
 * @unit: the unit that serves the device
 * @refs: references to the record: one while it is on the list, and one for
 *	each run of interrupts that the device has
 * @quirks: special treatment that the device needs, NYX_QUIRK_*
 * @pasid: the device has a PASID capability: it can use several IOVA spaces
 * @pasid_bits: width of the PASIDs that the device may use, in bits; 0 if it may use
 *	none. Written under @entry_lock
 * @pasid_on: PASIDs are enabled in the device; written under @entry_lock
 * @pasids: the PASIDs that domains are attached to, struct nyx_pasid by PASID; changed
 *	under @entry_lock
 * @page_requests: the device supports page requests, and the unit logs them
 * @response_pasid: the device expects the PASID of a page request in the response
 * @page_users: number of domains attached to the device or its PASIDs that handle page
 *	requests; written under @entry_lock
 * @page_requests_rid: one of them is @domain
 * @own_domain_id: domain ID of the device for first-stage tables, with
 *	nyx_walk_caps.per_device; 0 until it may need one. Written under @entry_lock
 * @rid: own requester ID (bus << 8 | devfn)
 * @rids: all requester IDs that the DMA of the device may carry, @rid first.
 *	After nyx_device_release(), without those that other devices use too
 * @nr_rids: number of @rids
 * @mixed_rids: the last of @rids belongs to a bridge that replaces the
 *	requester ID of some requests only; the others keep the ID that they had
 *	below it
 * @direct: firmware itself does DMA through the device, to memory that it
 *	reserves for that, and the user does not relax it (relax_reserved)
 * @untrusted: the device can be plugged into the machine from outside: it is
 *	below an external-facing port. It never gets an identity entry
 * @node: entry in nyx_devices
 * @group_root: the uppermost function below which peers can reach the device
 *	without passing the unit, as found when the device was probed last, or
 *	first compared with another one; NULL before, and for other devices than
 *	PCI functions. It exists as long as the device. Protected by
 *	nyx_devices_lock
 * @group_open: functions of the device that @group_root is part of can reach
 *	each other; protected by nyx_devices_lock
 * @state: written by nyx_device_set_state() under nyx_devices_lock; also read
 *	without the lock
 * @waits_for: the device whose driver was last logged as the reason why this
 *	one is not managed. It may be gone, so the pointer is only compared
 * @ioapic: the record is that of an I/O APIC, which is not in nyx_devices. It only
 *	has a name, a unit and requester IDs
 * @remapped: the device gets its MSIs from the unit; written under
 *	nyx_devices_lock
 * @adopted: domain of the MSIs that the driver had requested before the unit
 *	remapped them, until the driver is unbound. Written under nyx_devices_lock
 *	and the mutex of the device's MSI descriptors
 * @why_direct: why its interrupts can never be adopted while it has the driver that
 *	was bound when the module was loaded; NULL if they can. Written under
 *	nyx_devices_lock
 * @msi_requested: the driver of the device has requested MSIs from the unit.
 *	The MSI domain of the device then refers to the unit, even without any
 *	interrupt, until the driver is unbound
 * @entry_lock: serializes changes of the entry; outside the locks of the vendor
 * @entry: current contents of the hardware entry; written under @entry_lock
 * @domain: the attached paging domain, or NULL with an identity or blocked
 *	entry; written under @entry_lock
 * @ats_supported: the device, the path to it and the unit allow ATS
 * @ats_enabled: ATS is enabled, or is being enabled. Set under
 *	nyx_unit.store_lock
 * @ats_on: the ATS enable bit of the device is set, and ATS is not being
 *	disabled. Written under nyx_unit.store_lock
 * @ats_lost: the device did not respond to an invalidation of its device TLB
 *	although @ats_on was set. It is blocked, and never gets ATS again. Set
 *	once, by nyx_isolate_block() under nyx_unit.store_lock
 * @ats_stale: the device did not confirm an invalidation while @ats_on was not
 *	set, so its device TLB may hold old translations. Its entry refuses
 *	translated requests until an invalidation is confirmed: see
 *	nyx_ats_enable(). Set by nyx_isolate_block() under nyx_unit.store_lock,
 *	and in a capture kernel from the beginning
 * @ats_refused: the unit refuses translated requests of the device, so its
 *	device TLB no longer matters. Set once after @ats_lost or
 *	nyx_unit.ats_off, by nyx_isolate_confirmed()
 * @isolated: nyx_isolate_block() blocked the entries of the device, regardless of
 *	@entry, and they have not been set since. Only with @ats_lost or
 *	@ats_stale. nyx_device_recover() ends it
 * @was_reset: pci_restore_state() was called while the device was isolated or cut
 *	off, and nyx_quarantine_retry() has to be called
 * @cut_off: whether the device is cut off. Then its entries block, regardless of
 *	@entry. Written under nyx_unit.store_lock
 * @intr_cut_off: the interrupts of the device are blocked because it is cut off.
 *	Set with @cut_off, and cleared before or with it, under
 *	nyx_unit.store_lock
 * @cut_off_cached: nyx_cut_off() blocked the entries, and the unit may still use
 *	what it had cached of them. Set under nyx_unit.store_lock
 * @quarantine: when and why the device was cut off
 * @resetting: a command is resetting the device, and recovers it afterwards
 * @in_sysfs: the device has the directory nyx in sysfs; protected by
 *	nyx_devices_lock
 * @policy: when the device is cut off because of its faults. Protected, with
 *	@window, by a lock of fault/policy.c
 * @window: its faults in the current window
 * @ats_qdep: invalidate queue depth, 1 to 32 (PCIe encodes 32 as 0)
 * @ats_pfsid: requester ID by which the unit throttles invalidations: that of
 *	the physical function for a virtual function, else @rid
 * @ats_twice: invalidations of the device TLB have to be sent twice
 * @ats_node: entry in nyx_domain.ats
 * @record: whether operations on the device's domains are recorded; written
 *	under @entry_lock
 * @faults: number of faults that named the device
 * @intr_full_logged: the log already reports that the interrupt remapping table
 *	is full, if the device has its own; protected by nyx_intrs_lock
 * @intr_compat_logged: the log already reports that the device gets no remapped
 *	interrupts because its requests in compatibility format pass; protected
 *	by nyx_intrs_lock
 */
struct nyx_device {
	struct device *dev;
	struct nyx_unit *unit;
	struct kref refs;
	u32 quirks;
	bool pasid;
	u8 pasid_bits;
	bool pasid_on;
	struct xarray pasids;
	u16 own_domain_id;
	bool page_requests;
	bool response_pasid;
	unsigned int page_users;
	bool page_requests_rid;
	u16 rid;
	u16 rids[NYX_MAX_RIDS];
	u16 nr_rids;
	bool mixed_rids;
	bool direct;
	bool untrusted;
	struct list_head node;
	struct pci_dev *group_root;
	bool group_open;
	enum nyx_device_state state;
	const struct nyx_device *waits_for;
	bool ioapic;
	bool remapped;
	struct irq_domain *adopted;
	const char *why_direct;
	bool msi_requested;
	struct mutex entry_lock;	/* see @entry_lock above */
	struct nyx_entry entry;
	struct nyx_domain *domain;
	bool ats_supported;
	bool ats_enabled;
	bool ats_on;
	bool ats_lost;
	bool ats_stale;
	bool ats_refused;
	bool isolated;
	bool was_reset;
	enum nyx_cut_state cut_off;
	bool intr_cut_off;
	bool cut_off_cached;
	struct nyx_quarantine quarantine;
	bool resetting;
	bool in_sysfs;
	struct nyx_policy policy;
	struct nyx_window window;
	u8 ats_qdep;
	u16 ats_pfsid;
	bool ats_twice;
	struct list_head ats_node;
	enum nyx_record_mode record;
	atomic_t faults;
	bool intr_full_logged;
	bool intr_compat_logged;
};

/*
 * All devices below all units. Changes need nyx_devices_lock. Readers without
 * the lock, such as the fault path, use RCU.
 */
extern struct list_head nyx_devices;
extern struct mutex nyx_devices_lock;

/* The result stays valid while nyx_devices_lock is held. */
static inline bool nyx_device_is_managed(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->state) == NYX_DEVICE_MANAGED;
}

/* The result stays valid while nyx_devices_lock is held. */
static inline bool nyx_device_is_waiting(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->state) == NYX_DEVICE_WAITING;
}

/* A device that is cut off stays so until nyx_cut_off_end*(). */
static inline bool nyx_device_is_cut_off(const struct nyx_device *ndev)
{
	return READ_ONCE(ndev->cut_off) != NYX_ACTIVE;
}

/* Whether this kernel has not let any DMA of the device pass yet. */
static inline bool nyx_device_is_unused(const struct nyx_device *ndev)
{
	return ndev->entry.kind == NYX_ENTRY_BLOCKED ||
	       ndev->entry.kind == NYX_ENTRY_FOREIGN;
}

/*
 * Number of commands that invalidate the device TLB. A device with the quirk
 * may confirm the first one while writes are under way that use the old
 * translations. It confirms the second one after them.
 */
static inline unsigned int nyx_device_tlb_times(const struct nyx_device *ndev)
{
	return ndev->ats_twice ? 2 : 1;
}

void nyx_device_set_state(struct nyx_device *ndev, enum nyx_device_state state);
void nyx_device_hold(struct nyx_device *ndev);
void nyx_device_drop(struct nyx_device *ndev);
struct nyx_device *nyx_device_hold_remapped(const struct nyx_unit *unit,
					    const struct device *dev);
bool nyx_is_detaching(void);
void nyx_set_detaching(bool detaching);
struct nyx_device *nyx_device_lookup(struct device *dev);
struct nyx_device *nyx_device_find(struct nyx_unit *unit, u16 rid);
bool nyx_device_has_rid(const struct nyx_device *ndev, u16 rid);
unsigned int nyx_device_nr_shared(const struct nyx_device *a,
				  const struct nyx_device *b);

#endif /* NYX_DEVICE_H */
