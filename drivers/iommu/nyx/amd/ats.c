// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves, behind an AMD IOMMU.
 */
#include <linux/cleanup.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
#include <nyx/device.h>

#include "amd.h"
#include "ats.h"
#include "cmd.h"
#include "dte.h"
#include "flush.h"

/**
 * amd_ats_disable() - have a device forget translations and ask for no more
 * @au: the unit
 * @ndev: the device; its entry still allows translation requests
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_ats_disable(struct amd_unit *au, struct nyx_device *ndev)
{
	struct nyx_cmd cmd;

	if (!nyx_ats_disable(ndev))
		return 0;
	cmd = amd_flush_device_all(au, ndev);
	return amd_invalidate(au, &cmd, 1);
}

/* Blocks an entry that lets translated requests pass; true if there was one. */
static bool amd_ats_block(struct amd_unit *au, u16 device_id)
{
	static const struct nyx_entry entry = { .kind = NYX_ENTRY_BLOCKED };
	struct amd_dte *dte = amd_devtab_lookup(&au->devtab, device_id);
	struct amd_dte blocked;

	lockdep_assert_held(&au->devtab.store_lock);
	if (!dte || !amd_dte_ats(dte))
		return false;
	blocked = amd_dte_encode(&entry, 0, au->devtab.nowhere);
	if (!amd_dte_replace(dte, &blocked))
		amd_dte_block(dte, &blocked);
	return true;
}

/**
 * amd_ats_isolate() - block a device that does not forget translations
 * @au: the unit
 * @device_id: its DeviceID
 *
 * What it cached may lead to memory that is handed to somebody else next, so
 * its entry is blocked, and those of its aliases: with I = 0 the unit refuses
 * its translated requests too (2.2.2.1). The core learns nothing of it but
 * @isolated, and sets the entries anew when the device is attached to something,
 * without ATS.
 *
 * Others may be at the same entry: amd_set_entry(), or this function on another
 * CPU. Then it says nothing of what the unit has cached of it, so the unit
 * forgets all; that happens once in a device's life.
 *
 * Context: Any; takes the store lock of the device table.
 * Return: 0, or -EIO if the unit is out of service.
 */
int amd_ats_isolate(struct amd_unit *au, u16 device_id)
{
	struct nyx_device *ndev;
	int ret;
	u8 i;

	guard(rcu)();
	/* Told before the lock is taken: see amd_change_check_lost(). */
	ndev = nyx_ats_lose(&au->unit, device_id);
	scoped_guard(raw_spinlock_irqsave, &au->devtab.store_lock) {
		bool blocked = amd_ats_block(au, device_id);

		for (i = 0; ndev && i < ndev->nr_rids; i++)
			blocked |= amd_ats_block(au, ndev->rids[i]);
		if (ndev && blocked)
			WRITE_ONCE(ndev->isolated, true);
	}
	ret = amd_invalidate_global(au);
	if (!ret && ndev)
		WRITE_ONCE(ndev->ats_refused, true);
	return ret;
}
