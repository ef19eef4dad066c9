// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a device's device table entries (2.2.2.2): operations for
 * inval/entry.c.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "dte.h"
#include "entry.h"
#include "ivrs.h"

/**
 * amd_entry_setting() - look up the DTE settings of a DeviceID
 * @au: the unit
 * @device_id: the DeviceID
 *
 * Context: Any.
 * Return: the settings for amd_dte_encode().
 */
struct amd_dte_setting amd_entry_setting(const struct amd_unit *au,
					 u16 device_id)
{
	return (struct amd_dte_setting) {
		.all = amd_ivrs_dte(au->ivrs, au->index, device_id),
		.special = amd_ivrs_special_dte(au->ivrs, au->index, device_id),
	};
}

/* The table cannot grow, so this only checks that it has the entries. */
static int amd_entry_provide(struct nyx_unit *unit,
			     const struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ndev->nr_rids; i++) {
		if (amd_devtab_lookup(&au->devtab, ndev->rids[i]))
			continue;
		pr_err("%s: firmware does not describe DeviceID %04x, which %s uses: update the firmware, or remove the device\n",
		       unit->name, ndev->rids[i], dev_name(ndev->dev));
		ret = -EINVAL;
	}
	return ret;
}

static struct amd_dte amd_entry_encode(const struct amd_unit *au, u16 rid,
				       const struct nyx_entry *want)
{
	return amd_dte_encode(want, amd_entry_setting(au, rid),
			      au->devtab.nowhere);
}

static bool amd_entry_replace(struct nyx_unit *unit, u16 rid,
			      const struct nyx_entry *want, u16 *domain_id)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	struct amd_dte val = amd_entry_encode(au, rid, want);

	if (!dte || amd_dte_equal(dte, &val))
		return false;
	*domain_id = amd_dte_domain(dte);
	if (amd_dte_replace(dte, &val))
		return true;
	if (want->kind == NYX_ENTRY_BLOCKED)
		amd_dte_block(dte, &val);
	else
		amd_dte_stop(dte, au->devtab.nowhere);
	return true;
}

static bool amd_entry_fill(struct nyx_unit *unit, u16 rid,
			   const struct nyx_entry *want)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	struct amd_dte val = amd_entry_encode(au, rid, want);

	if (!dte || amd_dte_passes(dte))
		return false;
	amd_dte_fill(dte, &val);
	return true;
}

/* The unit refuses translated requests if I is 0 (2.2.2.1). */
static bool amd_entry_block_ats(struct nyx_unit *unit, u16 rid)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);

	if (!dte || !amd_dte_ats(dte))
		return false;
	amd_dte_stop(dte, au->devtab.nowhere);
	return true;
}

static bool amd_entry_set_dirty(struct nyx_unit *unit, u16 rid, bool on,
				u16 *domain_id)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);

	if (!dte || !amd_dte_set_dirty(dte, on))
		return false;
	*domain_id = amd_dte_domain(dte);
	return true;
}

static unsigned int amd_entry_inv(const struct nyx_unit *unit, u16 rid,
				  u16 domain_id, struct nyx_cmd *cmds)
{
	cmds[0] = amd_cmd_devtab_entry(rid);
	return 1;
}

static struct nyx_cmd amd_entry_inv_domain(const struct nyx_unit *unit,
					   u16 domain_id)
{
	return amd_cmd_domain(domain_id);
}

const struct nyx_entry_ops amd_entry_ops = {
	.provide = amd_entry_provide,
	.replace = amd_entry_replace,
	.fill = amd_entry_fill,
	.block_ats = amd_entry_block_ats,
	.set_dirty = amd_entry_set_dirty,
	.inv_entry = amd_entry_inv,
	.inv_domain = amd_entry_inv_domain,
	.fence = amd_cmd_fence,
};
