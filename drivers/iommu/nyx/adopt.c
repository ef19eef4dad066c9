// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adoption.
 *
 * The IOMMU core probes a device when it appears and when a unit is registered,
 * but not when its driver goes. Registering one more unit, an empty one, makes
 * it probe all devices that have no group: the one that was just unbound, and
 * those that waited for it.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#include <nyx/device.h>

#include "acs.h"
#include "adopt.h"
#include "adopt_gate.h"
#include "detach.h"
#include "msi.h"
#include "ops.h"

static void nyx_adopt_probe(void)
{
	struct iommu_device none = {};
	int ret;

	if (nyx_is_detaching())
		return;
	ret = iommu_device_register(&none, &nyx_ops, NULL);
	if (ret)	/* it has unregistered itself */
		pr_err("unbound devices stay untranslated (%d): unbind them once more\n",
		       ret);
	else
		iommu_device_unregister(&none);
}

/*
 * Whoever comes here may hold locks of devices, and the PCI core's with them: a
 * driver is unbound when its device is pulled, and removes virtual functions.
 * The core, and what it calls here, takes neither, and binds, adds and removes
 * no device, so the gate's lock closes no circle.
 *
 * A removal that began before the notifiers were there is not known, and is
 * over before anything can be probed: nyx_units_register() takes the PCI core's
 * lock.
 */
static struct nyx_adopt_gate nyx_adopt_gate;

/**
 * nyx_adopt_kick() - have the IOMMU core probe what it does not manage yet
 *
 * While a device is being removed, that is left to the end of its removal.
 *
 * Context: May sleep; locks of devices and of the PCI core may be held, but not
 *	nyx_devices_lock.
 */
void nyx_adopt_kick(void)
{
	nyx_adopt_gate_kick(&nyx_adopt_gate);
}

/**
 * nyx_adopt_review() - see who needs plain interrupts by now
 *
 * Devices have come under the core's management, or left it, or are gone.
 *
 * Context: May sleep; as nyx_adopt_kick().
 */
void nyx_adopt_review(void)
{
	guard(mutex)(&nyx_devices_lock);
	nyx_msi_review();
}

/*
 * A driver comes to a device that the core does not manage: one that slipped in
 * while the module was loading, or that waits for a neighbour. Its DMA must
 * work all the same.
 */
static void nyx_adopt_bind(struct device *dev)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_is_detaching() ? nyx_device_lookup(dev) :
				    nyx_device_get(dev);
	if (IS_ERR_OR_NULL(ndev))
		return;
	nyx_msi_bind(ndev);
	if (ndev->managed) {
		/* It was attached long ago, and may have been reset since. */
		if (dev_is_pci(dev))
			nyx_acs_enable_path(to_pci_dev(dev));
		return;
	}
	WRITE_ONCE(ndev->waiting, nyx_device_is_waiting(dev));
	if (ndev->entry.kind == NYX_ENTRY_BLOCKED &&
	    nyx_device_set_identity(ndev))
		dev_err(dev, "%s does not take its entry: its DMA is blocked\n",
			ndev->unit->name);
}

static void nyx_adopt_unbound(struct device *dev)
{
	struct nyx_device *ndev;

	scoped_guard(mutex, &nyx_devices_lock) {
		ndev = nyx_device_lookup(dev);
		if (!ndev)
			return;
		if (ndev->managed) {
			/* It may have come before its MSIs were remapped. */
			nyx_msi_review();
			return;
		}
		WRITE_ONCE(ndev->waiting, false);
	}
	nyx_adopt_kick();
	nyx_adopt_review();
}

static void nyx_adopt_removed(struct device *dev)
{
	bool waited;

	scoped_guard(mutex, &nyx_devices_lock) {
		struct nyx_device *ndev = nyx_device_lookup(dev);

		waited = ndev && ndev->waiting;
	}
	nyx_device_remove(dev);
	if (waited)	/* somebody may have waited for it in turn */
		nyx_adopt_kick();
	nyx_adopt_gate_gone(&nyx_adopt_gate, dev);
	nyx_adopt_review();
}

static int nyx_adopt_notify(struct notifier_block *nb, unsigned long action,
			    void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_BIND_DRIVER:
		nyx_adopt_bind(dev);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		nyx_adopt_unbound(dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		nyx_adopt_gate_leave(&nyx_adopt_gate, dev);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		/* The core's notifier is older than ours: it has released it. */
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
 * nyx_adopt_init() - watch drivers come and go
 *
 * Context: May sleep.
 * Return: 0 or an error of the notifier chains.
 */
int nyx_adopt_init(void)
{
	int ret;

	nyx_adopt_gate_init(&nyx_adopt_gate, nyx_adopt_probe);
	ret = bus_register_notifier(&pci_bus_type, &nyx_adopt_pci);
	if (ret)
		return ret;
	ret = bus_register_notifier(&platform_bus_type, &nyx_adopt_platform);
	if (ret) {
		bus_unregister_notifier(&pci_bus_type, &nyx_adopt_pci);
		nyx_adopt_gate_clear(&nyx_adopt_gate);
	}
	return ret;
}

/**
 * nyx_adopt_exit() - undo nyx_adopt_init()
 *
 * Context: May sleep; waits for notifications under way.
 */
void nyx_adopt_exit(void)
{
	bus_unregister_notifier(&platform_bus_type, &nyx_adopt_platform);
	bus_unregister_notifier(&pci_bus_type, &nyx_adopt_pci);
	nyx_adopt_gate_clear(&nyx_adopt_gate);
}
