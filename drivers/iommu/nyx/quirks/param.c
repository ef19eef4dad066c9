// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that the user names because they need special treatment and are not
 * in the table.
 */
#include <linux/module.h>
#include <linux/pci.h>

#include "lib/names.h"
#include "quirks.h"

static char *intr_any_source;
module_param_cb(intr_any_source, &nyx_names_ops, &intr_any_source, 0444);
__MODULE_PARM_TYPE(intr_any_source, "charp");
MODULE_PARM_DESC(intr_any_source,
		 "VT-d: PCI devices whose interrupts are accepted with any requester ID: names separated by commas, each of which may end with * (default: only those that are known to need it)");

/**
 * nyx_quirk_named() - find out which special treatment the user wants
 * @pdev: the function
 *
 * Context: Any.
 * Return: bitmap of NYX_QUIRK_*.
 */
u32 nyx_quirk_named(const struct pci_dev *pdev)
{
	return nyx_names_has(intr_any_source, &pdev->dev) ?
	       NYX_QUIRK_ANY_SOURCE : 0;
}
