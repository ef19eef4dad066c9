// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that cache translations themselves, behind a VT-d unit.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <nyx/ats.h>
#include <nyx/device.h>

#include "ats.h"
#include "flush.h"
#include "vtd.h"

/**
 * vtd_ats_disable() - have a device forget translations and ask for no more
 * @vu: the unit
 * @ndev: the device; its entry still allows translation requests
 *
 * In the order of section 4.5.2: a device that may ask cannot be made to forget
 * for good. A device that was unplugged is not asked, for it would not answer.
 *
 * Context: May sleep; @ndev->entry_lock is held.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_ats_disable(struct vtd_unit *vu, struct nyx_device *ndev)
{
	struct nyx_cmd dsc;

	if (!nyx_ats_disable(ndev))
		return 0;
	dsc = vtd_flush_device_all(vu, ndev);
	return vtd_invalidate(vu, &dsc, 1);
}

/* Blocks an entry that lets translated requests pass; true if there was one. */
static bool vtd_ats_block(struct vtd_unit *vu, u16 rid)
{
	struct vtd_context *context = vtd_tables_lookup(&vu->tables, rid);

	lockdep_assert_held(&vu->tables.store_lock);
	if (!context || !vtd_context_ats(context))
		return false;
	vtd_tables_block(&vu->tables, context);
	return true;
}

/**
 * vtd_ats_isolate() - block a device that does not forget translations
 * @vu: the unit
 * @sid: the device's requester ID
 *
 * What it cached may lead to memory that is handed to somebody else next, so
 * its entry goes, and those of its aliases: then the unit refuses its translated
 * requests too (9.3). The core learns nothing of it but @isolated, and sets the
 * entries anew when the device is attached to something, without ATS.
 *
 * Others may be at the same entry: vtd_set_entry(), or this function on another
 * CPU. Then it says nothing of what the unit has cached of it, so the unit
 * forgets all; that happens once in a device's life.
 *
 * Context: Any.
 * Return: 0, or -EIO if the unit is out of service.
 */
int vtd_ats_isolate(struct vtd_unit *vu, u16 sid)
{
	struct nyx_device *ndev;
	int ret;
	u8 i;

	guard(rcu)();
	/* Told before the lock is taken: see vtd_change_check_lost(). */
	ndev = nyx_ats_lose(&vu->unit, sid);
	scoped_guard(raw_spinlock_irqsave, &vu->tables.store_lock) {
		bool blocked = vtd_ats_block(vu, sid);

		for (i = 0; ndev && i < ndev->nr_rids; i++)
			blocked |= vtd_ats_block(vu, ndev->rids[i]);
		if (ndev && blocked)
			WRITE_ONCE(ndev->isolated, true);
	}
	ret = vtd_invalidate_global(vu);
	if (!ret && ndev)
		WRITE_ONCE(ndev->ats_refused, true);
	return ret;
}
