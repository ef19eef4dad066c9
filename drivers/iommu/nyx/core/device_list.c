// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of devices, and how long the record of one lives: until the device is
 * gone, and so is what was given to it and never given back.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <nyx/device.h>

LIST_HEAD(nyx_devices);
DEFINE_MUTEX(nyx_devices_lock);	/* protects nyx_devices against changes */
static bool nyx_detaching;		/* written under nyx_devices_lock */

static void nyx_device_free(struct kref *refs)
{
	struct nyx_device *ndev = container_of(refs, struct nyx_device, refs);

	put_device(ndev->dev);
	kfree(ndev);
}

/**
 * nyx_device_hold() - keep the record of a device
 * @ndev: the device; its record cannot go meanwhile
 *
 * Context: Any.
 */
void nyx_device_hold(struct nyx_device *ndev)
{
	kref_get(&ndev->refs);
}

/**
 * nyx_device_drop() - undo nyx_device_hold(), or the making of a record
 * @ndev: the device
 *
 * Who makes a record drops it when nobody can find it any more: a grace period
 * after it left the list.
 *
 * Context: May sleep.
 */
void nyx_device_drop(struct nyx_device *ndev)
{
	kref_put(&ndev->refs, nyx_device_free);
}

/**
 * nyx_device_hold_managed() - find the record of a managed device, and keep it
 * @unit: the unit that is to serve it
 * @dev: the device; compared only
 *
 * What the core keeps with the device itself may go while it is looked at.
 *
 * Context: Any.
 * Return: the record, for nyx_device_drop(); NULL if there is none.
 */
struct nyx_device *nyx_device_hold_managed(const struct nyx_unit *unit,
					   const struct device *dev)
{
	struct nyx_device *ndev;

	guard(rcu)();
	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->dev != dev || ndev->unit != unit ||
		    !nyx_device_is_managed(ndev))
			continue;
		/* A record on the list has its first reference. */
		nyx_device_hold(ndev);
		return ndev;
	}
	return NULL;
}

/**
 * nyx_device_lookup() - the record of a device
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
 * nyx_device_find() - the device behind a requester ID
 * @unit: the unit that saw the ID
 * @rid: the ID, bus << 8 | devfn
 *
 * Where devices share an alias, the first that has @rid as its own wins.
 *
 * Context: Any, under rcu_read_lock(), which also keeps the result alive.
 * Return: the record, or NULL.
 */
struct nyx_device *nyx_device_find(struct nyx_unit *unit, u16 rid)
{
	struct nyx_device *ndev, *alias = NULL;
	unsigned int i;

	list_for_each_entry_rcu(ndev, &nyx_devices, node) {
		if (ndev->unit != unit)
			continue;
		if (ndev->rid == rid)
			return ndev;
		for (i = 0; i < ndev->nr_rids && !alias; i++)
			if (ndev->rids[i] == rid)
				alias = ndev;
	}
	return alias;
}

/**
 * nyx_is_detaching() - whether devices are being given back, or were
 *
 * Context: Any; stable under nyx_devices_lock.
 * Return: true from the beginning of a detach on, false again if it failed.
 */
bool nyx_is_detaching(void)
{
	return READ_ONCE(nyx_detaching);
}

/**
 * nyx_set_detaching() - start or cancel a detach
 * @detaching: whether devices are being given back from now on
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
 * Context: Any; nyx_devices_lock is held.
 */
void nyx_device_set_state(struct nyx_device *ndev, enum nyx_device_state state)
{
	lockdep_assert_held(&nyx_devices_lock);
	WRITE_ONCE(ndev->state, state);
}
