// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-ups in the tables of functions and drivers that need special treatment.
 */
#include <linux/device.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "quirks.h"

static bool nyx_quirk_matches(const struct nyx_quirk *quirk,
			      const struct pci_dev *pdev)
{
	if (pdev->vendor != quirk->vendor ||
	    pdev->device < quirk->first || pdev->device > quirk->last ||
	    pdev->revision < quirk->first_rev ||
	    pdev->revision > quirk->last_rev)
		return false;
	if ((pdev->class ^ quirk->class) & quirk->class_mask)
		return false;
	if (quirk->root_bus && !pci_is_root_bus(pdev->bus))
		return false;
	if (quirk->multifunction && !pdev->multifunction)
		return false;
	return !quirk->types ||
	       (pdev->pcie_cap && (quirk->types & BIT(pci_pcie_type(pdev))));
}

/**
 * nyx_quirk_flags() - find out which special treatment a function needs
 * @pdev: the function
 *
 * Rows that match add up. An untrusted function could claim any ID to get a
 * treatment that weakens isolation, so it gets only what the user wants.
 *
 * Context: Any.
 * Return: bitmap of NYX_QUIRK_*, 0 for most functions.
 */
u32 nyx_quirk_flags(const struct pci_dev *pdev)
{
	u32 flags = nyx_quirk_named(pdev);
	unsigned int i;

	if (pdev->untrusted)
		return flags;
	for (i = 0; i < nyx_nr_quirks; i++)
		if (nyx_quirk_matches(&nyx_quirks[i], pdev))
			flags |= nyx_quirks[i].flags;
	return flags;
}

/**
 * nyx_quirk_machine() - find out which special treatment the machine needs
 *
 * Context: May sleep.
 * Return: bitmap of NYX_QUIRK_*: those of all functions that are present.
 */
u32 nyx_quirk_machine(void)
{
	struct pci_dev *pdev = NULL;
	u32 flags = 0;

	for_each_pci_dev(pdev)
		flags |= nyx_quirk_flags(pdev);
	return flags;
}

/**
 * nyx_quirk_find() - find a function that needs some special treatment
 * @flags: bitmap of NYX_QUIRK_*
 *
 * Context: May sleep.
 * Return: the first function with one of @flags, with a reference taken; NULL
 *	if there is none.
 */
struct pci_dev *nyx_quirk_find(u32 flags)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
		if (nyx_quirk_flags(pdev) & flags)
			break;
	return pdev;
}

/**
 * nyx_quirk_copies_messages() - check whether a driver has copied messages
 * @dev: the device
 *
 * Context: The lock of @dev is held.
 * Return: true if its driver copies the messages of its MSIs, which must not change
 *	then.
 */
bool nyx_quirk_copies_messages(const struct device *dev)
{
	unsigned int i;

	for (i = 0; i < nyx_nr_quirk_drivers; i++)
		if (dev->driver &&
		    !strcmp(dev->driver->name, nyx_quirk_drivers[i].name))
			return true;
	return false;
}
