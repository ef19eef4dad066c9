// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detach: release all devices and disable translation.
 *
 * Releasing a device whose driver does DMA would remove the translation in use,
 * and the IOMMU core warns about it. So a detach takes the locks of all managed
 * devices, which keeps drivers from being bound and unbound, and proceeds only
 * if none of the devices is bound.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include <nyx/compat.h>
#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "intr/adopt.h"
#include "intr/msi.h"
#include "lifecycle.h"
#include "quarantine/quarantine.h"

static DEFINE_MUTEX(nyx_detach_lock);	/* one detach at a time */

/*
 * Ports do no DMA of their own: their driver may stay bound if it has declared
 * that to the IOMMU core (driver_managed_dma). A driver that has not (shpchp,
 * yenta_socket) owns the DMA of its group like any other driver. The DMA of a
 * device that is not managed passes untranslated before and after. A driver that
 * requested interrupts from the unit would lose them, and one whose request failed
 * would request them from the unit again.
 */
static bool nyx_detach_is_busy(struct device *dev)
{
	const struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_device_lookup(dev);
	if (!dev->driver || !ndev)
		return false;
	if (nyx_adopt_is_busy(ndev))
		return true;
	return nyx_device_is_managed(ndev) &&
	       (!dev_is_pci(dev) || !pci_is_bridge(to_pci_dev(dev)) ||
		!to_pci_driver(dev->driver)->driver_managed_dma);
}

static void nyx_detach_unlock(struct device **devs, size_t n)
{
	while (n--) {
		device_unlock(devs[n]);
		put_device(devs[n]);
	}
}

static bool nyx_detach_concerns(const struct nyx_device *ndev)
{
	return nyx_device_is_managed(ndev) || ndev->remapped;
}

/*
 * Returns an array of all devices whose DMA or interrupts the units remap, and
 * takes a reference to each. Counts the managed ones.
 */
static struct device **nyx_detach_collect(size_t *count, size_t *managed)
{
	struct nyx_device *ndev;
	struct device **devs;
	size_t n = 0;

	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		n += nyx_detach_concerns(ndev);
	devs = kvcalloc(n + 1, sizeof(*devs), GFP_KERNEL);
	if (!devs)
		return NULL;
	*count = 0;
	*managed = 0;
	list_for_each_entry(ndev, &nyx_devices, node) {
		*managed += nyx_device_is_managed(ndev);
		if (nyx_detach_concerns(ndev))
			devs[(*count)++] = get_device(ndev->dev);
	}
	return devs;
}

/*
 * Locks all @devs, unless one of them has a driver that does DMA. Uses trylock:
 * the owner of a device's lock may be waiting for another lock that is held
 * here. lockdep counts the locks as one, because a task may hold only 48.
 */
static int nyx_detach_lock_all(struct device **devs, size_t n)
{
	bool busy = false;
	size_t i, locked = 0;

	for (i = 0; i < n; i++) {
		if (!mutex_trylock_nest_lock(&devs[i]->mutex,
					     &nyx_detach_lock)) {
			pr_err("detach: %s is being bound or removed; retry later\n",
			       dev_name(devs[i]));
			busy = true;
			put_device(devs[i]);
			continue;
		}
		if (nyx_detach_is_busy(devs[i])) {
			pr_err("detach: %s is bound to %s; unbind it and retry\n",
			       dev_name(devs[i]), devs[i]->driver->name);
			busy = true;
		}
		devs[locked++] = devs[i];
	}
	if (!busy) {
		guard(mutex)(&nyx_devices_lock);
		busy = nyx_intr_check_none();
	}
	if (!busy)
		return 0;
	nyx_detach_unlock(devs, locked);
	return -EBUSY;
}

/* A device that resumed meanwhile would restore messages that change. */
static int nyx_detach_return_interrupts(struct device **devs, size_t n)
{
	size_t i;
	int ret;

	for (i = 0; i < n; i++)
		pm_runtime_get_sync(devs[i]);
	scoped_guard(mutex, &nyx_devices_lock)
		ret = nyx_msi_return();
	for (i = 0; i < n; i++)
		pm_runtime_put(devs[i]);
	return ret;
}

/*
 * Blocks removals of devices and allocations of domains, and returns the interrupts
 * of devices that have a driver. Called with the locks of all @devs and releases
 * them on failure. Probes have ended at this point: no default domain is being
 * allocated.
 */
static int nyx_detach_freeze(struct device **devs, size_t n)
{
	if (nyx_adopt_close()) {
		if (nyx_domains_close()) {
			if (!nyx_detach_return_interrupts(devs, n))
				return 0;
			nyx_domains_open();
		}
		nyx_adopt_open();
	} else {
		pr_err("detach: a device is being removed; retry later\n");
	}
	nyx_detach_unlock(devs, n);
	return -EBUSY;
}

/**
 * nyx_detach() - release all devices and disable translation
 *
 * Units with nyx_unit.stays_on pass all DMA instead, and the log names them. The
 * module can be unloaded afterwards. Does nothing if already detached.
 *
 * Context: May sleep.
 * Return: 0; -EBUSY with nothing changed if a managed device is bound, a device
 *	has interrupts that were not freed, a domain is not a default domain, or
 *	a device is being removed, each named in the log, or in a capture kernel
 *	whose crashed kernel used a unit; -EBUSY after a log line if adopted
 *	interrupts could not be returned, with some of them returned; -ENOMEM.
 */
int nyx_detach(void)
{
	struct device **devs;
	size_t n, managed;
	int ret;

	guard(mutex)(&nyx_detach_lock);
	if (nyx_is_detaching())
		return 0;
	/* Untranslated, their DMA would reach the memory of this kernel. */
	if (nyx_units_are_foreign()) {
		pr_err("detach: devices may still do DMA for the kernel that crashed; reboot instead\n");
		return -EBUSY;
	}

	nyx_set_detaching(true);	/* stops the probing of devices */
	devs = nyx_detach_collect(&n, &managed);
	ret = devs ? nyx_detach_lock_all(devs, n) : -ENOMEM;
	if (!ret)
		ret = nyx_detach_freeze(devs, n);
	if (!ret) {
		nyx_units_unregister();
		/*
		 * Before the locks are released: MSIs in compatibility format
		 * would be blocked if a driver were bound earlier.
		 */
		nyx_quarantine_detach();
		nyx_units_disable();
		/* Later: the removal of a device changes its entry. */
		nyx_adopt_open();
		nyx_detach_unlock(devs, n);
		nyx_msi_reset_all_inherited();
		pr_info("%zu devices released, translation is off%s\n", managed,
			nyx_units_left_on() ? " except for graphics" : "");
	}
	kvfree(devs);
	if (ret) {
		nyx_set_detaching(false);
		nyx_adopt_kick();	/* devices that were added meanwhile */
		nyx_reset_kick();
		nyx_adopt_update_compat();
	}
	return ret;
}

/**
 * nyx_detach_final() - detach when the module is unloaded
 *
 * The IOMMU core holds a reference to the module for each managed device, so no
 * device is managed any more. Only the removal of a device can delay this
 * function.
 *
 * Context: May sleep.
 */
void nyx_detach_final(void)
{
	guard(mutex)(&nyx_detach_lock);
	nyx_set_detaching(true);
	/* Removals need no lock that is held here. */
	while (!nyx_adopt_close())
		msleep(20);
	if (nyx_units_are_registered())
		nyx_units_unregister();
	nyx_quarantine_detach();
	nyx_units_disable();
	nyx_adopt_open();
	nyx_msi_reset_all_inherited();
}
