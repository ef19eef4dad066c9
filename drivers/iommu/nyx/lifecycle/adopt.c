// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adoption: devices that were bound when the module was loaded become managed
 * after their driver is unbound.
 *
 * The IOMMU core probes a device when it is added and when a unit is
 * registered, but not when its driver is unbound. Registering an additional,
 * empty unit makes the IOMMU core probe all devices that have no group: the
 * device that was just unbound, and the devices that waited for it.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <nyx/device.h>

#include "adopt_gate.h"
#include "domain/domain.h"
#include "intr/msi.h"
#include "lifecycle.h"
#include "pci/pci.h"
#include "quarantine/quarantine.h"

static void nyx_adopt_probe(void)
{
	struct iommu_device none = {};
	int ret;

	if (nyx_is_detaching())
		return;
	ret = iommu_device_register(&none, &nyx_ops, NULL);
	if (ret)	/* the IOMMU core has undone the registration */
		pr_err("unbound devices stay untranslated (%d): bind and unbind them once more to retry\n",
		       ret);
	else
		iommu_device_unregister(&none);
}

/*
 * Callers may hold locks of devices and the PCI core's lock: a driver is
 * unbound when its device is unplugged, and may remove virtual functions. The
 * IOMMU core, and the functions of this module that it calls, take none of
 * these locks and do not bind, add or remove devices. So there is no lock
 * cycle.
 *
 * A removal that began before the notifiers were registered is not recorded. It
 * has ended before anything can be probed, because nyx_units_register() takes
 * the PCI core's lock.
 */
static struct nyx_adopt_gate nyx_adopt_gate;

/**
 * nyx_adopt_kick() - let the IOMMU core probe unmanaged devices
 *
 * While a device is being removed, the probe is postponed to the end of the
 * removal.
 *
 * Context: May sleep; locks of devices and of the PCI core may be held, but not
 *	nyx_devices_lock.
 */
void nyx_adopt_kick(void)
{
	nyx_adopt_gate_kick(&nyx_adopt_gate);
}

/**
 * nyx_adopt_update_compat() - reconsider which units allow compatibility format
 *
 * To be called after devices became managed or unmanaged, or were removed.
 *
 * Context: May sleep; as nyx_adopt_kick().
 */
void nyx_adopt_update_compat(void)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_update_compat();
}

/**
 * nyx_adopt_close() - keep devices from being removed
 *
 * Context: May sleep; locks of devices and of the PCI core may be held, but not
 *	nyx_devices_lock.
 * Return: true if no device is removed until nyx_adopt_open(); false if one is
 *	being removed.
 */
bool nyx_adopt_close(void)
{
	return nyx_adopt_gate_close(&nyx_adopt_gate);
}

/**
 * nyx_adopt_open() - undo nyx_adopt_close()
 *
 * Context: May sleep.
 */
void nyx_adopt_open(void)
{
	nyx_adopt_gate_open(&nyx_adopt_gate);
}

static void nyx_adopt_added(struct device *dev)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_device_added(dev);
}

/*
 * A driver is being bound to a device. If the device is not managed, because
 * the bind overlapped with loading the module, or because another device of the
 * group waits, the driver's DMA must work nevertheless.
 */
static void nyx_adopt_bind(struct device *dev)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_is_detaching() ? nyx_device_lookup(dev) :
				    nyx_device_get(dev);
	if (IS_ERR_OR_NULL(ndev))
		return;
	/* Before nyx_msi_bind(): interrupts of unknown devices are blocked. */
	if (!nyx_device_is_managed(ndev))
		nyx_device_set_state(ndev, nyx_device_has_dma_driver(dev) ?
				     NYX_DEVICE_WAITING : NYX_DEVICE_KEPT);
	nyx_msi_bind(ndev);
	if (nyx_device_is_managed(ndev)) {
		/* A reset since the last attach may have disabled ACS. */
		if (dev_is_pci(dev))
			nyx_acs_enable_path(to_pci_dev(dev));
		nyx_quarantine_retry(ndev, "bind");
		return;
	}
	nyx_device_log_untrusted(ndev);
	if (nyx_device_is_unused(ndev) &&
	    nyx_device_pass(ndev))
		dev_err(dev, "%s: cannot set the device's entry: DMA of the device is blocked\n",
			ndev->unit->name);
}

