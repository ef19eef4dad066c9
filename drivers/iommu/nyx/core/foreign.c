// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of the kernel that crashed, which a capture kernel copies to its own
 * tables: DMA that is under way continues to use the page tables of the crashed
 * kernel, and so its memory, until a driver starts the device again.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/idr.h>
#include <linux/list.h>

#include <nyx/unit.h>

#define NYX_RIDS	(U16_MAX + 1)

/**
 * nyx_unit_foreign_init() - prepare a unit for entries of the crashed kernel
 * @unit: the unit; it is being started
 *
 * From now on devices below it without such an entry are blocked, instead of
 * getting identity: what they do is not known, and this kernel does not occupy
 * all of the memory.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM; nyx_unit_cleanup() undoes it.
 */
int nyx_unit_foreign_init(struct nyx_unit *unit)
{
	unit->foreign = bitmap_zalloc(NYX_RIDS, GFP_KERNEL);
	return unit->foreign ? 0 : -ENOMEM;
}

/**
 * nyx_unit_foreign_add() - record an entry that is copied from the crashed
 *	kernel
 * @unit: the unit, after nyx_unit_foreign_init()
 * @rid: the requester ID
 * @domain_id: the domain ID in the entry, up to nyx_unit_caps.max_domain_id
 *
 * The domain ID is never allocated: the unit caches translations of the crashed
 * kernel under it.
 *
 * Context: May sleep.
 * Return: 0 or -ENOMEM.
 */
int nyx_unit_foreign_add(struct nyx_unit *unit, u16 rid, u16 domain_id)
{
	int ret = ida_alloc_range(&unit->domain_ids, domain_id, domain_id,
				  GFP_KERNEL);

	/* Devices often share a domain. */
	if (ret < 0 && ret != -ENOSPC)
		return ret;
	set_bit(rid, unit->foreign);
	return 0;
}

/**
 * nyx_unit_foreign_has() - test whether a unit uses an entry of the crashed
 *	kernel
 * @unit: the unit
 * @rid: the requester ID
 *
 * Context: Any.
 * Return: true until the entry of @rid is set for the first time.
 */
bool nyx_unit_foreign_has(const struct nyx_unit *unit, u16 rid)
{
	return unit->foreign && test_bit(rid, unit->foreign);
}

/**
 * nyx_unit_foreign_drop() - record that an entry of the crashed kernel is
 *	replaced
 * @unit: the unit
 * @rid: the requester ID
 *
 * Context: Any.
 */
void nyx_unit_foreign_drop(struct nyx_unit *unit, u16 rid)
{
	if (unit->foreign)
		clear_bit(rid, unit->foreign);
}

/**
 * nyx_units_are_foreign() - check for units that the crashed kernel used
 *
 * Context: Any.
 * Return: true if nyx_unit_foreign_init() was called for a unit.
 */
bool nyx_units_are_foreign(void)
{
	const struct nyx_unit *unit;

	list_for_each_entry(unit, &nyx_units, node)
		if (unit->foreign)
			return true;
	return false;
}
