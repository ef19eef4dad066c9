// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-ups in the table of functions that need special treatment.
 */
#include <linux/pci.h>

#include "quirks.h"

static bool nyx_quirk_matches(const struct nyx_quirk *quirk,
			      const struct pci_dev *pdev)
{
	return pdev->vendor == quirk->vendor &&
	       pdev->device >= quirk->first && pdev->device <= quirk->last &&
	       pdev->revision <= quirk->last_rev &&
	       !((pdev->class ^ quirk->class) & quirk->class_mask);
}

/**
 * nyx_quirk_flags() - find out which special treatment a function needs
 * @pdev: the function
 *
 * Rows that match add up. An untrusted function could claim any ID to get a
 * treatment that weakens isolation, so it gets none.
 *
 * Context: Any.
 * Return: bitmap of NYX_QUIRK_*, 0 for most functions.
 */
u32 nyx_quirk_flags(const struct pci_dev *pdev)
{
	u32 flags = 0;
	unsigned int i;

	if (pdev->untrusted)
		return 0;
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