static void nyx_adopt_unbound(struct device *dev)
{
	struct nyx_device *ndev;

	scoped_guard(mutex, &nyx_devices_lock) {
		ndev = nyx_device_lookup(dev);
		if (!ndev)
			return;
		if (nyx_device_is_managed(ndev)) {
			nyx_msi_unbound(ndev);
			return;
		}
		nyx_msi_forget_driver(ndev);
		nyx_device_set_state(ndev, NYX_DEVICE_KEPT);
	}
	nyx_adopt_kick();
	nyx_adopt_update_compat();
}

/**
 * struct nyx_adopt_failed - a bind that failed
 * @work: handles the failure after the bind has ended
 * @dev: the device; a reference is held
 */
struct nyx_adopt_failed {
	struct work_struct work;
	struct device *dev;
};

static struct workqueue_struct *nyx_adopt_queue;

/* No caller waits for this work while it holds a lock of a device. */
static void nyx_adopt_bind_failed(struct work_struct *work)
{
	struct nyx_adopt_failed *failed =
		container_of(work, struct nyx_adopt_failed, work);
	struct device *dev = failed->dev;

	scoped_guard(device, dev)
		if (!dev->driver)
			nyx_adopt_unbound(dev);
	put_device(dev);
	kfree(failed);
}

/*
 * The driver core sends this notification while the device still has its driver
 * and could not be adopted. The small allocation must not fail, because the
 * device would stay unmanaged.
 */
static void nyx_adopt_not_bound(struct device *dev)
{
	struct nyx_adopt_failed *failed;

	failed = kzalloc_obj(*failed, GFP_KERNEL | __GFP_NOFAIL);
	INIT_WORK(&failed->work, nyx_adopt_bind_failed);
	failed->dev = get_device(dev);
	queue_work(nyx_adopt_queue, &failed->work);
}

static void nyx_adopt_removed(struct device *dev)
{
	bool waited = false;

	scoped_guard(mutex, &nyx_devices_lock) {
		struct nyx_device *ndev = nyx_device_lookup(dev);

		if (ndev) {
			waited = nyx_device_is_waiting(ndev);
			nyx_msi_detach(ndev);
			nyx_device_remove(ndev);
		}
	}
	if (waited)	/* other devices may have waited for it */
		nyx_adopt_kick();
	nyx_adopt_gate_end_removal(&nyx_adopt_gate, dev);
	nyx_adopt_update_compat();
}

static int nyx_adopt_notify(struct notifier_block *nb, unsigned long action,
			    void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
		nyx_adopt_added(dev);
		break;
	case BUS_NOTIFY_BIND_DRIVER:
		nyx_adopt_bind(dev);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		nyx_adopt_unbound(dev);
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		nyx_adopt_not_bound(dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		nyx_adopt_gate_begin_removal(&nyx_adopt_gate, dev);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		/*
		 * The IOMMU core has released it: its notifier is called first.
		 */
		nyx_adopt_removed(dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block nyx_adopt_pci = {
	.notifier_call = nyx_adopt_notify,
};

static struct notifier_block nyx_adopt_platform = {
	.notifier_call = nyx_adopt_notify,
};

/**
 * nyx_adopt_init() - start to watch devices and drivers
 *
 * Context: May sleep.
 * Return: 0, -ENOMEM or an error of the notifier chains.
 */
int nyx_adopt_init(void)
{
	int ret;

	nyx_adopt_queue = alloc_workqueue("nyx_adopt", WQ_UNBOUND, 0);
	if (!nyx_adopt_queue)
		return -ENOMEM;
	nyx_adopt_gate_init(&nyx_adopt_gate, nyx_adopt_probe);
	ret = bus_register_notifier(&pci_bus_type, &nyx_adopt_pci);
	if (ret)
		goto err_queue;
	ret = bus_register_notifier(&platform_bus_type, &nyx_adopt_platform);
	if (ret)
		goto err_pci;
	return 0;

err_pci:
	bus_unregister_notifier(&pci_bus_type, &nyx_adopt_pci);
err_queue:
	destroy_workqueue(nyx_adopt_queue);
	nyx_adopt_gate_clear(&nyx_adopt_gate);
	return ret;
}

/**
 * nyx_adopt_exit() - undo nyx_adopt_init()
 *
 * Context: May sleep; waits for notifications under way, and for devices that
 *	are being bound. No lock of a device is held.
 */
void nyx_adopt_exit(void)
{
	bus_unregister_notifier(&platform_bus_type, &nyx_adopt_platform);
	bus_unregister_notifier(&pci_bus_type, &nyx_adopt_pci);
	destroy_workqueue(nyx_adopt_queue);
	nyx_adopt_gate_clear(&nyx_adopt_gate);
}
