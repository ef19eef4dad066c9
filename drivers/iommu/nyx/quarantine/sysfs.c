// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory "nyx" of each device in sysfs: its state and its policy. Rules of
 * udev can read and write it, also where debugfs is missing or locked down.
 *
 * A record is on the list of devices as long as its device has the directory. The
 * attributes find the record under RCU, and take no lock that is held while the
 * directory is removed: the removal waits for them.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/sysfs.h>

#include <nyx/device.h>

#include "quarantine.h"

/* The directories exist; protected by nyx_devices_lock. */
static bool nyx_sysfs_is_open;

static struct nyx_device *nyx_sysfs_find(const struct device *dev)
{
	struct nyx_device *ndev;

	list_for_each_entry_rcu(ndev, &nyx_devices, node)
		if (ndev->dev == dev)
			return ndev;
	return NULL;
}

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	const struct nyx_device *ndev;

	guard(rcu)();
	ndev = nyx_sysfs_find(dev);
	if (!ndev)
		return -ENODEV;
	return sysfs_emit(buf, "%s\n",
			  nyx_cut_state_word(READ_ONCE(ndev->cut_off)));
}

static ssize_t faults_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	const struct nyx_device *ndev;

	guard(rcu)();
	ndev = nyx_sysfs_find(dev);
	if (!ndev)
		return -ENODEV;
	return sysfs_emit(buf, "%u\n",
			  (unsigned int)atomic_read(&ndev->faults));
}

static ssize_t policy_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	char text[NYX_POLICY_TEXT];
	struct nyx_device *ndev;

	guard(rcu)();
	ndev = nyx_sysfs_find(dev);
	if (!ndev)
		return -ENODEV;
	nyx_policy_format(ndev, text, sizeof(text));
	return sysfs_emit(buf, "%s\n", text);
}

static ssize_t policy_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct nyx_device *ndev;
	int ret;

	guard(rcu)();
	ndev = nyx_sysfs_find(dev);
	if (!ndev)
		return -ENODEV;
	ret = nyx_policy_set(ndev, buf);
	return ret ?: count;
}

static DEVICE_ATTR_RO(state);
static DEVICE_ATTR_RO(faults);
static DEVICE_ATTR_RW(policy);

static struct attribute *nyx_sysfs_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_faults.attr,
	&dev_attr_policy.attr,
	NULL
};

static const struct attribute_group nyx_sysfs_group = {
	.name = "nyx",
	.attrs = nyx_sysfs_attrs,
};

/**
 * nyx_quarantine_sysfs_add() - create the directory of a device
 * @ndev: the device, in sysfs; nothing happens before
 *	nyx_quarantine_sysfs_open()
 *
 * Context: May sleep; nyx_devices_lock is held.
 */
void nyx_quarantine_sysfs_add(struct nyx_device *ndev)
{
	lockdep_assert_held(&nyx_devices_lock);
	if (!nyx_sysfs_is_open)
		return;
	ndev->in_sysfs = !sysfs_create_group(&ndev->dev->kobj,
					     &nyx_sysfs_group);
	if (!ndev->in_sysfs)
		dev_warn(ndev->dev, "cannot create the directory nyx in sysfs: its policy can be changed in debugfs only\n");
}

/**
 * nyx_quarantine_sysfs_remove() - remove the directory of a device
 * @ndev: the device, still in sysfs
 *
 * Context: May sleep; nyx_devices_lock is held. Waits for accesses under way.
 */
void nyx_quarantine_sysfs_remove(struct nyx_device *ndev)
{
	lockdep_assert_held(&nyx_devices_lock);
	if (ndev->in_sysfs)
		sysfs_remove_group(&ndev->dev->kobj, &nyx_sysfs_group);
	ndev->in_sysfs = false;
}

/**
 * nyx_quarantine_sysfs_open() - create the directories of all devices
 *
 * From now on each new device gets one. The removal of a device is notified
 * before it leaves sysfs, so each device on the list is in sysfs while
 * nyx_devices_lock is held.
 *
 * Context: May sleep.
 */
void nyx_quarantine_sysfs_open(void)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	nyx_sysfs_is_open = true;
	list_for_each_entry(ndev, &nyx_devices, node)
		nyx_quarantine_sysfs_add(ndev);
}

/**
 * nyx_quarantine_sysfs_close() - undo nyx_quarantine_sysfs_open()
 *
 * To be called while removals of devices are still notified.
 *
 * Context: May sleep.
 */
void nyx_quarantine_sysfs_close(void)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	nyx_sysfs_is_open = false;
	list_for_each_entry(ndev, &nyx_devices, node)
		nyx_quarantine_sysfs_remove(ndev);
}
