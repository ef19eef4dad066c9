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

#include <nyx/compat.h>

#include "acs.h"

/* Requests and completions go up, and no function lies about its ID. */
#define NYX_ACS_FLAGS (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/**
 * struct nyx_acs_saved - a function whose ACS control was changed
 * @node: in nyx_acs_list
 * @pdev: the function; a reference is held
 * @ctrl: the control register as it was
 */
struct nyx_acs_saved {
	struct list_head node;
	struct pci_dev *pdev;
	u16 ctrl;
};

static LIST_HEAD(nyx_acs_list);
static DEFINE_MUTEX(nyx_acs_lock);	/* protects nyx_acs_list */

/**
 * nyx_acs_enable() - switch on what isolates a function
 * @pdev: the function
 *
 * Sets source validation, request redirect, completion redirect and upstream
 * forwarding as far as the function offers them, and remembers what was there
 * before. Once per function; a second call finds nothing to change.
 *
 * Context: May sleep.
 */
void nyx_acs_enable(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;
	u16 cap, ctrl, want;

	if (!pdev->acs_cap)
		return;

	guard(mutex)(&nyx_acs_lock);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &cap);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &ctrl);
	want = ctrl | (cap & NYX_ACS_FLAGS);
	if (want == ctrl || PCI_POSSIBLE_ERROR(ctrl))
		return;

	saved = kzalloc_obj(*saved);
	if (!saved)
		return;	/* not isolated, and grouped so */
	saved->pdev = pci_dev_get(pdev);
	saved->ctrl = ctrl;
	list_add(&saved->node, &nyx_acs_list);
	pci_write_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, want);
}

static void nyx_acs_drop(struct nyx_acs_saved *saved)
{
	list_del(&saved->node);
	pci_dev_put(saved->pdev);
	kfree(saved);
}

/**
 * nyx_acs_forget() - a function is gone
 * @pdev: the function
 *
 * Context: May sleep.
 */
void nyx_acs_forget(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved, *next;

	guard(mutex)(&nyx_acs_lock);
	list_for_each_entry_safe(saved, next, &nyx_acs_list, node)
		if (saved->pdev == pdev)
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

/* What the capability register does not offer cannot be demanded. */
static bool nyx_acs_flags_set(struct pci_dev *pdev)
{
	u16 cap, ctrl, need;

	if (!pdev->acs_cap)
		return false;
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CAP, &cap);
	pci_read_config_word(pdev, pdev->acs_cap + PCI_ACS_CTRL, &ctrl);
	if (PCI_POSSIBLE_ERROR(cap) || PCI_POSSIBLE_ERROR(ctrl))
		return false;
	need = NYX_ACS_FLAGS & cap;
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
