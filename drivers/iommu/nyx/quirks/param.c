// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that the user names because they need special treatment and are not
 * in the table.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "quirks.h"

#define NYX_NAMED_MAX 16

/**
 * struct nyx_named - a list of PCI functions, as given by the user
 * @nr: number of functions
 * @fn: segment and requester ID of each
 */
struct nyx_named {
	unsigned int nr;
	struct {
		u16 segment;
		u16 rid;
	} fn[NYX_NAMED_MAX];
};

/* Parses SEGMENT:BUS:DEVICE.FUNCTION, where the segment may be missing. */
static bool nyx_named_parse(const char *word, u16 *segment, u16 *rid)
{
	unsigned int seg = 0, bus, slot, func;
	int end = 0;

	if (sscanf(word, "%x:%x:%x.%x%n", &seg, &bus, &slot, &func, &end) < 4) {
		seg = 0;
		end = 0;
		if (sscanf(word, "%x:%x.%x%n", &bus, &slot, &func, &end) < 3)
			return false;
	}
	if (word[end] || seg > U16_MAX || bus > U8_MAX || slot > 31 || func > 7)
		return false;
	*segment = seg;
	*rid = PCI_DEVID(bus, PCI_DEVFN(slot, func));
	return true;
}

static int nyx_named_set(const char *val, const struct kernel_param *kp)
{
	struct nyx_named *named = kp->arg, new = { };
	char *rest, *word;

	char *copy __free(kfree) = kstrdup(val, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while ((word = strsep(&rest, ","))) {
		word = strim(word);
		if (!*word)
			continue;
		if (new.nr == NYX_NAMED_MAX) {
			pr_err("%s lists too many functions: use up to %u\n",
			       kp->name, NYX_NAMED_MAX);
			return -EINVAL;
		}
		if (!nyx_named_parse(word, &new.fn[new.nr].segment,
				     &new.fn[new.nr].rid)) {
			pr_err("%s=%s is invalid: use PCI functions such as 0000:00:10.6, separated by commas\n",
			       kp->name, word);
			return -EINVAL;
		}
		new.nr++;
	}
	*named = new;
	return 0;
}

static int nyx_named_get(char *buffer, const struct kernel_param *kp)
{
	const struct nyx_named *named = kp->arg;
	unsigned int i;
	int len = 0;

	for (i = 0; i < named->nr; i++)
		len += sysfs_emit_at(buffer, len, "%s%04x:%02x:%02x.%x",
				     i ? "," : "", named->fn[i].segment,
				     PCI_BUS_NUM(named->fn[i].rid),
				     PCI_SLOT(named->fn[i].rid),
				     PCI_FUNC(named->fn[i].rid));
	return len + sysfs_emit_at(buffer, len, "\n");
}

static const struct kernel_param_ops nyx_named_ops = {
	.set = nyx_named_set,
	.get = nyx_named_get,
};

static struct nyx_named intr_any_source;
module_param_cb(intr_any_source, &nyx_named_ops, &intr_any_source, 0444);
__MODULE_PARM_TYPE(intr_any_source, "charp");
MODULE_PARM_DESC(intr_any_source,
		 "VT-d: PCI functions whose interrupts are accepted with any requester ID, such as 0000:00:10.6, separated by commas (default: those that are known to need it)");

/**
 * nyx_quirk_named() - find out which special treatment the user wants
 * @pdev: the function
 *
 * Context: Any.
 * Return: bitmap of NYX_QUIRK_*.
 */
u32 nyx_quirk_named(const struct pci_dev *pdev)
{
	const struct nyx_named *named = &intr_any_source;
	unsigned int i;

	for (i = 0; i < named->nr; i++)
		if (named->fn[i].segment == pci_domain_nr(pdev->bus) &&
		    named->fn[i].rid == PCI_DEVID(pdev->bus->number, pdev->devfn))
			return NYX_QUIRK_ANY_SOURCE;
	return 0;
}
