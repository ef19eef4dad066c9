// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter that decides what units do after reboot and kexec.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <nyx/unit.h>

static char *shutdown = "off";
module_param(shutdown, charp, 0444);
MODULE_PARM_DESC(shutdown,
		 "State in which reboot and kexec leave units: off lets all DMA pass untranslated, block refuses it (default: off)");

/**
 * nyx_shutdown_check_parameter() - validate the module parameter
 *
 * To be called before the first unit is started.
 *
 * Context: Any.
 * Return: 0, or -EINVAL after a log message.
 */
int nyx_shutdown_check_parameter(void)
{
	if (nyx_shutdown_blocks() || !strcmp(shutdown, "off"))
		return 0;
	pr_err("shutdown=%s is invalid: use off or block\n", shutdown);
	return -EINVAL;
}

/**
 * nyx_shutdown_blocks() - whether units block all DMA after reboot and kexec
 *
 * Context: Any.
 * Return: true if they do; false if their translation is disabled.
 */
bool nyx_shutdown_blocks(void)
{
	return !strcmp(shutdown, "block");
}

/**
 * nyx_shutdown_gfp() - flags for the memory of a table that must outlive a kexec
 *
 * The next kernel does not know that a unit still uses the table, and may
 * overwrite it. Linux allocates the first 16 MiB last.
 *
 * Context: Any.
 * Return: __GFP_DMA, or 0 if units do not use any table after a kexec.
 */
gfp_t nyx_shutdown_gfp(void)
{
	return nyx_shutdown_blocks() ? __GFP_DMA : 0;
}
