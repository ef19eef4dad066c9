// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of a device's device table entries (2.2.2.2): operations for
 * inval/entry.c.
 */
#define pr_fmt(fmt) "nyx: " fmt

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include <nyx/device.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "dte.h"
#include "entry.h"
#include "gcr3.h"
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

/*
 * The device table cannot grow, so this only checks that it has the entries. What
 * they will contain is not known here, so each one gets a GCR3 table.
 */
static int amd_entry_provide(struct nyx_unit *unit,
			     const struct nyx_device *ndev)
{
	struct amd_unit *au = to_amd_unit(unit);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ndev->nr_rids; i++) {
		if (amd_devtab_lookup(&au->devtab, ndev->rids[i])) {
			/* Only such a device can use guest tables. */
			if (ndev->own_domain_id && !ret)
				ret = amd_gcr3_provide(&au->gcr3,
						       ndev->rids[i], 0);
			continue;
		}
		pr_err("%s: firmware does not describe DeviceID %04x, which %s uses: update the firmware, or remove the device\n",
		       unit->name, ndev->rids[i], dev_name(ndev->dev));
		ret = -EINVAL;
	}
	return ret;
}

static struct amd_dte amd_entry_encode(const struct amd_unit *au, u16 rid,
				       const struct nyx_entry *want,
				       const struct amd_gcr3 *gcr3)
{
	struct amd_dte_setting setting = amd_entry_setting(au, rid);
	struct amd_dte dte = amd_dte_encode(want, setting, au->devtab.nowhere);

	/* Without a GCR3 table the entry blocks. */
	if (amd_dte_needs_guest(want) && gcr3)
		amd_dte_set_guest(&dte, want, setting, gcr3->root,
				  au->gcr3.levels);
	return dte;
}

/*
 * Entry 0 of the GCR3 table belongs to requests without PASID, if they are
 * translated. Otherwise it blocks requests with PASID 0. Returns true if it changed.
 */
static bool amd_entry_set_pasid0(struct amd_unit *au, struct amd_gcr3 *gcr3,
				 const struct nyx_entry *want)
{
	u64 *entry = amd_gcr3_lookup(&au->gcr3, gcr3, 0);
	u64 val = amd_gcr3_encode(want->kind == NYX_ENTRY_TABLE ? want->pt :
								  NULL);

	if (!entry || READ_ONCE(*entry) == val)
		return false;
	amd_gcr3_store(entry, val);
	return true;
}

/* To be called before the device table entry leads to guest tables. */
static void amd_entry_note_guest(struct amd_unit *au, struct amd_gcr3 *gcr3,
				 u16 domain_id)
{
	gcr3->domain_id = domain_id;
	__set_bit(domain_id, au->gcr3.domain_ids);
}

static bool amd_entry_store(struct amd_unit *au, struct amd_dte *dte,
			    const struct amd_dte *val)
{
	if (amd_dte_equal(dte, val))
		return false;
	if (amd_dte_replace(dte, val))
		return true;
	if (amd_dte_passes(val))
		amd_dte_stop(dte, au->devtab.nowhere);
	else
		amd_dte_block(dte, val);
	return true;
}

/*
 * Changes an entry to one that leads to guest tables.
 *
 * While the unit uses the GCR3 table, the DomainID must not change together with
 * entry 0: the unit could cache translations of the new table under the old
 * DomainID, where no flush of the new table would find them. Such an entry is blocked
 * first.
 *
 * If requests without PASID are to be translated, entry 0 is set first: requests use
 * the old entry, or the new one with its table. If they are no longer translated, it
 * is cleared last. Those that use the old entry until it is invalidated then fault,
 * as while an entry is blocked.
 */
static bool amd_entry_replace_guest(struct amd_unit *au, struct amd_gcr3 *gcr3,
				    struct amd_dte *dte,
				    const struct amd_dte *val,
				    const struct nyx_entry *want)
{
	bool used = amd_dte_has_guest(dte), changed = false;

	/* The unit may have cached another entry: amd_entry_fill() follows. */
	if (!amd_dte_passes(dte))
		return false;
	if (used && amd_dte_domain(dte) != want->domain_id) {
		amd_dte_stop(dte, au->devtab.nowhere);
		return true;
	}
	amd_entry_note_guest(au, gcr3, want->domain_id);
	if (!used || want->kind == NYX_ENTRY_TABLE)
		changed = amd_entry_set_pasid0(au, gcr3, want);
	changed |= amd_entry_store(au, dte, val);
	changed |= amd_entry_set_pasid0(au, gcr3, want);
	return changed;
}

static bool amd_entry_replace(struct nyx_unit *unit, u16 rid,
			      const struct nyx_entry *want, u16 *domain_id)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	struct amd_gcr3 *gcr3 = amd_gcr3_find(&au->gcr3, rid);
	struct amd_dte val = amd_entry_encode(au, rid, want, gcr3);

	if (!dte)
		return false;
	*domain_id = amd_dte_domain(dte);
	return amd_dte_has_guest(&val) ?
	       amd_entry_replace_guest(au, gcr3, dte, &val, want) :
	       amd_entry_store(au, dte, &val);
}

static bool amd_entry_fill(struct nyx_unit *unit, u16 rid,
			   const struct nyx_entry *want)
{
	struct amd_unit *au = to_amd_unit(unit);
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, rid);
	struct amd_gcr3 *gcr3 = amd_gcr3_find(&au->gcr3, rid);
	struct amd_dte val = amd_entry_encode(au, rid, want, gcr3);

	if (!dte || amd_dte_passes(dte))
		return false;
	if (amd_dte_has_guest(&val)) {
		amd_entry_note_guest(au, gcr3, want->domain_id);
		amd_entry_set_pasid0(au, gcr3, want);
	}
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

/*
 * INVALIDATE_IOMMU_PAGES concerns either host translations (GN = 0), or the guest
 * translations of one PASID. The driver does not rely on a command with GN = 0 to
 * cover guest translations where no host table is nested below them. So if there may
 * be any, this is INVALIDATE_IOMMU_ALL, which covers everything. A DomainID that had
 * guest translations is treated like this until the unit stops.
 */
static struct nyx_cmd amd_entry_inv_domain(const struct nyx_unit *unit,
					   u16 domain_id)
{
	const struct amd_unit *au = container_of(unit, struct amd_unit, unit);

	return test_bit(domain_id, au->gcr3.domain_ids) ?
	       amd_cmd_all() : amd_cmd_domain(domain_id);
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
