// SPDX-License-Identifier: GPL-2.0-only
/*
 * Giving every device back.
 *
 * Releasing a device whose driver does DMA would pull the translation from
 * under it, and the core warns. So the locks of all managed devices are taken,
 * which keeps drivers from coming and going, and only if none is bound does
 * anything happen.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include <nyx/device.h>
#include <nyx/domain.h>
#include <nyx/intr.h>
#include <nyx/unit.h>

#include "intr/msi.h"
#include "lifecycle.h"

static DEFINE_MUTEX(nyx_detach_lock);	/* one detach at a time */

/*
 * Ports do no DMA of their own: their driver may stay, if it told the core so.
 * One that did not (shpchp, yenta_socket) owns its group's DMA like any other.
 * One that has interrupts through the unit would lose them, and one that could
 * get none of those would ask there again.
 */
static bool nyx_detach_is_busy(struct device *dev)
{
	const struct nyx_device *ndev = dev_iommu_priv_get(dev);

	if (!dev->driver)
		return false;
	return !dev_is_pci(dev) || !pci_is_bridge(to_pci_dev(dev)) ||
	       !to_pci_driver(dev->driver)->driver_managed_dma ||
	       READ_ONCE(ndev->msi_requested) || nyx_intr_device_has_any(ndev);
}

static void nyx_detach_unlock(struct device **devs, size_t n)
{
	while (n--) {
		device_unlock(devs[n]);
		put_device(devs[n]);
	}
}

/* An array of all managed devices, each with a reference. */
static struct device **nyx_detach_collect(size_t *count)
{
	struct nyx_device *ndev;
	struct device **devs;
	size_t n = 0;

	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		n += nyx_device_is_managed(ndev);
	devs = kvcalloc(n + 1, sizeof(*devs), GFP_KERNEL);
	if (!devs)
		return NULL;
	*count = 0;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (nyx_device_is_managed(ndev))
			devs[(*count)++] = get_device(ndev->dev);
	return devs;
}

/*
 * Locks all @devs, none of which has a driver that does DMA. The locks are only
 * tried: whoever holds one may be waiting for another that is held here.
 */
static int nyx_detach_lock_all(struct device **devs, size_t n)
{
	bool busy = false;
	size_t i, locked = 0;

	for (i = 0; i < n; i++) {
		if (!device_trylock(devs[i])) {
			pr_err("detach: %s is being bound or removed: detach again later\n",
			       dev_name(devs[i]));
			busy = true;
			put_device(devs[i]);
			continue;
		}
		if (nyx_detach_is_busy(devs[i])) {
			pr_err("detach: %s is bound to %s: unbind it, then detach again\n",
			       dev_name(devs[i]), devs[i]->driver->name);
			busy = true;
		}
		devs[locked++] = devs[i];
	}
	if (!busy && !nyx_intr_check_none())
		return 0;
	nyx_detach_unlock(devs, locked);
	return -EBUSY;
}

/*
 * Keeps devices from going and domains from coming. Has all locks, and gives them
 * back if it fails. Probing is over by then: no default domain is being made.
 */
static int nyx_detach_freeze(struct device **devs, size_t n)
{
	if (nyx_adopt_close()) {
		if (nyx_domains_close())
			return 0;
		nyx_adopt_open();
	} else {
		pr_err("detach: a device is being removed: detach again later\n");
	}
	nyx_detach_unlock(devs, n);
	return -EBUSY;
}

/**
 * nyx_detach() - give every device back and switch translation off
 *
 * After it the module can be unloaded. Doing it twice is no error.
 *
 * Context: May sleep.
 * Return: 0; -EBUSY if a managed device is bound, a device has interrupts that
 *	were not given back, or somebody has a domain of his own, each named in
 *	the log, or a device is just being removed, with nothing changed; -ENOMEM.
 */
int nyx_detach(void)
{
	struct device **devs;
	size_t n;
	int ret;

	guard(mutex)(&nyx_detach_lock);
	if (nyx_is_detaching())
		return 0;

	nyx_set_detaching(true);	/* nothing new is probed from here on */
	devs = nyx_detach_collect(&n);
	ret = devs ? nyx_detach_lock_all(devs, n) : -ENOMEM;
	if (!ret)
		ret = nyx_detach_freeze(devs, n);
	if (!ret) {
		nyx_units_unregister();
		nyx_adopt_open();
		/* A driver that came earlier would have its MSIs blocked. */
		nyx_units_disable();
		nyx_detach_unlock(devs, n);
		nyx_msi_reset_all_inherited();
		pr_info("%zu devices given back, translation is off\n", n);
	}
	kvfree(devs);
	if (ret) {
		nyx_set_detaching(false);
		nyx_adopt_kick();	/* whatever came in the meantime */
		nyx_adopt_update_compat();
	}
	return ret;
}

/**
 * nyx_detach_final() - the same for module unload
 *
 * The core holds a reference to the module for each managed device, so none is
 * left, and nothing can be in the way but a device that is just being removed.
 *
 * Context: May sleep.
 */
void nyx_detach_final(void)
{
	guard(mutex)(&nyx_detach_lock);
	nyx_set_detaching(true);
	if (nyx_units_are_registered()) {
		/* A removal waits for nothing that is held here. */
		while (!nyx_adopt_close())
			msleep(20);
		nyx_units_unregister();
		nyx_adopt_open();
	}
	nyx_units_disable();
	nyx_msi_reset_all_inherited();
}
