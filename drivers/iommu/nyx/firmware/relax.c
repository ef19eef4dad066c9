// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parameter that names the devices whose reserved memory is relaxed.
 *
 * Firmware reserves memory for a device that it uses itself. VFIO refuses such
 * a device, because the memory would not be mapped while a virtual machine has
 * the device. Some firmware lists devices that it never uses, for example each
 * network card in any slot, and only the user can know that.
 */
#include <linux/device.h>
#include <linux/module.h>

#include "lib/names.h"
#include "relax.h"

static char *relax_reserved;
module_param_cb(relax_reserved, &nyx_names_ops, &relax_reserved, 0444);
__MODULE_PARM_TYPE(relax_reserved, "charp");
MODULE_PARM_DESC(relax_reserved,
		 "Devices that VFIO may use although firmware reserves memory for them: names separated by commas, each of which may end with * (default: none)");

/**
 * nyx_relax_has() - test whether the user relaxes a device's reserved memory
 * @dev: the device
 *
 * Context: Any.
 * Return: true if the parameter relax_reserved names the device.
 */
bool nyx_relax_has(const struct device *dev)
{
	return nyx_names_has(relax_reserved, dev);
}
