// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCIe Access Control Services (PCI Express Base Specification 6.0, section
 * 6.12).
 *
 * ACS makes peer-to-peer requests pass through the unit. The PCI core enables
 * it only on request of a built-in IOMMU driver, and does not export a function
 * for modules. Nor does it export the quirks for devices that isolate without
 * an ACS capability: such a device gets a coarser group than under a built-in
 * driver, never a finer one.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/suspend.h>

#include <nyx/compat.h>
#include <nyx/device.h>

#include "pci.h"

/* Redirect requests and completions upstream, and check requester IDs. */
#define NYX_ACS_FLAGS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/*
 * Returns the features that a function should have. Above devices that are not
 * trusted, requests that claim to be translated are blocked, too.
 */
static u16 nyx_acs_wanted(struct pci_dev *pdev)
{
	u16 want = NYX_ACS_FLAGS;

	if (pdev->external_facing || pdev->untrusted)
		want |= PCI_ACS_TB;
	return want & nyx_pci_acs_offered(pdev);
}

/**
 * struct nyx_acs_saved - ACS control of a function before it was changed
 * @node: entry of nyx_acs_list
 * @pdev: the function; a reference is held
 * @ctrl: original value of the ACS Control register
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
 * nyx_acs_enable() - enable ACS on a function
 * @pdev: the function
 *
 * Enables source validation, request redirect, completion redirect and upstream
 * forwarding as far as the function supports them. The original register value
 * is saved by the first call only: a reset may clear it before later calls.
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
	want = ctrl | nyx_acs_wanted(pdev);

	if (!nyx_acs_find(pdev)) {
		saved = kzalloc_obj(*saved);
		if (!saved)
			return;	/* not isolated; its group accounts for that */
		saved->pdev = pci_dev_get(pdev);
		saved->ctrl = ctrl;
		list_add(&saved->node, &nyx_acs_list);
	}
	if (want != ctrl)
		pci_write_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, want);
}

/**
 * nyx_acs_enable_path() - enable ACS on a function and all bridges above it
 * @pdev: the function
 *
 * Groups rely on the ACS settings at the time when they were formed. Resets and
 * changes of the power state clear these settings, and the PCI core restores
 * them only if it has enabled ACS itself.
 *
 * Context: May sleep; the function's bus cannot be removed.
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
 * nyx_acs_remove() - drop the saved state of a removed function
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
 * nyx_acs_restore() - restore the original ACS control of all functions
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
 * nyx_acs_init() - enable ACS again after each system sleep
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

/* Features that the function does not support are not required. */
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
 * nyx_acs_isolated() - check that all requests of a function go upstream
 * @pdev: the function
 *
 * Root and downstream ports must have ACS enabled. So must each function of a
 * multi-function device, because it could reach the others inside the device; a
 * single-function device has no such peers. Devices on a conventional PCI bus
 * reach each other directly, so a bridge to such a bus isolates nothing below
 * it.
 *
 * Context: Any context that may read configuration space.
 * Return: true if all requests go upstream.
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
 * nyx_acs_path_isolated() - check isolation from a function up to the root
 * @pdev: the function
 *
 * Context: Any context that may read configuration space.
 * Return: true if @pdev and every bridge above it are isolated.
 */
bool nyx_acs_path_isolated(struct pci_dev *pdev)
{
	while (nyx_acs_isolated(pdev)) {
		if (pci_is_root_bus(pdev->bus))
			return true;
		pdev = pdev->bus->self;
		if (!pdev)	/* on the bus of a virtual function */
			return false;
	}
	return false;
}
