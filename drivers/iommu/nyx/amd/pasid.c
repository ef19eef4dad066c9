// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASID entries are entries of GCR3 tables (2.2.6): operations of struct
 * nyx_pasid_ops. Translations are cached under the DomainID of the device table entry
 * and the PASID, whatever the table.
 */
#include <linux/compiler.h>
#include <linux/errno.h>

#include <nyx/device.h>
#include <nyx/stats.h>
#include <nyx/unit.h>

#include "amd.h"
#include "cmd.h"
#include "gcr3.h"
#include "pasid.h"

static int amd_pasid_provide(struct nyx_unit *unit,
			     const struct nyx_device *ndev, u32 pasid)
{
	/* PASIDs can be prepared while the device is blocked. */
	if (ndev->entry.kind != NYX_ENTRY_BLOCKED && !ndev->entry.pasids)
		return -EOPNOTSUPP;
	if (READ_ONCE(unit->dead))
		return -EIO;
	return amd_gcr3_provide(&to_amd_unit(unit)->gcr3, ndev->rid, pasid);
}

static bool amd_pasid_block(struct nyx_unit *unit, u16 rid, u32 pasid,
			    u16 *domain_id)
{
	const struct amd_gcr3_tables *all = &to_amd_unit(unit)->gcr3;
	struct amd_gcr3 *gcr3 = amd_gcr3_find(all, rid);
	u64 *entry = gcr3 ? amd_gcr3_lookup(all, gcr3, pasid) : NULL;

	if (!entry || !READ_ONCE(*entry))
		return false;
	amd_gcr3_store(entry, 0);
	/* The device table entry may block meanwhile, and then has no DomainID. */
	*domain_id = gcr3->domain_id;
	return true;
}

/* There is no guest table that passes requests untranslated: they stay blocked. */
static void amd_pasid_fill(struct nyx_unit *unit, u16 rid, u32 pasid,
			   const struct nyx_entry *want)
{
	const struct amd_gcr3_tables *all = &to_amd_unit(unit)->gcr3;
	struct amd_gcr3 *gcr3 = amd_gcr3_find(all, rid);
	u64 *entry = gcr3 ? amd_gcr3_lookup(all, gcr3, pasid) : NULL;

	if (entry && want->kind == NYX_ENTRY_TABLE)
		amd_gcr3_store(entry, amd_gcr3_encode(want->pt));
}

/*
 * What the unit caches of a GCR3 table may belong to the cached device table entry, or
 * to what it cached of the walk, so both are invalidated, in this order: a walk that
 * starts from the former would restore the latter.
 */
static unsigned int amd_pasid_inv(const struct nyx_unit *unit, u16 rid,
				  u32 pasid, u16 domain_id,
				  struct nyx_cmd *cmds)
{
	const struct amd_unit *au = container_of(unit, struct amd_unit, unit);
	const struct amd_gcr3 *gcr3 = amd_gcr3_find(&au->gcr3, rid);

	cmds[0] = amd_cmd_devtab_entry(rid);
	if (!domain_id && gcr3)
		domain_id = gcr3->domain_id;
	if (!domain_id)
		return 1;
	cmds[1] = amd_cmd_fence();
	cmds[2] = amd_cmd_guest_all(domain_id, pasid);
	return 3;
}

static struct nyx_cmd amd_pasid_device(const struct nyx_unit *unit,
				       const struct nyx_device *ndev, u32 pasid,
				       struct nyx_range range)
{
	nyx_stat_inc(unit, NYX_STAT_FLUSH_DEVICE);
	return amd_cmd_guest_iotlb(ndev->rid, ndev->ats_pfsid, ndev->ats_qdep,
				   pasid, range);
}

const struct nyx_pasid_ops amd_pasid_ops = {
	.provide = amd_pasid_provide,
	.block = amd_pasid_block,
	.fill = amd_pasid_fill,
	.inv = amd_pasid_inv,
	.device = amd_pasid_device,
};
