// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters for interrupt remapping.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/crash_dump.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <nyx/intr.h>

#define INTR_ENTRIES_MAX 65536

/* Records that the user set the parameter: the default may be reduced. */
static int nyx_intr_entries_set(const char *val, const struct kernel_param *kp)
{
	struct nyx_intr_entries *entries = kp->arg;
	int ret = kstrtouint(val, 0, &entries->nr);

	if (!ret)
		entries->given = true;
	return ret;
}

static int nyx_intr_entries_get(char *buffer, const struct kernel_param *kp)
{
	const struct nyx_intr_entries *entries = kp->arg;

	return sysfs_emit(buffer, "%u\n", entries->nr);
}

const struct kernel_param_ops nyx_intr_entries_ops = {
	.set = nyx_intr_entries_set,
	.get = nyx_intr_entries_get,
};

static struct nyx_intr_entries intr_entries = { .nr = INTR_ENTRIES_MAX };
module_param_cb(intr_entries, &nyx_intr_entries_ops, &intr_entries, 0444);
__MODULE_PARM_TYPE(intr_entries, "uint");
MODULE_PARM_DESC(intr_entries,
		 "Entries of each interrupt remapping table, a power of two from 2 to 65536, or 0 to remap no interrupts (default: 65536)");

static char *compat_interrupts = "allow";
module_param(compat_interrupts, charp, 0444);
MODULE_PARM_DESC(compat_interrupts,
		 "Interrupt requests in compatibility format, which bypass remapping: allow them while I/O APICs, or drivers bound before the module was loaded, need them, or block them (default: allow)");

static bool adopt_interrupts = true;
module_param(adopt_interrupts, bool, 0444);
MODULE_PARM_DESC(adopt_interrupts,
		 "Remap interrupts that were in use before the module was loaded (default: yes)");

/**
 * nyx_intr_check_parameters() - validate the module parameters
 *
 * To be called before the first unit is started.
 *
 * Context: Any.
 * Return: 0, or -EINVAL after a log message.
 */
int nyx_intr_check_parameters(void)
{
	u32 nr = intr_entries.nr;

	if (nr && (!is_power_of_2(nr) || nr < 2 || nr > INTR_ENTRIES_MAX)) {
		pr_err("intr_entries=%u is invalid: use a power of two from 2 to %u, or 0 to remap no interrupts\n",
		       nr, INTR_ENTRIES_MAX);
		return -EINVAL;
	}
	if (!nyx_intr_compat_allowed() && strcmp(compat_interrupts, "block")) {
		pr_err("compat_interrupts=%s is invalid: use allow or block\n",
		       compat_interrupts);
		return -EINVAL;
	}
	return 0;
}

/**
 * nyx_intr_compat_allowed() - whether the user allows compatibility format
 *
 * Context: Any.
 * Return: true if interrupt requests in compatibility format may pass while a
 *	device needs them.
 */
bool nyx_intr_compat_allowed(void)
{
	return !strcmp(compat_interrupts, "allow");
}

/**
 * nyx_intr_adopts() - whether interrupts that are in use are to be adopted
 *
 * Context: Any.
 * Return: the module parameter adopt_interrupts; false in a capture kernel, which only
 *	writes a dump.
 */
bool nyx_intr_adopts(void)
{
	return adopt_interrupts && !is_kdump_kernel();
}

/**
 * nyx_intr_entries() - preferred size of an interrupt remapping table
 *
 * Context: Any.
 * Return: number of entries, a power of two from 2 to 65536; 0 if interrupts
 *	are not to be remapped.
 */
u32 nyx_intr_entries(void)
{
	return intr_entries.nr;
}

/**
 * nyx_intr_entries_least() - smallest acceptable size of such a table
 *
 * Context: Any.
 * Return: nyx_intr_entries() if the user set the parameter, else 2.
 */
u32 nyx_intr_entries_least(void)
{
	return intr_entries.given ? intr_entries.nr : 2;
}
