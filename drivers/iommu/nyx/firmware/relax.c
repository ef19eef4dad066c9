// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parameter that names the devices whose reserved memory is relaxed.
 *
 * Firmware reserves memory for a device that it uses itself. VFIO refuses such
 * a device, because the memory would not be mapped while a virtual machine has
 * the device. Some firmware lists devices that it never uses, for example each
 * network card in any slot, and only the user can know that.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "relax.h"

/* The segment that names of PCI devices may omit. */
#define SEGMENT_0	"0000:"

/* The characters that names of PCI, platform and ACPI devices consist of. */
static bool is_valid(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && !strchr(":.-_", name[i]) &&
		    (name[i] != '*' || i + 1 != len))
			return false;
	return len;
}

static int nyx_relax_set(const char *val, const struct kernel_param *kp)
{
	const char *name = val;
	size_t len;

	while (*name) {
		len = strcspn(name, ",");
		if (!is_valid(name, len)) {
			pr_err("relax_reserved=%s is invalid: use names of devices, separated by commas, for example 0000:03:00.0; a name may end with *\n",
			       val);
			return -EINVAL;
		}
		name += len + (name[len] == ',');
	}
	return param_set_charp(val, kp);
}

static const struct kernel_param_ops nyx_relax_ops = {
	.set = nyx_relax_set,
	.get = param_get_charp,
	.free = param_free_charp,
};

static char *relax_reserved;
module_param_cb(relax_reserved, &nyx_relax_ops, &relax_reserved, 0444);
__MODULE_PARM_TYPE(relax_reserved, "charp");
MODULE_PARM_DESC(relax_reserved,
		 "Devices that VFIO may use although firmware reserves memory for them: names separated by commas, each of which may end with * (default: none)");

static bool is_same(const char *pattern, size_t len, const char *name)
{
	if (pattern[len - 1] == '*')
		return !strncasecmp(pattern, name, len - 1);
	return strlen(name) == len && !strncasecmp(pattern, name, len);
}

/**
 * nyx_relax_has() - test whether the user relaxes a device's reserved memory
 * @dev: the device
 *
 * Context: Any.
 * Return: true if the parameter relax_reserved names the device.
 */
bool nyx_relax_has(const struct device *dev)
{
	const char *name = dev_name(dev), *rest = name, *pattern;
	size_t len;

	if (!strncmp(name, SEGMENT_0, strlen(SEGMENT_0)))
		rest += strlen(SEGMENT_0);
	for (pattern = relax_reserved; pattern && *pattern;) {
		len = strcspn(pattern, ",");
		if (is_same(pattern, len, name) || is_same(pattern, len, rest))
			return true;
		pattern += len + (pattern[len] == ',');
	}
	return false;
}
