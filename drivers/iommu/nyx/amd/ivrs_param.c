// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters that correct the IVRS table.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "ivrs.h"
#include "ivrs_override.h"
#include "ivrs_param.h"

/**
 * struct kind - one of the parameters
 * @name: its name
 * @variety: what it corrects, as in struct amd_ivrs_override
 */
struct kind {
	const char *name;
	u8 variety;
};

static struct amd_ivrs_override overrides[AMD_OVERRIDES_MAX];
static unsigned int nr_overrides;

static bool is_known(const struct amd_ivrs_override *new)
{
	const struct amd_ivrs_override *o;

	for (o = overrides; o < new; o++)
		if (o->variety == new->variety && o->segment == new->segment &&
		    o->device_id == new->device_id && o->handle == new->handle &&
		    !strcmp(o->hid, new->hid) && !strcmp(o->uid, new->uid))
			return true;
	return false;
}

/*
 * Adds one correction: a parameter may be given several times. An install command of
 * modprobe passes what its configuration has, and modprobe adds that again.
 */
static int add(const char *text, const struct kind *kind)
{
	if (nr_overrides == AMD_OVERRIDES_MAX) {
		pr_err("%s=%s: more than %u corrections of the IVRS table\n",
		       kind->name, text, AMD_OVERRIDES_MAX);
		return -EINVAL;
	}
	if (amd_override_parse(text, kind->variety, &overrides[nr_overrides])) {
		pr_err("%s=%s is invalid: use %s@[segment:]bus:device.function\n",
		       kind->name, text, kind->variety ? "ID" : "hid:uid");
		return -EINVAL;
	}
	if (!is_known(&overrides[nr_overrides]))
		nr_overrides++;
	return 0;
}

static int set(const char *val, const struct kernel_param *kp)
{
	char text[AMD_OVERRIDE_UID_SIZE + 64];
	size_t len;
	int ret;

	for (;; val += len + 1) {
		len = strcspn(val, ",\n");
		if (len >= sizeof(text))
			return -EINVAL;
		memcpy(text, val, len);
		text[len] = '\0';
		ret = add(text, kp->arg);
		if (ret || !val[len] || !val[len + 1])
			return ret;
	}
}

static int get(char *buffer, const struct kernel_param *kp)
{
	const struct kind *kind = kp->arg;
	char text[AMD_OVERRIDE_UID_SIZE + 64];
	unsigned int i;
	int at = 0;

	for (i = 0; i < nr_overrides; i++) {
		if (overrides[i].variety != kind->variety)
			continue;
		amd_override_print(&overrides[i], text, sizeof(text));
		at += sysfs_emit_at(buffer, at, "%s%s", at ? "," : "", text);
	}
	at += sysfs_emit_at(buffer, at, "\n");
	return at;
}

static const struct kernel_param_ops ops = {
	.set = set,
	.get = get,
};

static struct kind ivrs_ioapic = { "ivrs_ioapic", AMD_IVRS_IOAPIC };
module_param_cb(ivrs_ioapic, &ops, &ivrs_ioapic, 0444);
__MODULE_PARM_TYPE(ivrs_ioapic, "list");
MODULE_PARM_DESC(ivrs_ioapic,
		 "AMD-Vi: DeviceIDs of I/O APICs, instead of those in the IVRS table: ID@[segment:]bus:device.function,...");

static struct kind ivrs_hpet = { "ivrs_hpet", AMD_IVRS_HPET };
module_param_cb(ivrs_hpet, &ops, &ivrs_hpet, 0444);
__MODULE_PARM_TYPE(ivrs_hpet, "list");
MODULE_PARM_DESC(ivrs_hpet,
		 "AMD-Vi: DeviceIDs of HPETs, instead of those in the IVRS table: ID@[segment:]bus:device.function,...");

static struct kind ivrs_acpihid = { "ivrs_acpihid", 0 };
module_param_cb(ivrs_acpihid, &ops, &ivrs_acpihid, 0444);
__MODULE_PARM_TYPE(ivrs_acpihid, "list");
MODULE_PARM_DESC(ivrs_acpihid,
		 "AMD-Vi: DeviceIDs of ACPI devices, instead of those in the IVRS table: hid:uid@[segment:]bus:device.function,...");

static const char *name_of(const struct amd_ivrs_override *o)
{
	if (!o->variety)
		return ivrs_acpihid.name;
	return o->variety == AMD_IVRS_HPET ? ivrs_hpet.name : ivrs_ioapic.name;
}

/**
 * amd_ivrs_apply_parameters() - correct the table as the user requests
 * @ivrs: the table, before any device is looked up in it
 *
 * Logs each correction.
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM.
 */
int amd_ivrs_apply_parameters(struct amd_ivrs *ivrs)
{
	char text[AMD_OVERRIDE_UID_SIZE + 64];
	struct amd_ivrs_override *o;
	int ret;

	ret = amd_ivrs_override(ivrs, overrides, nr_overrides);
	if (ret)
		return ret;
	for (o = overrides; o < overrides + nr_overrides; o++) {
		amd_override_print(o, text, sizeof(text));
		if (o->ignored)
			pr_err("%s=%s is ignored: no unit serves this function\n",
			       name_of(o), text);
		else
			pr_info("%s=%s replaces what the IVRS table says\n",
				name_of(o), text);
	}
	return 0;
}
