// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands of the user for one device: disable it, and let it work again.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/string.h>

#include <nyx/device.h>

#include "lifecycle.h"
#include "quarantine/quarantine.h"

static struct nyx_device *nyx_command_find(const char *name)
{
	struct nyx_device *ndev;

	lockdep_assert_held(&nyx_devices_lock);
	if (nyx_is_detaching())
		return NULL;
	list_for_each_entry(ndev, &nyx_devices, node)
		if (!strcmp(dev_name(ndev->dev), name))
			return ndev;
	return NULL;
}

static int nyx_command_recover(struct nyx_device *ndev)
{
	guard(mutex)(&nyx_devices_lock);
	/* It may have been removed since it was found. */
	if (nyx_is_detaching() || nyx_device_lookup(ndev->dev) != ndev)
		return -ENODEV;
	return nyx_quarantine_recover(ndev, "command");
}

/*
 * A driver that is not prepared for a reset would continue with a device that has
 * lost its state.
 */
static bool nyx_command_may_reset(const struct pci_dev *pdev)
{
	const struct pci_error_handlers *handlers;

	if (!pdev->dev.driver)
		return true;
	handlers = to_pci_driver(pdev->dev.driver)->err_handler;
	return handlers && handlers->reset_prepare && handlers->reset_done;
}

/*
 * Resets a function, and recovers it before its driver continues: the driver does
 * DMA at once. That is why pci_reset_function() cannot be used, which does the
 * same steps. A function that cannot be reset is recovered all the same.
 *
 * A driver prepares for the reset by stopping the device, and some send commands
 * to it and wait for long: see nyx_command_reset_resumed().
 */
static int nyx_command_reset_pci(struct nyx_device *ndev, struct pci_dev *pdev)
{
	const struct pci_driver *drv;
	u16 command;
	int ret;

	device_lock_assert(&pdev->dev);
	drv = pdev->dev.driver ? to_pci_driver(pdev->dev.driver) : NULL;
	pci_cfg_access_lock(pdev);
	if (drv)
		drv->err_handler->reset_prepare(pdev);
	pci_set_power_state(pdev, PCI_D0);
	/* A device that does not respond keeps the state that was saved last. */
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (!PCI_POSSIBLE_ERROR(command)) {
		pci_save_state(pdev);
		/* Ends DMA and interrupts that are not part of the reset. */
		pci_write_config_word(pdev, PCI_COMMAND,
				      PCI_COMMAND_INTX_DISABLE);
	}
	ret = __pci_reset_function_locked(pdev);
	pci_restore_state(pdev);
	if (ret)
		dev_info(&pdev->dev, "cannot be reset (%d)\n", ret);
	else
		dev_info(&pdev->dev, "was reset\n");
	ret = nyx_command_recover(ndev);
	if (drv)
		drv->err_handler->reset_done(pdev);
	pci_cfg_access_unlock(pdev);
	return ret;
}

/*
 * The driver uses the device before the reset: it resumes it from runtime suspend
 * with DMA and interrupts, and fails for good if nothing answers, and it prepares
 * for the reset. So the device is recovered before that, too. If it faults again, it
 * is cut off again until it was reset. Without a driver, resuming a function does
 * no more than restore its configuration space.
 */
static int nyx_command_reset_resumed(struct nyx_device *ndev,
				     struct pci_dev *pdev)
{
	int ret;

	if (pdev->dev.driver) {
		ret = nyx_command_recover(ndev);
		if (ret)
			return ret;
	}
	pm_runtime_get_sync(ndev->dev);
	ret = nyx_command_reset_pci(ndev, pdev);
	pm_runtime_put(ndev->dev);
	return ret;
}

static int nyx_command_reset_locked(struct nyx_device *ndev)
{
	struct pci_dev *pdev;
	int ret;

	if (!dev_is_pci(ndev->dev) || !nyx_device_is_cut_off(ndev))
		return nyx_command_recover(ndev);
	pdev = to_pci_dev(ndev->dev);
	/* A driver that does not respond may hold the lock for long. */
	if (!device_trylock(ndev->dev)) {
		dev_info(ndev->dev, "is being bound or unbound: not reset\n");
		return nyx_command_recover(ndev);
	}
	if (nyx_command_may_reset(pdev)) {
		ret = nyx_command_reset_resumed(ndev, pdev);
	} else {
		dev_info(ndev->dev, "is bound to %s, which is not prepared for a reset: not reset\n",
			 ndev->dev->driver->name);
		ret = nyx_command_recover(ndev);
	}
	device_unlock(ndev->dev);
	return ret;
}

static int nyx_command_reset_held(struct nyx_device *ndev)
{
	int ret = -ENODEV;

	/* The IOMMU core must not release the device during the reset. */
	pci_lock_rescan_remove();
	if (device_is_registered(ndev->dev))
		ret = nyx_command_reset_locked(ndev);
	pci_unlock_rescan_remove();
	return ret;
}

/**
 * nyx_command_reset() - let a device work again
 * @name: name of the device
 *
 * If the device is cut off, the function is reset before, unless it cannot be
 * reset or its driver is not prepared for that. Other devices are not reset.
 *
 * Context: May sleep.
 * Return: 0; -ENODEV if no unit serves a device with this name, or a detach has
 *	begun; otherwise as nyx_quarantine_recover().
 */
int nyx_command_reset(const char *name)
{
	struct nyx_device *ndev;
	int ret;

	scoped_guard(mutex, &nyx_devices_lock) {
		ndev = nyx_command_find(name);
		if (!ndev)
			return -ENODEV;
		nyx_device_hold(ndev);
		/* pci_restore_state() is called below: see reset.c. */
		WRITE_ONCE(ndev->resetting, true);
	}
	ret = nyx_command_reset_held(ndev);
	WRITE_ONCE(ndev->resetting, false);
	nyx_device_drop(ndev);
	return ret;
}

/**
 * nyx_command_disable() - cut a device off until nyx_command_reset()
 * @name: name of the device
 *
 * Context: May sleep.
 * Return: 0; -ENODEV if no unit serves a device with this name, or a detach has
 *	begun.
 */
int nyx_command_disable(const char *name)
{
	struct nyx_device *ndev;

	guard(mutex)(&nyx_devices_lock);
	ndev = nyx_command_find(name);
	if (!ndev)
		return -ENODEV;
	nyx_quarantine_disable(ndev);
	return 0;
}
