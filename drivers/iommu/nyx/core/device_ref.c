// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of devices, and how long the record of one lives: until the device is
 * gone, and so is what was given to it and never given back.
 */
#include <linux/device.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <nyx/device.h>

LIST_HEAD(nyx_devices);
DEFINE_MUTEX(nyx_devices_lock);	/* protects nyx_devices against changes */

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
	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		if (ndev->dev == dev && ndev->unit == unit &&
		    READ_ONCE(ndev->managed) && kref_get_unless_zero(&ndev->refs))
			return ndev;
	return NULL;
}
