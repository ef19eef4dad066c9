// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCIe Access Control Services (PCI Express Base Specification 6.0, section
 * 6.12).
 *
 * With the built-in IOMMU drivers off nobody asks the PCI core to switch ACS
 * on, and what would do so is not exported. Kernel quirks for devices that
 * isolate without an ACS capability are not exported either: such a device ends
 * up in a coarser group than under a built-in driver, never in a finer one.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/suspend.h>

#include <nyx/compat.h>
#include <nyx/device.h>

#include "pci.h"

/* Requests and completions go up, and no function lies about its ID. */
#define NYX_ACS_FLAGS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/**
 * struct nyx_acs_saved - a function whose ACS control is kept on
 * @node: in nyx_acs_list
 * @pdev: the function; a reference is held
 * @ctrl: the control register as it was found first
 */
struct nyx_acs_saved {
	struct list_head node;
	struct pci_dev *pdev;
	u16 ctrl;
};

static LIST_HEAD(nyx_acs_list);
static DEFINE_MUTEX(nyx_acs_lock);	/* protects nyx_acs_list */

static struct nyx_acs_saved *nyx_acs_find(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	lockdep_assert_held(&nyx_acs_lock);
	list_for_each_entry(saved, &nyx_acs_list, node)
		if (saved->pdev == pdev)
			return saved;
	return NULL;
}

/**
 * nyx_acs_enable() - switch on what isolates a function
 * @pdev: the function
 *
 * Sets source validation, request redirect, completion redirect and upstream
 * forwarding as far as the function offers them, and remembers what was there
 * first: something may switch off later what was on then.
 *
 * Context: May sleep.
 */
void nyx_acs_enable(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;
	u16 ctrl, want;

	if (!pdev->acs_cap)
		return;

	guard(mutex)(&nyx_acs_lock);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &ctrl);
	if (PCI_POSSIBLE_ERROR(ctrl))
		return;
	want = ctrl | (nyx_pci_acs_offered(pdev) & NYX_ACS_FLAGS);

	if (!nyx_acs_find(pdev)) {
		saved = kzalloc_obj(*saved);
		if (!saved)
			return;	/* not isolated, and grouped so */
		saved->pdev = pci_dev_get(pdev);
		saved->ctrl = ctrl;
		list_add(&saved->node, &nyx_acs_list);
	}
	if (want != ctrl)
		pci_write_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, want);
}

/**
 * nyx_acs_enable_path() - the same for a function and all bridges above it
 * @pdev: the function
 *
 * Groups were formed by what was on then. Resets and power states switch it
 * off, and the PCI core, which was not asked for ACS, does not put it back.
 *
 * Context: May sleep; the function's bus cannot go away.
 */
void nyx_acs_enable_path(struct pci_dev *pdev)
{
	struct pci_bus *bus;

	nyx_acs_enable(pdev);
	for (bus = pdev->bus; !pci_is_root_bus(bus); bus = bus->parent)
		if (bus->self)
			nyx_acs_enable(bus->self);
}

static void nyx_acs_drop(struct nyx_acs_saved *saved)
{
	list_del(&saved->node);
	pci_dev_put(saved->pdev);
	kfree(saved);
}

/**
 * nyx_acs_remove() - a function is gone
 * @pdev: the function
 *
 * Context: May sleep.
 */
void nyx_acs_remove(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	guard(mutex)(&nyx_acs_lock);
	saved = nyx_acs_find(pdev);
	if (saved)
		nyx_acs_drop(saved);
}

/**
 * nyx_acs_restore() - put every ACS control back as it was found
 *
 * Context: May sleep. No device is managed any more.
 */
void nyx_acs_restore(void)
{
	struct nyx_acs_saved *saved, *next;

	guard(mutex)(&nyx_acs_lock);
	list_for_each_entry_safe(saved, next, &nyx_acs_list, node) {
		pci_write_config_word(saved->pdev,
				      saved->pdev->acs_cap + PCI_ACS_CTRL,
				      saved->ctrl);
		nyx_acs_drop(saved);
	}
}

static int nyx_acs_resumed(struct notifier_block *nb, unsigned long action,
			   void *unused)
{
	struct nyx_device *ndev;

	if (action != PM_POST_SUSPEND && action != PM_POST_HIBERNATION)
		return NOTIFY_DONE;
	guard(mutex)(&nyx_devices_lock);
	list_for_each_entry(ndev, &nyx_devices, node)
		if (dev_is_pci(ndev->dev))
			nyx_acs_enable(to_pci_dev(ndev->dev));
	return NOTIFY_OK;
}

static struct notifier_block nyx_acs_pm = {
	.notifier_call = nyx_acs_resumed,
};

/**
 * nyx_acs_init() - switch ACS on again whenever the system was asleep
 *
 * Context: May sleep.
 * Return: 0 or an error of the notifier chain.
 */
int nyx_acs_init(void)
{
	return register_pm_notifier(&nyx_acs_pm);
}

/**
 * nyx_acs_exit() - undo nyx_acs_init()
 *
 * Context: May sleep.
 */
void nyx_acs_exit(void)
{
	unregister_pm_notifier(&nyx_acs_pm);
}

/* What the capability register does not offer cannot be demanded. */
static bool nyx_acs_flags_set(struct pci_dev *pdev)
{
	u16 ctrl, need;

	if (!pdev->acs_cap)
		return false;
	need = NYX_ACS_FLAGS & nyx_pci_acs_offered(pdev);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &ctrl);
	if (PCI_POSSIBLE_ERROR(ctrl))
		return false;
	return (ctrl & need) == need;
}

/**
 * nyx_acs_isolated() - whether a function's requests all go upstream
 * @pdev: the function
 *
 * Ports that lead down must have ACS on. A function of a multi-function device
 * must have it too, or it may reach its neighbours inside the device; a device
 * of one function has nobody to reach. Conventional PCI shares a bus, and a
 * bridge to it isolates nothing behind it.
 *
 * Context: Any in which configuration space can be read.
 * Return: true if they do.
 */
bool nyx_acs_isolated(struct pci_dev *pdev)
{
	if (!pci_is_pcie(pdev))
		return false;

	switch (pci_pcie_type(pdev)) {
	case PCI_EXP_TYPE_ROOT_PORT:
	case PCI_EXP_TYPE_DOWNSTREAM:
		return nyx_acs_flags_set(pdev);
	case PCI_EXP_TYPE_ENDPOINT:
	case PCI_EXP_TYPE_LEG_END:
	case PCI_EXP_TYPE_UPSTREAM:
	case PCI_EXP_TYPE_RC_END:
		return !pdev->multifunction || nyx_acs_flags_set(pdev);
	default:
		/* Bridges to and from conventional PCI, event collectors. */
		return false;
	}
}

/**
 * nyx_acs_path_isolated() - whether all from a function to the root isolates
 * @pdev: where the path starts
 *
 * Context: Any in which configuration space can be read.
 * Return: true if @pdev and every bridge above it is isolated.
 */
bool nyx_acs_path_isolated(struct pci_dev *pdev)
{
	while (nyx_acs_isolated(pdev)) {
		if (pci_is_root_bus(pdev->bus))
			return true;
		pdev = pdev->bus->self;
		if (!pdev)	/* a virtual function's bus has no bridge */
			return false;
	}
	return false;
}
