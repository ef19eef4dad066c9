// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of devices, and the lifetime of their records.
 *
 * The record of a device lives until the device is removed and all interrupts
 * that it got from its unit have been freed.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <nyx/device.h>

LIST_HEAD(nyx_devices);
DEFINE_MUTEX(nyx_devices_lock);	/* serializes changes of nyx_devices */
static bool nyx_detaching;		/* written under nyx_devices_lock */

static void nyx_device_free(struct kref *refs)
{
	struct nyx_device *ndev = container_of(refs, struct nyx_device, refs);

	put_device(ndev->dev);
	kfree(ndev);
}

/**
 * nyx_device_hold() - take a reference to the record of a device
 * @ndev: the device; the caller ensures that its record is not freed meanwhile
 *
 * Context: Any.
 */
void nyx_device_hold(struct nyx_device *ndev)
{
	kref_get(&ndev->refs);
}

/**
 * nyx_device_drop() - drop a reference to the record of a device
 * @ndev: the device
 *
 * The first reference is dropped a grace period after the record was removed
 * from the list, when no reader can find it any more.
 *
 * Context: May sleep.
 */
void nyx_device_drop(struct nyx_device *ndev)
{
	kref_put(&ndev->refs, nyx_device_free);
}

/**
 * nyx_device_hold_remapped() - find and reference the record of a device that
 * gets its MSIs from its unit
 * @unit: the unit that must serve the device
 * @dev: the device; not dereferenced
 *
 * For callers that do not prevent the removal of the device, so that
 * dev_iommu_priv_get() could return a record that is being freed.
 *
 * Context: Any.
 * Return: the record, to be dropped with nyx_device_drop(); NULL if @dev is not
 *	such a device below @unit.
 */
struct nyx_device *nyx_device_hold_remapped(const struct nyx_unit *unit,
					    const struct device *dev)
{
	struct nyx_device *ndev;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->dev != dev || ndev->unit != unit ||
		    !READ_ONCE(ndev->remapped))
			continue;
		/* A record on the list has its first reference. */
		nyx_device_hold(ndev);
		return ndev;
	}
	return NULL;
}

/**
 * nyx_device_lookup() - find the record of a device
 * @dev: the device
 *
 * Context: nyx_devices_lock is held.
 * Return: the record, or NULL if no unit serves the device.
 */
struct nyx_device *nyx_device_lookup(struct device *dev)
{
	struct nyx_device *ndev;

	lockdep_assert_held(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (ndev->dev == dev)
			return ndev;
	return NULL;
}

/**
 * nyx_device_has_rid() - check whether a device uses a requester ID
 * @ndev: the device
 * @rid: the requester ID
 *
 * Context: Any.
 * Return: true if the DMA of the device may carry it.
 */
bool nyx_device_has_rid(const struct nyx_device *ndev, u16 rid)
{
	unsigned int i;

	for (i = 0; i < ndev->nr_rids; i++)
		if (ndev->rids[i] == rid)
			return true;
	return false;
}

/**
 * nyx_device_nr_shared() - count the requester IDs that two devices share
 * @a: a device
 * @b: another one
 *
 * Context: Any.
 * Return: the number of requester IDs of @a that @b has as well; 0 if different
 *	units serve them.
 */
unsigned int nyx_device_nr_shared(const struct nyx_device *a,
				  const struct nyx_device *b)
{
	unsigned int i, nr = 0;

	for (i = 0; i < a->nr_rids && a->unit == b->unit; i++)
		nr += nyx_device_has_rid(b, a->rids[i]);
	return nr;
}

/**
 * nyx_device_find() - find the device that uses a requester ID
 * @unit: the unit that received the requester ID
 * @rid: the requester ID, bus << 8 | devfn
 *
 * A device whose own requester ID is @rid takes precedence over devices that
 * have @rid as an alias.
 *
 * Context: Any, under rcu_read_lock(), which also protects the result.
 * Return: the record, or NULL.
 */
struct nyx_device *nyx_device_find(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev, *alias = NULL;

	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->unit != unit)
			continue;
		if (ndev->rid == rid)
			return ndev;
		if (!alias && nyx_device_has_rid(ndev, rid))
			alias = ndev;
	}
	return alias;
}

/**
 * nyx_is_detaching() - whether a detach is in progress or complete
 *
 * Context: Any; the result stays valid while nyx_devices_lock is held.
 * Return: true from the beginning of a detach on; false again if it failed.
 */
bool nyx_is_detaching(void)
{
	return READ_ONCE(nyx_detaching);
}

/**
 * nyx_set_detaching() - set the result of nyx_is_detaching()
 * @detaching: true if a detach starts, false if it failed
 *
 * Context: May sleep; takes nyx_devices_lock.
 */
void nyx_set_detaching(bool detaching)
{
	guard(mutex)(&nyx_devices_lock);
	WRITE_ONCE(nyx_detaching, detaching);
}

/**
 * nyx_device_set_state() - change the state of a device
 * @ndev: the device
 * @state: the new state
 *
 * Interrupts of an unknown device are blocked, and those of all others pass
 * unless the device gets remapped ones. In a capture kernel those of a device
 * without a driver are blocked as well.
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_device_set_state(struct nyx_device *ndev, enum nyx_device_state state)
{
	const struct nyx_intr_ops *intr = ndev->unit->intr.ops;
	bool unknown = state == NYX_DEVICE_UNKNOWN;
	bool was_unknown = ndev->state == NYX_DEVICE_UNKNOWN;

	lockdep_assert_held(&nyx_devices_lock);
	WRITE_ONCE(ndev->state, state);
	if ((unknown != was_unknown || ndev->unit->foreign) && intr &&
	    intr->update_unowned)
		intr->update_unowned(ndev->unit, ndev);
}
