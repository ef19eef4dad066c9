// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the devices below all units that are started.
 *
 * Every such device has a record from the time when the module finds it
 * until it is removed, whether or not the IOMMU core manages it. Only devices
 * with a record can have their hardware entry changed.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/rculist.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/remedy.h>
#include <nyx/unit.h>

#include "domain/domain.h"
#include "lifecycle.h"
#include "pci/pci.h"

/**
 * nyx_device_has_dma_driver() - check whether a driver that does DMA is bound
 * @dev: a device that the IOMMU core does not manage
 *
 * Context: The device's lock is held.
 * Return: true if such a driver is bound. Its DMA continues without the IOMMU
 *	core's knowledge.
 */
bool nyx_device_has_dma_driver(struct device *dev)
{
	device_lock_assert(dev);
	if (!dev->driver)
		return false;
	/*
	 * Port drivers do no DMA and do not prevent the management of a device.
	 */
	return !dev_is_pci(dev) ||
	       !to_pci_driver(dev->driver)->driver_managed_dma;
}

/**
 * nyx_device_log_untrusted() - log that the DMA of a driver is blocked
 * @ndev: the device; nothing is logged unless it is untrusted and waiting
 *
 * Context: The device's lock and nyx_devices_lock are held.
 */
void nyx_device_log_untrusted(const struct nyx_device *ndev)
{
	/* A detach disables translation, so that nothing is blocked. */
	if (ndev->untrusted && nyx_device_is_waiting(ndev) &&
	    !nyx_is_detaching())
		dev_warn(ndev->dev, "DMA of the device is blocked: it is below an external-facing port and was bound to %s before it could be managed: unbind and bind it\n",
			 ndev->dev->driver->name);
}

/**
 * nyx_device_get() - find or create the record of a device
 * @dev: the device; it cannot be removed meanwhile
 *
 * Context: May sleep; nyx_devices_lock is held.
 * Return: the record; ERR_PTR(-ENODEV) if no unit serves the device,
 *	ERR_PTR(-ENXIO) if its unit stays off, or ERR_PTR(-ENOMEM).
 */
struct nyx_device *nyx_device_get(struct device *dev)
{
	struct nyx_device *ndev = nyx_device_lookup(dev);
	struct nyx_unit *unit;
	u16 rid;

	if (ndev)
		return ndev;
	unit = nyx_vendor->find_unit(dev, &rid);
	if (IS_ERR(unit))
		return ERR_CAST(unit);
	if (!unit->started)
		return ERR_PTR(-ENXIO);
	if (dev_is_pci(dev))
		nyx_acs_enable(to_pci_dev(dev));
	return nyx_device_create(dev, unit, rid);
}

/*
 * Gets the record of a device that is still registered: a record that is
 * created after the notification of the removal would never be freed. The
 * device's own lock does not help, because it is free again before that
 * notification. Nor may it be held here: a change of the number of virtual
 * functions holds it and waits for the PCI core's lock.
 */
static struct nyx_device *nyx_device_scan_get(struct device *dev)
{
	struct nyx_device *ndev = ERR_PTR(-ENODEV);

	pci_lock_rescan_remove();
	scoped_guard(mutex, &nyx_devices_lock)
		if (device_is_registered(dev))
			ndev = nyx_device_get(dev);
	pci_unlock_rescan_remove();
	return ndev;
}

/* Adds the device to the number at @off if its unit stays off. */
static int nyx_device_scan_one(struct device *dev, void *off)
{
	unsigned int *nr_off = off;
	struct nyx_device *ndev;
	int ret;

	ndev = nyx_device_scan_get(dev);
	if (IS_ERR(ndev)) {
		*nr_off += PTR_ERR(ndev) == -ENXIO;
		return PTR_ERR(ndev) == -ENOMEM ? -ENOMEM : 0;
	}

	scoped_guard(device, dev) {
		guard(mutex)(&nyx_devices_lock);
		ndev = nyx_device_lookup(dev);
		if (!ndev)	/* removed meanwhile */
			return 0;
		nyx_device_set_state(ndev, nyx_device_has_dma_driver(dev) ?
				     NYX_DEVICE_WAITING : NYX_DEVICE_KEPT);
		ret = nyx_device_pass(ndev);
		nyx_device_log_untrusted(ndev);
		if (ret)
			dev_err(dev, "%s: cannot set the device's entry (%d): %s\n",
				ndev->unit->name, ret, ret == -ENOMEM ?
				NYX_REMEDY_MEMORY : NYX_REMEDY_HANGS);
	}
	return ret;
}

/**
 * nyx_devices_scan() - let DMA of all devices below the units pass
 *
 * To be called before translation is enabled, so that DMA of drivers and
 * firmware that is under way continues: see nyx_device_pass(). ACS is enabled on
 * all functions first: groups that are formed later depend on the ACS settings of
 * other functions.
 *
 * Context: May sleep; the units are started and translation is disabled.
 * Return: 0, -ENOMEM or an error of the unit; nyx_devices_free() undoes what
 *	was done.
 */
int nyx_devices_scan(void)
{
	struct pci_dev *pdev = NULL;
	unsigned int off = 0;
	int ret;

	for_each_pci_dev(pdev) {
		ret = nyx_device_scan_one(&pdev->dev, &off);
		if (ret) {
			pci_dev_put(pdev);
			return ret;
		}
	}
	ret = bus_for_each_dev(&platform_bus_type, NULL, &off,
			       nyx_device_scan_one);
	if (off)
		pr_warn("number of devices that stay untranslated, because their unit is off: %u\n",
			off);
	return ret;
}

/**
 * nyx_devices_free() - free the records of all devices
 *
 * Context: May sleep; translation is disabled, no device is managed and no
 *	flush or fault report is under way.
 */
void nyx_devices_free(void)
{
	struct nyx_device *ndev, *next;
	LIST_HEAD(gone);

	guard(mutex)(&nyx_devices_lock);
	list_splice_init_rcu(&nyx_devices, &gone, synchronize_rcu);
	list_for_each_entry_safe(ndev, next, &gone, node)
		nyx_device_drop(ndev);
	nyx_device_free_left();
	nyx_acs_restore();
}
