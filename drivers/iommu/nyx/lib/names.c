// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters that name devices.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "names.h"

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

static int nyx_names_set(const char *val, const struct kernel_param *kp)
{
	const char *name = val;
	size_t len;

	while (*name) {
		len = strcspn(name, ",");
		if (!is_valid(name, len)) {
			pr_err("%s=%s is invalid: use names of devices, separated by commas, for example 0000:03:00.0; a name may end with *\n",
			       kp->name, val);
			return -EINVAL;
		}
		name += len + (name[len] == ',');
	}
	return param_set_charp(val, kp);
}

/* For a parameter whose argument is a char pointer. */
const struct kernel_param_ops nyx_names_ops = {
	.set = nyx_names_set,
	.get = param_get_charp,
	.free = param_free_charp,
};

static bool is_same(const char *pattern, size_t len, const char *name)
{
	if (pattern[len - 1] == '*')
		return !strncasecmp(pattern, name, len - 1);
	return strlen(name) == len && !strncasecmp(pattern, name, len);
}

/**
 * nyx_names_has() - test whether a parameter names a device
 * @names: value that nyx_names_ops accepted, or NULL
 * @dev: the device
 *
 * Context: Any.
 * Return: true if @names has the name of the device, or a pattern that it
 *	matches. The segment of a PCI function may be missing if it is 0.
 */
bool nyx_names_has(const char *names, const struct device *dev)
{
	const char *name, *rest, *pattern;
	size_t len;

	if (!names)
		return false;
	name = dev_name(dev);
	rest = name;
	if (!strncmp(name, SEGMENT_0, strlen(SEGMENT_0)))
		rest += strlen(SEGMENT_0);
	for (pattern = names; *pattern;) {
		len = strcspn(pattern, ",");
		if (is_same(pattern, len, name) || is_same(pattern, len, rest))
			return true;
		pattern += len + (pattern[len] == ',');
	}
	return false;
}
